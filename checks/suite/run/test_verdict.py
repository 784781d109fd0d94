"""Statuses, verdicts of sides, and the exit code are those of the product's interface."""

from itertools import product
from typing import TYPE_CHECKING

import pytest

from nylas_readiness.checks.catalogue import Rule, active, catalogue
from nylas_readiness.checks.outcome import Status
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.verdict import (
    Sides,
    Standing,
    Verdict,
    exit_code,
    side_standing,
    tenant_verdict,
    worst,
)

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

pytestmark = pytest.mark.offline


def results() -> "SearchStrategy[list[tuple[Rule, Status]]]":
    from nylas_readiness.fixtures.strategies.profile import st

    return st.lists(st.tuples(st.sampled_from(active()), st.sampled_from(Status)))


def standings() -> "SearchStrategy[Standing]":
    from nylas_readiness.fixtures.strategies.profile import st

    weights = st.sampled_from([verdict for verdict in Verdict if verdict is not Verdict.NOT_ASSESSED])
    return st.builds(Standing, assessed=st.booleans(), weight=weights)


def verdict(side: str, *found: tuple[str, str]) -> Verdict:
    return side_standing([(catalogue()[rule], Status(status)) for rule, status in found], side).verdict


@each_of(
    ("found", "expected"),
    [
        ((), "not-assessed"),
        ((("ENT-001", "not-applicable"),), "not-assessed"),
        ((("ENT-001", "pass"),), "ready"),
        ((("ENT-001", "pass"), ("USR-005", "not-applicable")), "ready"),
        ((("USR-005", "warn"),), "ready-with-warnings"),
        ((("MIG-003", "warn"),), "ready-with-warnings"),
        ((("EWS-002", "waived"),), "ready-with-warnings"),
        ((("USR-003", "fail"),), "ready-with-warnings"),
        ((("USR-003", "unknown"),), "ready-with-warnings"),
        ((("ENT-002", "unknown"),), "inconclusive"),
        ((("ROL-002", "wait"),), "inconclusive"),
        ((("ENT-005", "review"),), "inconclusive"),
        ((("ENT-002", "fail"), ("ROL-002", "wait")), "blocked"),
        ((("USR-006", "fail"),), "blocked"),
        ((("CFG-001", "fail"),), "not-assessed"),
        ((("CFG-001", "fail"), ("ENT-001", "pass")), "inconclusive"),
        ((("CFG-001", "fail"), ("ENT-001", "fail")), "blocked"),
        ((("NY3-001", "fail"),), "not-assessed"),
        ((("API-001", "fail"), ("MIG-006", "fail")), "not-assessed"),
    ],
)
def test_the_v2_side_follows_from_its_rules(found: tuple[tuple[str, str], ...], expected: str) -> None:
    assert verdict("v2", *found) == expected


def test_a_rule_of_both_sides_weighs_on_the_assessed_one_only() -> None:
    found = (("ACC-001", "fail"), ("NY3-001", "pass"))
    assert verdict("v2", *found) == "not-assessed"
    assert verdict("v3", *found) == "blocked"


def test_a_side_never_improves_with_another_failure() -> None:
    from nylas_readiness.fixtures.strategies.profile import given

    @given(results())
    def holds(found: list[tuple[Rule, Status]]) -> None:
        order = list(Verdict)
        before = side_standing(found, "v2")
        after = before | side_standing([(catalogue()["ENT-001"], Status.FAIL)], "v2")
        assert after.verdict == "blocked"
        assert order.index(after.weight) <= order.index(before.weight)

    holds()


def test_standings_add_up_in_any_order() -> None:
    from nylas_readiness.fixtures.strategies.profile import given

    @given(results(), results())
    def holds(one: list[tuple[Rule, Status]], other: list[tuple[Rule, Status]]) -> None:
        for side in ("v2", "v3"):
            both = side_standing(one + other, side)
            assert both == side_standing(one, side) | side_standing(other, side)
            assert both == side_standing(other, side) | side_standing(one, side)

    holds()


def test_the_worst_status_is_one_of_them_and_none_is_before_it() -> None:
    from nylas_readiness.fixtures.strategies.profile import given, st

    @given(st.lists(st.sampled_from(Status), min_size=1))
    def holds(found: list[Status]) -> None:
        order = ["fail", "unknown", "wait", "review", "warn", "waived", "pass", "not-applicable"]
        assert order.index(worst(found)) == min(order.index(status) for status in found)

    holds()


def test_no_status_at_all_is_not_applicable() -> None:
    assert worst([]) == "not-applicable"


READY = Standing(assessed=True)
WARNED = Standing(assessed=True, weight=Verdict.READY_WITH_WARNINGS)
OPEN = Standing(assessed=True, weight=Verdict.INCONCLUSIVE)
BLOCKED = Standing(assessed=True, weight=Verdict.BLOCKED)


@each_of(
    ("own", "accounts", "expected"),
    [
        (READY, [], "ready"),
        (READY, [READY, READY], "ready"),
        (READY, [READY, BLOCKED], "ready-with-warnings"),
        (READY, [OPEN, OPEN], "inconclusive"),
        (READY, [OPEN, READY], "ready-with-warnings"),
        (WARNED, [OPEN], "inconclusive"),
        (READY, [BLOCKED, BLOCKED], "blocked"),
        (WARNED, [WARNED, BLOCKED], "ready-with-warnings"),
        (OPEN, [OPEN, BLOCKED], "inconclusive"),
        (OPEN, [BLOCKED], "blocked"),
        (BLOCKED, [BLOCKED, BLOCKED], "blocked"),
        (Standing(), [], "not-assessed"),
        (Standing(), [Standing(weight=Verdict.BLOCKED)], "not-assessed"),
        (Standing(), [READY], "ready"),
    ],
)
def test_accounts_lower_the_tenant_and_block_it_only_together(
    own: Standing, accounts: list[Standing], expected: str
) -> None:
    assert tenant_verdict(own, accounts) == expected


def test_one_sound_account_keeps_the_others_from_blocking_the_tenant() -> None:
    from nylas_readiness.fixtures.strategies.profile import given, st

    @given(standings(), st.lists(standings()))
    def holds(own: Standing, accounts: list[Standing]) -> None:
        sound = [*accounts, READY]
        assert (tenant_verdict(own, sound) == "blocked") == (own.weight is Verdict.BLOCKED)

    holds()


@each_of("status", list(Status))
def test_the_exit_code_is_one_for_fail_unknown_and_wait(status: Status) -> None:
    assert exit_code([Status.PASS, status], [None]) == (status in {"fail", "unknown", "wait"})


@each_of(("v2", "v3"), list(product(Verdict, repeat=2)))
def test_the_exit_code_is_one_for_any_verdict_blocked_or_inconclusive(v2: Verdict, v3: Verdict) -> None:
    expected = bool({v2, v3} & {"blocked", "inconclusive"})
    assert exit_code([Status.REVIEW], [Sides(Verdict.READY, Verdict.READY), Sides(v2, v3)]) == expected
