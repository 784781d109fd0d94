"""Accounts that are left, week by week, as the geometry of a picture: the page sets it as SVG."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

from nylas_readiness.checks.migration.pace import Pace

# An end that is farther behind the last day than this is drawn as a line that leaves the picture.
_LONGEST_OVERRUN: Final = timedelta(weeks=8)


# How far apart labels of days are at least.
_ROOM: Final = 130


class Week(NamedTuple):
    """How many accounts were left on a date, and how many of them were blocked."""

    day: str
    left: int
    blocked: int


class Label(NamedTuple):
    """A text below an axis, and where along it its middle is."""

    at: float
    text: str


class Picture(NamedTuple):
    """What is drawn: `left` and `blocked` are SVG paths of areas, `edge` of the line on top.

    `ahead`: the path on which the pace leads; `last_day`, `today`: where these days are; empty or null: the
    picture has none.
    """

    width: int
    height: int
    left: str
    blocked: str
    edge: str
    ahead: str
    today: float
    last_day: float | None
    days: list[Label]
    most: int


class _Scale:
    """Where days and counts are in the picture."""

    def __init__(self, size: tuple[int, int], days: Sequence[date], most: int) -> None:
        self._width, self._height = size
        self._first, self._most = min(days), max(most, 1)
        self._days = max((max(days) - self._first).days, 1)

    def x(self, day: date) -> float:
        return round(self._width * (day - self._first).days / self._days, 1)

    def y(self, count: float) -> float:
        return round(self._height * (1 - count / self._most), 1)


def burn_down(weeks: Sequence[Week], pace: Pace, size: tuple[int, int]) -> Picture:
    """Return the picture of the weeks, of which the last is today, up to the last day or the end."""
    days = [date.fromisoformat(week.day) for week in weeks]
    today, end = days[-1], date.fromisoformat(pace.ends) if pace.ends else None
    last_day = date.fromisoformat(pace.last_day) if pace.last_day else None
    most = max(week.left for week in weeks)
    shown = [*days, *_ahead(today, end, last_day)]
    scale = _Scale(size, shown, most)
    left = _line(scale, days, [week.left for week in weeks])
    return Picture(
        *size,
        left=_area(scale, days, [week.left for week in weeks]),
        blocked=_area(scale, days, [week.blocked for week in weeks]),
        edge=left,
        ahead=_line(scale, [today, end], [weeks[-1].left, 0]) if end else "",
        today=scale.x(today),
        last_day=scale.x(last_day) if last_day and last_day in shown else None,
        days=_labels(scale, [today, *([last_day] if last_day in shown else []), days[0]]),
        most=most,
    )


def _ahead(today: date, end: date | None, last_day: date | None) -> list[date]:
    """Return the days ahead that the picture reaches to."""
    if last_day is None or last_day < today:
        return [end] if end and end - today <= _LONGEST_OVERRUN else []
    return [last_day, min(end, last_day + _LONGEST_OVERRUN)] if end else [last_day]


def _line(scale: _Scale, days: Sequence[date], counts: Sequence[int]) -> str:
    points = [f"{scale.x(day)} {scale.y(count)}" for day, count in zip(days, counts, strict=True)]
    return f"M{'L'.join(points)}"


def _area(scale: _Scale, days: Sequence[date], counts: Sequence[int]) -> str:
    return f"{_line(scale, days, counts)}V{scale.y(0)}H{scale.x(days[0])}z"


def _labels(scale: _Scale, days: Sequence[date | None]) -> list[Label]:
    """Return the days that there is room for, those that are named first before others."""
    labels: list[Label] = []
    for day in filter(None, days):
        at = scale.x(day)
        if all(abs(at - other.at) >= _ROOM for other in labels):
            labels.append(Label(at, f"{day:%d %b %Y}".lstrip("0")))
    return labels
