"""The vendors' dates: one file, each with whom it hits, its source and doubts, all of it in the report."""

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from nylas_readiness.checks.catalogue import catalogue
from nylas_readiness.checks.catalogue.deadlines import VendorDate, deadlines
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.report_samples import DEADLINE, audited
from nylas_readiness.reports.html import render

if TYPE_CHECKING:
    from lxml.html import HtmlElement

pytestmark = pytest.mark.offline

TEXTS = ("what", "whom", "confidence")


@each_of("rule", ["MIG-001", "MIG-002", "MIG-003", "MIG-004"])
def test_a_date_says_what_happens_to_whom_by_whose_word_and_is_its_rules(rule: str) -> None:
    one = deadlines()[rule]
    assert [name for name in TEXTS if not getattr(one, name).strip()] == []
    assert re.match(r"https://\S+$", one.source)
    assert one.due.isoformat() == catalogue()[rule].deadline


def test_every_date_has_a_rule_and_where_sources_differ_the_other_date_is_kept() -> None:
    assert list(deadlines()) == ["MIG-001", "MIG-002", "MIG-003", "MIG-004"]
    others = [other for one in deadlines().values() for other in one.also]
    assert others
    assert [other for other in others if not re.match(r"20\d\d-\d\d", other)] == []


@each_of(
    ("days", "state"),
    [(-400, "in force"), (0, "in force"), (1, "in 1 day"), (2, "in 2 days"), (400, "in 400 days")],
)
def test_a_date_is_in_force_from_its_own_day_on(days: int, state: str) -> None:
    as_of = date(2026, 11, 23)
    one = VendorDate(
        id="MIG-003",
        due=as_of + timedelta(days),
        what="x",
        whom="x",
        source="x",
        read=as_of,
        confidence="x",
    )
    assert one.state(as_of) == state


def page() -> "HtmlElement":
    from lxml.html import document_fromstring

    return document_fromstring(render(audited({})))


def test_the_page_shows_a_date_with_whom_it_hits_and_the_other_dates() -> None:
    cells = page().xpath("//table[@class='dates']/tbody/tr/td")
    day, state, what, source = (" ".join(cell.text_content().split()) for cell in cells)
    assert (day, state) == (DEADLINE.date, DEADLINE.state)
    assert what == f"{DEADLINE.id} {DEADLINE.what}To: {DEADLINE.whom}"
    assert f"Read {DEADLINE.read}; {DEADLINE.confidence}" in source
    assert f"Another date: {DEADLINE.also[0]}" in source
