"""Changes as a person reads them: equal ones together, a bounded number of each kind."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from nylas_readiness.reports.model import Change, ChangeKind, Changes

# How many lines of one kind are shown, and how many accounts of one line are named.
LINES: Final = 8
NAMED_ACCOUNTS: Final = 8


@dataclass(frozen=True, kw_only=True)
class SameChange:
    """Accounts of which the same changed: `change` is the first's, `more` of them are not in `emails`."""

    change: Change
    emails: list[str]
    more: int


@dataclass(frozen=True, kw_only=True)
class KindGroup:
    """The changes of one kind: how many, the first lines of them, and how many changes are on no line."""

    kind: ChangeKind
    count: int
    lines: list[SameChange]
    more: int


def kind_groups(changes: Changes) -> Iterator[KindGroup]:
    """Yield what changed, by kind, most urgent first."""
    for kind, found in groupby(changes.changed, key=lambda one: one.kind):
        lines = list(_lines(found))
        yield KindGroup(
            kind=kind,
            count=changes.counts[kind],
            lines=lines[:LINES],
            more=sum(len(one.emails) + one.more or 1 for one in lines[LINES:]),
        )


def _lines(changes: Iterator[Change]) -> Iterator[SameChange]:
    """Yield equal changes together, in the order of the first of them."""
    alike: dict[tuple[object, ...], list[Change]] = {}
    for one in changes:
        alike.setdefault((one.rule, one.before, one.after), []).append(one)
    for found in alike.values():
        emails = [one.email for one in found if one.email is not None]
        yield SameChange(change=found[0], emails=emails[:NAMED_ACCOUNTS], more=len(emails[NAMED_ACCOUNTS:]))
