"""One vocabulary for every view: what things are called, and how people write a date."""

from datetime import date
from typing import Final

from nylas_readiness.checks.migration.model import MoveState, Stage, TodayState, Urgency
from nylas_readiness.checks.outcome import Status, Waiver
from nylas_readiness.checks.verdict import Verdict

OWNERS: Final = {
    "tenant-admin": "Microsoft 365 administrator",
    "nylas-admin": "Nylas administrator",
    "integrator": "Integrator",
    "user": "End user",
}
GLYPHS: Final = {
    Status.FAIL: "✕",
    Status.UNKNOWN: "?",
    Status.WAIT: "…",
    Status.REVIEW: "◉",
    Status.WARN: "!",
    Status.WAIVED: "~",
    Status.PASS: "✓",
    Status.NOT_APPLICABLE: "-",
}
VERDICTS: Final = {
    Verdict.BLOCKED: "Blocked",
    Verdict.INCONCLUSIVE: "Inconclusive",
    Verdict.READY_WITH_WARNINGS: "Ready, with warnings",
    Verdict.READY: "Ready",
    Verdict.NOT_ASSESSED: "Not assessed",
}
VERDICT_TONES: Final = {
    Verdict.BLOCKED: Status.FAIL,
    Verdict.INCONCLUSIVE: Status.UNKNOWN,
    Verdict.READY_WITH_WARNINGS: Status.WARN,
    Verdict.READY: Status.PASS,
    Verdict.NOT_ASSESSED: Status.NOT_APPLICABLE,
}
STAGES: Final = {
    Stage.FINISHED: "finished",
    Stage.ON_BOTH: "on v3, v2 still on",
    Stage.CAN_MOVE: "can move now",
    Stage.BLOCKED: "blocked",
    Stage.TO_CLARIFY: "to clarify",
    Stage.NOT_ASSESSED: "not assessed",
}
STAGE_TONES: Final = {
    Stage.FINISHED: Status.PASS,
    Stage.ON_BOTH: Status.WARN,
    Stage.CAN_MOVE: Status.REVIEW,
    Stage.BLOCKED: Status.FAIL,
    Stage.TO_CLARIFY: Status.UNKNOWN,
    Stage.NOT_ASSESSED: Status.NOT_APPLICABLE,
}
MOVE_TONES: Final = {
    MoveState.FINISHED: Status.PASS,
    MoveState.READY: Status.PASS,
    MoveState.NOT_READY: Status.FAIL,
    MoveState.NOT_BEGUN: Status.FAIL,
    MoveState.UNDECIDED: Status.UNKNOWN,
    MoveState.NOT_SET_UP: Status.UNKNOWN,
    MoveState.NOT_CHECKED: Status.NOT_APPLICABLE,
}
TODAY_TONES: Final = {
    TodayState.WORKS: Status.PASS,
    TodayState.WORKS_PARTLY: Status.WARN,
    TodayState.DOES_NOT_WORK: Status.FAIL,
    TodayState.UNDECIDED: Status.UNKNOWN,
    TodayState.NOT_SET_UP: Status.UNKNOWN,
    TodayState.NOT_CHECKED: Status.NOT_APPLICABLE,
}
TODAY: Final = {
    TodayState.WORKS: "works",
    TodayState.WORKS_PARTLY: "works partly",
    TodayState.DOES_NOT_WORK: "does not work",
    TodayState.UNDECIDED: "unclear",
    TodayState.NOT_SET_UP: "audit not set up",
    TodayState.NOT_CHECKED: "not checked",
}
MOVE: Final = {
    MoveState.FINISHED: "finished",
    MoveState.READY: "ready",
    MoveState.NOT_READY: "not ready",
    MoveState.NOT_BEGUN: "not begun",
    MoveState.UNDECIDED: "unclear",
    MoveState.NOT_SET_UP: "audit not set up",
    MoveState.NOT_CHECKED: "not checked",
}
URGENCIES: Final = {
    Urgency.MUST: "must be fixed",
    Urgency.UNDECIDED: "to be clarified",
    Urgency.SHOULD: "should be fixed",
    Urgency.ACCEPTED: "accepted",
}
_MONTHS: Final = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def day(iso: str) -> str:
    """Return an ISO date as people write it, such as `1 Apr 2027`; another text as it is."""
    try:
        moment = date.fromisoformat(iso[:10])
    except ValueError:
        return iso
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


def within(sentence: str) -> str:
    """Return a sentence as a part of another: it begins with a small letter."""
    return sentence[:1].lower() + sentence[1:]


def in_sentence(owner: str) -> str:
    """Return an owner as one writes it inside a sentence: only names keep their capital."""
    name = OWNERS[owner]
    return name if name.startswith(("Microsoft", "Nylas")) else within(name)


def settled(waiver: Waiver) -> str:
    """Return who has settled a finding: `attested by WHO on DATE: EVIDENCE`, or who accepts it."""
    if waiver.is_attested:
        return f"attested by {waiver.owner} on {day(waiver.when or '')}: {waiver.reason}"
    return f"accepted by {waiver.owner} until {waiver.expires}"


def plural(count: int, noun: str) -> str:
    """Return how many of something there are, such as `1 account` and `1,200 accounts`."""
    return f"{count:,} {noun}{'s' * (count != 1)}"
