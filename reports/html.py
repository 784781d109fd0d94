"""`readiness.html`: the page for the person who decides, made from `results.json` alone.

The page needs no network and no script. Every text in it that vendors, tenants or users wrote is escaped,
and characters that hide or reorder others are shown as their code points.
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from markupsafe import Markup
from msgspec.structs import replace

from nylas_readiness.checks.migration.model import Stage, Task, Urgency
from nylas_readiness.checks.migration.pace import left
from nylas_readiness.reports import words
from nylas_readiness.reports.account_table import embedded, row_of
from nylas_readiness.reports.burn_down import Week, burn_down
from nylas_readiness.reports.change_groups import kind_groups
from nylas_readiness.reports.log_picture import picture_of
from nylas_readiness.reports.model import ExceptionState, ExceptionUse, Results
from nylas_readiness.reports.templates import asset, digest, environment, page_header
from nylas_readiness.reports.time_line import time_line

# A table of more rows than this is searched and paged by the script.
SEARCHED_TABLE: Final = 20

# Of a table of more rows than this only the first are there to read without a script.
LONGEST_TABLE: Final = 500
FIRST_ROWS: Final = 200

# How many exceptions are listed.
LISTED_EXCEPTIONS: Final = 100


# The size of the line of earlier audits, as its own coordinates.
_SPARK: Final = (128, 24)


class TaskView(NamedTuple):
    """A task, and of each rule behind it whether links to it lead there."""

    task: Task
    places: list[bool]


def render(results: Results, checksum: str = "") -> str:
    """Return the whole page. `checksum`: the SHA-256 of `results.json`, to be named as its source."""
    style = asset("readiness.css") + page_header(_page_header(results))
    ordered = sorted(results.accounts, key=lambda account: account.order)
    rows = [row_of(account) for account in ordered]
    views, weeks = list(task_views(results)), _weeks(results)
    is_searched = len(rows) > SEARCHED_TABLE
    script = asset("page.js") + asset("readiness.js") if is_searched else asset("page.js")
    return (
        environment()
        .get_template("readiness.html")
        .render(
            results=results,
            by_owner=_by_owner(views),
            accepted=[view for view in views if view.task.urgency is Urgency.ACCEPTED],
            line=time_line(results.deadlines, results.run.as_of),
            rules={rule.id: rule for rule in results.rules},
            change_groups=list(kind_groups(results.changes)) if results.changes else [],
            exceptions=_exceptions(results),
            rows=rows[:FIRST_ROWS] if len(rows) > LONGEST_TABLE else rows,
            placed={task.rule for task in results.tasks}.union(
                one.rule for task in results.tasks for one in task.behind
            ),
            embedded=Markup(embedded(rows)) if is_searched else None,  # noqa: S704 -- escaped by `embedded`
            titles={rule.id: rule.title for rule in results.rules},
            picture=picture_of(results.logs) if results.logs else None,
            weeks=weeks,
            spark=burn_down(weeks, replace(results.history.pace, ends=None, last_day=None), _SPARK)
            if results.history and len(weeks) > 1
            else None,
            checksum=checksum,
            style=style,
            script=script,
            hashes={"style": digest(style), "script": digest(script)},
        )
    )


def _page_header(results: Results) -> str:
    """Return what heads each printed page: whose report it is, and of which date."""
    name = results.tenant.name if results.tenant else "Request bodies"
    return f"{name} · Nylas readiness, {words.day(results.run.as_of)}"


def task_views(results: Results) -> Iterator[TaskView]:
    """Yield the tasks; a rule without a task of its own has its place where it first waits."""
    places = {task.rule for task in results.tasks}
    for task in results.tasks:
        yield TaskView(task, _places(task, places))


def _weeks(results: Results) -> list[Week]:
    """Return how many accounts were left at the end of each week, and are now."""
    if results.history is None or results.headline is None:
        return []
    counts = [(count.as_of, count.stages) for count in results.history.earlier]
    counts.append((results.run.as_of, results.headline.stages))
    return [Week(day, left(stages), stages[Stage.BLOCKED]) for day, stages in counts]


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


def _exceptions(results: Results) -> list[ExceptionUse]:
    """Return the exceptions to list, what asks for attention first."""
    order = list(ExceptionState)
    return sorted(results.exceptions, key=lambda one: order.index(one.state))[:LISTED_EXCEPTIONS]
