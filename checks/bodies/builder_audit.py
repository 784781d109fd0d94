"""One pass over a user's builder: generated inputs, the first case that breaks each rule, the smallest one.

Imports hypothesis: imported where a builder is judged, and never when checks are collected.
"""

from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from math import ceil
from typing import Final, TypeAlias

from hypothesis.strategies import SearchStrategy

from nylas_readiness.checks.bodies.builder_cases import Builder, Case, Given, broken_case, judge_case
from nylas_readiness.checks.bodies.smallest_case import MOST_ATTEMPTS, SmallestCase
from nylas_readiness.fixtures.payloads.answers import Broke
from nylas_readiness.fixtures.payloads.errors import BrokenBuilderError
from nylas_readiness.fixtures.payloads.replay import Replay
from nylas_readiness.fixtures.payloads.restarts import RestartedBuilder
from nylas_readiness.fixtures.strategies.bad_inputs import BadInput, kinds_of_bad_inputs
from nylas_readiness.fixtures.strategies.payloads import builder_inputs
from nylas_readiness.fixtures.strategies.profile import HealthCheck, Phase, given, settings, st

# An input, and the fields of which a refusal must name one; of a good input, none.
Asked: TypeAlias = tuple[Given, tuple[str, ...]]
# Called with how many inputs were asked, and how many there are.
Tell: TypeAlias = Callable[[int, int], None]

GOOD_INPUTS: Final = 500
BAD_INPUTS: Final = 400
# So many good inputs are given defects; more would tell no more of a defect.
_BASES: Final = 40
# So often a builder may break over inputs of one kind; each time it is started again.
_MOST_BREAKS: Final = 10


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
    breaks: int = 0
    writes_text: bool = False
    whole: set[str] = field(default_factory=set)
    found: dict[str, Case] = field(default_factory=dict)
    undecided: dict[str, str] = field(default_factory=dict)
    broken: BrokenBuilderError | None = None

    def take(self, case: Case) -> None:
        """Count a case, and keep it for each rule that it is the first, or the first to fail, to break."""
        self.breaks += isinstance(case.answer, Broke)
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
        """Write down that the builder broke for good."""
        self.broken = error
        self.take(broken_case(error.case, *asked, Broke(reason=str(error), stderr=error.stderr)))


class _EndOfAuditError(BaseException):
    """The builder broke for good. No Exception: hypothesis would ask the same case again."""


def _silent(_done: int, _total: int) -> None:
    """Tell nobody."""


def audit(
    builder: Builder,
    leaves: Collection[str],
    *,
    good: int = GOOD_INPUTS,
    bad: int = BAD_INPUTS,
    attempts: int = MOST_ATTEMPTS,
    tell: Tell = _silent,
) -> Audit:
    """Ask the builder so many generated inputs; attempt to make the case of each broken rule smaller."""
    found = Audit(leaves=leaves)

    def take(asked: Asked) -> None:
        found.take(_judge(builder, found, asked))
        tell(found.good + found.bad, good + bad)

    with suppress(_EndOfAuditError):
        bases: list[Given] = []
        if _phase(found, builder_inputs().map(_good), good, take, bases):
            found.whole.add("good")
        elif not found.built:
            return found
        kinds = kinds_of_bad_inputs(leaves=leaves, inputs=st.sampled_from(bases))
        for kind in kinds:
            _phase(found, kind.map(_bad), ceil(bad / len(kinds)), take, [])
        found.whole.add("bad")
        for rule, case in list(found.found.items()) if attempts else ():
            found.found[rule] = _smallest(builder, found, rule, case, attempts)
    return found


class _EndOfPhaseError(BaseException):
    """The builder broke so often over inputs of one kind that more of them tell no more."""


def _phase(
    found: Audit,
    strategy: SearchStrategy[Asked],
    count: int,
    take: Callable[[Asked], None],
    inputs: list[Given],
) -> bool:
    """Ask inputs of one kind, and keep the first of them; tell whether all were asked."""
    breaks = found.breaks

    def act(asked: Asked) -> None:
        if len(inputs) < _BASES:
            inputs.append(asked[0])
        take(asked)
        if found.breaks - breaks >= _MOST_BREAKS:
            raise _EndOfPhaseError

    try:
        _each(strategy, count, act)
    except _EndOfPhaseError:
        return False
    return True


def _smallest(builder: Builder, found: Audit, rule: str, case: Case, attempts: int) -> Case:
    def ask(given_input: Given) -> Case:
        return _judge(builder, found, (given_input, case.fields))

    search = SmallestCase(rule, case, ask, attempts)
    try:
        return search.search()
    except _EndOfAuditError:  # what was found by then is a finding all the same
        return search.best


def audit_replays(builder: Builder, leaves: Collection[str], replays: Iterable[Replay]) -> Audit:
    """Ask the builder the inputs of replays, and no others."""
    found = Audit(leaves=leaves, of_replays=True)
    with suppress(_EndOfAuditError):
        for replay in replays:
            found.take(_judge(builder, found, (replay.input, tuple(replay.fields))))
        found.whole |= {"good", "bad"}
    return found


def end_of(builder: RestartedBuilder, found: Audit) -> None:
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


def _each(strategy: SearchStrategy[Asked], count: int, act: Callable[[Asked], None]) -> None:
    """Do `act` for each of `count` examples: the same ones every time."""

    @settings(
        settings.get_profile("nylas-readiness"),
        max_examples=count,
        phases=(Phase.generate,),
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
