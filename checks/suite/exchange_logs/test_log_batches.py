"""Log files in batches: the counts are those of one process; one that ends is told for its files."""

import pickle
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.log_samples import (
    SERVICE_ACCOUNT,
    back,
    back_file,
    front,
    front_file,
)
from nylas_readiness.checks.suite.support.odd_log_keys import deadly, endless
from nylas_readiness.fixtures.exchange_logs import batches
from nylas_readiness.fixtures.exchange_logs.batches import LogsRead, cores, read_batch, read_in_batches
from nylas_readiness.fixtures.exchange_logs.callers import ServiceAccount
from nylas_readiness.fixtures.exchange_logs.counts import MOST_PLACES
from nylas_readiness.fixtures.exchange_logs.sources import Source
from nylas_readiness.fixtures.exchange_logs.traffic import Spans

pytestmark = pytest.mark.offline

SERVICE = ServiceAccount(SERVICE_ACCOUNT)
DAYS = 70


def hour(number: int) -> str:
    return f"2026-{1 + number // 28:02}-{1 + number % 28:02}T{number % 24:02}:15:00.047Z"


def contents() -> list[str]:
    """Return files that together have more hours, bad rows and kinds of answer than one of them."""
    fronts = [
        front_file(
            *(
                front(
                    DateTime=hour(number),
                    AnchorMailbox=f"Smtp~user{number % 7 + day % 5}@contoso.com",
                    HttpStatus=str(200 + (number + day) % 5 * 100),
                    TotalRequestTime=str(number * 37 % 4000),
                )
                for number in range(day, DAYS, 3)
            ),
            *(["a row, too short"] * (MOST_PLACES // 2 + 1)),
        )
        for day in range(3)
    ]
    backs = [
        back_file(
            *(back(DateTime=hour(day * 11), ImpersonatedUser=f"user{name}@contoso.com") for name in range(9))
        )
        for day in range(3)
    ]
    return [*fronts, *backs, "PK\x03\x04", front_file(front(AuthenticatedUser="", HttpStatus="401"))]


def written(folder: Path, *texts: str) -> list[Source]:
    for number, text in enumerate(texts):
        (folder / f"{number}.LOG").write_text(text, "utf-8")
    return [Source(path, path.name) for path in sorted(folder.iterdir())]


def ignore(_done: int, _size: int) -> None:
    """Show nothing."""


def read(
    sources: list[Source],
    processes: int,
    key: Callable[[str], str] = str.casefold,
    show: Callable[[int, int], None] = ignore,
) -> LogsRead:
    return read_in_batches(sources, SERVICE, key, show, processes)


def state_of(value: object) -> object:
    """Return everything that counts hold, in the order in which they hold it.

    Of a span, no report shows the answers: their order may be another.
    """
    if isinstance(value, Spans):
        shown = ("requests", "failures", "last_failure", "latency")
        return value.hours, [(at, *(state_of(getattr(span, name)) for name in shown)) for at, span in value]
    if isinstance(value, set):
        return sorted(value)
    if isinstance(value, dict):
        return [(state_of(name), state_of(member)) for name, member in value.items()]
    if isinstance(value, list | tuple):
        return [state_of(member) for member in value]
    names = getattr(type(value), "__slots__", None) or getattr(value, "__dict__", None)
    return [(name, state_of(getattr(value, name))) for name in sorted(names)] if names else repr(value)


@pytest.fixture
def each_file_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each file be a batch of its own."""
    monkeypatch.setattr(batches, "BATCH_BYTES", 1)


@pytest.mark.usefixtures("each_file_alone")
@each_of("processes", [1, 3])
def test_batches_come_to_what_one_reading_comes_to(
    tmp_path_factory: pytest.TempPathFactory, processes: int
) -> None:
    sources = written(tmp_path_factory.mktemp("logs"), *contents())
    whole = read_batch(sources, SERVICE, str.casefold)
    parts = read(sources, processes)
    assert state_of(parts) == state_of(whole)
    assert whole.files == len(sources) - 1
    assert len(whole.problems) == 1
    assert whole.counts.bad > len(whole.counts.places) == MOST_PLACES


def test_files_of_one_batch_are_read_in_this_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "Popen", lambda *_args, **_options: pytest.fail("another process"))
    assert read(written(tmp_path, *contents()), 8).counts.rows > DAYS


@pytest.mark.usefixtures("each_file_alone")
def test_how_far_it_is_is_told_at_each_tenth_before_the_last(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    sources = written(tmp_path, *[front_file(front())] * 30)
    read(sources, 1, show=lambda *sizes: told.append(sizes))
    size = sources[0].path.stat().st_size
    assert told == [(size * 3 * tenth, size * 30) for tenth in range(1, 10)]


def about(*names: str) -> list[str]:
    return [front_file(front(AnchorMailbox=f"Smtp~{name}@contoso.com")) for name in names]


@pytest.mark.usefixtures("each_file_alone")
def test_a_process_that_ends_is_told_for_its_files_and_the_others_count(tmp_path: Path) -> None:
    sources = written(tmp_path, *about("ann", "poison", "ben", "killer", "cid"))
    found = read(sources, 2, key=deadly)
    by_signal = "ended with exit code 15" if sys.platform == "win32" else "was ended by SIGTERM"
    assert found.problems == [
        "1.LOG: the process that read it ended with exit code 7; nothing of the file counts",
        f"3.LOG: the process that read it {by_signal}; nothing of the file counts",
    ]
    assert found.files == 3
    accounts = list(found.counts.views["front end"].accounts)
    assert accounts == ["ann@contoso.com", "ben@contoso.com", "cid@contoso.com"]


@pytest.mark.usefixtures("each_file_alone")
def test_ctrl_c_ends_every_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []

    class Recorded(subprocess.Popen[bytes]):
        def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 -- as they are
            super().__init__(*arguments, **options)
            started.append(self)

    def interrupt(_done: int, _size: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess, "Popen", Recorded)
    with pytest.raises(KeyboardInterrupt):
        read(written(tmp_path, *about("ann", *["endless"] * 3)), 2, key=endless, show=interrupt)
    assert [process.returncode for process in started[:2]] == [0, -signal.SIGKILL]
    assert all(process.returncode == -signal.SIGKILL for process in started[1:])


def test_counts_go_to_another_process_and_come_back(tmp_path: Path) -> None:
    counted = read_batch(written(tmp_path, *contents()), SERVICE, str.casefold)
    assert state_of(pickle.loads(pickle.dumps(counted))) == state_of(counted)  # noqa: S301 -- our own


def test_there_is_a_core() -> None:
    assert cores() >= 1
