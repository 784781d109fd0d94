"""The plan: a tenant's steps to Nylas v3 in order, each done, to do or blocked, read from `plan.toml`."""

import tomllib
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

import msgspec

from nylas_readiness.checks.catalogue import catalogue
from nylas_readiness.checks.catalogue.deadlines import deadlines
from nylas_readiness.checks.migration.commands import Values, filled
from nylas_readiness.checks.migration.model import PlanStep, StepState
from nylas_readiness.checks.outcome import RuleResult, Status
from nylas_readiness.checks.verdict import Verdict, consequence
from nylas_readiness.fixtures.secrets import clean

_NOT_DECIDED: Final = "not decided in this run"


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One step as data. `needs`: steps before it, `rules`: what decides it, `deadline`: the rule of a date.

    `how` is a remedy, and a template over the tenant's values (commands.py).
    """

    id: str
    title: str
    owner: str
    needs: tuple[str, ...]
    rules: tuple[str, ...]
    source: str
    how: str
    deadline: str | None = None


class Measure(NamedTuple):
    """What was counted for a step: whether it is done by that (None: could not be read), and the count."""

    is_done: bool | None
    observed: str


@cache
def steps() -> tuple[Step, ...]:
    """Return the steps of the plan, in order."""
    text = files(__package__).joinpath("plan.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text)["step"], tuple[Step, ...])


def plan_of(
    rules: Mapping[str, RuleResult],
    measures: Mapping[str, Measure],
    values: Values,
) -> list[PlanStep]:
    """Return the steps with their states.

    `rules`: what this run decided, by id; `measures`: what was counted, by step; `values`: for the commands.
    """
    found: dict[str, PlanStep] = {}
    for step in steps():
        is_done = _is_done(step, rules, measures.get(step.id))
        waits_for = [] if is_done else [one for one in step.needs if found[one].state is not StepState.DONE]
        state = StepState.DONE if is_done else StepState.BLOCKED if waits_for else StepState.TO_DO
        deadline = None if is_done else _deadline(step, rules)
        unread = None if is_done else _unread(step, rules, measures.get(step.id), found.values())
        found[step.id] = PlanStep(
            id=step.id,
            title=step.title,
            state=state,
            unread=unread and clean(unread),
            owner=step.owner,
            observed=clean(" ".join(_observed(step, rules, measures.get(step.id)))),
            rules=list(step.rules),
            waits_for=waits_for,
            deadline=deadline,
            due=deadlines()[deadline].due.isoformat() if deadline else None,
            how=clean(filled(step.how, values)),
            source=step.source,
        )
    return list(found.values())


def _is_done(step: Step, rules: Mapping[str, RuleResult], measure: Measure | None) -> bool:
    """Return whether a step is done: all that decides it holds, and at least one of that was really seen.

    What could not be read, or was not decided in this run, never makes a step done.
    """
    if measure is not None and not measure.is_done:
        return False
    found = [rules.get(rule_id) for rule_id in step.rules]
    if not all(rule is not None and _holds(rule, counted=measure is not None) for rule in found):
        return False
    seen = (rule is not None and rule.status is not Status.NOT_APPLICABLE for rule in found)
    return measure is not None or any(seen)


def _holds(rule: RuleResult, *, counted: bool) -> bool:
    """Return whether a rule is settled: also by who attests it, or accepts what decides no verdict.

    A step that was `counted` is done by that: a warning beside it is another matter.
    """
    if rule.waiver is not None and rule.waiver.is_attested:
        return True
    if rule.status is Status.WAIVED:
        return consequence(catalogue()[rule.id], Status.FAIL) is not Verdict.BLOCKED
    return rule.status in {Status.PASS, Status.NOT_APPLICABLE} or (counted and rule.status is Status.WARN)


def _unread(
    step: Step, rules: Mapping[str, RuleResult], measure: Measure | None, before: Collection[PlanStep]
) -> str | None:
    """Return why it is not known whether an open step is done; None where something shows that it is not.

    `before`: the steps before it, of which one that is known to be open shows the same of what hangs on it.
    """
    if measure is not None and not measure.is_done:
        return measure.observed if measure.is_done is None else None
    found = {rule_id: rules.get(rule_id) for rule_id in step.rules}
    open_rules = {
        rule_id: _undecided(rule, before)
        for rule_id, rule in found.items()
        if rule is None or not _holds(rule, counted=measure is not None)
    }
    if not open_rules or None in open_rules.values():
        return None
    return "; ".join(f"{rule_id}: {reason}" for rule_id, reason in open_rules.items())


def _undecided(rule: RuleResult | None, before: Collection[PlanStep]) -> str | None:
    """Return why a rule was not decided; None where it was, or hangs on a step that is known to be open."""
    if rule is None:
        return _NOT_DECIDED
    if rule.status not in {Status.UNKNOWN, Status.WAIT}:
        return None
    of_cause = [one for one in before if rule.cause in one.rules]
    if any(one.unread is None and one.state is not StepState.DONE for one in of_cause):
        return None
    return rule.reason or rule.observed


def _observed(step: Step, rules: Mapping[str, RuleResult], measure: Measure | None) -> Iterator[str]:
    """Yield what was seen, a sentence each: what was counted, then what each rule says."""
    if measure is not None:
        yield _sentence(
            f"Could not be read: {measure.observed}" if measure.is_done is None else measure.observed
        )
    for rule_id in step.rules:
        yield _sentence(f"{rule_id}: {_said(rules.get(rule_id))}")


def _said(rule: RuleResult | None) -> str:
    """Return what a rule observed; of an account rule the numbers alone, for the report has the rest."""
    if rule is None:
        return _NOT_DECIDED
    if rule.status is Status.UNKNOWN and rule.subject != "account":
        return f"could not be read: {rule.reason or rule.observed}"
    return rule.observed.partition("; ")[0] if rule.subject == "account" else rule.observed


def _sentence(text: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _deadline(step: Step, rules: Mapping[str, RuleResult]) -> str | None:
    """Return the rule of the date by which a step has to be done, where that date is one for this tenant."""
    rule = rules.get(step.deadline or "")
    return None if rule is None or rule.status is Status.NOT_APPLICABLE else step.deadline
