"""What changed between two runs, as the page, the terminal and the worklist show it."""

import csv
import io
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from nylas_readiness.checks.outcome import fail, warn
from nylas_readiness.checks.suite.support.change_samples import (
    ALIAS,
    ANN,
    BEN,
    CY,
    WAIVED,
    accounts,
    compared,
    seen,
)
from nylas_readiness.checks.suite.support.report_samples import RUN
from nylas_readiness.fixtures.run.changes import changes_since
from nylas_readiness.fixtures.run.terminal import summary_lines
from nylas_readiness.reports import worklist
from nylas_readiness.reports.change_groups import LINES, NAMED_ACCOUNTS, kind_groups
from nylas_readiness.reports.html import render
from nylas_readiness.reports.model import Changes, Results

if TYPE_CHECKING:
    from lxml.html import HtmlElement

pytestmark = pytest.mark.offline

MANY = [f"user{number}@contoso.com" for number in range(50)]


def crowd() -> Changes:
    """Return many new findings: thirty accounts with the same one, and twenty with one each."""
    found = {email: {"ACC-002": ALIAS if n < 30 else fail(f"alias {n}")} for n, email in enumerate(MANY)}
    return compared(accounts({email: {} for email in MANY}), accounts(found))


def test_equal_changes_are_one_line_and_lines_are_bounded() -> None:
    [group] = kind_groups(crowd())
    assert (group.kind, group.count, len(group.lines)) == ("new", 50, LINES)
    assert all(len(line.emails) <= NAMED_ACCOUNTS for line in group.lines)
    shown = sum(len(line.emails) + line.more for line in group.lines)
    assert shown + group.more == 50
    assert max(line.more for line in group.lines) == 30 - NAMED_ACCOUNTS


def page(results: Results, changes: Changes) -> "HtmlElement":
    from lxml.html import document_fromstring

    return document_fromstring(render(replace(results, changes=changes)))


def text_of(element: "HtmlElement") -> str:
    return " ".join(element.text_content().split())


def test_what_changed_is_told_in_one_line_at_the_top_and_whole_in_the_evidence() -> None:
    before = accounts({ANN: {"ACC-002": warn("odd")}, BEN: {"ACC-002": ALIAS}, CY: {"ACC-002": ALIAS}})
    now = accounts({ANN: {"ACC-002": ALIAS}, BEN: {}, CY: {"ACC-002": WAIVED}})
    document = page(now, compared(before, now))
    headings = [text_of(heading) for heading in document.iter("h2")]
    assert headings.index("Evidence") + 1 == headings.index("What changed since 2026-11-23")
    section = text_of(document.xpath("//section[@aria-labelledby='changes']")[0])
    assert "+ new 0 ↓ worse 1" in section
    assert "↑ better 1 ✓ fixed 1" in section
    assert "Of the better ones 1 finding was not mended but accepted or attested." in section
    assert "! warn → ✕ fail ACC-002" in section
    assert "then: odd now: alias of boss@contoso.com" in section
    assert "alias of boss@contoso.com (fail, accepted by jane@contoso.com until 2027-01-31)" in section
    assert document.xpath("//@style | //@*[starts-with(name(), 'on')]") == []


def test_no_change_is_said_and_without_a_baseline_nothing_is() -> None:
    run = accounts({ANN: {"ACC-002": ALIAS}})
    [section] = page(run, compared(run, run)).xpath("//section[@aria-labelledby='changes']")
    assert "Nothing: every finding that both runs could have is as it was." in text_of(section)
    assert "What changed" not in render(run)


HOSTILE = "</details><script>alert(1)</script><b>\u202e {{ 7*7 }}"


def test_hostile_text_of_a_baseline_stays_in_its_place() -> None:
    """Its file may be anyone's: addresses, findings, rules and versions are texts like any other."""
    before = seen(
        accounts({f"{HOSTILE}@contoso.com": {"ACC-002": fail(HOSTILE)}, ANN: {"ACC-002": warn(HOSTILE)}})
    )
    run = replace(RUN, id=HOSTILE, as_of=f"9{HOSTILE}", suite_version=f"9{HOSTILE}")
    before = replace(before, run=run, rules={**before.rules, HOSTILE: None})
    now = accounts({ANN: {"ACC-002": ALIAS}})
    document = page(now, changes_since(before, now))
    assert document.xpath("//main//script | //b") == []
    text = document.text_content()
    assert "\u202e" not in text
    assert text.count("{{ 7*7 }}") >= 6


def test_the_terminal_says_it_in_one_line_and_names_the_worst_few() -> None:
    changes = replace(crowd(), accounts_joined=2, limits=["the baseline is incomplete"])
    lines = [line for line, _ in summary_lines(replace(accounts({}), changes=changes))]
    at = lines.index(
        "since 23 Nov 2026: 50 new, 0 worse, 0 gone, 0 better, 0 fixed; accounts: 2 joined, 0 left"
    )
    assert lines[at + 1].strip() == "the baseline is incomplete"
    named = [line for line in lines if line.startswith("new ")]
    assert named[0] == "new     ACC-002  user0@contoso.com  fail: alias of boss@contoso.com"
    assert len(named) == 5


def test_the_worklist_says_what_changed_of_each_account() -> None:
    before = accounts({ANN: {"ACC-002": warn("odd")}, BEN: {"ACC-002": ALIAS}, CY: {}})
    now = accounts({ANN: {"ACC-002": ALIAS}, BEN: {}, CY: {}})
    text = worklist.render(replace(now, changes=compared(before, now)))
    rows = {row["email"]: row["changed"] for row in csv.DictReader(io.StringIO(text, newline=""))}
    assert rows == {ANN: "ACC-002 worse", BEN: "ACC-002 fixed", CY: ""}
