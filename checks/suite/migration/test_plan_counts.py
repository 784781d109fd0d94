"""How many accounts the plan counts: with a grant, on v2, and those that nobody waits for."""

from dataclasses import replace

import pytest

from nylas_readiness.checks.migration.plan import Measure
from nylas_readiness.checks.migration.progress import Progress, progress_of
from nylas_readiness.checks.outcome import Finding, Status, Waiver
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.evidence_samples import (
    account_with,
    v3_tenant,
)
from nylas_readiness.checks.suite.support.progress_samples import UNREAD, account, counted, grant, measure

pytestmark = pytest.mark.offline


def test_accounts_are_counted_by_grant_and_by_v2_account() -> None:
    progress = counted(
        account("ann", [grant()], ("running",)),
        account("bob", [grant("invalid")], ("stopped",)),
        account("cy", [grant(blocked=True)], ("stopped", "invalid")),
        account("di", [grant("invalid"), grant()]),
        account("eve", [grant()], ("running/cancelled", "invalid/deleted")),
        account("fay", [grant()], ("running/paid",)),
    )
    counts = replace(progress, places={})
    assert counts == Progress(accounts=6, movable=6, granted=4, connected=3, waiting="bob")


@each_of(
    ("rule", "movable"),
    [("ACC-001", 1), ("ACC-005", 1), ("NY3-010", 1), ("NY3-008", 2), ("ACC-004", 2), ("NY3-006", 2)],
)
def test_who_has_no_mailbox_that_v3_can_hold_is_not_waited_for(rule: str, movable: int) -> None:
    progress = counted(account("ann", [grant()]), account("bob"), broken={"bob": rule})
    assert (progress.accounts, progress.movable) == (2, movable)
    assert measure("grants", progress).is_done is (movable == 1)


def test_an_accepted_finding_gives_nobody_a_mailbox() -> None:
    waiver = Waiver(status=Status.FAIL, owner="Ann", reason="left", expires="2027-01-01")
    accepted = Finding(status=Status.WAIVED, observed="x", waiver=waiver)
    assert progress_of(v3_tenant(), [account("bob")], {"bob": {"ACC-001": accepted}}).movable == 0


@each_of(("rule", "refused"), [("NY3-006", "bob"), ("NY3-008", None)])
def test_the_first_account_that_the_app_may_not_read_is_named(rule: str, refused: str | None) -> None:
    progress = counted(account("ann"), account("bob"), account("cy"), broken={"bob": rule, "cy": rule})
    assert progress.refused == refused


def test_grants_are_done_when_everyone_who_can_move_has_a_valid_one() -> None:
    some = counted(account("ann", [grant()]), account("bob"), account("group"), broken={"group": "NY3-010"})
    done, observed = measure("grants", some)
    assert done is False
    assert observed == (
        "1 of 2 accounts whose mailbox v3 can hold have a valid grant; v3 cannot hold that of 1 other"
    )
    assert measure("grants", counted(account("ann", [grant()]))).is_done is True
    assert measure("grants", counted()).is_done is False


def test_grants_that_were_not_read_are_not_counted_as_missing() -> None:
    progress = counted(account("ann", [grant()]), account_with(email="bob", grants=UNREAD))
    assert measure("grants", progress) == Measure(None, "HTTP 503")
