"""The headline: what works today, whether the tenant can move, and by when, in one sentence each.

Each statement has a typed `state`; its sentence is made here and nowhere else.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from nylas_readiness.checks.catalogue import catalogue
from nylas_readiness.checks.catalogue.deadlines import VendorDate, deadlines
from nylas_readiness.checks.migration.model import Headline, MoveState, Stage, Task, TodayState, Urgency
from nylas_readiness.checks.outcome import RuleResult, Status
from nylas_readiness.checks.verdict import Sides, Verdict

# The rules whose dates end today's connection, the last one first.
_ENDS: Final = ("MIG-003", "MIG-002", "MIG-001", "MIG-004")
_MOVED: Final = (Stage.FINISHED, Stage.ON_BOTH)


def headline_of(
    verdict: Sides,
    accounts: Sequence[tuple[Sides, Stage]],
    rules: Mapping[str, RuleResult],
    tasks: Sequence[Task],
    as_of: date,
) -> Headline:
    """Return the headline. `accounts`: the verdict and the stage of each; `rules`: by id."""
    stages = Counter(stage for _, stage in accounts)
    last = last_day(rules)
    today, today_text = _today(verdict.v2, [sides.v2 for sides, _ in accounts], rules, tasks, as_of)
    move, move_text = _move(verdict.v3, stages, tasks)
    return Headline(
        today=today,
        today_text=today_text + _left_out(rules, "v2"),
        move=move,
        move_text=move_text + _left_out(rules, "v3"),
        last_day=last.due.isoformat() if last else None,
        days_left=(last.due - as_of).days if last else None,
        stages={stage: stages[stage] for stage in Stage},
    )


def last_day(rules: Mapping[str, RuleResult]) -> VendorDate | None:
    """Return the date on which EWS ends, where that is a date for this tenant."""
    rule = rules.get(_ENDS[0])
    return None if rule is None or rule.status is Status.NOT_APPLICABLE else deadlines()[_ENDS[0]]


def _left_out(rules: Mapping[str, RuleResult], side: str) -> str:
    """Say how much of a side the audit leaves out for its own set-up, such as a secret that is not set."""
    unknown = [rule for rule in rules.values() if rule.status is Status.UNKNOWN and side in rule.side]
    left_out = sum(_is_for_own_trouble(rule, rules) for rule in unknown)
    if not left_out:
        return ""
    return f" The audit's own set-up is not whole: it leaves out {left_out} of its rules."


def _is_for_own_trouble(rule: RuleResult, rules: Mapping[str, RuleResult]) -> bool:
    """Return whether the first of the causes behind a rule is a finding about the audit itself."""
    behind = [rule.id]
    while (cause := rules[behind[-1]].cause) and cause in rules and cause not in behind:
        behind.append(cause)
    first = rules[behind[-1]]
    return first.status is Status.FAIL and catalogue()[first.id].own_trouble


def _today(
    verdict: Verdict,
    accounts: Sequence[Verdict],
    rules: Mapping[str, RuleResult],
    tasks: Sequence[Task],
    as_of: date,
) -> tuple[TodayState, str]:
    """State whether the connection through Nylas v2 works today."""
    failing = sum(one is Verdict.BLOCKED for one in accounts)
    if verdict is Verdict.NOT_ASSESSED:
        return TodayState.NOT_CHECKED, "Today's connection has not been checked: Nylas v2 is not audited."
    if verdict is Verdict.BLOCKED:
        return TodayState.DOES_NOT_WORK, f"Does not work.{_worst(tasks, 'v2')}"
    if verdict is Verdict.INCONCLUSIVE:
        lacks_set_up, text = _undecided("it works today", tasks, "v2")
        return TodayState.NOT_SET_UP if lacks_set_up else TodayState.UNDECIDED, text
    at_risk = _at_risk(rules, as_of)
    if failing:
        text = f"Works today, but {failing:,} of {_accounts(len(accounts))} {_fail(failing)}"
        return TodayState.WORKS_PARTLY, f"{text}{at_risk}."
    return TodayState.WORKS, f"Works today{at_risk}."


def _at_risk(rules: Mapping[str, RuleResult], as_of: date) -> str:
    """Say that what works today may fail any day, where a date that ends it is in force."""
    warned = (rule for rule in _ENDS if rule in rules and rules[rule].status is Status.WARN)
    return "; it may fail any day" if any(deadlines()[rule].due <= as_of for rule in warned) else ""


def _move(verdict: Verdict, stages: Mapping[Stage, int], tasks: Sequence[Task]) -> tuple[MoveState, str]:
    """State whether the accounts can move to Nylas v3."""
    total, moved = sum(stages.values()), sum(stages[stage] for stage in _MOVED)
    if verdict is Verdict.NOT_ASSESSED:
        text = "The move has not been checked: no v3 application is configured."
        return MoveState.NOT_CHECKED, text
    if total and stages[Stage.FINISHED] == total:
        return MoveState.FINISHED, f"Move finished: {_accounts(total)} on Nylas v3 alone."
    if verdict is Verdict.INCONCLUSIVE and not moved:
        lacks_set_up, text = _undecided("the accounts can move", tasks, "v3")
        return MoveState.NOT_SET_UP if lacks_set_up else MoveState.UNDECIDED, text
    return _not_moved(stages, tasks, total, moved)


def _not_moved(
    stages: Mapping[Stage, int], tasks: Sequence[Task], total: int, moved: int
) -> tuple[MoveState, str]:
    """State what stops accounts that are not on v3 yet, or that nothing does."""
    stuck = stages[Stage.BLOCKED]
    if stuck and stuck == total:
        return MoveState.NOT_BEGUN, f"Not ready to move: no account can move yet.{_worst(tasks, 'v3')}"
    if stuck:
        return MoveState.NOT_READY, f"Not ready to move: {stuck:,} of {_accounts(total)} cannot move yet."
    unclear = stages[Stage.TO_CLARIFY]
    if unclear:
        text = f"Not ready to move: {unclear:,} of {_accounts(total)} {_is(unclear)} still to be clarified."
        return MoveState.NOT_READY, text
    if moved == total:
        both = stages[Stage.ON_BOTH]
        text = f"Ready to move: {moved:,} of {_accounts(total)} {_is(moved)} on Nylas v3"
        return MoveState.READY, f"{text}, {both:,} still to be disconnected from v2."
    return MoveState.READY, f"Ready to move: {moved:,} of {_accounts(total)} {_is(moved)} on Nylas v3."


def _undecided(what: str, tasks: Sequence[Task], side: str) -> tuple[bool, str]:
    """Say that nothing can be told; True: the audit is not set up, False: something could not be read."""
    of_side = [task for task in tasks if side in catalogue()[task.rule].side]
    undecided = [task for task in of_side if task.urgency is Urgency.UNDECIDED]
    if undecided and all(catalogue()[task.rule].own_trouble for task in undecided):
        return True, "Could not be told: the audit is not set up."
    return False, f"Could not be told whether {what}.{_worst(tasks, side)}"


def _worst(tasks: Iterable[Task], side: str) -> str:
    """Return what to do first about a side, as a sentence of its own; letters say it to every owner.

    What the audit lacks is told apart, to those who run it.
    """
    rules = catalogue()
    of_side = (task for task in tasks if side in rules[task.rule].side and not rules[task.rule].own_trouble)
    action = next((task.what for task in of_side), "")
    return f" First: {action}" if action else ""


def _accounts(count: int) -> str:
    return f"{count:,} account{'s' * (count != 1)}"


def _fail(count: int) -> str:
    return "fails" if count == 1 else "fail"


def _is(count: int) -> str:
    return "is" if count == 1 else "are"
