"""What a check concludes: the statuses, an outcome, and a function for each status that a check can give."""

from enum import StrEnum
from typing import Final, TypeVar

import msgspec
from msgspec.structs import replace

from nylas_readiness.fixtures.clients.codes import Unreadable
from nylas_readiness.fixtures.evidence.measures import Trace
from nylas_readiness.fixtures.evidence.slots import Absent, Read, Slot, Unread

T = TypeVar("T")

# The rule that lists the permissions which are missing, with what each leaves unread.
PERMISSIONS: Final = "CFG-003"


class Status(StrEnum):
    """The closed set of statuses, worst first: an account rule has the worst of its accounts."""

    FAIL = "fail"
    UNKNOWN = "unknown"
    WAIT = "wait"
    REVIEW = "review"
    WARN = "warn"
    WAIVED = "waived"
    PASS = "pass"  # noqa: S105 -- a status
    NOT_APPLICABLE = "not-applicable"


NO_FINDING: Final = frozenset({Status.PASS, Status.NOT_APPLICABLE})
NOT_OPEN: Final = NO_FINDING | {Status.WAIVED}


class WaiverKind(StrEnum):
    """How a person has settled a finding: it is accepted as it is, or a review of it is attested."""

    ACCEPTED = "accepted"
    ATTESTED = "attested"


class Waiver(msgspec.Struct, frozen=True, kw_only=True):
    """Why a finding is `waived`: the status it has without, who accepts it and why, the last day that counts.

    Of one that is attested, `owner` looked at it on the day `when`, and `reason` is the evidence. `expires`
    and `when` are ISO dates in UTC.
    """

    status: Status
    owner: str
    reason: str
    expires: str
    kind: WaiverKind = WaiverKind.ACCEPTED
    when: str | None = None

    @property
    def is_attested(self) -> bool:
        """Whether a person has looked, which settles the finding as a pass does."""
        return self.kind is WaiverKind.ATTESTED


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a check concludes of its subject. `None` means: as the catalogue says.

    `cause`: the rule that does not hold and is the cause of this outcome. `code`: why nothing was read.
    `sides`: those that the outcome counts for.
    `affected`: how many request bodies have this status; accounts are counted where they are kept.
    `waiver` goes with the status `waived`, which no check gives.
    """

    status: Status
    observed: str = ""
    expected: str | None = None
    reason: str | None = None
    cause: str | None = None
    code: Unreadable | None = None
    remedy: str | None = None
    owner: str | None = None
    deadline: str | None = None
    sides: tuple[str, ...] | None = None
    affected: int = 0
    evidence: tuple[Trace, ...] = ()
    waiver: Waiver | None = None

    @property
    def weight(self) -> Status:
        """The status that counts for a verdict: what somebody attests is settled, as by a pass."""
        return Status.PASS if self.waiver is not None and self.waiver.is_attested else self.status


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """A rule's result for one account that is neither `pass` nor `not-applicable`.

    `cause`: the rule that comes first, where that is a finding too; null: the finding stands for itself.
    `code`: why nothing was read.
    """

    status: Status
    observed: str
    reason: str | None = None
    cause: str | None = None
    code: Unreadable | None = None
    waiver: Waiver | None = None


class RuleResult(msgspec.Struct, frozen=True, kw_only=True):
    """One rule's result. `affected`: how many accounts or bodies have this status (0 for a tenant rule).

    `accounts`: of an account rule how many accounts have each status. `cause`: the rule that comes first,
    where that is a finding too; null: the result stands for itself. `code`: why nothing was read.
    `waiver`: of an account rule that is `waived`, the first account's; each finding has its own.
    """

    id: str
    title: str
    subject: str
    severity: str
    owner: str
    status: Status
    observed: str
    expected: str
    remedy: str
    source: str
    deadline: str | None
    affected: int
    reason: str | None
    evidence: list[Trace]
    accounts: dict[Status, int] = {}
    cause: str | None = None
    code: Unreadable | None = None
    waiver: Waiver | None = None
    side: list[str] = []


def passed(observed: str, *evidence: Trace) -> Outcome:
    """Conclude that the subject is as the rule states."""
    return Outcome(status=Status.PASS, observed=observed, evidence=evidence)


def fail(
    observed: str,
    *evidence: Trace,
    expected: str | None = None,
    cause: str | None = None,
    reason: str | None = None,
    remedy: str | None = None,
    owner: str | None = None,
) -> Outcome:
    """Conclude that the subject is not as the rule states; `cause` is the rule that is its cause, if any."""
    return Outcome(
        status=Status.FAIL,
        observed=observed,
        expected=expected,
        cause=cause,
        reason=f"depends on {cause}: {reason or observed}" if cause else reason,
        remedy=remedy,
        owner=owner,
        evidence=evidence,
    )


def warn(
    observed: str,
    *evidence: Trace,
    expected: str | None = None,
    cause: str | None = None,
    remedy: str | None = None,
    deadline: str | None = None,
) -> Outcome:
    """Conclude that it works, but will break by a date, or is advised against; `cause` as for `fail`."""
    return Outcome(
        status=Status.WARN,
        observed=observed,
        expected=expected,
        cause=cause,
        remedy=remedy,
        deadline=deadline,
        evidence=evidence,
    )


def unknown(
    reason: str,
    *evidence: Trace,
    observed: str = "",
    remedy: str | None = None,
    code: Unreadable = Unreadable.UNTOLD,
) -> Outcome:
    """Conclude that the subject could not be read; `reason` says why and what would decide it."""
    return Outcome(
        status=Status.UNKNOWN,
        observed=observed or reason,
        reason=reason,
        code=code,
        remedy=remedy,
        evidence=evidence,
    )


def wait(
    reason: str, *evidence: Trace, observed: str, cause: str | None = None, remedy: str | None = None
) -> Outcome:
    """Conclude that it is too early to tell; `reason` names the time to recheck."""
    return Outcome(
        status=Status.WAIT,
        observed=observed,
        cause=cause,
        reason=f"depends on {cause}: {reason}" if cause else reason,
        remedy=remedy,
        evidence=evidence,
    )


def review(observed: str, *evidence: Trace, reason: str, remedy: str | None = None) -> Outcome:
    """Conclude that a person must look."""
    return Outcome(status=Status.REVIEW, observed=observed, reason=reason, remedy=remedy, evidence=evidence)


def not_applicable(reason: str, *evidence: Trace, owner: str | None = None) -> Outcome:
    """Conclude that the rule does not apply to this subject, for this reason; `owner` may act elsewhere."""
    return Outcome(
        status=Status.NOT_APPLICABLE, observed=reason, reason=reason, owner=owner, evidence=evidence
    )


def depends_on(cause: str, reason: str, *evidence: Trace, code: Unreadable = Unreadable.CAUSE) -> Outcome:
    """Conclude that the subject could not be read because the rule `cause` does not hold."""
    return replace(unknown(f"depends on {cause}: {reason}", *evidence, code=code), cause=cause)


def lacks(
    permission: str, reason: str, *evidence: Trace, code: Unreadable = Unreadable.PERMISSION
) -> Outcome:
    """Conclude that the subject could not be read for want of a permission, which CFG-003 lists too."""
    text = f"{reason}; the permission {permission} would decide it"
    return replace(unknown(text, *evidence, code=code), cause=PERMISSIONS)


class Undecided(Exception):  # noqa: N818 -- it ends a check, it is no error
    """Ends a check whose subject was not read; `outcome` says why, `unread` is its slot."""

    def __init__(self, outcome: Outcome, unread: Unread | None = None) -> None:
        """Carry the outcome to the one who runs the check."""
        super().__init__(outcome.reason)
        self.outcome, self.unread = outcome, unread


def require(slot: Slot[T]) -> T:
    """Return the value of a reading. Raises `Undecided` where there is none."""
    match slot:
        case Read(value=value):
            return value
        case Unread() as unread:
            raise Undecided(_not_read(unread), unread)
        case Absent(reason=reason):
            raise Undecided(not_applicable(reason))


def _not_read(unread: Unread) -> Outcome:
    """Conclude what a missing reading leaves: the rule is unknown, with its cause where one is known."""
    evidence = [unread.trace] if unread.trace else []
    if unread.cause:
        return depends_on(unread.cause, unread.reason, *evidence, code=unread.code)
    if unread.permission:
        return lacks(unread.permission, unread.reason, *evidence, code=unread.code)
    return unknown(unread.reason, *evidence, code=unread.code)
