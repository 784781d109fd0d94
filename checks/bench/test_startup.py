"""Collecting this suite, beside an empty project with the same plugins; the table shows the ratio."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = [pytest.mark.bench, pytest.mark.benchmark(group="collection", min_rounds=10, warmup=True)]

REPOSITORY = Path(__file__).parents[2]

Benchmark = Callable[..., str]


def collect(folder: Path) -> str:
    """Return what `pytest --collect-only -q` prints in a folder, with its compiled tests cached as usual."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q"]
    done = subprocess.run(  # noqa: S603 -- this interpreter
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return done.stdout


@pytest.fixture
def empty_project(tmp_path: Path) -> Path:
    """Return a git repository without a test: pytest-benchmark asks git at every start."""
    (tmp_path / "pyproject.toml").touch()
    commit = ("-c", "user.name=bench", "-c", "user.email=bench@localhost", "commit", "--quiet")
    for arguments in (("init", "--quiet"), ("add", "."), (*commit, "--message", "empty")):
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True)  # noqa: S603, S607 -- the git of the machine
    return tmp_path


def test_collecting_an_empty_project(benchmark: Benchmark, empty_project: Path) -> None:
    assert "no tests collected" in benchmark(collect, empty_project)


def test_collecting_this_suite(benchmark: Benchmark) -> None:
    assert "tests collected" in benchmark(collect, REPOSITORY)
