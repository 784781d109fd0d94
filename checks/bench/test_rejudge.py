"""Judging a journal of 1,000 accounts again, beside the audit that wrote it; and what joining costs."""

import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec
import pytest

from nylas_readiness.checks.suite.support import harness
from nylas_readiness.fixtures.evidence.again import Journals
from nylas_readiness.fixtures.evidence.journal import Evidence, begin
from nylas_readiness.fixtures.inputs.tenant import load
from nylas_readiness.fixtures.sandbox.server import Sandbox, start

pytestmark = pytest.mark.bench

T = TypeVar("T")

ACCOUNTS, MANY = 1000, 20_000


class Benchmark(Protocol):
    """pytest-benchmark's fixture, which has no types of its own."""

    extra_info: dict[str, int]

    def pedantic(self, action: Callable[[], T], *, rounds: int) -> T:
        """Run `action` so many times."""
        ...  # pragma: no cover


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with start("migration-ready", tmp_path_factory.mktemp("sandbox"), accounts=ACCOUNTS) as running:
        yield running


@pytest.fixture(scope="module")
def journal(sandbox: Sandbox) -> Path:
    path = sandbox.directory / "saved.journal"
    harness.read(load(sandbox.tenant_file, sandbox.secrets), path)
    return path


def judged(evidence: Evidence) -> int:
    return len(harness.judge(evidence).tally.accounts)


def quiet(_line: str) -> None:
    """Say nothing."""


def test_the_audit(benchmark: Benchmark, sandbox: Sandbox, tmp_path: Path) -> None:
    tenant = load(sandbox.tenant_file, sandbox.secrets)
    assert benchmark.pedantic(lambda: judged(harness.read(tenant, tmp_path / "new")), rounds=3) == ACCOUNTS


def test_its_journal_judged_again(benchmark: Benchmark, journal: Path, tmp_path: Path) -> None:
    def again() -> int:
        return judged(Journals([journal]).join(tmp_path / "joined", quiet))

    assert benchmark.pedantic(again, rounds=3) == ACCOUNTS


def test_two_journals_of_twenty_thousand_accounts_joined(
    benchmark: Benchmark, journal: Path, tmp_path: Path
) -> None:
    """They have half of their accounts in common. In memory is where each one is, and not what was read."""
    evidence, paths = Evidence(journal), [tmp_path / "one", tmp_path / "other"]
    account = next(evidence.accounts())
    for place, path in enumerate(paths):
        with begin(path) as writer:
            writer.tenant(evidence.tenant)
            for number in range(place * MANY // 2, place * MANY // 2 + MANY):
                writer.account(msgspec.structs.replace(account, email=f"user{number}@halden.example"))

    def join() -> None:
        Journals(paths).join(tmp_path / "joined", quiet)

    benchmark.pedantic(join, rounds=1)
    tracemalloc.start()
    join()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    size = (tmp_path / "joined").stat().st_size
    benchmark.extra_info.update(peak_mib=peak // 2**20, journal_mib=size // 2**20)
    assert peak < size / 4
