"""The pace of a move: how many accounts a week get to Nylas v3, and when the last one does at that pace."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from math import ceil
from typing import Final

import msgspec

from nylas_readiness.checks.migration.model import Stage

# What is left to do: accounts that are not on Nylas v3 yet, as far as that was assessed.
LEFT: Final = (Stage.CAN_MOVE, Stage.BLOCKED, Stage.TO_CLARIFY)
# The stages that say where an account is. An audit without any of them could not tell how far the move is.
_TOLD: Final = (Stage.FINISHED, Stage.ON_BOTH, Stage.CAN_MOVE, Stage.BLOCKED)
# What was done longer ago than this says little of the pace of today.
_WINDOW: Final = timedelta(weeks=8)
_MOST_WEEKS: Final = 52
_WEEK: Final = timedelta(weeks=1)


class WeekCount(msgspec.Struct, frozen=True, kw_only=True):
    """How many accounts an audit saw in each stage, on the date that it judged by."""

    as_of: str
    stages: dict[Stage, int]


class PaceState(StrEnum):
    """What the pace says of the end.

    `in-time`, `too-late`: the move ends until the last day, or behind it; `no-last-day`: no date ends
    today's connection; `no-progress`: no fewer accounts are left than before; `too-few`: there is no audit
    of an earlier date; `undecided`: the audit could not tell how far the move is.
    """

    FINISHED = "finished"
    IN_TIME = "in-time"
    TOO_LATE = "too-late"
    NO_LAST_DAY = "no-last-day"
    NO_PROGRESS = "no-progress"
    TOO_FEW = "too-few"
    UNDECIDED = "undecided"


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """How fast a move goes, and where that leads.

    `left`: how many accounts are not on v3 yet, and `left_then` on the date `since`; `per_week`: how many
    fewer they get in a week; `needed`: how many it takes to end on the last day; `spare`: how many days the
    end is before the last day, negative behind it.
    """

    state: PaceState
    left: int
    since: str | None = None
    left_then: int | None = None
    per_week: float | None = None
    needed: float | None = None
    ends: str | None = None
    last_day: str | None = None
    spare: int | None = None


class History(msgspec.Struct, frozen=True, kw_only=True):
    """The tenant's earlier audits, the newest of each week, oldest first, and the pace up to this one."""

    earlier: list[WeekCount]
    pace: Pace


def history_of(earlier: Iterable[WeekCount], now: WeekCount, last_day: str | None) -> History:
    """Return the history of a tenant. Audits of this date or a later one are no earlier ones."""
    weeks = by_week(count for count in earlier if count.as_of < now.as_of and is_told(count.stages))
    return History(earlier=weeks, pace=pace_of(weeks, now, last_day))


def by_week(counts: Iterable[WeekCount]) -> list[WeekCount]:
    """Return the newest count of each week, oldest first."""
    newest = {
        date.fromisoformat(count.as_of).isocalendar()[:2]: count
        for count in sorted(counts, key=lambda count: count.as_of)
    }
    return list(newest.values())[-_MOST_WEEKS:]


def is_told(stages: Mapping[Stage, int]) -> bool:
    """Return whether an audit could tell of any account how far it is."""
    return any(stages.get(stage) for stage in _TOLD)


def left(stages: Mapping[Stage, int]) -> int:
    """Return how many accounts are not on v3 yet."""
    return sum(stages.get(stage, 0) for stage in LEFT)


def pace_of(earlier: Sequence[WeekCount], now: WeekCount, last_day: str | None) -> Pace:
    """Return the pace since the oldest audit of the last weeks; without one, since the newest before."""
    if not is_told(now.stages):
        return Pace(state=PaceState.UNDECIDED, left=left(now.stages), last_day=last_day)
    today = date.fromisoformat(now.as_of)
    recent = [count for count in earlier if today - date.fromisoformat(count.as_of) <= _WINDOW]
    then = recent[0] if recent else earlier[-1] if earlier else None
    if then is None:
        return _towards(today, left(now.stages), None, last_day)
    weeks = (today - date.fromisoformat(then.as_of)) / _WEEK
    per_week = (left(then.stages) - left(now.stages)) / weeks
    told = _towards(today, left(now.stages), per_week, last_day)
    return msgspec.structs.replace(told, since=then.as_of, left_then=left(then.stages))


def sum_of(paces: Iterable[Pace], today: date, last_day: str | None) -> Pace:
    """Return the pace of several tenants together. Those without a pace had as many left before as now."""
    paces = list(paces)
    if not paces or all(pace.state is PaceState.UNDECIDED for pace in paces):
        return Pace(state=PaceState.UNDECIDED, left=sum(pace.left for pace in paces), last_day=last_day)
    known = [pace for pace in paces if pace.per_week is not None]
    per_week = sum(pace.per_week or 0 for pace in known) if known else None
    told = _towards(today, sum(pace.left for pace in paces), per_week, last_day)
    since = min((pace.since for pace in known if pace.since), default=None)
    then = sum(_left_then(pace) for pace in paces) if known else None
    return msgspec.structs.replace(told, since=since, left_then=then)


def _left_then(pace: Pace) -> int:
    return pace.left if pace.left_then is None else pace.left_then


def _towards(today: date, remaining: int, per_week: float | None, last_day: str | None) -> Pace:
    """Return where a pace leads: the day on which no account is left."""
    last = date.fromisoformat(last_day) if last_day else None
    pace = Pace(
        state=_without_end(remaining, per_week),
        left=remaining,
        per_week=None if per_week is None else round(per_week, 2),
        needed=_needed(today, remaining, last),
        last_day=last_day,
    )
    if not remaining or per_week is None or per_week <= 0:
        return pace
    days = min(ceil(7 * remaining / per_week), (date.max - today).days)
    ends = today + timedelta(days=days)
    spare = (last - ends).days if last else None
    state = (
        PaceState.NO_LAST_DAY if spare is None else PaceState.IN_TIME if spare >= 0 else PaceState.TOO_LATE
    )
    return msgspec.structs.replace(pace, state=state, ends=ends.isoformat(), spare=spare)


def _without_end(remaining: int, per_week: float | None) -> PaceState:
    if not remaining:
        return PaceState.FINISHED
    return PaceState.TOO_FEW if per_week is None else PaceState.NO_PROGRESS


def _needed(today: date, remaining: int, last: date | None) -> float | None:
    """Return how many accounts a week it takes until the last day; None where that is not ahead."""
    if not remaining or last is None or last <= today:
        return None
    return round(remaining / ((last - today) / _WEEK), 2)
