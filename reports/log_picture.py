"""Latency and errors over time as the geometry of a picture: numbers alone, which the page sets as SVG."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil, log10
from typing import Final, NamedTuple

from nylas_readiness.fixtures.evidence.measures import Logs, LogSpan

WIDTH: Final = 720
HEIGHT: Final = 372
LEFT: Final = 80
RIGHT: Final = WIDTH - 12
# Latencies stand on a logarithmic scale above, requests on a linear one below.
_TOP, _MIDDLE = 14, 206
_SECOND, _BOTTOM = 240, 334
_FASTEST_MS: Final = 10
_SLOW_MS: Final = 30_000
# Logs with longer holes than what they tell stand span beside span, not by the clock.
_MOST_SLOTS: Final = 2000
_LABELS: Final = 4
_A_FEW_DAYS: Final = 72


class Mark(NamedTuple):
    """A label of an axis, and where it is on it."""

    at: float
    text: str


@dataclass(frozen=True, kw_only=True)
class Picture:
    """What is drawn. `p50`, `p95`, `requests` and `failures` are SVG paths; `slow`: where half a minute is.

    `worst`: the spans to look at first; `left`, `right`: where the axes end.
    """

    p50: str
    p95: str
    requests: str
    failures: str
    slow: float
    latencies: list[Mark]
    counts: list[Mark]
    times: list[Mark]
    worst: list[LogSpan]
    size: tuple[int, int] = (WIDTH, HEIGHT)
    left: int = LEFT
    right: int = RIGHT


def picture_of(logs: Logs) -> Picture | None:
    """Return the picture of a run's logs, None where they tell no request."""
    if not logs.hours:
        return None
    spans, places = logs.hours, _Places(logs)
    scale = _Latencies(spans)
    most = max(span.requests for span in spans)
    return Picture(
        p50=_line(places, scale, [span.p50_ms for span in spans]),
        p95=_line(places, scale, [span.p95_ms for span in spans]),
        requests=_bars(places, most, [span.requests for span in spans]),
        failures=_bars(places, most, [span.failures for span in spans]),
        slow=scale.y(_SLOW_MS),
        latencies=scale.marks(),
        counts=[Mark(_BOTTOM, "0"), Mark(_SECOND, f"{most:,}")],
        times=list(_times(logs, places)),
        worst=worst_of(spans),
    )


def worst_of(spans: Sequence[LogSpan], most: int = 8) -> list[LogSpan]:
    """Return the spans to look at first: those with most failures, then the slowest."""
    return sorted(spans, key=lambda span: (-span.failures, -(span.p95_ms or 0), span.start))[:most]


class _Places:
    """Where each span stands from left to right."""

    def __init__(self, logs: Logs) -> None:
        starts = [datetime.fromisoformat(span.start) for span in logs.hours]
        slots = [int((start - starts[0]).total_seconds() // (3600 * logs.span_hours)) for start in starts]
        self.slots = slots if slots[-1] < _MOST_SLOTS else list(range(len(slots)))
        self.width = (RIGHT - LEFT) / (self.slots[-1] + 1)

    def left(self, place: int) -> float:
        return LEFT + self.slots[place] * self.width

    def middle(self, place: int) -> float:
        return self.left(place) + self.width / 2

    def follows(self, place: int) -> bool:
        """Return whether the span before this one is its neighbour: a line may lead from it."""
        return place > 0 and self.slots[place] == self.slots[place - 1] + 1


class _Latencies:
    """The logarithmic scale: from 10 ms to the power of ten above the slowest, 100 s at least."""

    def __init__(self, spans: Sequence[LogSpan]) -> None:
        slowest = max((span.p95_ms or 0 for span in spans), default=0)
        self._decades = ceil(log10(max(slowest, _SLOW_MS) / _FASTEST_MS))

    def y(self, ms: int) -> float:
        share = log10(max(ms, _FASTEST_MS) / _FASTEST_MS) / self._decades
        return round(_MIDDLE - share * (_MIDDLE - _TOP), 1)

    def marks(self) -> list[Mark]:
        powers = [_FASTEST_MS * 10**decade for decade in range(self._decades + 1)]
        return [Mark(self.y(ms), f"{ms} ms" if ms < 1000 else f"{ms // 1000:,} s") for ms in powers]  # noqa: PLR2004


def _line(places: _Places, scale: _Latencies, values: Sequence[int | None]) -> str:
    """Return a path through the values; it breaks where there is none, and where time is left out."""
    parts = []
    for place, value in enumerate(values):
        if value is not None:
            leads = places.follows(place) and values[place - 1] is not None
            parts.append(f"{'L' if leads else 'M'}{places.middle(place):.1f} {scale.y(value)}")
            if not leads:
                parts.append("h0.1")  # a point without neighbours is seen too
    return "".join(parts)


def _bars(places: _Places, most: int, counts: Sequence[int]) -> str:
    """Return a path of one bar for each count."""
    width = max(places.width * 0.82, 0.5)
    heights = [round(count / most * (_BOTTOM - _SECOND), 1) for count in counts]
    return "".join(
        f"M{places.left(place):.1f} {_BOTTOM}v-{max(height, 1)}h{width:.1f}v{max(height, 1)}z"
        for place, height in enumerate(heights)
        if counts[place]
    )


def _times(logs: Logs, places: _Places) -> Iterator[Mark]:
    """Yield the time at some spans, the first and the last among them."""
    last = len(logs.hours) - 1
    chosen = sorted({round(last * part / (_LABELS - 1)) for part in range(_LABELS)})
    long = len(logs.hours) * logs.span_hours > _A_FEW_DAYS
    for place in chosen:
        start = datetime.fromisoformat(logs.hours[place].start)
        yield Mark(round(places.middle(place), 1), f"{start:%d %b}" if long else f"{start:%d %b %H:%M}")
