"""What is to be done: the findings that stand for themselves by urgency, and what waits for each."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from msgspec.structs import replace

from nylas_readiness.checks.catalogue import catalogue
from nylas_readiness.checks.migration.model import Concerned, Task, Urgency, Waiting
from nylas_readiness.checks.outcome import NO_FINDING, Finding, RuleResult, Status
from nylas_readiness.checks.verdict import SEVERITIES, Verdict, consequence, verdict_rank

# How many accounts are named under a task, and in its one line.
NAMED_ACCOUNTS: Final = 12
_EXAMPLES: Final = 3
_WORST_FIRST: Final = {status: place for place, status in enumerate(Status)}

_UNDECIDED: Final = frozenset({Status.UNKNOWN, Status.WAIT, Status.REVIEW})

RemedyOf = Callable[[str, str], str]


@dataclass(slots=True)
class _Findings:
    """A rule's findings of accounts: those that stand for themselves, and how many wait for which cause."""

    own: list[tuple[str, Finding]] = field(default_factory=list)
    waiting: dict[str, Counter[Status]] = field(default_factory=dict)


def tasks_of(
    rules: Iterable[RuleResult],
    accounts: Iterable[tuple[str, Mapping[str, Finding]]],
    remedy_of: RemedyOf,
) -> list[Task]:
    """Return what is to be done, most urgent first.

    `rules`, `accounts`: with first causes; `remedy_of`: what mends a rule's finding of an account, by rule id
    and address.
    """
    decided = [rule for rule in rules if rule.status not in NO_FINDING]
    findings = _by_rule(accounts)
    waiting = list(_waiting(decided, findings))
    causes = {cause for cause, _ in waiting}
    standing = [rule for rule in decided if _stands(rule, findings.get(rule.id), causes)]
    tasks = [_task(rule, findings.get(rule.id), waiting, remedy_of) for rule in standing]
    return sorted(tasks, key=_place)


def _by_rule(accounts: Iterable[tuple[str, Mapping[str, Finding]]]) -> dict[str, _Findings]:
    found: dict[str, _Findings] = {}
    for email, findings in accounts:
        for rule, finding in findings.items():
            of_rule = found.setdefault(rule, _Findings())
            if finding.cause is None:
                of_rule.own.append((email, finding))
            else:
                of_rule.waiting.setdefault(finding.cause, Counter())[finding.status] += 1
    return found


def _waiting(rules: Iterable[RuleResult], findings: Mapping[str, _Findings]) -> Iterator[tuple[str, Waiting]]:
    """Yield what waits for which rule, in the order of the rules; 0 accounts: the tenant's own finding."""
    for rule in rules:
        if rule.id not in findings and rule.cause is not None:
            yield rule.cause, Waiting(rule=rule.id, status=rule.status, accounts=0)
        for cause, counts in findings[rule.id].waiting.items() if rule.id in findings else ():
            for status in Status:
                if counts[status]:
                    yield cause, Waiting(rule=rule.id, status=status, accounts=counts[status])


def _stands(rule: RuleResult, findings: _Findings | None, causes: set[str]) -> bool:
    """Tell whether a rule has a finding that stands for itself; what others wait for always does."""
    return rule.id in causes or (rule.cause is None if findings is None else bool(findings.own))


def _task(
    rule: RuleResult,
    findings: _Findings | None,
    waiting: Iterable[tuple[str, Waiting]],
    remedy_of: RemedyOf,
) -> Task:
    """Return the task of a rule, as the accounts show it whose finding stands for itself."""
    own = sorted(findings.own, key=_worst_first) if findings else []
    task = Task(
        rule=rule.id,
        urgency=_urgency(rule.id, rule.status),
        status=rule.status,
        severity=rule.severity,
        owner=rule.owner,
        observed=rule.observed,
        reason=rule.reason,
        remedy=rule.remedy,
        affected=rule.affected,
        concerned=list(_concerned(own)),
        more=max(0, len(own) - NAMED_ACCOUNTS),
        waiver=rule.waiver,
        behind=[one for cause, one in waiting if cause == rule.id],
    )
    if not own or not findings or not findings.waiting:
        return task
    return _without_waiting(task, rule, own, findings.waiting.values(), remedy_of)


def _without_waiting(
    task: Task,
    rule: RuleResult,
    own: list[tuple[str, Finding]],
    waiting: Iterable[Counter[Status]],
    remedy_of: RemedyOf,
) -> Task:
    """Return a task without the status, the words and the remedy of findings that wait for another rule."""
    email, worst = own[0]
    alike = [f"{email}: {finding.observed}" for email, finding in own if finding.status is worst.status]
    waits = sum(counts[worst.status] for counts in waiting)
    return replace(
        task,
        urgency=_urgency(rule.id, worst.status),
        status=worst.status,
        observed="; ".join(alike[:_EXAMPLES]),
        reason=None,
        remedy=rule.remedy if worst.status is rule.status else remedy_of(rule.id, email),
        affected=rule.accounts.get(worst.status, len(alike)) - waits,
        waiver=worst.waiver,
    )


def _concerned(own: list[tuple[str, Finding]]) -> Iterator[Concerned]:
    """Yield the first accounts, those with an equal finding together."""
    for finding, alike in groupby(own[:NAMED_ACCOUNTS], key=lambda pair: pair[1]):
        yield Concerned(
            status=finding.status,
            observed=finding.observed,
            waiver=finding.waiver,
            emails=[email for email, _ in alike],
        )


def _urgency(rule_id: str, status: Status) -> Urgency:
    if status is Status.WAIVED:
        return Urgency.ACCEPTED
    if consequence(catalogue()[rule_id], status) is Verdict.BLOCKED:
        return Urgency.MUST
    own_trouble = status is Status.FAIL and catalogue()[rule_id].own_trouble
    return Urgency.UNDECIDED if own_trouble or status in _UNDECIDED else Urgency.SHOULD


def _worst_first(pair: tuple[str, Finding]) -> tuple[int, str]:
    return _WORST_FIRST[pair[1].status], pair[1].observed


def _place(task: Task) -> tuple[int, int, int]:
    rank = verdict_rank(consequence(catalogue()[task.rule], task.status))
    return list(Urgency).index(task.urgency), rank, SEVERITIES.index(task.severity)
