"""Round trips through a subprocess builder, beside a bare exchange of JSON lines with such a program."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from nylas_readiness.fixtures.payloads.process import BuilderProcess, start

pytestmark = pytest.mark.bench

ROUND_TRIPS = 200
BUILDER = """
import json, sys
for line in sys.stdin:
    print(json.dumps({"case": json.loads(line)["case"], "payload": {}}), flush=True)
"""
QUESTION = b'{"case": 1, "input": {"name": "Ann"}}\n'


@pytest.fixture
def program(tmp_path: Path) -> str:
    path = tmp_path / "builder.py"
    path.write_text(BUILDER, "utf-8")
    return str(path)


@pytest.fixture
def builder(program: str) -> Iterator[BuilderProcess]:
    with start(f"{sys.executable} {program}", 5.0) as started:
        yield started


def test_bare_json_lines(benchmark: BenchmarkFixture, program: str) -> None:
    command = [sys.executable, program]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as echo:  # noqa: S603 -- above
        stdin, stdout = echo.stdin, echo.stdout
        assert stdin
        assert stdout

        def exchange() -> int:
            answered = 0
            for _ in range(ROUND_TRIPS):
                stdin.write(QUESTION)
                stdin.flush()
                answered += bool(stdout.readline())
            return answered

        assert benchmark(exchange) == ROUND_TRIPS
        stdin.close()


def test_round_trips_through_a_builder(benchmark: BenchmarkFixture, builder: BuilderProcess) -> None:
    answers = benchmark(lambda: [builder.ask({"name": "Ann"}) for _ in range(ROUND_TRIPS)])
    assert len(answers) == ROUND_TRIPS
