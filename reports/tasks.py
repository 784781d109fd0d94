"""What is to be done: the rules with a finding of their own by urgency, and what hangs on each."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Final

import msgspec

from nylas_readiness.checks.catalogue import catalogue
from nylas_readiness.checks.migration.next_action import remedy
from nylas_readiness.checks.outcome import Finding, Outcome, RuleResult, Status
from nylas_readiness.checks.verdict import SEVERITIES, Verdict, consequence, verdict_rank
from nylas_readiness.reports.causes import Causes
from nylas_readiness.reports.model import Results

# How many accounts are named under a finding, and in one line about it.
NAMED_ACCOUNTS: Final = 12
_EXAMPLES: Final = 3

Account = tuple[str, Finding]

_GROUPS: Final = {
    "Must be fixed": "Each of these breaks the connection or is about to, for all accounts or for some.",
    "Could not be decided": "Neither proven broken nor proven to work: do what each asks and run again.",
    "Should be fixed": "None is known to stop it today: each is a lesser fault, has a date, or is unwise.",
    "Accepted": "Findings that somebody has accepted; the original finding stays visible.",
}
_WORST_FIRST: Final = {status: place for place, status in enumerate(Status)}


@dataclass(frozen=True, kw_only=True)
class Concerned:
    """Accounts with the same finding of a rule."""

    finding: Finding
    emails: list[str]


@dataclass(frozen=True, kw_only=True)
class Consequence:
    """A rule that hangs on a task's: `accounts` of them with this status (0: the tenant's own finding).

    `is_place`: links to the rule lead here, for it has no task of its own.
    """

    rule: RuleResult
    status: Status
    accounts: int
    is_place: bool


@dataclass(frozen=True, kw_only=True)
class Task:
    """One rule to act on: its result, the first of its accounts, and what it is the cause of."""

    rule: RuleResult
    concerned: list[Concerned]
    more: int
    behind: list[Consequence]


@dataclass(frozen=True, kw_only=True)
class TaskGroup:
    """Tasks of one urgency."""

    title: str
    meaning: str
    tasks: list[Task]


def task_groups(results: Results, causes: Causes) -> Iterator[TaskGroup]:
    """Yield what is to be done, by urgency, the gravest first; groups without a task are left out."""
    findings = sorted(standing(results, causes), key=_gravity)
    behind = _behind(results, causes, {rule.id for rule in findings})
    for title, meaning in _GROUPS.items():
        tasks = [
            _task(rule, _own(rule, causes), behind.get(rule.id, []))
            for rule in findings
            if _group_of(rule) == title
        ]
        if tasks:
            yield TaskGroup(title=title, meaning=meaning, tasks=tasks)


def standing(results: Results, causes: Causes) -> list[RuleResult]:
    """Return the rules with a finding that stands for itself, in their order, each as those findings say."""
    return [_as_of_its_own(rule, causes) for rule in causes.stand(results.rules)]


def _as_of_its_own(rule: RuleResult, causes: Causes) -> RuleResult:
    """Return an account rule as those accounts show it whose finding stands for itself.

    Where only what hangs on a cause is worse, the rule's status, words and remedy are of that: they go.
    """
    own, hanging = _own(rule, causes), causes.hanging(rule.id)
    if not own or not hanging:
        return rule
    worst = own[0][1]
    if worst.status is rule.status:
        return msgspec.structs.replace(rule, affected=rule.affected - hanging[worst.status])
    of_it = [(email, one) for email, one in own if one.status is worst.status]
    outcome = Outcome(status=worst.status, observed=worst.observed, reason=worst.reason)
    return msgspec.structs.replace(
        rule,
        status=worst.status,
        observed="; ".join(f"{email}: {one.observed}" for email, one in of_it[:_EXAMPLES]),
        remedy=remedy(catalogue()[rule.id], outcome),
        affected=len(of_it),
        reason=None,
        waiver=worst.waiver,
    )


def _own(rule: RuleResult, causes: Causes) -> list[Account]:
    """Return the accounts with a finding of the rule's own, the worst status first, equal ones together."""
    found = causes.own.get(rule.id, [])
    return sorted(found, key=lambda one: (_WORST_FIRST[one[1].status], one[1].observed))


def _group_of(rule: RuleResult) -> str:
    """Return the title of the group that a finding belongs to."""
    if rule.status is Status.WAIVED:
        return "Accepted"
    if consequence(rule.severity, rule.status) is Verdict.BLOCKED:
        return "Must be fixed"
    undecided = rule.status in {Status.UNKNOWN, Status.WAIT, Status.REVIEW}
    return "Could not be decided" if undecided else "Should be fixed"


def _gravity(rule: RuleResult) -> tuple[int, int]:
    return verdict_rank(consequence(rule.severity, rule.status)), SEVERITIES.index(rule.severity)


def _task(rule: RuleResult, accounts: list[Account], behind: list[Consequence]) -> Task:
    return Task(
        rule=rule,
        concerned=[
            Concerned(finding=finding, emails=[email for email, _ in group])
            for finding, group in groupby(accounts[:NAMED_ACCOUNTS], key=itemgetter(1))
        ],
        more=max(0, len(accounts) - NAMED_ACCOUNTS),
        behind=behind,
    )


def _behind(results: Results, causes: Causes, tasks: set[str]) -> dict[str, list[Consequence]]:
    """Return what hangs on each cause, in the order of the rules; a rule's place is its first mention."""
    named: set[str] = set(tasks)
    found: dict[str, list[Consequence]] = {}
    for cause in sorted(causes.behind):
        hanging = causes.behind[cause]
        for rule in results.rules:
            for status, count in _hanging(rule, hanging):
                one = Consequence(rule=rule, status=status, accounts=count, is_place=rule.id not in named)
                found.setdefault(cause, []).append(one)
                named.add(rule.id)
    return found


def _hanging(rule: RuleResult, hanging: dict[str, Counter[Status]]) -> list[tuple[Status, int]]:
    """Return the statuses of a rule's findings that hang on a cause, the worst first, and how many each."""
    if rule.id not in hanging:
        return []
    accounts = hanging[rule.id]
    return [(status, accounts[status]) for status in Status if accounts[status]] or [(rule.status, 0)]
