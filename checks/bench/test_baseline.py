"""Two audits of 100,000 accounts compared, beside decoding their files alone; and exceptions in number."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec
import pytest

from nylas_readiness.checks.outcome import Outcome, fail, passed, warn
from nylas_readiness.checks.suite.support.report_samples import audited
from nylas_readiness.fixtures.inputs.exceptions import AcceptedFinding
from nylas_readiness.fixtures.run.baseline import read_baseline
from nylas_readiness.fixtures.run.changes import changes_since
from nylas_readiness.fixtures.run.waivers import Waivers
from nylas_readiness.reports.model import ChangeKind, Results
from nylas_readiness.reports.stream import encode

pytestmark = pytest.mark.bench

T = TypeVar("T")
ACCOUNTS = 100_000
TODAY = date(2026, 11, 23)


class Benchmark(Protocol):
    """pytest-benchmark's fixture, which has no types of its own."""

    def pedantic(self, action: Callable[[], T], *, rounds: int) -> T:
        """Run `action` so many times."""
        ...  # pragma: no cover


def emails() -> Iterator[str]:
    return (f"user{number}@contoso.example" for number in range(ACCOUNTS))


def findings(shift: int) -> dict[str, dict[str, Outcome]]:
    """Return findings with texts of their own for four accounts in ten; a tenth changes with `shift`."""
    found: dict[str, dict[str, Outcome]] = {}
    for number, email in enumerate(emails()):
        turn = (number + shift) % 10
        alias = {"ACC-002": fail(f"alias of boss{number}@contoso.example")} if turn < 4 else {}
        found[email] = alias | ({"NY2-003": warn("partial")} if turn % 2 else {})
    return found


def artefact(shift: int) -> Results:
    return audited({"ENT-002": passed("redeemed")}, findings(shift), "ACC-002", "NY2-003")


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("compared")
    written = [folder / f"results{shift}.json" for shift in (0, 1)]
    for shift, path in enumerate(written):
        path.write_bytes(encode(artefact(shift)))
    return written


@pytest.fixture(scope="module")
def now(paths: list[Path]) -> Results:
    """Return the later run, which a real run has in memory anyway."""
    return msgspec.json.decode(paths[1].read_bytes(), type=Results)


def test_the_two_files_decoded(benchmark: Benchmark, paths: list[Path]) -> None:
    def decode() -> int:
        return sum(len(msgspec.json.decode(path.read_bytes())["accounts"]) for path in paths)

    assert benchmark.pedantic(decode, rounds=3) == 2 * ACCOUNTS


def test_the_baseline_read_and_compared(benchmark: Benchmark, paths: list[Path], now: Results) -> None:
    changes = benchmark.pedantic(lambda: changes_since(read_baseline(paths[0]).snapshot, now), rounds=3)
    assert changes.counts[ChangeKind.NEW] == changes.counts[ChangeKind.FIXED] == 6 * ACCOUNTS // 10


@pytest.mark.parametrize(
    ("form", "count"),
    [
        pytest.param("{0}@contoso.example", 10_000, id="ten thousand addresses"),
        pytest.param("*{0}*", 100, id="a hundred patterns"),
    ],
)
def test_every_account_looked_up_in_the_exceptions(benchmark: Benchmark, form: str, count: int) -> None:
    every = ACCOUNTS // count
    accepted = [
        AcceptedFinding(
            rule="ACC-002",
            account=form.format(f"user{number * every}"),
            owner="jane",
            reason="known",
            expires=TODAY,
        )
        for number in range(count)
    ]

    def waive() -> int:
        waivers = Waivers(accepted, TODAY)
        return sum(waivers.waive("ACC-002", email, fail("alias")).waiver is not None for email in emails())

    assert benchmark.pedantic(waive, rounds=1) >= count
