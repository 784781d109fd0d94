"""The strategies generate what they promise: else the properties that rest on them prove nothing."""

import json
from collections.abc import Callable

import idna
import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from nylas_readiness.checks.contract import BODY_RULES
from nylas_readiness.fixtures.bad_inputs import BadInput, bad_inputs
from nylas_readiness.fixtures.broken_payloads import BROKEN, Broken, broken_payloads
from nylas_readiness.fixtures.broken_texts import BrokenText, broken_texts
from nylas_readiness.fixtures.payloads import BuilderInput
from nylas_readiness.fixtures.strategies import (
    ALPHABETS,
    JsonObject,
    builder_inputs,
    domains,
    payloads,
    spellings,
)

pytestmark = pytest.mark.offline

FIELDS = {*BuilderInput.__required_keys__, *BuilderInput.__optional_keys__}

finding = settings(max_examples=400, phases=(Phase.generate,), suppress_health_check=list(HealthCheck))


def test_every_body_rule_has_a_broken_strategy_of_its_own() -> None:
    assert BROKEN.keys() == BODY_RULES.keys()


@pytest.mark.parametrize("rule", sorted(BROKEN))
def test_a_broken_strategy_names_the_rule_it_is_listed_under(rule: str) -> None:
    @settings(max_examples=10)
    @given(broken=BROKEN[rule]())
    def names_its_rule(broken: Broken) -> None:
        assert broken.rule == rule

    names_its_rule()


@pytest.mark.parametrize("script", sorted(ALPHABETS))
def test_domains_of_every_script_have_a_label_form(script: str) -> None:
    @settings(max_examples=15)
    @given(domain=domains(alphabet=st.just(ALPHABETS[script])))
    def encodes(domain: str) -> None:
        assert idna.encode(domain, uts46=True).isascii()

    encodes()


@given(pair=domains().flatmap(lambda domain: st.tuples(st.just(domain), spellings(domain))))
def test_every_spelling_of_a_domain_is_the_same_domain(pair: tuple[str, str]) -> None:
    domain, spelled = pair
    assert idna.encode(spelled, uts46=True) == idna.encode(domain, uts46=True)


SHAPES: dict[str, Callable[[JsonObject], bool]] = {
    "eas_server_host present": lambda body: "eas_server_host" in body["settings"],
    "eas_server_host absent": lambda body: "eas_server_host" not in body["settings"],
    "a domain in Unicode": lambda body: not domain_of(body).isascii(),
    "a domain in punycode": lambda body: "xn--" in domain_of(body).lower(),
    "a domain in upper case": lambda body: domain_of(body).isupper(),
    "read-only scopes": lambda body: body["scopes"] == "calendar.read_only",
    "a token over 1 KB": lambda body: len(body["settings"]["microsoft_refresh_token"]) > 1024,
    "reauth_account_id null": lambda body: body.get("reauth_account_id", "") is None,
    "a localhost redirect": lambda body: body["settings"]["redirect_uri"].startswith("http://localhost"),
}


def domain_of(body: JsonObject) -> str:
    return str(body["email_address"]).rpartition("@")[2]


@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_valid_payloads_come_in_every_shape(shape: str) -> None:
    find(payloads(), SHAPES[shape], settings=finding)


@given(broken=broken_payloads())
def test_a_broken_payload_is_json(broken: Broken) -> None:
    assert json.loads(json.dumps(broken.payload)) == broken.payload


@given(broken=broken_texts())
def test_the_place_of_a_broken_text_is_in_the_text(broken: BrokenText) -> None:
    lines = broken.text.split("\n")
    assert 1 <= broken.column <= len(lines[broken.line - 1])


@given(given_input=builder_inputs())
def test_a_good_input_has_two_addresses_of_one_domain(given_input: JsonObject) -> None:
    user, service_account = (
        given_input[field].rpartition("@")[2] for field in ("email_address", "service_account_email")
    )
    assert idna.encode(user, uts46=True) == idna.encode(service_account, uts46=True)


@given(bad=bad_inputs())
def test_a_bad_input_differs_from_a_good_one_in_the_field_it_names(bad: BadInput) -> None:
    others = {name: value for name, value in bad.given.items() if name != bad.field}
    assert others.keys() == FIELDS - {bad.field}
