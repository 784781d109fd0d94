"""How long the sandbox takes to start and stop: the embedded run pays for it every time."""

from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from nylas_readiness.fixtures.sandbox.server import start

pytestmark = pytest.mark.bench


def test_the_sandbox_starts_and_stops(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    def start_and_stop() -> None:
        with start("default", tmp_path):
            pass

    benchmark(start_and_stop)
