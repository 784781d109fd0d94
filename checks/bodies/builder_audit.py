"""One pass over a user's builder: generated inputs, the first case that breaks each rule, the smallest one.

Imports hypothesis: imported where a builder is judged, and never when checks are collected.
"""

import json
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from math import ceil
from typing import Final, TypeAlias

from hypothesis.strategies import SearchStrategy

from nylas_readiness.checks.bodies.builder_cases import Builder, Case, Given, judge_case
from nylas_readiness.checks.contract import Violation
from nylas_readiness.fixtures.payloads.errors import BrokenBuilderError
from nylas_readiness.fixtures.payloads.process import BuilderProcess
from nylas_readiness.fixtures.payloads.replay import Replay
from nylas_readiness.fixtures.strategies.bad_inputs import BadInput, bad_inputs, kinds_of_bad_inputs
from nylas_readiness.fixtures.strategies.payloads import builder_inputs
from nylas_readiness.fixtures.strategies.profile import HealthCheck, Phase, given, settings

# An input, and the fields of which a refusal must name one; of a good input, none.
Asked: TypeAlias = tuple[Given, tuple[str, ...]]

GOOD_INPUTS: Final = 500
BAD_INPUTS: Final = 400
# More attempts hardly make a case smaller, and a slow builder takes its time for each.
MOST_ATTEMPTS: Final = 300


@dataclass(kw_only=True)
class Audit:
    """What the cases asked so far came to.

    `found` has for each broken rule the case to show; `undecided` the cause for each rule that could not be
    decided over every body; `broken` says that the builder no longer answers, and `whole` that it was asked
    all it was to be asked of `good` and `bad` inputs.
    """

    leaves: Collection[str]
    of_replays: bool = False
    good: int = 0
    built: int = 0
    bad: int = 0
    writes_text: bool = False
    whole: set[str] = field(default_factory=set)
    found: dict[str, Case] = field(default_factory=dict)
    undecided: dict[str, str] = field(default_factory=dict)
    broken: BrokenBuilderError | None = None

    def take(self, case: Case) -> None:
        """Count a case, and keep it for each rule that it is the first, or the first to fail, to break."""
        self.bad += bool(case.fields)
        self.good += not case.fields
        if not case.fields and (text := getattr(case.answer, "as_text", None)) is not None:
            self.built += 1
            self.writes_text |= text
        self.undecided |= case.undecided
        for violation in case.violations:
            before = self.found.get(violation.rule)
            if before is None or (violation.level == "fail" and _level(before, violation.rule) == "warn"):
                self.found[violation.rule] = case

    def end(self, error: BrokenBuilderError, asked: Asked) -> None:
        """Write down that the builder broke; it did not refuse a bad input either."""
        self.broken = error
        rules = ("PAY-021", "PAY-018") if asked[1] else ("PAY-021",)
        case = Case(
            number=error.case,
            given=asked[0],
            fields=asked[1],
            answer=None,
            violations=tuple(Violation(rule=rule, pointer="", message=str(error)) for rule in rules),
            undecided={},
        )
        self.found |= dict.fromkeys(rules, case)


class _EndOfAuditError(BaseException):
    """The builder broke. No Exception: hypothesis would ask the same case again."""


def audit(
    builder: Builder,
    leaves: Collection[str],
    *,
    good: int = GOOD_INPUTS,
    bad: int = BAD_INPUTS,
    attempts: int = MOST_ATTEMPTS,
) -> Audit:
    """Ask the builder so many generated inputs; attempt to make the case of each broken rule smaller."""
    found = Audit(leaves=leaves)
    good_inputs = builder_inputs().map(_good)
    bad_ones = bad_inputs(leaves=leaves).map(_bad)
    with suppress(_EndOfAuditError):
        _each(good_inputs, good, lambda asked: found.take(_judge(builder, found, asked)))
        found.whole.add("good")
        kinds = kinds_of_bad_inputs(leaves=leaves)
        for kind in kinds:
            _each(
                kind.map(_bad),
                ceil(bad / len(kinds)),
                lambda asked: found.take(_judge(builder, found, asked)),
            )
        found.whole.add("bad")
        for rule, case in list(found.found.items()) if attempts else ():
            strategy, count = (bad_ones, bad) if case.fields else (good_inputs, good)
            smaller = _Smaller(rule, case, lambda asked: _judge(builder, found, asked), attempts)
            found.found[rule] = smaller.search(strategy, count)
    return found


def audit_replays(builder: Builder, leaves: Collection[str], replays: Iterable[Replay]) -> Audit:
    """Ask the builder the inputs of replays, and no others."""
    found = Audit(leaves=leaves, of_replays=True)
    with suppress(_EndOfAuditError):
        for replay in replays:
            found.take(_judge(builder, found, (replay.input, tuple(replay.fields))))
        found.whole |= {"good", "bad"}
    return found


def end_of(builder: BuilderProcess, found: Audit) -> None:
    """End the builder's input; whatever it then still answers was asked by nobody."""
    if found.broken is None:
        try:
            builder.finish()
        except BrokenBuilderError as error:
            found.end(error, ({}, ()))


def _good(given_input: Given) -> Asked:
    return given_input, ()


def _bad(one: BadInput) -> Asked:
    return one.given, (one.field, one.other) if one.other else (one.field,)


def _judge(builder: Builder, found: Audit, asked: Asked) -> Case:
    try:
        return judge_case(builder, *asked, found.leaves)
    except BrokenBuilderError as error:
        found.end(error, asked)
        raise _EndOfAuditError from None


def _each(strategy: SearchStrategy[Asked], count: int, act: Callable[[Asked], None], *more: Phase) -> None:
    """Do `act` for each of `count` examples: the same ones every time, whatever `more` phases follow."""

    @settings(
        settings.get_profile("nylas-readiness"),
        max_examples=count,
        phases=(Phase.generate, *more),
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),  # how slow a builder is, is not ours to judge
    )
    @given(asked=strategy)
    def holds(asked: Asked) -> None:
        act(asked)

    holds()


def _level(case: Case, rule: str) -> str | None:
    violation = case.violation_of(rule)
    return violation.level if violation else None


class _EnoughError(BaseException):
    """The search has had its attempts."""


class _Smaller:
    """Looks for the smallest case that breaks a rule, from the one that was found.

    What a case came to is remembered: a builder that answers at random must not confuse the search.
    """

    def __init__(self, rule: str, first: Case, judge: Callable[[Asked], Case], most_attempts: int) -> None:
        self._most_attempts = most_attempts
        self._rule, self._judge, self._level = rule, judge, _level(first, rule)
        self._first = _key((first.given, first.fields))
        self._known: dict[str, Case | None] = {self._first: first}
        self._attempts = 0
        self._best = first

    def search(self, strategy: SearchStrategy[Asked], count: int) -> Case:
        """Return the smallest case found."""
        with suppress(AssertionError, _EnoughError):  # hypothesis found, and shrank, what it was to look for
            _each(strategy, count, self._try, Phase.shrink)
        return self._best

    def _try(self, asked: Asked) -> None:
        key = _key(asked)
        if not self._attempts and key != self._first:
            return  # as before: nothing asked until then broke the rule
        self._attempts += 1
        if self._attempts > self._most_attempts:
            raise _EnoughError
        if key not in self._known:
            case = self._judge(asked)
            self._known[key] = case if _level(case, self._rule) == self._level else None
        if broken := self._known[key]:
            self._best = min(self._best, broken, key=lambda one: len(_key((one.given, one.fields))))
            raise AssertionError(self._rule)


def _key(asked: Asked) -> str:
    return json.dumps(asked)
