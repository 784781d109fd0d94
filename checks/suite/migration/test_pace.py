"""The pace of a move: from earlier audits to a date, and no date where there is nothing to count."""

from datetime import date, timedelta

import pytest

from nylas_readiness.checks.migration.model import Stage
from nylas_readiness.checks.migration.pace import Pace, PaceState, by_week, history_of, pace_of, sum_of
from nylas_readiness.checks.suite.support.fleet_samples import stages, week

pytestmark = pytest.mark.offline

TODAY = "2026-11-23"
LAST = "2027-04-01"


def pace(*lefts: tuple[str, int], now: int, last: str | None = LAST) -> Pace:
    """Return the pace where so many accounts were left on these days; one more has moved."""
    earlier = [week(day, stages(can_move=left, finished=1)) for day, left in lefts]
    return pace_of(earlier, week(TODAY, stages(can_move=now, finished=1)), last)


def test_a_pace_is_what_is_less_each_week_and_leads_to_a_date() -> None:
    counted = pace(("2026-11-09", 30), now=20)
    assert (counted.per_week, counted.since, counted.left_then, counted.left) == (5, "2026-11-09", 30, 20)
    assert (counted.state, counted.ends) == (PaceState.IN_TIME, "2026-12-21")
    assert counted.spare == (date.fromisoformat(LAST) - date(2026, 12, 21)).days


def test_an_end_behind_the_last_day_says_what_pace_it_takes() -> None:
    counted = pace(("2026-11-16", 101), now=100)
    assert counted.state is PaceState.TOO_LATE
    assert counted.ends == (date.fromisoformat(TODAY) + timedelta(weeks=100)).isoformat()
    assert counted.spare is not None
    assert counted.spare < 0
    assert counted.needed == pytest.approx(100 / (129 / 7), abs=0.01)


def test_an_end_on_the_last_day_is_in_time() -> None:
    counted = pace(("2026-11-16", 10), now=5, last="2026-11-30")
    assert (counted.state, counted.ends, counted.spare) == (PaceState.IN_TIME, "2026-11-30", 0)


@pytest.mark.parametrize(
    ("lefts", "now", "state"),
    [
        pytest.param([], 5, PaceState.TOO_FEW, id="no earlier audit"),
        pytest.param([("2026-11-09", 5)], 5, PaceState.NO_PROGRESS, id="as many as before"),
        pytest.param([("2026-11-09", 3)], 5, PaceState.NO_PROGRESS, id="more than before"),
        pytest.param([("2026-11-09", 3)], 0, PaceState.FINISHED, id="none left"),
        pytest.param([], 0, PaceState.FINISHED, id="none left at first sight"),
    ],
)
def test_without_progress_there_is_no_end(lefts: list[tuple[str, int]], now: int, state: PaceState) -> None:
    counted = pace(*lefts, now=now)
    assert (counted.state, counted.ends, counted.spare) == (state, None, None)


def test_an_audit_that_could_not_tell_the_stages_has_no_pace() -> None:
    unclear = week(TODAY, stages(to_clarify=9))
    assert pace_of([week("2026-11-09", stages(can_move=9))], unclear, LAST).state is PaceState.UNDECIDED
    told = history_of([week("2026-11-09", stages(to_clarify=40))], week(TODAY, stages(can_move=9)), LAST)
    assert (told.earlier, told.pace.state) == ([], PaceState.TOO_FEW)


def test_without_a_last_day_the_end_is_told_alone() -> None:
    counted = pace(("2026-11-09", 30), now=20, last=None)
    assert (counted.state, counted.ends, counted.spare, counted.needed) == (
        PaceState.NO_LAST_DAY,
        "2026-12-21",
        None,
        None,
    )


def test_the_last_eight_weeks_count_and_what_is_older_only_without_them() -> None:
    old = ("2026-06-01", 100)
    assert pace(old, ("2026-10-05", 40), ("2026-11-09", 30), now=26).since == "2026-10-05"
    assert pace(("2026-05-04", 120), old, now=26).since == "2026-06-01"


def test_accounts_that_are_not_assessed_are_neither_left_nor_moved() -> None:
    counts = stages(can_move=1, blocked=2, to_clarify=4, not_assessed=8, finished=16, on_both=32)
    assert pace_of([], week(TODAY, counts), LAST).left == 7


def test_of_each_week_the_newest_audit_stays_and_this_days_is_none_before() -> None:
    days = ["2026-11-10", "2026-11-15", "2026-11-11", "2026-11-16", TODAY, "2026-12-01"]
    told = history_of([week(day, stages(can_move=1)) for day in days], week(TODAY, stages(can_move=1)), None)
    assert [count.as_of for count in told.earlier] == ["2026-11-15", "2026-11-16"]


def test_the_paces_of_tenants_are_added_up() -> None:
    fast, slow, new = pace(("2026-11-09", 30), now=20), pace(("2026-11-02", 9), now=6), pace(now=10)
    added = sum_of([fast, slow, new], date.fromisoformat(TODAY), LAST)
    assert (added.left, added.per_week, added.since, added.left_then) == (36, 6, "2026-11-02", 49)
    assert (added.state, added.ends) == (PaceState.IN_TIME, "2027-01-04")
    assert sum_of([new], date.fromisoformat(TODAY), LAST).state is PaceState.TOO_FEW
    assert sum_of([], date.fromisoformat(TODAY), None).state is PaceState.UNDECIDED


def test_whatever_was_counted_the_numbers_agree() -> None:
    from nylas_readiness.fixtures.strategies.profile import given, st

    counts = st.fixed_dictionaries({stage: st.integers(0, 100_000) for stage in Stage})
    days = st.dates(date(2000, 1, 1), date(2100, 12, 31)).map(date.isoformat)

    @given(st.lists(st.tuples(days, counts), max_size=6), counts, st.none() | days)
    def holds(earlier: list[tuple[str, dict[Stage, int]]], now: dict[Stage, int], last: str | None) -> None:
        told = history_of([week(*count) for count in earlier], week(TODAY, now), last)
        assert all(count.as_of < TODAY for count in told.earlier)
        assert by_week(told.earlier) == told.earlier
        assert_numbers_agree(told.pace, now)

    holds()


def assert_numbers_agree(counted: Pace, now: dict[Stage, int]) -> None:
    assert counted.left == now[Stage.CAN_MOVE] + now[Stage.BLOCKED] + now[Stage.TO_CLARIFY]
    assert (counted.spare is None) == (counted.ends is None or counted.last_day is None)
    if counted.ends:
        assert counted.ends > TODAY
        assert counted.left
        assert counted.per_week is not None
        assert counted.per_week >= 0
