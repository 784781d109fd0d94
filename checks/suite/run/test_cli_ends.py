"""What ends a run from outside leaves a sentence, its exit code and a journal to go on with."""

import subprocess
import sys
from pathlib import Path

import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.command_line import LIVE, LONGEST_S, command, environment, run
from nylas_readiness.fixtures.evidence.saved import Saved

pytestmark = [
    pytest.mark.offline,
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has neither these limits nor these pipes"),
]

AUDIT: list[str | Path] = [LIVE, "--tenant", "sandbox:healthy", "--report-dir", "report"]
REPORTS = {"results.json", "readiness.html", "accounts.csv", "run.html", "evidence.journal"}
# A disk that has no room for a file of more bytes.
FULL_DISK = """
import resource

resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, resource.RLIM_INFINITY))
"""
# A plugin whose page does not fit.
NO_PAGE = """
import errno, pytest

@pytest.hookimpl(trylast=True)
def pytest_sessionfinish():
    raise OSError(errno.ENOSPC, "No space left on device", "page.html")
"""


def test_a_journal_that_a_full_disk_cuts_off_is_gone_on_with(tmp_path: Path) -> None:
    (tmp_path / "full_disk.py").write_text(FULL_DISK.format(size=20_000), "utf-8")
    no_bytecode = {"PYTHONDONTWRITEBYTECODE": "1"}  # which the limit would cut off, for every later run
    full = run(tmp_path, *AUDIT, "-p", "full_disk", environ=no_bytecode)
    assert full.exit_code == 4
    assert "ERROR: report/evidence.journal: the journal cannot be written" in full.output
    assert "Traceback" not in full.output
    saved = Saved(tmp_path / "report" / "evidence.journal")
    assert saved.is_torn
    assert len(saved) > 0
    resumed = run(tmp_path, *AUDIT, "--resume")
    assert resumed.exit_code == 0, resumed.output
    assert f"it has {len(saved)} accounts" in resumed.output
    assert Saved(saved.path).is_whole


def test_a_page_that_does_not_fit_is_one_line_and_the_reports_stay(tmp_path: Path) -> None:
    (tmp_path / "no_page.py").write_text(NO_PAGE, "utf-8")
    ended = run(tmp_path, *AUDIT, "-p", "no_page")
    assert ended.exit_code == 4
    assert ended.problem == (
        "page.html: it cannot be written (No space left on device). Make room, and run again"
    )
    assert {path.name for path in (tmp_path / "report").iterdir()} >= {"results.json", "evidence.journal"}


@each_of("joined", [False, True])
def test_a_run_whose_output_nobody_reads_any_more_writes_its_reports(tmp_path: Path, joined: bool) -> None:
    with subprocess.Popen(  # noqa: S603 -- this interpreter, with arguments from this file
        command(*AUDIT, "--report-dir", f"report-{joined}"),
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if joined else subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        errors = process.stderr.read() if process.stderr else ""
        assert process.wait(LONGEST_S) == 0, errors
    assert {path.name for path in (tmp_path / f"report-{joined}").iterdir()} >= REPORTS
    if not joined:
        assert errors == "nobody reads the output any more: the run goes on to its reports\n"


def test_without_a_terminal_the_run_ends_as_with_one_and_shows_only_problems(tmp_path: Path) -> None:
    (tmp_path / "no_page.py").write_text(NO_PAGE, "utf-8")
    quiet = run(tmp_path, *AUDIT, "-p", "no:terminal")
    assert (quiet.exit_code, quiet.output) == (0, "")
    assert {path.name for path in (tmp_path / "report").iterdir()} >= REPORTS
    problem = run(tmp_path, *AUDIT, "-p", "no:terminal", "-p", "no_page")
    assert (problem.exit_code, len(problem.lines)) == (4, 1)
    assert "page.html: it cannot be written" in problem.problem
