"""`readiness.html`: the page for the person who decides, made from `results.json` alone.

The page needs no network and no script. Every text in it that vendors, tenants or users wrote is escaped,
and characters that hide or reorder others are shown as their code points.
"""

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from nylas_readiness.checks.migration.model import Task, Urgency
from nylas_readiness.checks.outcome import RuleResult, Status
from nylas_readiness.checks.verdict import SEVERITIES, SIDES, Verdict
from nylas_readiness.fixtures.secrets import bounded, visible
from nylas_readiness.reports.account_table import LONGEST_TEXT, action_counts, embedded, row_of, said
from nylas_readiness.reports.change_groups import kind_groups
from nylas_readiness.reports.log_picture import picture_of
from nylas_readiness.reports.model import AccountResult, Deadline, ExceptionState, ExceptionUse, Results

# A table of more rows than this is paged by the script; without scripts its first rows are there to read.
LONGEST_TABLE: Final = 500
FIRST_ROWS: Final = 200

# How many exceptions are listed.
LISTED_EXCEPTIONS: Final = 100

# From how many days before it a date stands at the top, with the verdict.
NEAR_DAYS: Final = 180

_GROUPS: Final = {
    Urgency.MUST: (
        "Must be fixed",
        "Each of these breaks the connection or is about to, for all accounts or for some.",
    ),
    Urgency.UNDECIDED: (
        "Could not be decided",
        "Neither proven broken nor proven to work: do what each asks and run again.",
    ),
    Urgency.SHOULD: (
        "Should be fixed",
        "None is known to stop it today: each is a lesser fault, has a date, or is unwise.",
    ),
    Urgency.ACCEPTED: (
        "Accepted",
        "Findings that somebody has accepted; the original finding stays visible.",
    ),
}
_SETTLED: Final = frozenset({Status.PASS, Status.NOT_APPLICABLE, Status.WAIVED})
_URL: Final = re.compile(r"https://[^\s<>\"']+")
_CODE: Final = re.compile(r"`([^`]+)`")


@dataclass(frozen=True, kw_only=True)
class Block:
    """A part of a remedy: a paragraph, or text to be copied."""

    text: str
    is_code: bool


class TaskView(NamedTuple):
    """A task, and of each rule behind it whether links to it lead there."""

    task: Task
    places: list[bool]


@dataclass(frozen=True, kw_only=True)
class TaskGroup:
    """Tasks of one urgency."""

    title: str
    meaning: str
    tasks: list[TaskView]


def render(results: Results) -> str:
    """Return the whole page."""
    style, script = _asset("readiness.css"), _asset("readiness.js")
    ordered = sorted(results.accounts, key=lambda account: account.order)
    rows = [row_of(account) for account in ordered]
    paged = len(rows) > LONGEST_TABLE
    return (
        _environment()
        .get_template("readiness.html")
        .render(
            results=results,
            groups=list(task_groups(results)),
            rules={rule.id: rule for rule in results.rules},
            change_groups=list(kind_groups(results.changes)) if results.changes else [],
            exceptions=_exceptions(results),
            rows=rows[:FIRST_ROWS] if paged else rows,
            embedded=Markup(embedded(rows)) if paged else None,  # noqa: S704 -- escaped by `embedded`
            actions=action_counts(ordered),
            tallies={side: _tally(ordered, side) for side in SIDES},
            dates={side: near_dates(results, side) for side in SIDES},
            titles={rule.id: rule.title for rule in results.rules},
            picture=picture_of(results.logs) if results.logs else None,
            style=style,
            script=script,
            hashes={"style": _digest(style), "script": _digest(script)},
        )
    )


def task_groups(results: Results) -> Iterator[TaskGroup]:
    """Yield the tasks by urgency; a rule without a task of its own has its place where it first waits."""
    places = {task.rule for task in results.tasks}
    for urgency, (title, meaning) in _GROUPS.items():
        tasks = [TaskView(task, _places(task, places)) for task in results.tasks if task.urgency is urgency]
        if tasks:
            yield TaskGroup(title=title, meaning=meaning, tasks=tasks)


def _places(task: Task, named: set[str]) -> list[bool]:
    """Tell of each rule that waits for a task whether links to it lead here; they are `named` by that."""
    first = []
    for one in task.behind:
        first.append(one.rule not in named)
        named.add(one.rule)
    return first


def blocks(remedy: str) -> Iterator[Block]:
    """Yield the parts of a remedy: indented lines are to be copied together, each other is a paragraph."""
    code: list[str] = []
    for line in [*remedy.splitlines(), ""]:
        if line.startswith("    "):
            code.append(line[4:].rstrip())
            continue
        if code:
            yield Block(text="\n".join(code), is_code=True)
            code = []
        if line.strip():
            yield Block(text=line.strip(), is_code=False)


def _exceptions(results: Results) -> list[ExceptionUse]:
    """Return the exceptions to list, what asks for attention first."""
    order = list(ExceptionState)
    return sorted(results.exceptions, key=lambda one: order.index(one.state))[:LISTED_EXCEPTIONS]


def _tally(accounts: list[AccountResult], side: str) -> list[tuple[Verdict, int]]:
    """Return how many accounts have each verdict of `side`, the worst first."""
    found = Counter(account.verdict.v2 if side == "v2" else account.verdict.v3 for account in accounts)
    return [(verdict, found[verdict]) for verdict in Verdict if found[verdict]]


def near_dates(results: Results, side: str) -> list[tuple[Deadline, RuleResult]]:
    """Return the vendors' dates that are in force or near and that a side has a finding of, with their rules.

    Those in force come first, then the graver.
    """
    today = results.run.as_of
    until = (date.fromisoformat(today) + timedelta(days=NEAR_DAYS)).isoformat()
    rules = {rule.id: rule for rule in results.rules if side in rule.side and rule.status not in _SETTLED}
    near = [one for one in results.deadlines if one.id in rules and one.date <= until]
    near.sort(key=lambda one: (one.date > today, SEVERITIES.index(rules[one.id].severity), one.date))
    return [(one, rules[one.id]) for one in near]


def _asset(name: str) -> Markup:
    return Markup(files(__package__).joinpath(name).read_text("utf-8"))  # noqa: S704 -- our own file


def _digest(text: str) -> str:
    """Return how a content security policy names an inline element."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def prose(text: str) -> Markup:
    """Escape a text, and set what it has in backquotes as code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(visible(text)))))  # noqa: S704 -- escaped here


def linked(text: str) -> Markup:
    """Escape a text, and make its https addresses links."""
    parts = Markup()
    end = 0
    for found in _URL.finditer(text):
        url = visible(found[0])
        parts += escape(visible(text[end : found.start()]))
        parts += Markup('<a href="{0}" rel="noopener noreferrer">{0}</a>').format(url)
        end = found.end()
    return parts + escape(visible(text[end:]))


def address(email: str) -> Markup:
    """Escape an address, and let it break behind its at signs rather than inside a word."""
    return Markup("@<wbr>").join(map(visible, email.split("@")))


def _finalize(value: object) -> object:
    """Neutralise every text that the template puts out, so that no place can forget to."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("nylas_readiness.reports", "."),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "blocks": blocks,
        "prose": prose,
        "linked": linked,
        "said": said,
        "address": address,
        "shortened": lambda text: bounded(text, LONGEST_TEXT),
    }
    return environment
