"""`each_of` runs every case, and a failed one neither hides the next nor passes."""

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

from nylas_readiness.checks.suite.support.cases import each_of

pytestmark = pytest.mark.offline

TABLE = """
import pytest
from nylas_readiness.checks.suite.support.cases import each_of

@pytest.fixture
def limit():
    return 2

@each_of(("number", "word"), [(1, "one"), (2, "two"), (3, "three"), (1, "again")])
def test_below(limit, number, word):
    assert number < limit

@pytest.mark.anyio
@each_of("number", [1, 5])
async def test_async(number, limit):
    assert number < limit
"""


def test_every_failed_case_is_told_and_fails_its_test(tmp_path: Path) -> None:
    (tmp_path / "test_table.py").write_text(TABLE, "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)  # noqa: S603 -- this interpreter
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    for told in ("(number=2, word='two')", "(number=3, word='three')", "(number=5)"):
        assert f"SUBFAILED{told}" in done.stdout
    assert "5 failed, 3 subtests passed" in done.stdout


def test_pytest_is_asked_for_subtests_and_the_fixtures_alone() -> None:
    @each_of("case", [1])
    def example(case: int, visitor: str) -> None: ...

    assert list(inspect.signature(example).parameters) == ["subtests", "visitor"]


def test_a_table_without_a_case_is_refused() -> None:
    with pytest.raises(ValueError, match="no case of number"):
        each_of("number", [])
