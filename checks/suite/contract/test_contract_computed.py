"""Values that are put in later, and what stands in the place of a value: which rules judge them."""

import json
from typing import Any

import pytest

from nylas_readiness.checks.contract import COMPUTED, Context, judge, judge_text
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.payload_samples import GOOD

pytestmark = pytest.mark.offline

NOTHING = Context()
OTHERS_OF_SETTINGS = ("PAY-008", "PAY-012", "PAY-013")


def with_value(name: str, value: object) -> dict[str, Any]:
    """Return the good body with one other value, in the body or in its settings."""
    if name in GOOD:
        return {**GOOD, name: value}
    return {**GOOD, "settings": {**GOOD["settings"], name: value}}


def text_of(name: str, written: str) -> str:
    """Return the good body with `written`, which may be no JSON, in the place of a value."""
    return json.dumps(with_value(name, "@@")).replace('"@@"', written)


@each_of(
    ("name", "written", "rules"),
    [
        ("client_id", f'"{COMPUTED}"', set()),
        ("microsoft_refresh_token", f'"{COMPUTED}"', set()),
        ("microsoft_client_id", f'"{COMPUTED}"', {"PAY-013"}),
        ("email_address", f'"{COMPUTED}@contoso.example"', {"PAY-009", "PAY-010", "PAY-011"}),
        ("redirect_uri", f'"http://{COMPUTED}/#a"', {"PAY-012"}),
        ("eas_server_host", f'"{COMPUTED}"', {"PAY-005"}),
        ("provider", f'"{COMPUTED}"', {"PAY-002"}),
        ("service_account", COMPUTED, {"PAY-003"}),
        ("scopes", COMPUTED, {"PAY-006"}),
        ("client_id", COMPUTED, {"PAY-001"}),
        ("microsoft_refresh_token", COMPUTED, {"PAY-004"}),
        ("settings", COMPUTED, {"PAY-001", "PAY-003", "PAY-004", "PAY-005", "PAY-007", *OTHERS_OF_SETTINGS}),
    ],
)
def test_a_computed_value_keeps_only_the_rules_that_need_it_from_being_decided(
    name: str, written: str, rules: set[str]
) -> None:
    found = judge_text(text_of(name, written), NOTHING, has_computed=True)
    assert found.violations == ()
    assert found.computed.keys() == rules


def test_the_other_rules_judge_beside_a_computed_value() -> None:
    text = text_of("service_account", '"true"').replace("FAKE-refresh-token", COMPUTED)
    found = judge_text(text, NOTHING, has_computed=True)
    assert [one.rule for one in found.violations] == ["PAY-003"]


def test_a_secret_in_a_url_is_seen_beside_a_computed_value() -> None:
    text = text_of("redirect_uri", f'"https://a.example/?client_secret={COMPUTED}"')
    found = judge_text(text, NOTHING, has_computed=True)
    assert [one.rule for one in found.violations] == ["PAY-016"]


@each_of("text", [f'{{"a": 1, {COMPUTED}}}', f"{COMPUTED}", f'{{{COMPUTED}: "a"}}', f'{{"a" {COMPUTED} 1}}'])
def test_a_form_that_is_computed_is_neither_read_nor_a_failure(text: str) -> None:
    found = judge_text(text, NOTHING, has_computed=True)
    assert not [one for one in found.violations if one.rule == "PAY-015"]
    assert found.is_open or found.computed


def test_a_text_that_is_sent_as_it_stands_has_no_computed_values() -> None:
    assert judge_text(text_of("scopes", COMPUTED), NOTHING).violations[0].rule == "PAY-015"


@each_of(
    ("name", "value"),
    [
        ("client_id", "{app-id}"),
        ("client_id", "[APPLICATION ID]"),
        ("client_id", "yourClientId"),
        ("client_id", "my nylas client id"),
        ("microsoft_client_secret", "ADD_YOUR_SECRET_HERE"),
        ("microsoft_client_secret", "insert-your-secret"),
        ("microsoft_client_secret", "ENTER_SECRET_HERE"),
        ("microsoft_client_secret", "Microsoft Client Secret"),
        ("microsoft_client_secret", "os.environ['MS_SECRET']"),
        ("microsoft_client_secret", 'os.getenv("MS")'),
        ("microsoft_client_secret", "import.meta.env.VITE_MS"),
        ("microsoft_client_secret", "ENV['MS']"),
        ("microsoft_client_secret", 'System.getenv("MS")'),
        ("microsoft_client_secret", "%(secret)s"),
        ("microsoft_client_secret", "#{secret}"),
        ("microsoft_client_secret", "__SECRET__"),
        ("microsoft_refresh_token", "refresh-token"),
        ("redirect_uri", "REDIRECT_URI"),
    ],
)
def test_what_documents_and_code_put_in_the_place_of_a_value_fails(name: str, value: str) -> None:
    found = [one for one in judge(with_value(name, value), NOTHING) if one.rule == "PAY-014"]
    assert [one.level for one in found] == ["fail"]
    assert found[0].pointer.endswith(f"/{name}")


@each_of(
    ("name", "value"),
    [
        ("name", "[Ann]s"),
        ("name", "Insert Coin"),
        ("name", "Osman Environ"),
        ("microsoft_client_secret", "env8Q~x.Y"),
        ("microsoft_client_secret", "secret~8Q.client"),
        ("client_id", "idclient8x"),
        ("microsoft_client_secret", "a${b}c"),
    ],
)
def test_a_value_that_only_resembles_one_passes(name: str, value: str) -> None:
    assert not [one for one in judge(with_value(name, value), NOTHING) if one.rule == "PAY-014"]


@each_of(
    "value", ["$MS_SECRET", "${MS_SECRET}", "$env:MS", "%MS%", "$(cat secret)", "`cat secret`", "a${b}c"]
)
def test_a_variable_that_a_shell_leaves_as_it_stands_fails(value: str) -> None:
    body = with_value("microsoft_client_secret", value)
    for shell in ("sh", "cmd", "powershell"):
        found = [one for one in judge(body, Context(shell=shell)) if one.rule == "PAY-014"]
        assert [one.level for one in found] == ["fail"]
        assert f"{shell} does not replace it" in found[0].message


@each_of("host", ["r3---sn.example.com", "ab--cd.example.com", "R3---SN-4g5e6n.example.com"])
def test_a_host_with_hyphens_in_places_three_and_four_is_one(host: str) -> None:
    assert not judge(with_value("eas_server_host", host), NOTHING)


@each_of(
    ("text", "told"),
    [
        ("{'a': 1}", "as of a Python or JavaScript literal"),
        ("{\u201ca\u201d: 1}", "a typographic quote"),
    ],
)
def test_the_cause_that_a_person_sees_is_named(text: str, told: str) -> None:
    [found] = judge_text(text, NOTHING).violations
    assert (found.rule, found.line) == ("PAY-015", 1)
    assert told.removeprefix("as of ").partition(" or ")[0] in found.message
