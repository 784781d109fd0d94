"""Dates are read in the form of any culture, and never guessed."""

from datetime import UTC, datetime

import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.fixtures.powershell.dates import Order, moment_of, order_of

pytestmark = pytest.mark.offline

NOON = datetime(2026, 3, 27, 12, 10, 5, tzinfo=UTC)


@each_of(
    "text",
    [
        "2026-03-27T12:10:05Z",
        "2026-03-27 12:10:05",
        "2026-03-27T14:10:05.0000000+02:00",
        "/Date(1774613405000)/",
        "/Date(1774613405000+0200)/",
        "27.03.2026 12:10:05",
        "27. 3. 2026 12:10:05",
        "27.3.2026 12.10.05",
        "27.03.2026, 12:10:05",
        "27/03/2026 12:10:05",
        "27-03-2026 12:10:05 PM",
        "3/27/2026 12:10:05 PM",
        "3/27/2026 12:10:05\u202fPM",
        "3/27/2026 12:10:05 p. m.",
        "2026/3/27 12:10:05",
        "2026. 03. 27. 12:10:05",
        "Friday, March 27, 2026 12:10:05 PM",
        "27 March 2026 12:10:05",
        "27-Mar-2026 12:10:05 UTC",
    ],
)
def test_a_time_is_the_same_in_every_form(text: str) -> None:
    assert moment_of(text) == NOON


@each_of(
    "text",
    [
        "3/4/2026",
        "04-03-2026 1:00 PM",
        "27/03/26",
        "27.03.2569",
        "01/01/0001 00:00:00",
        "/Date(-62135596800000)/",
        "31.02.2026",
        "3/27/2026 下午 12:10:05",
        "3/27/2026 25:00",
        "None",
        "",
        "20260327",
        "2026-13-27",
        "45012.5",
        "27 März 2026",
    ],
)
def test_what_is_no_date_or_might_be_of_two_days_is_not_guessed(text: str) -> None:
    assert moment_of(text) is None


@each_of(
    ("column", "order", "day"),
    [
        (["3/4/2026", "3/27/2026"], "month first", datetime(2026, 3, 4, tzinfo=UTC)),
        (["3/4/2026", "27/3/2026", "None"], "day first", datetime(2026, 4, 3, tzinfo=UTC)),
        (["3/4/2026", "5/5/2026"], None, None),
        (["3/4/2026", "27/3/2026", "3/27/2026"], None, None),
    ],
)
def test_a_column_shows_whether_the_day_comes_first(
    column: list[str], order: Order | None, day: datetime | None
) -> None:
    assert order_of(column) == order
    assert moment_of("3/4/2026", order) == day


def test_any_text_is_a_time_of_this_century_or_none() -> None:
    from nylas_readiness.fixtures.strategies.profile import given, st

    @given(st.text(alphabet="0123456789/.-: TZAPMapmjun,()Date", max_size=30))
    def holds(text: str) -> None:
        moment = moment_of(text)
        assert moment is None or 1999 < moment.year < 2101

    holds()
