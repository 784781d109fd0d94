"""What adds up: the numbers of the artefact, and those that page, terminal and worklist show of it."""

import csv
import io
import re
from collections import Counter

from lxml.html import HtmlElement, document_fromstring

from nylas_readiness.checks.outcome import NO_FINDING, RuleResult, Status
from nylas_readiness.fixtures.run.terminal import summary_lines
from nylas_readiness.reports import html, worklist
from nylas_readiness.reports.model import Results

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
    _assert_terminal_shows(results)
    _assert_worklist_shows(results)


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
    cards = {card.get("id"): card for card in page.iter("article")}
    assert list(cards) == [task.id for task in results.tasks]
    for task in results.tasks:
        tags = _text(next(one for one in cards[task.id].iter("p") if one.get("class") == "tags"))
        shown = [int(count.replace(",", "")) for count in _COUNT.findall(tags)]
        assert shown == ([task.accounts] if rules[task.rule].subject == "account" else [])
        assert task.status.value in tags
    groups = [_text(heading) for heading in page.iter("h3") if heading.get("class") == "group"]
    assert sum(int(text.rpartition("(")[2].rstrip(")")) for text in groups) == len(results.tasks)
    rows = next((list(body) for body in page.iter("tbody") if body.get("id") == "rows"), [])
    assert len(rows) == len(results.accounts)


def _assert_terminal_shows(results: Results) -> None:
    """Assert that the terminal has a line for each task, in its order and with its status."""
    lines = [line.split()[:2] for line, _ in summary_lines(results)]
    told = [(line[0], line[1]) for line in lines if len(line) > 1]
    assert [pair for pair in told if pair in {(task.status.value, task.rule) for task in results.tasks}] == [
        (task.status.value, task.rule) for task in results.tasks
    ]


def _assert_worklist_shows(results: Results) -> None:
    rows = {row["email"].lstrip("'"): row for row in csv.DictReader(io.StringIO(worklist.render(results)))}
    assert rows.keys() == {one.email for one in results.accounts}
    for one in results.accounts:
        assert rows[one.email]["open_rules"].split() == list(one.findings)
        assert rows[one.email]["owner"] == one.next.owner


def _text(element: HtmlElement) -> str:
    return " ".join(element.text_content().split())
