"""What the PAY rules come to over a user's builder: the finding, its smallest case, its replay."""

import json
import shlex
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from nylas_readiness.checks.bodies.builder_cases import Case, masked, shown_body
from nylas_readiness.checks.contract import BODY_RULES, Violation
from nylas_readiness.checks.outcome import Outcome, depends_on, fail, not_applicable, passed, warn
from nylas_readiness.fixtures.payloads.answers import Broke, Built, Refused
from nylas_readiness.fixtures.payloads.replay import Replay, written
from nylas_readiness.fixtures.payloads.restarts import RestartedBuilder

if TYPE_CHECKING:
    from nylas_readiness.checks.bodies.builder_audit import Audit

DEFAULT_TIMEOUT_S: Final = 5.0

_LEFT: Final = {"PAY-010": "domains", "PAY-011": "aliases"}
_RULES: Final = (*BODY_RULES, "PAY-015", "PAY-017", "PAY-018", "PAY-020", "PAY-021")
_NO_TARGET: Final = "a builder does not say where its body is sent"
_NO_TEXT: Final = (
    "the builder gives objects, and its caller writes the JSON; give payload_text to have it judged"
)


@dataclass(frozen=True, kw_only=True)
class BuilderOptions:
    """How the builder is started and asked. `timeout`: for one case, in seconds."""

    spec: str
    leaves: tuple[str, ...] = ()
    timeout: float = DEFAULT_TIMEOUT_S

    def replay(self, file: Path) -> str:
        """Return the command that asks the builder the one case of a replay file."""
        options = ["--builder", self.spec]
        options += ["--builder-leaves", ",".join(self.leaves)] if self.leaves else []
        options += ["--builder-timeout", f"{self.timeout:g}"] if self.timeout != DEFAULT_TIMEOUT_S else []
        return shlex.join(
            [
                "pytest",
                "--pyargs",
                "nylas_readiness.checks",
                "-m",
                "offline",
                *options,
                "--payload",
                str(file),
            ]
        )


@dataclass(frozen=True, kw_only=True)
class JudgedBuilder:
    """A builder, judged. `replays` has the command that replays the finding of each rule."""

    audit: "Audit"
    replays: dict[str, str] = field(default_factory=dict)


def judge_builder(
    options: BuilderOptions,
    replays: Iterable[Replay],
    directory: Path,
    tell: Callable[[int, int], None] = lambda _done, _total: None,
) -> JudgedBuilder:
    """Start the builder, ask it what replays hold or what is generated, and write a replay for each finding.

    `tell` is called with how many inputs were asked, and how many there are. Raises NoBuilderError, and
    OSError where a replay cannot be written.
    """
    from nylas_readiness.checks.bodies.builder_audit import audit, audit_replays, end_of

    asked = list(replays)
    with RestartedBuilder(options.spec, options.timeout) as builder:
        if asked:
            found = audit_replays(builder, options.leaves, asked)
        else:
            found = audit(builder, options.leaves, tell=tell)
        end_of(builder, found)
    return JudgedBuilder(
        audit=found,
        replays={rule: options.replay(_write(rule, case, directory)) for rule, case in found.found.items()},
    )


def _write(rule: str, case: Case, directory: Path) -> Path:
    file = directory / f"replay-{rule}.json"
    file.write_bytes(written(_replay(rule, case)))
    return file


def _replay(rule: str, case: Case) -> Replay:
    replay = Replay(rule=rule, case=case.number, fields=list(case.fields), input=case.given)
    match case.answer:
        case Built(as_text=True) as built:
            replay.payload_text = shown_body(built, case.given)
        case Built() as built:
            replay.payload = msgspec.Raw(shown_body(built, case.given).encode())
    return replay


def builder_outcome(rule: str, judged: JudgedBuilder) -> Outcome:
    """Return what a rule comes to over every case that the builder was asked."""
    audit = judged.audit
    if rule not in _RULES:
        return not_applicable(_NO_TARGET)
    if _LEFT.get(rule) in audit.leaves:
        return not_applicable(f"the builder leaves {_LEFT[rule]} to its caller (--builder-leaves)")
    case = audit.found.get(rule)
    violation = case.violation_of(rule) if case else None
    if case and violation and violation.level == "fail":
        return fail(_finding(case, violation, judged.replays[rule]))
    if undecided := _undecided(rule, audit):
        return undecided
    if case and violation:
        return warn(_finding(case, violation, judged.replays[rule]))
    return _without_finding(rule, audit)


def _undecided(rule: str, audit: "Audit") -> Outcome | None:
    """Return what keeps a rule without a failure from being decided; None: nothing does."""
    if ("bad" if rule == "PAY-018" else "good") not in audit.whole:
        return depends_on("PAY-021", "the builder broke before it was asked everything")
    if rule not in {"PAY-018", "PAY-021"} and audit.good and not audit.built:
        return depends_on("PAY-021", "the builder built no body")
    cause = audit.undecided.get(rule)
    return depends_on(cause, "it does not hold") if cause else None


def _without_finding(rule: str, audit: "Audit") -> Outcome:
    if audit.of_replays and not (audit.bad if rule == "PAY-018" else audit.good):
        return not_applicable("the replays have no such case")
    if rule == "PAY-018":
        return passed(f"{audit.bad} bad inputs were refused by the name of the field")
    if rule == "PAY-015" and not audit.writes_text:
        return not_applicable(_NO_TEXT)
    return passed(f"{audit.built} bodies of good inputs, no violation")


def _finding(case: Case, violation: Violation, replay: str) -> str:
    """Write a finding that stands alone; its first line says it all in short."""
    place = [violation.pointer] if violation.pointer else []
    place += [f"line {violation.line}, column {violation.column}"] if violation.line else []
    message = masked(violation.message, case.given)
    lines = [
        f"{', '.join(place)}: {message}" if place else message,
        f"replay it: {replay}",
        f"case: {case.number}" + (f", bad input: {' or '.join(case.fields)}" if case.fields else ""),
        f"input: {json.dumps(case.given, ensure_ascii=False)}",
        *_answer(case),
    ]
    if isinstance(case.answer, Broke) and case.answer.stderr.strip():
        lines.append(f"standard error ends: {masked(case.answer.stderr, case.given).strip()}")
    return "\n".join(lines)


def _answer(case: Case) -> list[str]:
    match case.answer:
        case Built() as built:
            return [f"payload: {shown_body(built, case.given)}"]
        case Refused(field=name, message=message):
            return [f"refused: {masked(f'{name} {message}'.strip(), case.given)}"]
    return []
