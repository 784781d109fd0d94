"""The proof matrix: what turns each live rule, and what makes it unreadable; read from `matrix.toml`.

`python -m nylas_readiness.checks.suite.matrix` prints it as a table.
"""

import tomllib
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

from nylas_readiness.checks.catalogue import active

# Rules that read no remote source and no export: the user's own files, this run's own count, a date that is
# not due, the comparison of two addresses or regions, and what is always for review.
NOT_READ = {
    "CFG-001",
    "CFG-002",
    "CFG-005",
    "EAS-003",
    "ACC-003",
    "MIG-003",
    "MIG-005",
    "NY3-009",
}


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One run of the sandbox and the statuses that change in it; see the head of matrix.toml."""

    faults: list[str | dict[str, Any]]
    statuses: dict[str, str]
    base: str = "healthy"
    rule: str | None = None
    source: str | None = None
    as_of: date | None = None
    allow_writes: bool = False
    baseline: dict[str, str] = {}
    clock_step: float | None = None

    @property
    def name(self) -> str:
        """What the entry is about: the rule that it turns, or the source that it hides."""
        return self.rule or f"without {self.source}"


class Matrix(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every entry: those that turn a rule, and those that make a source unreadable."""

    turn: list[Entry]
    unreadable: list[Entry]


@cache
def matrix() -> Matrix:
    """Return the matrix."""
    text = files(__package__).joinpath("matrix.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), Matrix)


def live_rules() -> list[str]:
    """Return the ids of the live rules that have a check."""
    return [rule.id for rule in active() if rule.subject in {"tenant", "account"} and not rule.planned]


def table() -> str:
    """Return the matrix as text: a line a rule."""
    lines = [f"{'rule':<9}{'turned to':<15}{'by':<44}unreadable by"]
    for rule in live_rules():
        turn = next((entry for entry in matrix().turn if entry.rule == rule), None)
        hidden = [entry.source for entry in matrix().unreadable if entry.statuses.get(rule) == "unknown"]
        by = ", ".join(map(_fault, turn.faults)) or "flag, file or clock" if turn else "(all others)"
        unreadable = "; ".join(filter(None, hidden)) or "-"
        lines.append(f"{rule:<9}{turn.statuses[rule] if turn else 'warn':<15}{by:<44}{unreadable}")
    return "\n".join(lines)


def _fault(fault: str | dict[str, Any]) -> str:
    return fault if isinstance(fault, str) else str(fault["name"])


if __name__ == "__main__":
    print(table())  # noqa: T201 -- this is the command's output
