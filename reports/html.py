"""`readiness.html`: the page for the person who decides, made from `results.json` alone.

The page needs no network and no script. Every text in it that vendors, tenants or users wrote is escaped,
and characters that hide or reorder others are shown as their code points.
"""

import base64
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import groupby
from operator import itemgetter
from typing import Final

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from nylas_readiness.reports.causes import Causes, causes_of
from nylas_readiness.reports.change_groups import kind_groups
from nylas_readiness.reports.log_picture import picture_of
from nylas_readiness.reports.model import (
    AccountResult,
    ExceptionState,
    ExceptionUse,
    Finding,
    Results,
    RuleResult,
    Status,
    Verdict,
)
from nylas_readiness.reports.untrusted import bounded, visible
from nylas_readiness.reports.verdict import SEVERITIES, consequence, verdict_rank

# A table of more rows than this is paged by the script; without scripts its first rows are there to read.
LONGEST_TABLE: Final = 500
FIRST_ROWS: Final = 200

# How many accounts are named under a finding, and how long one text in a table may be.
NAMED_ACCOUNTS: Final = 12
LONGEST_TEXT: Final = 600

# How many exceptions are listed.
LISTED_EXCEPTIONS: Final = 100

_URL: Final = re.compile(r"https://[^\s<>\"']+")
_CODE: Final = re.compile(r"`([^`]+)`")


@dataclass(frozen=True, kw_only=True)
class Block:
    """A part of a remedy: a paragraph, or text to be copied."""

    text: str
    is_code: bool


@dataclass(frozen=True, kw_only=True)
class Concerned:
    """Accounts with the same finding of a rule."""

    finding: Finding
    emails: list[str]


@dataclass(frozen=True, kw_only=True)
class Consequence:
    """A rule that hangs on a task's: `accounts` of them with this status (0: the tenant's own finding).

    `is_place`: links to the rule lead here, for it has no task of its own.
    """

    rule: RuleResult
    status: Status
    accounts: int
    is_place: bool


@dataclass(frozen=True, kw_only=True)
class Task:
    """One rule to act on: its result, how, the first of its accounts, and what it is the cause of."""

    rule: RuleResult
    blocks: list[Block]
    concerned: list[Concerned]
    more: int
    behind: list[Consequence]


@dataclass(frozen=True, kw_only=True)
class TaskGroup:
    """Tasks of one urgency."""

    title: str
    meaning: str
    tasks: list[Task]


def render(results: Results) -> str:
    """Return the whole page."""
    style, script = _asset("readiness.css"), _asset("readiness.js")
    ordered = sorted(results.accounts, key=lambda account: account.order)
    paged = len(ordered) > LONGEST_TABLE
    return (
        _environment()
        .get_template("readiness.html")
        .render(
            results=results,
            groups=list(task_groups(results)),
            change_groups=list(kind_groups(results.changes)) if results.changes else [],
            exceptions=_exceptions(results),
            rows=ordered[:FIRST_ROWS] if paged else ordered,
            embedded=Markup(embedded(ordered)) if paged else None,  # noqa: S704 -- escaped by `embedded`
            tallies={side: _tally(ordered, side) for side in ("v2", "v3")},
            titles={rule.id: rule.title for rule in results.rules},
            picture=picture_of(results.logs) if results.logs else None,
            style=style,
            script=script,
            hashes={"style": _digest(style), "script": _digest(script)},
        )
    )


def task_groups(results: Results) -> Iterator[TaskGroup]:
    """Yield what is to be done, by urgency, the gravest first; groups without a task are left out."""
    causes = causes_of(results)
    concerned = _concerned(causes)
    standing = [_as_of_its_own(rule, concerned) for rule in causes.stand(results.rules)]
    findings = sorted(standing, key=_gravity)
    behind = _behind(results, causes, {rule.id for rule in findings})
    for title, meaning in _GROUPS.items():
        tasks = [_task(rule, concerned, behind) for rule in findings if group_of(rule) == title]
        if tasks:
            yield TaskGroup(title=title, meaning=meaning, tasks=tasks)


_GROUPS: Final = {
    "Must be fixed": "Each of these breaks the connection or is about to, for all accounts or for some.",
    "Could not be decided": "Neither proven broken nor proven to work: do what each asks and run again.",
    "Should be fixed": "None is known to stop it today: each is a lesser fault, has a date, or is unwise.",
    "Accepted": "Findings that somebody has accepted; the original finding stays visible.",
}


def group_of(rule: RuleResult) -> str:
    """Return the title of the group that a finding belongs to."""
    if rule.status is Status.WAIVED:
        return "Accepted"
    if consequence(rule.severity, rule.status) is Verdict.BLOCKED:
        return "Must be fixed"
    undecided = rule.status in {Status.UNKNOWN, Status.WAIT, Status.REVIEW}
    return "Could not be decided" if undecided else "Should be fixed"


def _gravity(rule: RuleResult) -> tuple[int, int]:
    return verdict_rank(consequence(rule.severity, rule.status)), SEVERITIES.index(rule.severity)


def _task(
    rule: RuleResult, concerned: dict[str, list[tuple[str, Finding]]], behind: dict[str, list[Consequence]]
) -> Task:
    accounts = concerned.get(rule.id, [])
    return Task(
        rule=rule,
        blocks=list(blocks(rule.remedy)),
        concerned=[
            Concerned(finding=finding, emails=[email for email, _ in group])
            for finding, group in groupby(accounts[:NAMED_ACCOUNTS], key=itemgetter(1))
        ],
        more=max(0, len(accounts) - NAMED_ACCOUNTS),
        behind=behind.get(rule.id, []),
    )


def _behind(results: Results, causes: Causes, tasks: set[str]) -> dict[str, list[Consequence]]:
    """Return what hangs on each cause, in the order of the rules; a rule's place is its first mention."""
    named: set[str] = set(tasks)
    found: dict[str, list[Consequence]] = {}
    for cause in sorted(causes.behind):
        hanging = causes.behind[cause]
        for rule in results.rules:
            for status, count in _hanging(rule, hanging):
                one = Consequence(rule=rule, status=status, accounts=count, is_place=rule.id not in named)
                found.setdefault(cause, []).append(one)
                named.add(rule.id)
    return found


def _hanging(rule: RuleResult, hanging: dict[str, Counter[Status]]) -> list[tuple[Status, int]]:
    """Return the statuses of a rule's findings that hang on a cause, the worst first, and how many each."""
    if rule.id not in hanging:
        return []
    accounts = hanging[rule.id]
    return [(status, accounts[status]) for status in Status if accounts[status]] or [(rule.status, 0)]


def _as_of_its_own(rule: RuleResult, concerned: dict[str, list[tuple[str, Finding]]]) -> RuleResult:
    """Return an account rule as those accounts show it whose finding stands for itself.

    Where only what hangs on a cause is worse, the rule's status and remedy are of that: they go.
    """
    status = concerned[rule.id][0][1].status if rule.id in concerned else rule.status
    if status is rule.status:
        return rule
    return msgspec.structs.replace(rule, status=status, remedy="")


def _concerned(causes: Causes) -> dict[str, list[tuple[str, Finding]]]:
    """Return each rule's accounts with a finding of its own, the worst status first, equal ones together."""
    order = list(Status)
    return {
        rule_id: sorted(found, key=lambda one: (order.index(one[1].status), one[1].observed))
        for rule_id, found in causes.own.items()
    }


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


def embedded(accounts: list[AccountResult]) -> str:
    """Return the accounts as JSON that may stand in a script element; equal texts are written once.

    `{"texts": [str], "rows": [[email, v2, v3, action, owner, [rule, status, observed, …]]]}`; all but
    `email` are places in `texts`.
    """
    places: dict[str, int] = {}

    def place(text: str) -> int:
        return places.setdefault(visible(bounded(text, LONGEST_TEXT)), len(places))

    rows = [
        [
            visible(account.email),
            *map(place, (account.verdict.v2, account.verdict.v3, account.next.action, account.next.owner)),
            [
                place(text)
                for rule_id, finding in account.findings.items()
                for text in (rule_id, finding.status, said(finding))
            ],
        ]
        for account in accounts
    ]
    text = json.dumps({"texts": list(places), "rows": rows}, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def said(finding: Finding | RuleResult) -> str:
    """Return what was observed; of an accepted finding also its own status, and by whom and until when."""
    waiver = finding.waiver
    if waiver is None:
        return finding.observed
    return f"{finding.observed} ({waiver.status}, accepted by {waiver.owner} until {waiver.expires})"


def _exceptions(results: Results) -> list[ExceptionUse]:
    """Return the exceptions to list, what asks for attention first."""
    order = list(ExceptionState)
    return sorted(results.exceptions, key=lambda one: order.index(one.state))[:LISTED_EXCEPTIONS]


def _tally(accounts: list[AccountResult], side: str) -> list[tuple[Verdict, int]]:
    """Return how many accounts have each verdict of `side`, the worst first."""
    found = Counter(account.verdict.v2 if side == "v2" else account.verdict.v3 for account in accounts)
    return [(verdict, found[verdict]) for verdict in Verdict if found[verdict]]


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
        "shortened": lambda text: bounded(text, LONGEST_TEXT),
    }
    return environment
