"""The rules over a decoded body: valid ones have no violation, broken ones exactly their own."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from nylas_readiness.checks.contract import Context, Violation, judge
from nylas_readiness.checks.suite.support.cases import each_of

if TYPE_CHECKING:
    from nylas_readiness.fixtures.strategies.payloads import JsonObject

pytestmark = pytest.mark.offline

NOTHING_KNOWN = Context()


def rules_of(violations: list[Violation]) -> set[str]:
    return {found.rule for found in violations}


def assert_it_alone_is_broken(rule: str) -> None:
    """Judge payloads that break `rule`: it is named, and no other."""
    from nylas_readiness.fixtures.strategies.broken_payloads import BROKEN, Broken
    from nylas_readiness.fixtures.strategies.profile import given

    @given(broken=BROKEN[rule]())
    def holds(broken: Broken) -> None:
        assert rules_of(judge(broken.payload, Context(**broken.known._asdict()))) == {rule}

    holds()


def sample(settings: "JsonObject | None" = None, **members: object) -> "JsonObject":
    """Return a small valid body with these members and, under `settings`, these settings."""
    inner = {
        "microsoft_client_id": "8f0c2d1e-7a55-4c0e-9d3b-0123456789ab",
        "microsoft_client_secret": "FAKE-microsoft-secret",
        "microsoft_refresh_token": "FAKE-refresh-token",
        "redirect_uri": "https://app.contoso.com/callback",
        "service_account": True,
        **(settings or {}),
    }
    body = {
        "client_id": "fake7nylas",
        "name": "Ann",
        "email_address": "ann@contoso.com",
        "provider": "exchange",
    }
    return {**body, "settings": inner, "scopes": "calendar", **members}


def messages(body: "JsonObject", rule: str, context: Context = NOTHING_KNOWN) -> list[str]:
    return [found.message for found in judge(body, context) if found.rule == rule]


def test_a_valid_body_has_no_violation() -> None:
    from nylas_readiness.fixtures.strategies.payloads import payloads
    from nylas_readiness.fixtures.strategies.profile import given

    @given(payload=payloads())
    def holds(payload: "JsonObject") -> None:
        assert judge(payload, NOTHING_KNOWN) == []

    holds()


def test_a_valid_body_has_no_violation_whatever_is_known_beside_it() -> None:
    from nylas_readiness.fixtures.strategies.payloads import Known, connections
    from nylas_readiness.fixtures.strategies.profile import given

    @given(connection=connections())
    def holds(connection: "tuple[JsonObject, Known]") -> None:
        payload, known = connection
        assert judge(payload, Context(**known._asdict())) == []

    holds()


@pytest.mark.rule("PAY-001")
def test_a_required_member_missing_blank_or_of_another_kind_is_named() -> None:
    assert_it_alone_is_broken("PAY-001")


@pytest.mark.rule("PAY-002")
def test_a_provider_other_than_exchange_is_named() -> None:
    assert_it_alone_is_broken("PAY-002")


@pytest.mark.rule("PAY-002")
@pytest.mark.parametrize(
    ("provider", "told"),
    [("office365", "end user"), ("microsoft", "v3"), ("eas", "answers")],
)
def test_a_known_wrong_provider_is_explained(provider: str, told: str) -> None:
    [message] = messages(sample(provider=provider), "PAY-002")
    assert told in message


@pytest.mark.rule("PAY-003")
def test_a_service_account_flag_other_than_true_is_named() -> None:
    assert_it_alone_is_broken("PAY-003")


@pytest.mark.rule("PAY-003")
@pytest.mark.parametrize("value", [1, 1.0])
def test_a_number_that_python_calls_equal_to_true_is_not_true(value: float) -> None:
    body = sample(settings={"service_account": value})
    assert body["settings"]["service_account"] == True  # noqa: E712 -- the trap that the rule must not fall into
    assert messages(body, "PAY-003") == [
        "settings.service_account is the number 1; expected the JSON literal true"
    ]


@pytest.mark.rule("PAY-004")
def test_an_oauth_setting_missing_blank_or_of_another_kind_is_named() -> None:
    assert_it_alone_is_broken("PAY-004")


@pytest.mark.rule("PAY-005")
def test_an_eas_server_host_that_is_no_bare_host_is_named() -> None:
    assert_it_alone_is_broken("PAY-005")


@pytest.mark.rule("PAY-005")
@each_of(
    "host",
    [
        "eas.contoso.com",
        "EAS.Contoso.COM",
        "a.b",
        "1.contoso.com",
        "xn--bcher-kva.example",
        f"{'a' * 63}.com",
    ],
)
def test_a_bare_host_passes(host: str) -> None:
    assert messages(sample(settings={"eas_server_host": host}), "PAY-005") == []


@pytest.mark.rule("PAY-005")
def test_a_host_with_credentials_is_not_quoted() -> None:
    [message] = messages(sample(settings={"eas_server_host": "ann:FAKE-password@eas.contoso.com"}), "PAY-005")
    assert "FAKE-password" not in message


@pytest.mark.rule("PAY-006")
def test_wrong_scopes_are_named() -> None:
    assert_it_alone_is_broken("PAY-006")


@pytest.mark.rule("PAY-006")
@each_of(
    ("body", "level"),
    [
        ({"scopes": "calendar,contacts"}, "warn"),
        ({"scopes": ["calendar"]}, "warn"),
        ({"scopes": "contacts"}, "fail"),
        ({"scopes": None}, "fail"),
        ({"scopes": ["contacts"]}, "fail"),
    ],
)
def test_scopes_without_evidence_are_advised_against_and_wrong_ones_fail(
    body: "JsonObject", level: str
) -> None:

    levels = {found.level for found in judge(sample(**body), NOTHING_KNOWN) if found.rule == "PAY-006"}
    assert level in levels
    assert ("fail" in levels) == (level == "fail")


@pytest.mark.rule("PAY-006")
def test_missing_scopes_are_a_warning() -> None:
    body = sample()
    del body["scopes"]
    assert [(found.rule, found.level) for found in judge(body, NOTHING_KNOWN)] == [("PAY-006", "warn")]


@pytest.mark.rule("PAY-007")
def test_password_credentials_are_named() -> None:
    assert_it_alone_is_broken("PAY-007")


@pytest.mark.rule("PAY-008")
def test_an_unknown_member_is_named() -> None:
    assert_it_alone_is_broken("PAY-008")


@pytest.mark.rule("PAY-008")
@each_of(
    ("member", "meant"),
    [
        ("email", "email_address"),
        ("clientId", "client_id"),
        ("Scopes", "scopes"),
        ("redirect_uri", "settings"),
    ],
)
def test_a_near_miss_names_the_member_that_was_meant(member: str, meant: str) -> None:
    near_miss: JsonObject = {member: "value"}
    [message] = messages(sample(**near_miss), "PAY-008")
    assert meant in message.replace(f'"{member}"', "")


@pytest.mark.rule("PAY-008")
@pytest.mark.parametrize("beside", [{}, {"eas_server_host": "eas.contoso.com"}])
def test_exchange_server_host_is_a_warning_alone_or_beside_the_other(beside: "JsonObject") -> None:

    body = sample(settings={"exchange_server_host": "mail.contoso.com", **beside})
    [found] = judge(body, NOTHING_KNOWN)
    assert (found.rule, found.level) == ("PAY-008", "warn")
    assert "eas_server_host" in found.message


@pytest.mark.rule("PAY-009")
def test_an_address_that_is_not_one_bare_address_is_named() -> None:
    assert_it_alone_is_broken("PAY-009")


@pytest.mark.rule("PAY-009")
@each_of("domain", ["contoso.test", "contoso.local", "contoso.example", "CONTOSO.TEST", "straße.de"])
def test_a_reserved_or_international_domain_is_no_failure(domain: str) -> None:
    assert messages(sample(email_address=f"ann@{domain}"), "PAY-009") == []


@pytest.mark.rule("PAY-010")
def test_a_user_of_another_domain_is_named() -> None:
    assert_it_alone_is_broken("PAY-010")


@pytest.mark.rule("PAY-010")
@each_of(
    ("user", "service_account", "same"),
    [
        ("ann@BÜCHER.example", "svc@xn--bcher-kva.example", True),
        ("ann@straße.de", "svc@strasse.de", False),
        ("ann@straße.de", "svc@XN--STRAE-OQA.de", True),
        ("ann@mail.contoso.com", "svc@contoso.com", False),
    ],
)
def test_domains_are_compared_as_non_transitional_a_labels(
    user: str, service_account: str, *, same: bool
) -> None:
    context = Context(service_account_email=service_account)
    assert (messages(sample(email_address=user), "PAY-010", context) == []) == same


@pytest.mark.rule("PAY-011")
def test_an_alias_is_named() -> None:
    assert_it_alone_is_broken("PAY-011")


@pytest.mark.rule("PAY-011")
@pytest.mark.parametrize(
    ("aliases", "levels"), [(None, ["warn"]), ((), []), (("Ann+Tag@CONTOSO.com",), ["fail"])]
)
def test_a_plus_is_a_warning_only_where_the_mailbox_is_not_known(
    aliases: tuple[str, ...] | None, levels: list[str]
) -> None:
    violations = judge(sample(email_address="ann+tag@contoso.com"), Context(aliases=aliases))
    assert [found.level for found in violations] == levels
    assert rules_of(violations) <= {"PAY-011"}


@pytest.mark.rule("PAY-012")
def test_a_redirect_uri_that_nylas_refuses_is_named() -> None:
    assert_it_alone_is_broken("PAY-012")


@pytest.mark.rule("PAY-013")
def test_a_client_id_that_is_no_guid_and_a_secret_that_is_one_are_named() -> None:
    assert_it_alone_is_broken("PAY-013")


@pytest.mark.rule("PAY-014")
def test_a_placeholder_is_named_and_not_judged_as_a_value() -> None:
    assert_it_alone_is_broken("PAY-014")


def test_a_variable_that_was_not_replaced_is_a_warning() -> None:
    for value in ("$MS_SECRET", "%MS_SECRET%", "REPLACE_ME", "change-me"):
        found = judge(sample({"microsoft_client_secret": value}), NOTHING_KNOWN)
        assert [(one.rule, one.level) for one in found] == [("PAY-014", "warn")], value


@pytest.mark.rule("PAY-014")
@each_of(
    ("secret", "level"),
    [
        *((mask, "warn") for mask in ("*****", "\u2022\u2022\u2022\u2022", "[Masked]", "removed")),
        *((name, "fail") for name in ("op://Team/nylas/secret", "ref+gcpsecrets://a/b", "env:MS_SECRET")),
        *((name, "fail") for name in ("arn:aws:ssm:eu-west-1:1:parameter/x", "ENC[AES256_GCM,data:x]")),
        *(
            (left, "fail")
            for left in ("undefined", "NULL", "$(msSecret)", "#{MsSecret}#", "...", ":my_secret")
        ),
    ],
)
def test_what_stands_for_a_secret_is_no_secret(secret: str, level: str) -> None:
    found = judge(sample({"microsoft_client_secret": secret}), NOTHING_KNOWN)
    assert [(one.rule, one.level) for one in found] == [("PAY-014", level)]


def test_an_id_that_a_log_masks_is_not_refused_as_no_guid() -> None:
    assert messages(sample({"microsoft_client_id": "********"}), "PAY-013") == []


def test_a_person_may_be_called_null() -> None:
    assert judge(sample(name="Null"), NOTHING_KNOWN) == []


@pytest.mark.rule("PAY-014")
@each_of("name", ["Xavier", "Your Name", "Ann <ann@contoso.com>", "$5", "{x}", "xx", "xxxAnn"])
def test_a_value_that_only_resembles_a_placeholder_passes(name: str) -> None:
    assert messages(sample(name=name), "PAY-014") == []


@pytest.mark.rule("PAY-016")
def test_a_secret_out_of_place_is_named() -> None:
    assert_it_alone_is_broken("PAY-016")


@pytest.mark.rule("PAY-016")
def test_the_own_refresh_token_in_the_redirect_uri_is_named() -> None:
    body = sample(settings={"redirect_uri": "https://app.contoso.com/FAKE-refresh-token"})
    assert rules_of(judge(body, NOTHING_KNOWN)) == {"PAY-016"}


@pytest.mark.rule("PAY-016")
@pytest.mark.parametrize(
    "where", [{"extra": [{"deep": {"client_secret": 1}}]}, {"extra": {"FAKE-nylas-secret": 1}}]
)
def test_a_nylas_secret_is_found_at_any_depth_and_in_names(where: "JsonObject") -> None:

    assert len(messages(sample(**where), "PAY-016", Context(nylas_secret="FAKE-nylas-secret"))) == 1


@pytest.mark.rule("PAY-019")
def test_a_reauthentication_id_that_is_blank_or_of_another_kind_is_named() -> None:
    assert_it_alone_is_broken("PAY-019")


def every_string(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from every_string(inner)


def test_all_violations_of_a_body_are_collected() -> None:
    body = sample(
        provider="eas", client_id="", state=1, settings={"service_account": "true", "password": "FAKE"}
    )
    assert rules_of(judge(body, NOTHING_KNOWN)) == {"PAY-001", "PAY-002", "PAY-003", "PAY-007", "PAY-008"}


def test_no_message_shows_a_secret_even_if_every_rule_is_broken() -> None:
    from nylas_readiness.fixtures.strategies.payloads import payloads
    from nylas_readiness.fixtures.strategies.profile import given

    @given(payload=payloads())
    def holds(payload: "JsonObject") -> None:
        secrets = [text for text in every_string(payload["settings"]) if text.startswith("FAKE")]
        settings = {
            **payload["settings"],
            "service_account": secrets,
            "microsoft_client_id": secrets[0],
            "password": secrets[1],
        }
        body = {**payload, "settings": settings, "scopes": None}
        shown = "\n".join(f"{found.pointer} {found.message}" for found in judge(body, NOTHING_KNOWN))
        assert shown
        assert not [secret for secret in secrets if secret in shown]

    holds()
