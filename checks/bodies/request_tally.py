"""What one PAY rule came to over all requests: counted by status, kept only for the first of each.

A million bodies times twenty-two rules are twenty-two million outcomes, nearly all of them alike.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from msgspec.structs import replace

from nylas_readiness.checks.outcome import Outcome, Status
from nylas_readiness.fixtures.evidence.measures import Trace
from nylas_readiness.fixtures.payloads import Request

# How many requests a rule shows one by one in its result; all are counted.
EXAMPLES: Final = 20
# Beyond this, more of the same in one text says nothing new.
_MOST_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class _Example:
    """One of the requests: its place among them, its name, and what the rule came to."""

    place: int
    name: str
    outcome: Outcome


@dataclass(slots=True)
class RequestTally:
    """One rule over all requests."""

    counts: Counter[Status] = field(default_factory=Counter)
    _examples: dict[Status, list[_Example]] = field(default_factory=lambda: {one: [] for one in Status})

    def add(self, outcome: Outcome, request: Request) -> None:
        """Count one request, and keep it while there are few of its status."""
        kept = self._examples[outcome.status]
        if len(kept) < EXAMPLES:
            kept.append(_Example(self.counts.total(), request.name, outcome))
        self.counts[outcome.status] += 1

    def outcome(self, at: str, more: Mapping[Status, int]) -> Outcome | None:
        """Return the worst status, how many requests have it, and the first of them, worst before others.

        `more`: how many requests there are besides, by status. None: there is no request at all.
        """
        counts = self.counts + Counter(more)
        if not counts:
            return None
        worst = next(status for status in Status if counts[status])
        first = [*chain.from_iterable(self._examples[status] for status in Status)][:EXAMPLES]
        traces = [
            Trace(at, one.name, f"{one.outcome.status}: {one.outcome.observed}")
            for one in sorted(first, key=lambda one: one.place)
        ]
        return replace(
            self._examples[worst][0].outcome,
            observed=self._observed(worst, counts),
            evidence=tuple(traces),
            affected=counts[worst],
        )

    def _observed(self, worst: Status, counts: Counter[Status]) -> str:
        alike = self._examples[worst]
        total = counts.total()
        if total == 1:
            return alike[0].outcome.observed
        shown = bounded([f"{one.name}: {one.outcome.observed}" for one in alike], count=counts[worst])
        if total <= EXAMPLES:
            return shown
        by_status = ", ".join(f"{counts[status]} {status}" for status in Status if counts[status])
        return f"{total} requests: {by_status}; {shown}"


def bounded(parts: Sequence[str], joint: str = " | ", count: int | None = None) -> str:
    """Join the first parts, and say how many more of `count` there are; by default, of the parts."""
    more = (len(parts) if count is None else count) - _MOST_SHOWN
    return joint.join([*parts[:_MOST_SHOWN], *([f"and {more} more"] if more > 0 else [])])
