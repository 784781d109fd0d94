"""PAY-017, 018, 020, 021 over the reference builder; the contract judges its bodies, never itself."""

import copy
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from nylas_readiness.checks.contract import Context, judge
from nylas_readiness.fixtures.payloads import RefusedInputError, build

if TYPE_CHECKING:
    from nylas_readiness.fixtures.strategies.payloads import JsonObject

pytestmark = pytest.mark.offline


def wire(payload: object) -> str:
    return json.dumps(payload, ensure_ascii=False)


def context_of(given_input: "JsonObject") -> Context:
    return Context(
        service_account_email=given_input["service_account_email"], aliases=tuple(given_input["aliases"])
    )


@pytest.mark.rule("PAY-017")
def test_the_builder_is_pure() -> None:
    from nylas_readiness.fixtures.strategies.payloads import builder_inputs
    from nylas_readiness.fixtures.strategies.profile import given, st

    @given(given_input=builder_inputs(), data=st.data())
    def holds(given_input: "JsonObject", data: st.DataObject) -> None:
        before = copy.deepcopy(given_input)
        first = wire(build(given_input))
        members = data.draw(st.permutations(list(given_input.items())))
        aliases = data.draw(st.permutations(given_input["aliases"]))
        assert wire(build(given_input)) == first
        assert wire(build({**dict(members), "aliases": aliases})) == first
        assert given_input == before

    holds()


@pytest.mark.rule("PAY-018")
def test_a_bad_input_is_refused_by_the_name_of_its_field() -> None:
    from nylas_readiness.fixtures.strategies.bad_inputs import BadInput, bad_inputs
    from nylas_readiness.fixtures.strategies.profile import given

    @given(bad=bad_inputs())
    def holds(bad: BadInput) -> None:
        with pytest.raises(ValueError, match=bad.field) as refused:
            build(bad.given)
        assert isinstance(refused.value, RefusedInputError)
        assert refused.value.field == bad.field

    holds()


def texts(value: Any) -> Iterator[str]:  # noqa: ANN401 -- any JSON
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from texts(inner)


@pytest.mark.rule("PAY-018")
def test_a_refusal_shows_no_secret() -> None:
    from nylas_readiness.fixtures.strategies.bad_inputs import BadInput, bad_inputs
    from nylas_readiness.fixtures.strategies.profile import given

    @given(bad=bad_inputs())
    def holds(bad: BadInput) -> None:
        with pytest.raises(RefusedInputError) as refused:
            build(bad.given)
        assert not [
            text for text in texts(bad.given) if text.startswith("FAKE") and text in str(refused.value)
        ]
        assert refused.value.__suppress_context__ or refused.value.__context__ is None

    holds()


@pytest.mark.rule("PAY-020")
def test_every_input_value_is_carried_to_its_place_unchanged() -> None:
    from nylas_readiness.fixtures.strategies.payloads import builder_inputs
    from nylas_readiness.fixtures.strategies.profile import given

    @given(given_input=builder_inputs())
    def holds(given_input: "JsonObject") -> None:
        payload: JsonObject = json.loads(wire(build(given_input)))
        settings = payload["settings"]
        for name in ("client_id", "name", "email_address"):
            assert payload[name] == given_input[name]
        for name in (
            "microsoft_client_id",
            "microsoft_client_secret",
            "microsoft_refresh_token",
            "redirect_uri",
        ):
            assert settings[name] == given_input[name]
        assert payload["scopes"].split(",") == given_input["scopes"]
        assert ("eas_server_host" in settings) == (given_input["eas_server_host"] is not None)
        assert settings.get("eas_server_host") == given_input["eas_server_host"]

    holds()


@pytest.mark.rule("PAY-020")
def test_eas_server_host_may_be_left_out_of_the_input() -> None:
    given_input = {
        "client_id": "fake7nylas",
        "name": " Ann ",
        "email_address": "Ann.O'Brien@BÜCHER.example",
        "scopes": ["calendar"],
        "service_account_email": "svc@xn--bcher-kva.example",
        "aliases": [],
        "microsoft_client_id": "8f0c2d1e-7a55-4c0e-9d3b-0123456789ab",
        "microsoft_client_secret": "FAKE-microsoft-secret",
        "microsoft_refresh_token": "FAKE-refresh-token",
        "redirect_uri": "https://app.contoso.com/callback",
    }
    assert wire(build(given_input)) == (
        '{"client_id": "fake7nylas", "name": " Ann ", "email_address": "Ann.O\'Brien@BÜCHER.example", '
        '"provider": "exchange", "settings": {"microsoft_client_id": "8f0c2d1e-7a55-4c0e-9d3b-0123456789ab", '
        '"microsoft_client_secret": "FAKE-microsoft-secret", '
        '"microsoft_refresh_token": "FAKE-refresh-token", '
        '"redirect_uri": "https://app.contoso.com/callback", "service_account": true}, "scopes": "calendar"}'
    )


@pytest.mark.rule("PAY-021")
def test_a_good_input_becomes_a_body_without_any_violation() -> None:
    from nylas_readiness.fixtures.strategies.payloads import CALENDAR_SCOPES, builder_inputs
    from nylas_readiness.fixtures.strategies.profile import given, st

    @given(given_input=builder_inputs(scopes=st.sampled_from(CALENDAR_SCOPES).map(list)))
    def holds(given_input: "JsonObject") -> None:
        body = json.loads(wire(build(given_input)))
        assert judge(body, context_of(given_input)) == []

    holds()


@pytest.mark.rule("PAY-021")
def test_scopes_beside_the_calendar_are_built_with_a_warning_alone() -> None:
    from nylas_readiness.fixtures.strategies.payloads import builder_inputs
    from nylas_readiness.fixtures.strategies.profile import given

    @given(given_input=builder_inputs())
    def holds(given_input: "JsonObject") -> None:
        body = json.loads(wire(build(given_input)))
        others = set(given_input["scopes"]) - {"calendar", "calendar.read_only"}
        found = [(violation.rule, violation.level) for violation in judge(body, context_of(given_input))]
        assert found == ([("PAY-006", "warn")] if others else [])

    holds()
