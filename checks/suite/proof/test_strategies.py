"""The strategies generate what they promise: else the properties that rest on them prove nothing."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import idna
import pytest

from nylas_readiness.checks.contract import BODY_RULES
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.fixtures.payloads import BuilderInput

if TYPE_CHECKING:
    from nylas_readiness.fixtures.strategies.payloads import JsonObject

pytestmark = pytest.mark.offline

FIELDS = {*BuilderInput.__required_keys__, *BuilderInput.__optional_keys__}


def test_every_body_rule_has_a_broken_strategy_of_its_own() -> None:
    from nylas_readiness.fixtures.strategies.broken_payloads import BROKEN

    assert BROKEN.keys() == BODY_RULES.keys()


@each_of("rule", BODY_RULES)
def test_a_broken_strategy_names_the_rule_it_is_listed_under(rule: str) -> None:
    from nylas_readiness.fixtures.strategies.broken_payloads import BROKEN, Broken
    from nylas_readiness.fixtures.strategies.profile import given, settings

    @settings(max_examples=10)
    @given(broken=BROKEN[rule]())
    def holds(broken: Broken) -> None:
        assert broken.rule == rule

    holds()


def test_domains_of_every_script_have_a_label_form() -> None:
    from nylas_readiness.fixtures.strategies.payloads import ALPHABETS, domains
    from nylas_readiness.fixtures.strategies.profile import given, settings, st

    def encodes_in(script: str) -> None:
        @settings(max_examples=15)
        @given(domain=domains(alphabet=st.just(ALPHABETS[script])))
        def holds(domain: str) -> None:
            assert idna.encode(domain, uts46=True).isascii(), script

        holds()

    for script in ALPHABETS:
        encodes_in(script)


def test_every_spelling_of_a_domain_is_the_same_domain() -> None:
    from nylas_readiness.fixtures.strategies.payloads import domains, spellings
    from nylas_readiness.fixtures.strategies.profile import given, st

    @given(pair=domains().flatmap(lambda domain: st.tuples(st.just(domain), spellings(domain))))
    def holds(pair: tuple[str, str]) -> None:
        domain, spelled = pair
        assert idna.encode(spelled, uts46=True) == idna.encode(domain, uts46=True)

    holds()


SHAPES: "dict[str, Callable[[JsonObject], bool]]" = {
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


def domain_of(body: "JsonObject") -> str:
    return str(body["email_address"]).rpartition("@")[2]


@each_of("shape", sorted(SHAPES))
def test_valid_payloads_come_in_every_shape(shape: str) -> None:
    from nylas_readiness.fixtures.strategies.payloads import payloads
    from nylas_readiness.fixtures.strategies.profile import HealthCheck, Phase, find, settings

    often = settings(max_examples=400, phases=(Phase.generate,), suppress_health_check=list(HealthCheck))
    find(payloads(), SHAPES[shape], settings=often)


def test_a_broken_payload_is_json() -> None:
    from nylas_readiness.fixtures.strategies.broken_payloads import Broken, broken_payloads
    from nylas_readiness.fixtures.strategies.profile import given

    @given(broken=broken_payloads())
    def holds(broken: Broken) -> None:
        assert json.loads(json.dumps(broken.payload)) == broken.payload

    holds()


def test_the_place_of_a_broken_text_is_in_the_text() -> None:
    from nylas_readiness.fixtures.strategies.broken_texts import BrokenText, broken_texts
    from nylas_readiness.fixtures.strategies.profile import given

    @given(broken=broken_texts())
    def holds(broken: BrokenText) -> None:
        lines = broken.text.split("\n")
        assert 1 <= broken.column <= len(lines[broken.line - 1])

    holds()


def test_a_good_input_has_two_addresses_of_one_domain() -> None:
    from nylas_readiness.fixtures.strategies.payloads import builder_inputs
    from nylas_readiness.fixtures.strategies.profile import given

    @given(given_input=builder_inputs())
    def holds(given_input: "JsonObject") -> None:
        user, service_account = (
            given_input[field].rpartition("@")[2] for field in ("email_address", "service_account_email")
        )
        assert idna.encode(user, uts46=True) == idna.encode(service_account, uts46=True)

    holds()


def test_a_bad_input_differs_from_a_good_one_in_the_field_it_names() -> None:
    from nylas_readiness.fixtures.strategies.bad_inputs import BadInput, bad_inputs
    from nylas_readiness.fixtures.strategies.profile import given

    @given(bad=bad_inputs())
    def holds(bad: BadInput) -> None:
        others = {name: value for name, value in bad.given.items() if name != bad.field}
        assert others.keys() == FIELDS - {bad.field}

    holds()
