"""`readiness.html`: the page for the person who decides, made from `results.json` alone.

The page needs no network and no script. Every text in it that vendors, tenants or users wrote is escaped,
and characters that hide or reorder others are shown as their code points.
"""

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from nylas_readiness.checks.migration.model import Task, Urgency
from nylas_readiness.checks.outcome import Status
from nylas_readiness.fixtures.secrets import bounded, visible
from nylas_readiness.reports import words
from nylas_readiness.reports.account_table import LONGEST_TEXT, embedded, row_of, said
from nylas_readiness.reports.change_groups import kind_groups
from nylas_readiness.reports.log_picture import picture_of
from nylas_readiness.reports.model import ExceptionState, ExceptionUse, Results
from nylas_readiness.reports.time_line import time_line

# A table of more rows than this is paged by the script; without scripts its first rows are there to read.
LONGEST_TABLE: Final = 500
FIRST_ROWS: Final = 200

# How many exceptions are listed.
LISTED_EXCEPTIONS: Final = 100

# From how many days before it a date stands at the top, with the verdict.
NEAR_DAYS: Final = 180

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


def render(results: Results) -> str:
    """Return the whole page."""
    style, script = _asset("readiness.css"), _asset("readiness.js")
    ordered = sorted(results.accounts, key=lambda account: account.order)
    rows = [row_of(account) for account in ordered]
    paged, views = len(rows) > LONGEST_TABLE, list(task_views(results))
    return (
        _environment()
        .get_template("readiness.html")
        .render(
            results=results,
            by_owner=_by_owner(views),
            accepted=[view for view in views if view.task.urgency is Urgency.ACCEPTED],
            line=time_line(results.deadlines, results.run.as_of),
            rules={rule.id: rule for rule in results.rules},
            change_groups=list(kind_groups(results.changes)) if results.changes else [],
            exceptions=_exceptions(results),
            rows=rows[:FIRST_ROWS] if paged else rows,
            embedded=Markup(embedded(rows)) if paged else None,  # noqa: S704 -- escaped by `embedded`
            titles={rule.id: rule.title for rule in results.rules},
            picture=picture_of(results.logs) if results.logs else None,
            style=style,
            script=script,
            hashes={"style": _digest(style), "script": _digest(script)},
        )
    )


def task_views(results: Results) -> Iterator[TaskView]:
    """Yield the tasks; a rule without a task of its own has its place where it first waits."""
    places = {task.rule for task in results.tasks}
    for task in results.tasks:
        yield TaskView(task, _places(task, places))


def _by_owner(views: Iterable[TaskView]) -> dict[str, list[TaskView]]:
    """Return the tasks that are open by who does them, in the order of the owners."""
    found: dict[str, list[TaskView]] = {owner: [] for owner in words.OWNERS}
    for view in views:
        if view.task.urgency is not Urgency.ACCEPTED:
            found.setdefault(view.task.owner, []).append(view)
    return found


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
        "blocks": lambda remedy: list(blocks(remedy)),
        "prose": prose,
        "linked": linked,
        "said": said,
        "address": address,
        "shortened": lambda text: bounded(text, LONGEST_TEXT),
        "day": words.day,
    }
    environment.globals |= {
        "owner_words": words.OWNERS,
        "glyphs": words.GLYPHS,
        "verdict_words": words.VERDICTS,
        "verdict_tones": words.VERDICT_TONES,
        "stage_words": words.STAGES,
        "stage_tones": words.STAGE_TONES,
        "move_tones": words.MOVE_TONES,
        "today_tones": words.TODAY_TONES,
        "urgencies": words.URGENCIES,
    }
    return environment
