"""What is to be done: one task for each cause, owner and remedy, most urgent first; and what waits for it."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from math import inf
from typing import Final, NamedTuple

from nylas_readiness.checks.catalogue import catalogue
from nylas_readiness.checks.migration.filling import filled
from nylas_readiness.checks.migration.model import Concerned, Task, Urgency, Waiting
from nylas_readiness.checks.outcome import NO_FINDING, Finding, RuleResult, Status
from nylas_readiness.checks.verdict import DECISIVE, SEVERITIES, Verdict, consequence, verdict_rank
from nylas_readiness.fixtures.inputs.sections import Side

# How many accounts are named under a task, and in its one line.
NAMED_ACCOUNTS: Final = 12
_EXAMPLES: Final = 3
# A task without a date comes after those with one.
_UNDATED: Final = "9999-12-31"
_WORST_FIRST: Final = {status: place for place, status in enumerate(Status)}
_UNDECIDED: Final = frozenset({Status.UNKNOWN, Status.WAIT, Status.REVIEW})

Account = tuple[str, Finding]


class Asked(NamedTuple):
    """What an account's finding asks for: who does it, and how."""

    owner: str
    remedy: str


@dataclass(frozen=True, kw_only=True)
class TaskContext:
    """What tasks are made with beside the findings.

    `asked`: what a rule's finding of an account asks for, by rule id and address. `values`: the tenant's own,
    by side and placeholder. `last_day`: the ISO date by which every account has to be on v3, None where there
    is none.
    """

    asked: Callable[[str, str], Asked]
    values: Mapping[Side, Mapping[str, str]]
    last_day: str | None


@dataclass(slots=True)
class _Findings:
    """A rule's findings of accounts: those that stand for themselves, and how many wait for which cause."""

    own: list[Account] = field(default_factory=list)
    waiting: dict[str, Counter[Status]] = field(default_factory=dict)


def tasks_of(
    rules: Iterable[RuleResult],
    accounts: Iterable[tuple[str, Mapping[str, Finding]]],
    context: TaskContext,
) -> list[Task]:
    """Return what is to be done, most urgent first. `rules`, `accounts`: with first causes."""
    decided = [rule for rule in rules if rule.status not in NO_FINDING]
    findings = _by_rule(accounts)
    waiting = list(_waiting(decided, findings))
    causes = {cause for cause, _ in waiting}
    tasks = [
        task
        for rule in decided
        if _stands(rule, findings.get(rule.id), causes)
        for task in _tasks(rule, findings.get(rule.id) or _Findings(), waiting, context)
    ]
    return sorted(tasks, key=_place)


def _by_rule(accounts: Iterable[tuple[str, Mapping[str, Finding]]]) -> dict[str, _Findings]:
    by_rule: dict[str, _Findings] = {}
    for email, findings in accounts:
        for rule, finding in findings.items():
            of_rule = by_rule.setdefault(rule, _Findings())
            if finding.cause is None:
                of_rule.own.append((email, finding))
            else:
                of_rule.waiting.setdefault(finding.cause, Counter())[finding.status] += 1
    return by_rule


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
    """Return whether a rule has a finding that stands for itself; what others wait for always does."""
    return rule.id in causes or (rule.cause is None if findings is None else bool(findings.own))


def _tasks(
    rule: RuleResult, findings: _Findings, waiting: Iterable[tuple[str, Waiting]], context: TaskContext
) -> Iterator[Task]:
    """Yield the tasks of a rule; what waits for the rule stands behind the first of them."""
    behind = [one for cause, one in waiting if cause == rule.id]
    groups = _groups(rule, findings.own, context)
    unlisted = _unlisted(rule, findings)
    if not groups:
        yield _task(rule, (rule.owner, rule.remedy), [], behind, context, unlisted)
    for number, (asked, own) in enumerate(groups, 1):
        if number == 1:
            yield _task(rule, asked, own, behind, context, unlisted)
        else:
            yield _task(rule, asked, own, [], context, 0, id_=f"{rule.id}.{number}")


def _groups(
    rule: RuleResult, own: Iterable[Account], context: TaskContext
) -> list[tuple[tuple[str, str], list[Account]]]:
    """Return a rule's accounts by what is asked for, the worst first."""
    groups: dict[tuple[str, str], list[Account]] = {}
    for email, finding in sorted(own, key=_worst_first):
        groups.setdefault(context.asked(rule.id, email), []).append((email, finding))
    return list(groups.items())


def _unlisted(rule: RuleResult, findings: _Findings) -> int:
    """Return how many addresses have a finding of the rule and are on no list."""
    counted = sum(count for status, count in rule.accounts.items() if status not in NO_FINDING)
    waiting = sum(counts.total() for counts in findings.waiting.values())
    return max(0, counted - len(findings.own) - waiting)


def _task(
    rule: RuleResult,
    asked: tuple[str, str],
    own: Sequence[Account],
    behind: list[Waiting],
    context: TaskContext,
    unlisted: int,
    *,
    id_: str | None = None,
) -> Task:
    owner, remedy = asked
    worst = own[0][1] if own else Finding(status=rule.status, observed=rule.observed, reason=rule.reason)
    accounts = len(own) + unlisted
    return Task(
        id=id_ or rule.id,
        rule=rule.id,
        urgency=_urgency(rule.id, worst.status),
        status=worst.status,
        severity=rule.severity,
        owner=owner,
        what=remedy.partition("\n")[0] or rule.title,
        why=_why(rule, worst.status, accounts),
        observed=_observed(own) or rule.observed,
        reason=worst.reason,
        remedy=filled(remedy, _values(rule, context), [email for email, _ in own]),
        by=_by(rule, context),
        takes=catalogue()[rule.id].takes,
        done_when=_done_when(rule),
        accounts=accounts,
        frees=accounts or max((one.accounts for one in behind), default=0),
        concerned=list(_concerned(own)),
        more=max(0, len(own) - NAMED_ACCOUNTS),
        waiver=worst.waiver if own else rule.waiver,
        behind=behind,
    )


def _done_when(rule: RuleResult) -> str:
    """Say what the next audit finds: what a rule states, or that nothing depends on what a date ends."""
    entry = catalogue()[rule.id]
    if entry.deadline:
        return "The next audit finds nothing that still depends on it."
    if entry.judged_last:
        return "The next audit finds nothing left to do for these accounts."
    if entry.lists_changes:
        return "Somebody who has gone through the list attests it in the exceptions file."
    return f"The next audit finds: {rule.title}."


def _values(rule: RuleResult, context: TaskContext) -> Mapping[str, str]:
    """Return what the commands of a rule's remedy are filled with: of v2 as long as the rule is of it."""
    return context.values.get("v2" if "v2" in rule.side else "v3", {})


def _why(rule: RuleResult, status: Status, accounts: int) -> str:
    """Say what happens as long as nothing is done."""
    who = f"{accounts:,} account{'s' * (accounts != 1)}" if accounts else "no account"
    cannot = "cannot" if accounts else "can"
    made_of_it = consequence(catalogue()[rule.id], status)
    moves = "v3" in rule.side and "v2" not in rule.side
    if made_of_it is Verdict.BLOCKED:
        return f"Until then {who} {cannot} {'move to Nylas v3' if moves else 'be reached through Nylas'}."
    if made_of_it is Verdict.INCONCLUSIVE:
        return f"Until then it is not known whether {'the move' if moves else 'the connection'} works."
    if rule.severity == "info" and not catalogue()[rule.id].judged_last:
        return "Nothing breaks if it stays as it is."
    return "It works today, and may break or is advised against."


def _by(rule: RuleResult, context: TaskContext) -> str | None:
    """Return the date by which a task has to be done: the rule's own, else the last day to be on v3."""
    return rule.deadline or (context.last_day if "v3" in rule.side else None)


def _observed(own: Sequence[Account]) -> str:
    """Return a task's accounts in one line: the first of those with the worst status."""
    alike = [f"{email}: {finding.observed}" for email, finding in own if finding.status is own[0][1].status]
    return "; ".join(alike[:_EXAMPLES])


def _concerned(own: Sequence[Account]) -> Iterator[Concerned]:
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


def _worst_first(pair: Account) -> tuple[int, str]:
    return _WORST_FIRST[pair[1].status], pair[1].observed


def _place(task: Task) -> tuple[int, int, float, int, str]:
    """Return a task's place: by urgency and verdict, by what it frees, by severity, and by its date."""
    rank = verdict_rank(consequence(catalogue()[task.rule], task.status))
    severity = SEVERITIES.index(task.severity)
    return list(Urgency).index(task.urgency), rank, -_reach(task), severity, task.by or _UNDATED


def _reach(task: Task) -> float:
    """Return how many accounts a task frees; what decides a verdict and is the tenant's own frees all."""
    is_decisive = task.severity in DECISIVE and task.urgency is not Urgency.SHOULD
    return inf if is_decisive and catalogue()[task.rule].subject != "account" else task.frees
