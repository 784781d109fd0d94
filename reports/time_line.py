"""The vendors' dates as a line: where each stands between the first of them and the last, in percent."""

from collections.abc import Sequence
from datetime import date
from typing import Final, NamedTuple

from nylas_readiness.reports.model import Deadline

# How many days before today the line begins at the earliest: what is long past is only listed.
_DAYS_BACK: Final = 90


class Mark(NamedTuple):
    """A date on the line: where it is, in percent of the width, and whether it is past."""

    at: float
    deadline: Deadline
    is_past: bool


class TimeLine(NamedTuple):
    """The line: where today is, and the dates that are on it."""

    today: float
    marks: list[Mark]


def time_line(deadlines: Sequence[Deadline], as_of: str) -> TimeLine | None:
    """Return the line of the dates that are ahead or not long past; None where no date is ahead."""
    today = date.fromisoformat(as_of)
    near = [one for one in deadlines if (today - date.fromisoformat(one.date)).days <= _DAYS_BACK]
    if not any(one.date > as_of for one in near):
        return None
    days = sorted((date.fromisoformat(one.date), one.id) for one in near)
    first, last = min(days[0][0], today), days[-1][0]
    span = max(1, (last - first).days)
    marks = [
        Mark(100 * (date.fromisoformat(one.date) - first).days / span, one, one.date <= as_of)
        for one in sorted(near, key=lambda one: one.date)
    ]
    return TimeLine(100 * (today - first).days / span, marks)
