"""A pace in words, and its line on the page and in the summary."""

import re

import pytest

from nylas_readiness.checks.migration.model import Stage
from nylas_readiness.checks.migration.pace import WeekCount, pace_of
from nylas_readiness.checks.suite.support.fleet_samples import LAST_DAY, stages, tenant, week
from nylas_readiness.fixtures.run.terminal import summary_lines
from nylas_readiness.reports import html, summary
from nylas_readiness.reports.pace_words import sentence

pytestmark = pytest.mark.offline

TODAY = "2026-11-23"
BEFORE = [week("2026-11-09", stages(can_move=11))]


@pytest.mark.parametrize(
    ("earlier", "now", "last", "told"),
    [
        pytest.param(
            BEFORE,
            stages(can_move=6),
            LAST_DAY,
            "2.5 accounts a week since 9 Nov 2026 (11 left then, 6 now): at this pace the last one moves on "
            "10 Dec 2026, 112 days before the last day.",
            id="in time",
        ),
        pytest.param(
            BEFORE,
            stages(can_move=9),
            "2026-12-07",
            "1 account a week since 9 Nov 2026 (11 left then, 9 now): at this pace the last one moves on "
            "25 Jan 2027, 49 days after the last day; it takes 4.5 a week to be in time.",
            id="too late",
        ),
        pytest.param(
            BEFORE,
            stages(can_move=11),
            "2026-12-07",
            "No progress since 9 Nov 2026 (11 left then, 11 now). It takes 5.5 accounts a week to end by "
            "7 Dec 2026.",
            id="no progress",
        ),
        pytest.param(
            [],
            stages(can_move=2),
            None,
            "No pace yet: there is no earlier audit to count from.",
            id="first audit",
        ),
        pytest.param(BEFORE, stages(finished=11), LAST_DAY, "No account is left to move.", id="finished"),
        pytest.param(
            BEFORE,
            stages(to_clarify=11),
            LAST_DAY,
            "No pace: the audit could not tell how far the move is.",
            id="undecided",
        ),
    ],
)
def test_a_pace_is_told_in_a_sentence(
    earlier: list[WeekCount], now: dict[Stage, int], last: str | None, told: str
) -> None:
    assert sentence(pace_of(earlier, week(TODAY, now), last)) == told


def test_a_pace_too_slow_to_show_is_not_told_as_none() -> None:
    slow = pace_of([week("2025-01-06", stages(can_move=11))], week(TODAY, stages(can_move=10)), None)
    assert sentence(slow).startswith("less than 0.1 accounts a week")


def test_page_summary_and_terminal_tell_the_same_pace() -> None:
    results = tenant("contoso", stages(can_move=6, finished=5), earlier=BEFORE)
    assert results.history is not None
    told = sentence(results.history.pace)
    assert told in html.render(results)
    assert told in list(summary.headline(results))
    assert told in [line for line, _ in summary_lines(results)]


def test_the_line_of_earlier_audits_has_its_numbers_as_text() -> None:
    page = html.render(tenant("contoso", stages(can_move=6, finished=5), earlier=BEFORE))
    assert re.search(r"Accounts left: 11 on 9 Nov 2026, 6 on 23 Nov 2026\s*</title>", page)
    first = html.render(tenant("contoso", stages(can_move=6)))
    assert "spark-title" not in first
    assert "No pace yet" in first
