"""The page over 1,000 tenants: how large it is, what it costs beside reading their results, how it opens."""

import os
import random
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import msgspec
import pytest

from nylas_readiness.checks.browser.chromium import loaded, need_chromium
from nylas_readiness.checks.migration.model import TodayState
from nylas_readiness.checks.outcome import Outcome, fail, passed, warn
from nylas_readiness.checks.suite.support.fleet_samples import (
    assembled,
    record,
    stages,
    tenant,
    week,
    written,
)
from nylas_readiness.reports.model import Results

pytestmark = pytest.mark.bench

TENANTS = 1_000
LARGEST = 1_000_000
LONGEST_S = 1.0
# Writing everything of a fleet costs so many times what reading its results alone does.
DEAREST = 25


def tenants() -> Iterator[tuple[str, Results]]:
    """Yield tenants of up to 300 accounts, each with a few of the same faults and earlier audits."""
    chance = random.Random(16)  # noqa: S311 -- no secret
    for number in range(TENANTS):
        faults: dict[str, Outcome] = {
            rule: fail(f"what {rule} saw")
            for rule in ("ROL-001", "NY3-004", "USR-001")
            if chance.random() < 0.5
        }
        moved, blocked, left = chance.randrange(100), chance.randrange(100), chance.randrange(100)
        yield (
            f"customer-{number}",
            tenant(
                f"Customer {number} of the Northern Provinces",
                stages(finished=moved, blocked=blocked, can_move=left),
                {"ENT-002": passed("redeemed"), "MIG-003": warn("in 129 days"), **faults},
                today=chance.choice(list(TodayState)),
                earlier=[week(f"2026-{month}-02", stages(can_move=left + moved)) for month in (10, 11)],
            ),
        )


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fleet")


@pytest.fixture(scope="module")
def spent(directory: Path) -> float:
    """Return the processor's time for writing a fleet whose tenants are written already."""
    written(directory, dict(tenants()), is_whole=False)
    records = [record(path.parent.name, path.parent.name) for path in directory.glob("*/results.json")]
    return seconds(partial(assembled, directory, records))


def seconds(action: Callable[[], object]) -> float:
    began = time.process_time()
    action()
    return time.process_time() - began


def test_a_fleet_costs_few_times_what_reading_its_results_alone_does(directory: Path, spent: float) -> None:
    def read() -> None:
        for path in directory.glob("*/results.json"):
            msgspec.json.decode(path.read_bytes(), type=Results)

    alone = seconds(read)
    print(f"{spent:.1f} s beside {alone:.1f} s: {spent / alone:.1f} times")  # noqa: T201 -- of a benchmark
    assert spent < DEAREST * alone


@pytest.mark.usefixtures("spent")
def test_the_page_is_at_most_a_megabyte_and_opens_in_a_second(directory: Path) -> None:
    page = (directory / "fleet.html").read_text("utf-8")
    assert len(page.encode()) <= LARGEST
    need_chromium()
    empty = min(opened("<!doctype html><title>empty</title>") for _ in range(3))
    took = min(opened(page) for _ in range(3)) - empty
    print(f"{len(page.encode()):,} bytes, {took:.2f} s more than an empty page")  # noqa: T201
    assert took < LONGEST_S


def opened(page: str) -> float:
    """Return the processor's time that the browser takes for a page, whatever else the machine does."""
    before = os.times()
    loaded(page)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system
