"""Reading request logs beside a plain `csv.reader` pass over the same file, its memory, and two processes."""

import csv
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pytest

from nylas_readiness.checks.suite.support.log_samples import SERVICE_ACCOUNT, front, header
from nylas_readiness.fixtures.exchange_logs.batches import BATCH_BYTES, cores, read_in_batches
from nylas_readiness.fixtures.exchange_logs.callers import ServiceAccount
from nylas_readiness.fixtures.exchange_logs.reader import LogReader
from nylas_readiness.fixtures.exchange_logs.sources import Source
from nylas_readiness.fixtures.sandbox.exchange_logs import columns

pytestmark = pytest.mark.bench

T = TypeVar("T")

MB = 1_000_000
ACCOUNTS = 500
# How many requests of a server are the service account's: all of them is the worst that can be.
OWN_OF_TEN = (1, 10)
MOST_APART_KB = 20 * 1024
FILES = 8

# A new process: a peak never goes down again.
READ = """
import resource, sys
from pathlib import Path
from nylas_readiness.checks.bench.test_logs import read
assert read(Path(sys.argv[1])).bad == 0
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


class Benchmark(Protocol):
    """pytest-benchmark's fixture, which has no types of its own."""

    extra_info: dict[str, Any]
    stats: Any

    def pedantic(self, action: Callable[[], T], *, rounds: int) -> T:
        """Run `action` so many times."""
        ...  # pragma: no cover


def rows(own_of_ten: int) -> Iterator[str]:
    """Yield rows of a day again and again, as long as real ones, so many of ten the service account's."""
    generic = (
        "BeginRequest=2026-11-02T09:15:00.000Z;CorrelationID=<empty>;" + "I32:ATE.C[DC]=2;F:ATE.AL=0.5;" * 8
    )
    day = [
        front(
            DateTime=f"2026-11-02T{number % 24:02}:15:{number % 60:02}.047Z",
            AuthenticatedUser="CONTOSO\\svc-nylas" if number % 10 < own_of_ten else f"CONTOSO\\user{number}",
            AnchorMailbox=f"Smtp~user{number % ACCOUNTS}@contoso.com",
            TotalRequestTime=str(20 + number % 3000),
            GenericInfo=generic,
        )
        for number in range(20_000)
    ]
    while True:
        yield from day


def write(path: Path, size: int, own_of_ten: int) -> None:
    """Write a log of about `size` bytes."""
    made = rows(own_of_ten)
    with path.open("w", encoding="utf-8", newline="\r\n") as file:
        file.write(header(columns()["front"]))
        while file.tell() < size:
            file.writelines(f"{row}\n" for row in islice(made, 1000))


def read(path: Path) -> LogReader:
    """Read a log as an audit does."""
    found = LogReader(ServiceAccount(SERVICE_ACCOUNT))
    found.read(path, path.name)
    return found


def read_plainly(path: Path) -> int:
    """Pass over a log with a csv.reader."""
    with path.open(encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.reader(file))


@pytest.fixture(scope="module")
def times() -> dict[int, float]:
    """Return how many seconds the plain pass took, by the share of the service account's rows."""
    return {}


@pytest.fixture(scope="module", params=OWN_OF_TEN)
def log(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """Return a log of 50 MB, and how many of ten rows are the service account's."""
    path = tmp_path_factory.mktemp("logs") / "front.LOG"
    write(path, 50 * MB, request.param)
    return path, request.param


def test_a_plain_csv_reader(benchmark: Benchmark, log: tuple[Path, int], times: dict[int, float]) -> None:
    path, own = log
    assert benchmark.pedantic(lambda: read_plainly(path), rounds=3) > 10_000
    times[own] = benchmark.stats.stats.min
    benchmark.extra_info["MB/s"] = round(path.stat().st_size / MB / times[own])


def test_the_log_reader(benchmark: Benchmark, log: tuple[Path, int], times: dict[int, float]) -> None:
    path, own = log
    found = benchmark.pedantic(lambda: read(path), rounds=3)
    assert found.bad == 0
    assert len(found.views["front end"].accounts) == ACCOUNTS // (10 // own)
    seconds = benchmark.stats.stats.min
    benchmark.extra_info["MB/s"] = round(path.stat().st_size / MB / seconds)
    benchmark.extra_info["times a csv.reader"] = round(times[own] / seconds, 2)
    benchmark.extra_info["own of ten"] = own


def test_a_hundred_times_as_much_takes_no_more_memory(benchmark: Benchmark, tmp_path: Path) -> None:
    """From 10 MB to 1 GB."""
    path, peaks = tmp_path / "front.LOG", {}

    def measure() -> None:
        for size in (10 * MB, 1000 * MB):
            write(path, size, 10)
            done = subprocess.run([sys.executable, "-c", READ, str(path)], check=True, capture_output=True)  # noqa: S603 -- ours
            peaks[size] = int(done.stdout)

    benchmark.pedantic(measure, rounds=1)
    benchmark.extra_info["peak_kb"] = peaks
    assert max(peaks.values()) - min(peaks.values()) < MOST_APART_KB, peaks


@pytest.mark.skipif(cores() < 2, reason="needs two cores")
def test_two_processes_read_almost_twice_as_fast(benchmark: Benchmark, tmp_path: Path) -> None:
    """Each file is a batch. CPU time tells what the second process costs, also if the cores are not idle."""
    first = tmp_path / "0.LOG"
    write(first, BATCH_BYTES + MB, 1)
    for number in range(1, FILES):
        (tmp_path / f"{number}.LOG").hardlink_to(first)
    sources = [Source(path, path.name) for path in sorted(tmp_path.iterdir())]
    service = ServiceAccount(SERVICE_ACCOUNT)
    seconds: dict[int, list[tuple[float, float]]] = {1: [], 2: []}

    def measure() -> None:
        for processes, measured in seconds.items():
            before = time.perf_counter(), sum(os.times()[:4])
            read_in_batches(sources, service, str.casefold, lambda _done, _size: None, processes)
            measured.append((time.perf_counter() - before[0], sum(os.times()[:4]) - before[1]))

    benchmark.pedantic(measure, rounds=2)
    (wall, cpu), (wall_of_two, cpu_of_two) = (tuple(map(min, zip(*seconds[n], strict=True))) for n in (1, 2))
    times = wall / wall_of_two
    benchmark.extra_info |= {"times": round(times, 2), "cpu": round(cpu_of_two / cpu, 2)}
    assert times > 1, benchmark.extra_info
