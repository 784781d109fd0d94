"""From statuses to verdicts and to the exit code: pure functions over the closed sets of the model."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Final, Self

import msgspec

from nylas_readiness.checks.catalogue import Rule
from nylas_readiness.checks.outcome import Status


class Verdict(StrEnum):
    """What the findings of one side come to."""

    BLOCKED = "blocked"
    INCONCLUSIVE = "inconclusive"
    READY_WITH_WARNINGS = "ready-with-warnings"
    READY = "ready"
    NOT_ASSESSED = "not-assessed"


class Sides(msgspec.Struct, frozen=True):
    """A verdict for each side of the migration."""

    v2: Verdict
    v3: Verdict


SEVERITIES: Final = ("blocker", "high", "medium", "low", "info")
SIDES: Final = ("v2", "v3")

# Severities whose findings decide a verdict instead of only colouring it.
DECISIVE: Final = frozenset({"blocker", "high"})
_UNDECIDED: Final = frozenset({Status.UNKNOWN, Status.WAIT, Status.REVIEW})
_FINE: Final = frozenset({Status.PASS, Status.NOT_APPLICABLE})
_FAILING: Final = frozenset({Status.FAIL, Status.UNKNOWN, Status.WAIT})

_STATUS_RANK: Final = {status: rank for rank, status in enumerate(Status)}
_VERDICT_RANK: Final = {verdict: rank for rank, verdict in enumerate(Verdict)}


def worst(statuses: Iterable[Status]) -> Status:
    """Return the worst status; of none at all, `not-applicable`."""
    return min(statuses, key=_STATUS_RANK.__getitem__, default=Status.NOT_APPLICABLE)


def is_worse(one: Status, other: Status) -> bool:
    """Return whether `one` is strictly worse than `other`."""
    return _STATUS_RANK[one] < _STATUS_RANK[other]


def consequence(rule: Rule, status: Status) -> Verdict:
    """Return what one result alone would make of a side. What is the audit's own trouble never blocks."""
    if status in _FINE:
        return Verdict.READY
    if rule.severity in DECISIVE and status is Status.FAIL and not rule.own_trouble:
        return Verdict.BLOCKED
    if rule.severity in DECISIVE and status in _UNDECIDED | {Status.FAIL}:
        return Verdict.INCONCLUSIVE
    return Verdict.READY_WITH_WARNINGS


def verdict_rank(verdict: Verdict) -> int:
    """Return a verdict's place, the worst first."""
    return _VERDICT_RANK[verdict]


@dataclass(frozen=True, slots=True)
class Standing:
    """What the results so far make of one side. Standings add up: tenant rules and an account's own.

    `assessed`: a rule of this side alone was decided; a rule that counts for both sides does not assess
    either of them, but its findings weigh once something else does.
    """

    assessed: bool = False
    weight: Verdict = Verdict.READY

    def __or__(self, other: Self) -> "Standing":
        return _standing(
            self.assessed or other.assessed, min(self.weight, other.weight, key=_VERDICT_RANK.__getitem__)
        )

    @property
    def verdict(self) -> Verdict:
        """The verdict that this standing comes to."""
        return self.weight if self.assessed else Verdict.NOT_ASSESSED


@cache
def _standing(assessed: bool, weight: Verdict) -> Standing:
    """Return the one object for these values: 100,000 accounts share eight of them."""
    return Standing(assessed, weight)


@cache
def standing(rule: Rule, status: Status, side: str) -> Standing:
    """Return what one rule's status makes of `side`."""
    if side not in rule.side:
        return _standing(False, Verdict.READY)
    alone = rule.side == (side,)
    return _standing(alone and status is not Status.NOT_APPLICABLE, consequence(rule, status))


def side_standing(results: Iterable[tuple[Rule, Status]], side: str) -> Standing:
    """Return what several rules' statuses make of `side`."""
    total = Standing()
    for rule, status in results:
        total |= standing(rule, status, side)
    return total


def tenant_verdict(own: Standing, accounts: Iterable[Standing]) -> Verdict:
    """Return the tenant's verdict of a side from its rules' standing and its accounts' (which include it).

    An account's findings lower `ready` to `ready-with-warnings`. Where no account is decided, the tenant is
    `inconclusive`; only where every account is blocked, the tenant is `blocked`.
    """
    seen = {account.verdict for account in accounts} - {Verdict.NOT_ASSESSED}
    if seen == {Verdict.BLOCKED}:
        return Verdict.BLOCKED
    if seen == {Verdict.INCONCLUSIVE}:
        return min(own.weight, Verdict.INCONCLUSIVE, key=verdict_rank)
    if seen - {Verdict.READY} and own.weight is Verdict.READY:
        return Verdict.READY_WITH_WARNINGS
    return (own | Standing(assessed=bool(seen))).verdict


def exit_code(statuses: Iterable[Status], verdicts: Iterable[Sides | None]) -> int:
    """Return 1 for a `fail`, `unknown` or `wait`, or for a verdict `blocked` or `inconclusive`; else 0."""
    if not _FAILING.isdisjoint(statuses):
        return 1
    reached = {verdict for sides in verdicts if sides is not None for verdict in (sides.v2, sides.v3)}
    return int(not reached.isdisjoint({Verdict.BLOCKED, Verdict.INCONCLUSIVE}))
