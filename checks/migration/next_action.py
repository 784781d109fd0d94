"""What to do next about an account: its first open finding's remedy; the move to v3 where nothing is open.

Where v3 is audited, the move is the aim: what is open about v2 alone does not stand in its way, and MIG-006
says what is left of it. Where the tenant's own way to v3 blocks, the plan's first open step takes the place
of its rule's remedy (checks/migration.py).
"""

from collections.abc import Iterable
from functools import cache
from typing import Final, NamedTuple

from nylas_readiness.checks.catalogue import Rule, catalogue, with_trait
from nylas_readiness.checks.migration.model import NextAction
from nylas_readiness.checks.outcome import Outcome, Status
from nylas_readiness.checks.verdict import SEVERITIES, consequence, verdict_rank
from nylas_readiness.fixtures.secrets import clean
from nylas_readiness.reports.causes import cause_of

# The rule whose finding is the account's next action.
PLAN: Final = with_trait("judged_last")[-1]
MOVE: Final = NextAction(action="Move to a Nylas v3 grant.", owner="integrator")
MOVED: Final = NextAction(action="Nothing is left to do for the move to v3.", owner="integrator")

_OPEN: Final = frozenset({Status.FAIL, Status.UNKNOWN, Status.WAIT, Status.REVIEW, Status.WARN})
_MENDED_BY_REMEDY: Final = frozenset({Status.FAIL, Status.WARN, Status.REVIEW, Status.WAIVED})


class Candidate(NamedTuple):
    """An open finding as something to do. Candidates compare: the least is to be done first.

    What blocks comes before what is undecided, and that before what only warns (`urgency`); among equals an
    account's own finding comes before the tenant's, which its own owner works on (`shared`); then the
    graver rule; then what the account is before what a probe of it answers, in the catalogue's order.
    `cause` is the rule whose finding is behind this one, empty where it stands for itself.
    """

    urgency: int
    shared: bool
    severity: int
    place: int
    action: str
    owner: str
    cause: str


def is_in_the_way(rule: Rule, aim: str | None, status: Status | None = None) -> bool:
    """Tell whether a rule's finding is in the way of the side that is the aim; without one all are.

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
        urgency=verdict_rank(consequence(rule.severity, outcome.status)),
        shared=rule.subject != "account",
        severity=SEVERITIES.index(rule.severity),
        place=_places()[rule.id],
        action=short(remedy(rule, outcome)),
        owner=outcome.owner or rule.owner,
        cause=cause_of(outcome.reason) or "",
    )


def remedy(rule: Rule, outcome: Outcome) -> str:
    """Return what mends `outcome`: its own remedy, else the rule's, else why it could not be read."""
    if outcome.remedy is not None:
        return clean(outcome.remedy)
    if outcome.status in _MENDED_BY_REMEDY:
        return rule.remedy
    if cause := cause_of(outcome.reason):
        return f"Put {cause} right first, then run the audit again."
    if outcome.status is Status.UNKNOWN:
        return clean(f"Let the audit read what it could not, then run it again: {_why(outcome)}")
    if outcome.status is Status.WAIT:
        return clean(f"Run the audit again later: {_why(outcome)}")
    return ""


def _why(outcome: Outcome) -> str:
    """Return the reason of an outcome as the end of a sentence."""
    return f"{(outcome.reason or outcome.observed).rstrip('.')}."


def short(text: str) -> str:
    """Return a remedy's first line: what to do, without how."""
    return text.partition("\n")[0]


def order(firsts: Iterable[tuple[str, Candidate | None]]) -> dict[str, int]:
    """Return each account's place in the worklist, from 1.

    First those with something to do, as candidates compare up to their action, so that accounts with the
    same one stand together; then the others; equal ones by e-mail address.
    """
    ranked = sorted(firsts, key=lambda pair: (pair[1] is None, pair[1][:5] if pair[1] else (), pair[0]))
    return {email: place for place, (email, _) in enumerate(ranked, start=1)}


@cache
def _places() -> dict[str, int]:
    causes_first = sorted(catalogue().values(), key=lambda rule: not rule.describes_account)
    return {rule.id: place for place, rule in enumerate(causes_first)}
