"""What to do next about an account: its first open finding's remedy; the move to v3 where nothing is open.

Where v3 is audited, the move is the aim: what is open about v2 alone does not stand in its way, and MIG-006
says what is left of it. Where the tenant's own way to v3 blocks, the plan's first open step takes the place
of its rule's remedy (checks/migration.py).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, NamedTuple

from nylas_readiness.checks.catalogue import Rule, catalogue, with_trait
from nylas_readiness.checks.migration.model import ActionKind, NextAction, PlanStep
from nylas_readiness.checks.outcome import Outcome, Status
from nylas_readiness.checks.verdict import SEVERITIES, Verdict, consequence, verdict_rank
from nylas_readiness.fixtures.clients.codes import Unreadable
from nylas_readiness.fixtures.secrets import clean

# The rule whose finding is the account's next action.
PLAN: Final = with_trait("judged_last")[-1]
MOVE: Final = NextAction("Move to a Nylas v3 grant.", "integrator", ActionKind.MOVE)
MOVED: Final = NextAction("Nothing is left to do for the move to v3.", "integrator", ActionKind.NONE)

_OPEN: Final = frozenset({Status.FAIL, Status.UNKNOWN, Status.WAIT, Status.REVIEW, Status.WARN})
# What to do where a vendor, or the way to it, gave no answer. What it said instead is what was observed: that
# differs from account to account, and this is one task.
_NO_ANSWER: Final[Mapping[Unreadable | None, str]] = {
    Unreadable.REFUSED: "Find out why the vendor refuses what the audit asks, then run the audit again.",
    Unreadable.THROTTLED: "Run the audit again later: the vendor asked it to wait for too long.",
    Unreadable.TROUBLE: "Run the audit again: the vendor could not answer at that moment.",
    Unreadable.UNREACHABLE: "Let the audit connect to the vendor's host, then run it again.",
    Unreadable.STRANGER: "Let the audit reach the vendor, in whose place another server answers.",
    Unreadable.UNEXPECTED: "Run the audit again: it did not understand the vendor's answer.",
}
# Who runs the audit again, whoever the rule's owner is.
_RUNS_AGAIN: Final = "integrator"
_MENDED_BY_REMEDY: Final = frozenset({Status.FAIL, Status.WARN, Status.REVIEW, Status.WAIVED})


class Candidate(NamedTuple):
    """An open finding as something to do. Candidates compare: the least is to be done first.

    What blocks comes before what is undecided, and that before what only warns (`urgency`); among equals an
    account's own finding comes before the tenant's, which its own owner works on (`shared`); then the
    graver rule; then what the account is before what a probe of it answers, in the catalogue's order.
    `cause`: the rule that the finding names as its cause. `is_usual`: the remedy is the catalogue's.
    """

    urgency: int
    shared: bool
    severity: int
    place: int
    remedy: str
    rule: str
    owner: str
    status: Status
    is_usual: bool
    cause: str | None

    @property
    def action(self) -> str:
        """What to do, without how."""
        return short(self.remedy)


@dataclass(frozen=True, kw_only=True)
class Way:
    """What next actions hang on beside the accounts' own findings.

    `aim`: the side that the accounts are to reach, None without one; `is_planned`: MIG-006 was judged;
    `tenant`: what the tenant's own findings ask for, by rule; `step`: the plan's first step that is open.
    """

    aim: str | None
    is_planned: bool
    tenant: Mapping[str, Candidate]
    step: PlanStep | None = None

    def blocks(self, candidate: Candidate) -> bool:
        """Return whether a finding of the tenant's own stops every account on its way to the aim."""
        rule = catalogue()[candidate.rule]
        return candidate.urgency == verdict_rank(Verdict.BLOCKED) and is_in_the_way(rule, self.aim)

    def first(self, candidates: Iterable[Candidate], blocking: Candidate | None) -> Candidate | None:
        """Return what to do first about an account: at its cause, where that is a finding of the tenant."""
        own = (one for one in candidates if is_in_the_way(catalogue()[one.rule], self.aim, one.status))
        first = min([*own, *([blocking] if blocking else [])], default=None)
        for _ in self.tenant:  # a chain of causes is no longer than they are many
            if first is None or first.cause is None or first.cause not in self.tenant:
                break
            first = self.tenant[first.cause]
        return first

    def action(self, first: Candidate | None) -> NextAction:
        """Return a candidate as the next action: the plan's step where that says more."""
        if first is None:
            return MOVED if self.aim and self.is_planned else MOVE
        if self.step and self._is_left_to(self.step, first):
            action = f"{self.step.title}."
            return NextAction(action, self.step.owner, ActionKind.PLAN, first.rule, self.step.id)
        return NextAction(first.action, first.owner, _kind(first), first.rule)

    def _is_left_to(self, step: PlanStep, first: Candidate) -> bool:
        """Return whether a finding blocks the tenant's way to v3, and says no more than the open step."""
        if not catalogue()[first.rule].way_to_v3 or not self.blocks(first):
            return False
        return step.unread is None and (first.rule not in step.rules or first.is_usual)


def _kind(candidate: Candidate) -> ActionKind:
    if candidate.rule == PLAN and candidate.status is Status.WARN:
        return ActionKind.MOVE
    kinds = {Status.UNKNOWN: ActionKind.READ, Status.WAIT: ActionKind.WAIT}
    return kinds.get(candidate.status, ActionKind.MEND)


def next_actions(
    accounts: Iterable[tuple[str, Iterable[Candidate]]], way: Way
) -> dict[str, tuple[NextAction, int]]:
    """Return each account's next action, and its place in the worklist from 1.

    First come those with something to do, as candidates compare up to their action, so that accounts with the
    same action stand together; then the others; equal ones by e-mail address.
    """
    blocking = min(filter(way.blocks, way.tenant.values()), default=None)
    firsts = {email: way.first(candidates, blocking) for email, candidates in accounts}
    ranked = sorted(firsts.items(), key=_rank)
    return {email: (way.action(first), place) for place, (email, first) in enumerate(ranked, start=1)}


def is_in_the_way(rule: Rule, aim: str | None, status: Status | None = None) -> bool:
    """Return whether a rule's finding is in the way of the side that is the aim; without one all are.

    `status`: what an account's rule came to. An alias on the list is in the way of either side: it stands for
    another account, whose address belongs on the list before anything is made for it.
    """
    is_wrong_line = rule.of_the_list and status is Status.FAIL
    return aim is None or not rule.side or aim in rule.side or is_wrong_line


def candidate(rule: Rule, outcome: Outcome) -> Candidate | None:
    """Return what `outcome` asks for, or None where nothing is to be done (pass, not applicable, waived)."""
    if outcome.status not in _OPEN:
        return None
    return Candidate(
        urgency=verdict_rank(consequence(rule, outcome.status)),
        shared=rule.subject != "account",
        severity=SEVERITIES.index(rule.severity),
        place=_places()[rule.id],
        remedy=remedy(rule, outcome),
        rule=rule.id,
        owner=owner(rule, outcome),
        status=outcome.status,
        is_usual=outcome.remedy in {None, rule.remedy},
        cause=outcome.cause,
    )


def remedy(rule: Rule, outcome: Outcome) -> str:
    """Return what mends `outcome`: its own remedy, else the rule's, else why it could not be read."""
    if outcome.remedy is not None:
        return clean(outcome.remedy)
    if outcome.status in _MENDED_BY_REMEDY:
        return rule.remedy
    if outcome.cause:
        return f"Put {outcome.cause} right first, then run the audit again."
    if outcome.status is Status.UNKNOWN:
        usual = f"Let the audit read what it could not, then run it again: {_why(outcome)}"
        return _NO_ANSWER.get(outcome.code) or clean(usual)
    if outcome.status is Status.WAIT:
        return clean(f"Run the audit again later: {_why(outcome)}")
    return ""


def owner(rule: Rule, outcome: Outcome) -> str:
    """Return who mends `outcome`: whoever runs the audit, where all it takes is to run it again."""
    if outcome.owner is not None:
        return outcome.owner
    is_unanswered = outcome.status is Status.UNKNOWN and outcome.code in _NO_ANSWER
    own = outcome.remedy or outcome.cause or outcome.code is Unreadable.REFUSED
    return _RUNS_AGAIN if is_unanswered and not own else rule.owner


def _why(outcome: Outcome) -> str:
    """Return the reason of an outcome as the end of a sentence."""
    return f"{(outcome.reason or outcome.observed).rstrip('.')}."


def short(text: str) -> str:
    """Return a remedy's first line: what to do, without how."""
    return text.partition("\n")[0]


def _rank(pair: tuple[str, Candidate | None]) -> tuple[bool, tuple[object, ...], str]:
    email, first = pair
    return first is None, (*first[:4], first.action) if first else (), email


@cache
def _places() -> dict[str, int]:
    causes_first = sorted(catalogue().values(), key=lambda rule: not rule.describes_account)
    return {rule.id: place for place, rule in enumerate(causes_first)}
