"""All reports of 100,000 accounts, a third of them with findings: CPU and memory, in a process of its own."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pytest

from nylas_readiness.checks.outcome import Outcome, fail, passed, warn
from nylas_readiness.checks.suite.support.report_samples import audited
from nylas_readiness.reports.model import Results

pytestmark = pytest.mark.bench

T = TypeVar("T")

ACCOUNTS = 100_000
MOST_MB = 400
LARGEST_PAGE = 6 * 2**20

# A new process: a peak never goes down again.
WRITE = """
import resource, sys, time
from pathlib import Path
from nylas_readiness.checks.bench.test_reports import artefact
from nylas_readiness.reports.write import write_all
results = artefact()
begun = time.process_time()
assert write_all(results, Path(sys.argv[1])).problems == []
print(time.process_time() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


class Benchmark(Protocol):
    """pytest-benchmark's fixture, which has no types of its own."""

    extra_info: dict[str, Any]

    def pedantic(self, action: Callable[[], T], *, rounds: int) -> T:
        """Run `action` so many times."""
        ...  # pragma: no cover


def findings(number: int) -> dict[str, Outcome]:
    """Return an account's findings: of each third account three, one of them in words of its own."""
    if number % 3:
        return {}
    own = fail(f"user{number}@contoso.example is an alias of boss{number}@contoso.example")
    return {"ACC-002": own, "NY2-003": warn("sync_state is partial"), "ACC-004": fail("no Exchange plan")}


def artefact() -> Results:
    accounts = {f"user{number}@contoso.example": findings(number) for number in range(ACCOUNTS)}
    return audited({"ENT-002": passed("redeemed")}, accounts, "ACC-002", "NY2-003", "ACC-004")


def test_the_reports_written(benchmark: Benchmark, tmp_path: Path) -> None:
    def write() -> tuple[float, float]:
        command = [sys.executable, "-c", WRITE, str(tmp_path)]
        cpu_s, peak_kb = subprocess.check_output(command, text=True).split()  # noqa: S603 -- as written above
        return float(cpu_s), int(peak_kb) / 1024

    cpu_s, peak_mb = benchmark.pedantic(write, rounds=1)
    benchmark.extra_info |= {"CPU, s": cpu_s, "peak, MB": peak_mb}
    assert peak_mb <= MOST_MB
    assert (tmp_path / "readiness.html").stat().st_size <= LARGEST_PAGE
