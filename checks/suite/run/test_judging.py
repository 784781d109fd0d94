"""Checks of accounts are called in one pass, and each has the result that it has alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from nylas_readiness.checks.outcome import Outcome, Status, fail, passed
from nylas_readiness.checks.suite.support.evidence_samples import account_with, tenant_with
from nylas_readiness.fixtures.evidence.journal import Evidence
from nylas_readiness.fixtures.evidence.model import AccountEvidence
from nylas_readiness.fixtures.run.judging import Ledger

pytestmark = pytest.mark.offline

PEOPLE = ("ann@contoso.com", "ben@contoso.com", "cleo@contoso.com")


class People(Evidence):
    """Evidence of three accounts that is in no file. `passes`: how often it was gone through."""

    tenant = tenant_with(account_count=len(PEOPLE))
    passes = 0

    def accounts(self) -> Iterator[AccountEvidence]:
        """Yield the accounts."""
        self.passes += 1
        return (account_with(email=email) for email in PEOPLE)


def opened() -> tuple[Ledger, People]:
    ledger, people = Ledger(), People(Path("unused"))
    ledger.open(people)
    people.passes = 0
    return ledger, people


def is_not_ben(account: AccountEvidence) -> Outcome:
    return fail("it is Ben") if account.email == PEOPLE[1] else passed("somebody else")


def breaks_at_ben(account: AccountEvidence) -> Outcome:
    if account.email == PEOPLE[1]:
        raise ZeroDivisionError
    return passed("somebody else")


def test_the_checks_of_accounts_share_one_pass() -> None:
    ledger, people = opened()
    ledger.together({rule: (is_not_ben, {}) for rule in ("ACC-001", "ACC-002", "EWS-003")})

    outcomes = [ledger.judge(rule, is_not_ben, {"account": people}) for rule in ("ACC-001", "ACC-002")]

    assert people.passes == 1
    assert [outcome.status for outcome in outcomes] == [Status.FAIL, Status.FAIL]
    assert {*ledger.findings()[PEOPLE[1]]} == {"ACC-001", "ACC-002", "EWS-003"}
    assert ledger.judge("ACC-003", is_not_ben, {"account": people}).status is Status.FAIL
    assert people.passes == 2


def test_a_check_that_fails_itself_fails_when_its_turn_comes_and_no_other_with_it() -> None:
    ledger, people = opened()
    ledger.together(
        {"ACC-001": (is_not_ben, {}), "ACC-002": (breaks_at_ben, {}), "ACC-003": (is_not_ben, {})}
    )

    first = ledger.judge("ACC-001", is_not_ben, {"account": people})
    with pytest.raises(ZeroDivisionError):
        ledger.judge("ACC-002", breaks_at_ben, {"account": people})
    last = ledger.judge("ACC-003", is_not_ben, {"account": people})

    assert first.observed == last.observed == "3 accounts: 1 fail, 2 pass; ben@contoso.com: it is Ben"
    assert ledger.outcomes["ACC-002"].status is Status.UNKNOWN
    assert "ZeroDivisionError" in ledger.outcomes["ACC-002"].observed
    assert {*ledger.tally.rules} == {"ACC-001", "ACC-003"}
    assert people.passes == 1


def test_an_interrupted_pass_leaves_no_half_result_of_any_rule() -> None:
    def interrupted(account: AccountEvidence) -> Outcome:
        if account.email == PEOPLE[2]:
            raise KeyboardInterrupt
        return passed("in time")

    ledger, people = opened()
    ledger.together({"ACC-001": (is_not_ben, {}), "ACC-002": (interrupted, {})})

    with pytest.raises(KeyboardInterrupt):
        ledger.judge("ACC-001", is_not_ben, {"account": people})

    assert {*ledger.outcomes, *ledger.tally.rules} == set()


def test_one_pass_concludes_what_a_pass_for_each_rule_does(tmp_path: Path) -> None:
    from nylas_readiness.checks.suite.support import harness

    evidence = harness.read_company("migration", tmp_path, ())

    together = harness.judge(evidence)
    alone = harness.judge(evidence, watch=lambda _rule: None)

    assert len(together.tally.rules) > 15
    assert together.outcomes == alone.outcomes
    assert together.findings() == alone.findings()
    for rule, tally in alone.tally.rules.items():
        assert together.tally.rules[rule].outcome() == tally.outcome()
