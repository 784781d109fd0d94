"""What adds up: the numbers of the artefact, and those that each of its views shows."""

import csv
import io
import re
from collections import Counter

from lxml.html import HtmlElement, document_fromstring

from nylas_readiness.checks.migration.model import Stage, Task, Urgency
from nylas_readiness.checks.outcome import NO_FINDING, RuleResult, Status
from nylas_readiness.fixtures.run.terminal import summary_lines
from nylas_readiness.reports import html, letters, summary, words, worklist
from nylas_readiness.reports.model import Results
from nylas_readiness.reports.set_up import is_of_the_audit

# What a person who gets only their own part has no use for.
_MACHINERY = re.compile(
    r"(?i)tenant file|accounts file|\bpytest\b|evidence\.journal|results\.json|accounts\.csv"
)
_COUNT = re.compile(r"([\d,]+) accounts?")


def assert_sums_agree(results: Results) -> None:
    """Assert that every number is the sum of what it stands for, in `results.json` and in its views."""
    assert results.counts == {status: sum(one.status is status for one in results.rules) for status in Status}
    rules = {rule.id: rule for rule in results.rules}
    for rule in rules.values():
        if rule.accounts:
            _assert_accounts_of(rule, results)
        _assert_told_once(rule, results)
    _assert_page_shows(results, rules)
    if results.headline:
        _assert_terminal_shows(results)
    _assert_worklist_shows(results)
    _assert_letters_show(results)


def _assert_accounts_of(rule: RuleResult, results: Results) -> None:
    """Assert that an account rule counts its accounts' findings, and addresses on no list beside them."""
    found = Counter(one.findings[rule.id].status for one in results.accounts if rule.id in one.findings)
    told = Counter({status: count for status, count in rule.accounts.items() if status not in NO_FINDING})
    unlisted = results.logs.unlisted_count if results.logs else 0
    assert (told - found).total() <= unlisted, rule.id
    assert not found - told, rule.id
    assert rule.affected == rule.accounts[rule.status], rule.id


def _assert_told_once(rule: RuleResult, results: Results) -> None:
    """Assert that each finding is in the task of its rule, or waits for exactly one other."""
    if rule.status in NO_FINDING:
        return
    own = [task for task in results.tasks if task.rule == rule.id]
    waiting = [one for task in results.tasks for one in task.behind if one.rule == rule.id]
    assert own or waiting, rule.id
    if not rule.accounts:
        return
    told = sum(count for status, count in rule.accounts.items() if status not in NO_FINDING)
    assert sum(task.accounts for task in own) + sum(one.accounts for one in waiting) == told, rule.id
    findings = [one.findings[rule.id] for one in results.accounts if rule.id in one.findings]
    waits = Counter[Status]()
    for one in waiting:
        waits[one.status] += one.accounts
    assert waits == Counter(one.status for one in findings if one.cause is not None), rule.id


def _assert_page_shows(results: Results, rules: dict[str, RuleResult]) -> None:
    """Assert that the page has a card for each task with its numbers, and a row for each account."""
    page = document_fromstring(html.render(results))
    cards = {card.get("id") or "": card for card in page.iter("article")}
    assert sorted(cards) == sorted(task.id for task in results.tasks)
    for task in results.tasks:
        tags = _text(next(one for one in cards[task.id].iter("p") if one.get("class") == "tags"))
        shown = [int(count.replace(",", "")) for count in _COUNT.findall(tags)]
        is_of_accounts = rules[task.rule].subject == "account" and task.accounts
        assert shown == ([task.accounts] if is_of_accounts else []), task.id
        assert task.status.value in tags
    lists = [one for one in page.iter("h2") if (one.get("id") or "").startswith(("owner-", "accepted"))]
    assert sum(_numbers(_text(one).rpartition(":")[2])[0] for one in lists) == len(results.tasks)
    rows = next((list(body) for body in page.iter("tbody") if body.get("id") == "rows"), [])
    assert len(rows) == len(results.accounts)


def _assert_terminal_shows(results: Results) -> None:
    """Assert that the terminal and the summary have the same stages, first tasks and number of others."""
    lines = [line for line, _ in summary_lines(results)]
    markdown = summary.render(results, []).replace("\\", "").splitlines()
    for told in (lines, [line.removeprefix("- ") for line in markdown]):
        _assert_stages_in(told, results)
        _assert_first_tasks_in(told, results)


def _assert_stages_in(told: list[str], results: Results) -> None:
    assert results.headline is not None
    stages = [count for count in results.headline.stages.values() if count]
    assert sum(stages) == len(results.accounts)
    begin = f"{words.plural(len(results.accounts), 'account')}: "
    found = [line.removeprefix(begin).split(" · ") for line in told if line.startswith(begin)]
    is_told = {stage for stage, count in results.headline.stages.items() if count} - {Stage.NOT_ASSESSED}
    assert [[_numbers(part)[0] for part in parts] for parts in found] == ([stages] if is_told else [])


def _assert_first_tasks_in(told: list[str], results: Results) -> None:
    opened = _open_tasks(results)
    first = [line for line in told if re.match(r"\d\. ", line)]
    others = [line.replace("365", "") for line in told if line.lower().startswith("more tasks: ")]
    assert len(first) + sum(number for line in others for number in _numbers(line)) == len(opened)
    for line, task in zip(first, opened, strict=False):
        assert words.OWNERS[task.owner] in line
        assert _COUNT.findall(line.rpartition("(")[2]) == ([f"{task.frees:,}"] if task.frees else [])


def _open_tasks(results: Results) -> list[Task]:
    return [task for task in results.tasks if task.urgency is not Urgency.ACCEPTED]


def _assert_letters_show(results: Results) -> None:
    """Assert that each open task is in one letter with its numbers, and no other owner's address is."""
    own = {rule.id for rule in results.rules if is_of_the_audit(rule)}
    opened = [task for task in _open_tasks(results) if task.rule not in own]
    told = letters.letters_of(results)
    shown = [task.id for letter in told.values() for task in letter.tasks]
    assert sorted(shown) == sorted(task.id for task in opened)
    for owner, letter in told.items():
        text, page = letters.as_markdown(letter), document_fromstring(letters.as_html(letter))
        assert next(_numbers(_text(one)) for one in page.iter("h2")) == [len(letter.tasks)]
        assert [_COUNT.findall(line) for line in _facts(text)] == [
            [f"{task.accounts:,}"] if task.accounts else [] for task in letter.tasks
        ]
        strange = _addresses(opened, owner, is_own=False) - _addresses(opened, owner, is_own=True)
        assert not [email for email in strange if email in text or email in _text(page)]
        assert not _MACHINERY.search(text)


def _facts(text: str) -> list[str]:
    """Return a letter's lines that say how urgent a task is, without why it is."""
    urgencies = tuple(words.URGENCIES.values())
    return [line.partition(" · Until then")[0] for line in text.splitlines() if line.startswith(urgencies)]


def _addresses(tasks: list[Task], owner: str, *, is_own: bool) -> set[str]:
    of_owner = (task for task in tasks if (task.owner == owner) is is_own)
    return {email for task in of_owner for alike in task.concerned for email in alike.emails}


def _assert_worklist_shows(results: Results) -> None:
    rows = {row["email"].lstrip("'"): row for row in csv.DictReader(io.StringIO(worklist.render(results)))}
    assert rows.keys() == {one.email for one in results.accounts}
    for one in results.accounts:
        assert rows[one.email]["open_rules"].split() == list(one.findings)
        assert rows[one.email]["owner"] == one.next.owner


def _numbers(text: str) -> list[int]:
    return [int(number.replace(",", "")) for number in re.findall(r"\d[\d,]*", text)]


def _text(element: HtmlElement) -> str:
    return " ".join(element.text_content().split())
