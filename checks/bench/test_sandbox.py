"""How long the sandbox takes to start: the embedded run pays for it every time."""

from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

pytestmark = pytest.mark.bench

START_LIMIT_S = 0.1


def test_the_sandbox_starts_within_100_ms(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    from nylas_readiness.fixtures.sandbox.server import start

    def start_and_stop() -> None:
        with start("default", tmp_path):
            pass

    benchmark(start_and_stop)
    assert benchmark.stats is not None
    assert benchmark.stats.stats.median < START_LIMIT_S
