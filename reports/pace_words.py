"""A pace in words: how fast a move goes, and whether that is fast enough."""

from nylas_readiness.checks.migration.pace import Pace, PaceState
from nylas_readiness.reports import words


def sentence(pace: Pace) -> str:
    """Return the pace in a sentence or two."""
    match pace.state:
        case PaceState.FINISHED:
            return "No account is left to move."
        case PaceState.UNDECIDED:
            return "No pace: the audit could not tell how far the move is."
        case PaceState.TOO_FEW:
            return f"No pace yet: there is no earlier audit to count from.{_needed(pace)}"
        case PaceState.NO_PROGRESS:
            return f"No progress{_since(pace)}.{_needed(pace)}"
        case _:
            return f"{_rate(pace)}{_since(pace)}: at this pace the last one moves {_end(pace)}."


def _rate(pace: Pace) -> str:
    rate = _number(pace.per_week or 0)
    return f"{rate} account{'s' * (rate != '1')} a week"


def _since(pace: Pace) -> str:
    if pace.since is None or pace.left_then is None:
        return ""
    return f" since {words.day(pace.since)} ({pace.left_then:,} left then, {pace.left:,} now)"


def _end(pace: Pace) -> str:
    end = f"on {words.day(pace.ends)}" if pace.ends else ""
    if pace.spare is None or pace.last_day is None:
        return end
    if pace.spare >= 0:
        return f"{end}, {words.plural(pace.spare, 'day')} before the last day"
    late = f"{end}, {words.plural(-pace.spare, 'day')} after the last day"
    return f"{late}; it takes {_number(pace.needed)} a week to be in time" if pace.needed else late


def _needed(pace: Pace) -> str:
    if pace.needed is None or pace.last_day is None:
        return ""
    return f" It takes {_number(pace.needed)} accounts a week to end by {words.day(pace.last_day)}."


def _number(value: float) -> str:
    """Return a number with one decimal where that says more, never 0 for what is not."""
    if 0 < value < 0.1:  # noqa: PLR2004 -- what one decimal can show
        return "less than 0.1"
    return f"{value:,.1f}".removesuffix(".0")
