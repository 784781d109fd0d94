"""Every rule of a builder finds the builder that breaks it, and leaves the right one alone."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nylas_readiness.checks.bodies.builder_outcome import BuilderOptions, JudgedBuilder, builder_outcome
from nylas_readiness.checks.contract import BODY_RULES
from nylas_readiness.checks.outcome import Status
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.defective_builders import DEFECTS, Answering, Function, right

if TYPE_CHECKING:
    from nylas_readiness.checks.bodies.builder_audit import Audit

pytestmark = pytest.mark.offline

RULES = [f"PAY-{number:03}" for number in range(1, 23)]


def audited(function: Function, *leaves: str, good: int = 10, bad: int = 1, attempts: int = 0) -> "Audit":
    from nylas_readiness.checks.bodies.builder_audit import audit

    return audit(Answering(function), leaves, good=good, bad=bad, attempts=attempts)


def statuses(audit: "Audit") -> dict[str, Status]:
    judged = JudgedBuilder(audit=audit, replays=dict.fromkeys(audit.found, "pytest …"))
    return {rule: builder_outcome(rule, judged).status for rule in RULES}


@each_of("defect", list(DEFECTS))
def test_a_defect_is_found_under_its_rule_and_no_other(defect: str) -> None:
    function, rules = DEFECTS[defect]
    audit = audited(function, good=80 if defect == "random" else 10, bad=60 if "PAY-018" in rules else 1)
    assert {rule for rule, status in statuses(audit).items() if status is Status.FAIL} == rules


def test_the_right_builder_passes_every_rule_that_applies() -> None:
    audit = audited(right, bad=100)
    found = statuses(audit)
    assert {rule for rule, status in found.items() if status is Status.PASS} == {
        *BODY_RULES, "PAY-017", "PAY-018", "PAY-020", "PAY-021"
    }  # fmt: skip
    assert {rule for rule, status in found.items() if status is Status.NOT_APPLICABLE} == {
        "PAY-015",
        "PAY-022",
    }
    assert (audit.good, audit.built, audit.bad) == (10, 10, 100)


def test_the_text_that_a_builder_writes_is_judged_too() -> None:
    assert statuses(audited(lambda given: json.dumps(right(given))))["PAY-015"] is Status.PASS


def test_what_the_builder_leaves_to_its_caller_is_not_applicable_and_not_asked() -> None:
    def careless(given: dict[str, object]) -> dict[str, object]:
        account = given.get("service_account_email")
        email = given.get("email_address")
        if not (isinstance(account, str) and isinstance(email, str) and account.count("@") == 1):
            return right(given)
        aliases = given.get("aliases")
        alone = [] if isinstance(aliases, list) and all(isinstance(one, str) for one in aliases) else aliases
        own = f"svc@{email.rpartition('@')[2]}" if account.startswith("nylas-svc@") else account
        return right({**given, "aliases": alone, "service_account_email": own})

    assert statuses(audited(careless, bad=100))["PAY-018"] is Status.FAIL
    found = statuses(audited(careless, "aliases", "domains", bad=100))
    assert [found[rule] for rule in ("PAY-010", "PAY-011")] == [Status.NOT_APPLICABLE] * 2
    assert found["PAY-018"] is found["PAY-021"] is Status.PASS


def test_a_rule_that_another_failure_hides_is_unknown() -> None:
    found = statuses(audited(lambda given: right(given) | {"settings": None}))
    assert found["PAY-001"] is Status.FAIL
    assert found["PAY-003"] is found["PAY-020"] is Status.UNKNOWN


def test_a_builder_that_refuses_everything_has_no_body_that_passes() -> None:
    def refuses(given: dict[str, object]) -> dict[str, object]:
        raise ValueError(f"{len(given)} members")

    found = statuses(audited(refuses))
    assert found["PAY-021"] is found["PAY-018"] is Status.FAIL
    assert {found[rule] for rule in (*BODY_RULES, "PAY-017", "PAY-020")} == {Status.UNKNOWN}


def test_the_case_that_is_shown_is_the_smallest() -> None:
    def fails_with_two_aliases(given: dict[str, list[str]]) -> dict[str, object]:
        return right(given) | ({"provider": "eas"} if len(given["aliases"]) > 1 else {})

    case = audited(fails_with_two_aliases, attempts=200).found["PAY-002"]
    assert len(case.given["aliases"]) == 2
    assert len(case.given["name"]) == 1
    assert case.given["scopes"] == ["calendar"]
    assert case.given["eas_server_host"] is None


def test_a_finding_has_all_that_a_developer_needs_and_no_secret_of_the_builder() -> None:
    audit = audited(DEFECTS["own secret"][0])
    options = BuilderOptions(spec="node 'my build.js'", leaves=("aliases",), timeout=2)
    command = options.replay(Path("out/replay-PAY-016.json"))
    outcome = builder_outcome("PAY-016", JudgedBuilder(audit=audit, replays={"PAY-016": command}))
    first, replay, case, given, payload = outcome.observed.splitlines()
    assert first == "/client_secret: authorize takes no client_secret; expected no such member"
    assert replay.removeprefix("replay it: ") == (
        """pytest --pyargs nylas_readiness.checks -m offline --builder 'node '"'"'my build.js'"'"'' """
        "--builder-leaves aliases --builder-timeout 2 --payload out/replay-PAY-016.json"
    )
    assert case.startswith("case: ")
    assert json.loads(given.removeprefix("input: "))["microsoft_client_secret"].startswith("FAKE-")
    assert json.loads(payload.removeprefix("payload: "))["client_secret"] == "«secret»"
    assert "R3AL" not in outcome.observed
