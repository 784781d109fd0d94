"""Every live rule can be turned, and says `unknown` where it cannot read: the proof matrix, run."""

from collections.abc import Callable, Iterator
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from nylas_readiness.checks.suite.support.matrix import NOT_READ, Entry, live_rules, matrix, table
from nylas_readiness.checks.suite.support.report_samples import earlier_hosts
from nylas_readiness.fixtures.clients.transport import Service
from nylas_readiness.fixtures.evidence.collect import Limits
from nylas_readiness.fixtures.evidence.journal import Evidence
from nylas_readiness.fixtures.inputs.tenant import load
from nylas_readiness.fixtures.secrets import forgotten_afterwards

pytestmark = pytest.mark.offline

# Turned by no entry of their own: the plan turns with every finding of an account, and what v3 changes is
# always for review.
UNTURNED = {"MIG-005", "MIG-006"}


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for no vendor: no rule's outcome depends on it."""
    from nylas_readiness.checks.suite.support.harness import book_only

    monkeypatch.setattr(Service, "pause", book_only)


def statuses(entry: Entry) -> dict[str, str]:
    """Run the entry's sandbox with an entry's faults, and return every live rule's status."""
    from nylas_readiness.checks.suite.support.harness import judge

    with TemporaryDirectory() as folder, forgotten_afterwards():
        evidence = read(entry, Path(folder))
        ledger = judge(evidence, entry.as_of, earlier_hosts(entry.baseline) if entry.baseline else None)
    concluded = ledger.outcomes | {rule: one.outcome() for rule, one in ledger.tally.rules.items()}
    return {rule: str(outcome.status) for rule, outcome in concluded.items()}


def read(entry: Entry, folder: Path) -> Evidence:
    from nylas_readiness.checks.suite.support import harness
    from nylas_readiness.fixtures.sandbox.server import start

    limits = Limits(concurrency=8, allow_writes=entry.allow_writes)
    with start(entry.base, folder, faults=entry.faults) as sandbox:
        tenant = load(sandbox.tenant_file, sandbox.secrets)
        evidence = harness.read(tenant, folder / "journal", limits, **clock(entry))
        assert not sandbox.errors
    return evidence


def clock(entry: Entry) -> dict[str, Callable[[], float]]:
    """Return the clock of an entry: one that jumps at each look, or none of its own."""
    if entry.clock_step is None:
        return {}
    times: Iterator[float] = count(0.0, entry.clock_step)
    return {"clock": lambda: next(times)}


@cache
def usual(base: str, *, allow_writes: bool) -> dict[str, str]:
    """Return the statuses of an entry's company without its faults."""
    return statuses(Entry(faults=[], statuses={}, base=base, allow_writes=allow_writes))


@pytest.mark.parametrize(
    "entry", [pytest.param(entry, id=entry.name) for entry in (*matrix().turn, *matrix().unreadable)]
)
def test_a_fault_turns_what_it_declares_and_nothing_else(entry: Entry) -> None:
    before, after = usual(entry.base, allow_writes=entry.allow_writes), statuses(entry)
    assert {rule: status for rule, status in after.items() if status != before[rule]} == entry.statuses


def test_every_live_rule_is_turned_by_an_entry_of_its_own() -> None:
    turned = {entry.rule for entry in matrix().turn if entry.rule in entry.statuses}
    assert set(live_rules()) - turned == UNTURNED


def test_every_rule_that_reads_a_source_is_unknown_without_it() -> None:
    unreadable = {
        rule
        for entry in matrix().unreadable
        for rule, status in entry.statuses.items()
        if status == "unknown"
    }
    assert set(live_rules()) - unreadable == NOT_READ


def test_what_cannot_be_read_is_neither_failed_nor_passed() -> None:
    """Beside `unknown`, only the plan and the request budget may change, and only to a warning."""
    for entry in matrix().unreadable:
        others = {rule for rule, status in entry.statuses.items() if status != "unknown"}
        assert others <= {"MIG-006", "CFG-005"}, entry.name


def test_the_matrix_is_printed_with_a_line_for_each_rule() -> None:
    assert [line.split()[0] for line in table().splitlines()] == ["rule", *live_rules()]
