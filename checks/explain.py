"""`pytest --explain RULE`: what a rule states, how it is decided, what it reads, and what to do about it."""

import difflib
import shutil
from collections.abc import Iterable, Iterator
from textwrap import TextWrapper
from typing import Final

from nylas_readiness.checks.catalogue import Rule, catalogue, exports
from nylas_readiness.fixtures.errors import UsageProblem
from nylas_readiness.reports.model import Status, Verdict
from nylas_readiness.reports.verdict import consequence

EVERY: Final = "all"
CONNECT: Final = "Connect-ExchangeOnline"
WIDEST: Final = 100
_NARROWEST: Final = 40

OWNERS: Final = {
    "integrator": "integrator",
    "tenant-admin": "Microsoft 365 administrator",
    "nylas-admin": "Nylas administrator",
}
SUBJECTS: Final = {
    "payload": "each request body",
    "client": "the Nylas v2 client",
    "tenant": "the tenant",
    "account": "each end-user account",
}
SIDES: Final = {
    ("v2",): "today's connection through Nylas v2",
    ("v3",): "the move to Nylas v3",
    ("v2", "v3"): "Nylas v2 and the move to v3",
    (): "no verdict",
}
MEANINGS: Final = {
    Status.PASS: "it is as the rule states",
    Status.FAIL: "it is not as the rule states",
    Status.WARN: "it works, but will break by a date or is advised against",
    Status.UNKNOWN: "it could not be read, for the reason given: no failure, and no pass",
    Status.WAIT: "it is too early to tell; run again after the time given",
    Status.REVIEW: "a person must look",
    Status.NOT_APPLICABLE: "the rule does not apply, for the reason given",
    Status.WAIVED: "a finding that somebody has accepted; the original stays visible",
}
VERDICTS: Final = {
    Verdict.BLOCKED: "{} is blocked",
    Verdict.INCONCLUSIVE: "{} is inconclusive",
    Verdict.READY_WITH_WARNINGS: "{} is at best ready-with-warnings",
}


def explanation(wanted: str) -> str:
    """Return the explanation of the rule with the id `wanted`, or of every rule for `all`.

    The text is wrapped to the terminal. Raises `UsageProblem` for an unknown rule, with the nearest one.
    """
    width = max(_NARROWEST, min(WIDEST, shutil.get_terminal_size((WIDEST, 24)).columns))
    separator = f"\n\n{'-' * width}\n\n"
    return separator.join("\n".join(_lines(rule, width)) for rule in _rules(wanted))


def _rules(wanted: str) -> Iterable[Rule]:
    known, name = catalogue(), wanted.strip()
    if name.lower() == EVERY:
        return known.values()
    if rule := known.get(name.upper()):
        return [rule]
    near = difflib.get_close_matches(name.upper(), known, n=1)
    hint = f"Did you mean {near[0]}?" if near else f"--explain {EVERY} prints every rule"
    raise UsageProblem(f"--explain {wanted}", "no such rule", hint)


def _lines(rule: Rule, width: int) -> Iterator[str]:
    """Yield one rule's explanation."""
    yield from _paragraph(f"{rule.id}  {rule.title}", width, indent="", hanging=" " * 9)
    yield from _paragraph(_facts(rule), width, indent="")
    yield from _section("What it states", rule.statement, width)
    if rule.retired:
        return
    planned = "It has no check yet: a report lists it as planned, without a status."
    decided = planned if rule.planned else rule.how or ""
    yield from _section("How it is decided", decided, width)
    yield from _reading(rule, width)
    yield from ("", "What each status means")
    for status in Status:
        yield from _paragraph(_meaning(rule, status), width, indent="    ", hanging=" " * 20)
    yield from ("", "What to do")
    for line in rule.remedy.splitlines():
        yield from [f"    {line}"] if line.startswith(" ") else _paragraph(line, width)
    yield from _section("Source", rule.source, width)


def _facts(rule: Rule) -> str:
    """Return a rule's place in the catalogue, in one sentence each."""
    if rule.retired:
        return "This rule is retired; its id is never used again."
    facts = (
        f"Severity: {rule.severity}.",
        f"Who acts: {OWNERS[rule.owner]}.",
        f"Judged for: {SUBJECTS[rule.subject]}.",
        f"Counts for: {SIDES[rule.side]}.",
        f"Bites from: {rule.deadline}." if rule.deadline else "",
    )
    return " ".join(filter(None, facts))


def _reading(rule: Rule, width: int) -> Iterator[str]:
    """Yield the permissions and exports that a rule reads with; nothing for one that needs none."""
    if not (rule.permissions or rule.optional_permissions or rule.exports):
        return
    yield from ("", "What it reads with")
    if rule.permissions:
        yield from _paragraph(f"Application permissions of Graph: {', '.join(rule.permissions)}", width)
    if rule.optional_permissions:
        yield from _paragraph(f"With these it says more: {', '.join(rule.optional_permissions)}", width)
    for export in (exports()[key] for key in rule.exports):
        role = "written by a View-Only Organization Management member; the commands only read:"
        yield from _paragraph(f"An export for `[exchange] {export.key}`, {role}", width)
        yield from (f"        {line}" for line in (CONNECT, *export.command.splitlines()))


def _meaning(rule: Rule, status: Status) -> str:
    """Return what a status says of this rule, and what it makes of the verdict."""
    text = f"{status:<16}{MEANINGS[status]}"
    effect = VERDICTS.get(consequence(rule.severity, status))
    if effect is None or not rule.side or rule.subject not in {"tenant", "account"}:
        return text
    return f"{text}; {effect.format(f'the {rule.subject}')}"


def _section(title: str, text: str, width: int) -> Iterator[str]:
    yield from ("", title)
    yield from _paragraph(text, width)


def _paragraph(text: str, width: int, *, indent: str = "    ", hanging: str | None = None) -> list[str]:
    wrapper = TextWrapper(
        width=width,
        initial_indent=indent,
        subsequent_indent=hanging or indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return wrapper.wrap(text)
