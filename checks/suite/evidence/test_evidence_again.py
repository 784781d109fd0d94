"""--evidence: a saved journal, judged again, gives what the run gave, and not one socket is opened for it."""

import codecs
import json
import os
import shutil
import sys
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.command_line import LIVE, Ended, run, run_each, run_fresh
from nylas_readiness.checks.suite.support.journals import sealed_lines, without_seals
from nylas_readiness.fixtures.evidence.again import Journals
from nylas_readiness.fixtures.evidence.resumed import InterruptedRun
from nylas_readiness.fixtures.evidence.saved import WITHOUT_SEALS, Saved
from nylas_readiness.fixtures.inputs.errors import UsageProblem
from nylas_readiness.fixtures.run.judging import Ledger
from nylas_readiness.fixtures.run.results import results_of

pytestmark = pytest.mark.offline

# A plugin for the other process: nothing of a network may be touched, nor a client of it made.
NO_NETWORK = """
import sys

def refuse(event, arguments):
    if event.startswith("socket."):
        raise RuntimeError(f"{event}: a judgement of journals opens no socket")

sys.addaudithook(refuse)

def pytest_unconfigure():
    ours = "nylas_readiness.fixtures"
    clients = {f"{ours}.evidence.collect", f"{ours}.sandbox.server", "aiohttp", "uvicorn", "lxml"}
    print(f"loaded: {sorted((clients | {'hypothesis'}) & {*sys.modules})}")
"""
SCENARIO = "sandbox:troubled"
OUT = Path("reports", "out", "sandbox-troubled")


def results_in(folder: Path) -> dict[str, Any]:
    """Return a run's artefact without what is another's in each run."""
    found: dict[str, Any] = json.loads((folder / "results.json").read_bytes())
    for name in ("id", "started", "finished"):
        del found["run"][name]
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the report of an audit, and with the plugin that forbids the network."""
    folder = tmp_path_factory.mktemp("again")
    (folder / "no_network.py").write_text(NO_NETWORK, "utf-8")
    ended = run(folder, LIVE, "--tenant", SCENARIO, "--report-dir", "run")
    assert ended.exit_code == 1, ended.output
    return folder


@pytest.fixture(scope="module")
def offline(folder: Path) -> dict[str, Ended]:
    """Return how the judgement of its journal ended without a network, and a new audit."""
    options = (LIVE, "-p", "no_network")
    return {
        "again": run_fresh(folder, *options, "--evidence", "run/evidence.journal"),
        "guarded": run(folder, *options, "--tenant", SCENARIO, "--report-dir", "guarded"),
    }


def test_the_results_are_the_runs_own_and_nothing_is_asked_for_them(
    folder: Path, offline: dict[str, Ended]
) -> None:
    assert offline["again"].exit_code == 1, offline["again"].output
    assert "loaded: []" in offline["again"].lines
    [report] = (folder / OUT).iterdir()
    assert results_in(report) == results_in(folder / "run")
    assert {path.name for path in report.iterdir()} == {path.name for path in (folder / "run").iterdir()}


def test_the_guard_of_this_test_would_have_stopped_a_request(folder: Path, offline: dict[str, Ended]) -> None:
    assert "a judgement of journals opens no socket" in offline["guarded"].output
    assert not (folder / "guarded" / "results.json").exists()


@pytest.fixture(scope="module")
def judged(folder: Path) -> dict[str, Ended]:
    """Return how the journal was judged as of another date, and an interrupted one."""
    lines = (folder / "run" / "evidence.journal").read_bytes().splitlines(keepends=True)
    cut([*lines[:12], lines[12][:500]], folder / "torn.journal")
    late = ["--evidence", "run/evidence.journal", "--as-of", "2030-01-01", "--report-dir", "late"]
    torn = ["--evidence", "torn.journal", "--report-dir", "torn"]
    return run_each(folder, {"late": [LIVE, *late], "torn": [LIVE, *torn]})


def test_another_date_is_judged_by(folder: Path, judged: dict[str, Ended]) -> None:
    assert judged["late"].exit_code == 1, judged["late"].output
    late, then = results_in(folder / "late"), results_in(folder / "run")
    assert late["run"]["as_of"] == "2030-01-01"
    assert {one["state"] for one in late["deadlines"]} == {"in force"}
    assert {one["state"] for one in then["deadlines"]} > {"in force"}


@each_of("scenario", ["migration", "v3-only", "logs"])
def test_what_is_read_of_v3_and_of_logs_is_judged_the_same_again(tmp_path: Path, scenario: str) -> None:
    from nylas_readiness.checks.suite.support import harness

    def results(ledger: Ledger) -> dict[str, Any]:
        found: dict[str, Any] = msgspec.to_builtins(results_of(ledger, date(2026, 11, 23), interrupted=False))
        return found | {"run": found["run"]["complete"]}

    audited = harness.audit(scenario, tmp_path)
    again = Journals([tmp_path / "evidence.journal"]).join(tmp_path / "again.journal", lambda _line: None)
    assert results(harness.judge(again)) == results(audited)


def cut(lines: list[bytes], path: Path) -> Path:
    path.write_bytes(b"".join(lines))
    return path


def test_an_interrupted_journal_is_judged_by_what_it_has_and_said_to_be_one(
    folder: Path, judged: dict[str, Ended]
) -> None:
    ended = judged["torn"]
    assert ended.exit_code == 1, ended.output
    told = "torn.journal: interrupted, its last line is cut off and left out: 10 of 44 accounts were read"
    assert told in ended.lines
    further = "go on with that audit by --resume"
    assert f"incomplete: the audit was interrupted before all accounts were read: {further}" in ended.lines
    results = results_in(folder / "torn")
    assert results["run"]["complete"] is False
    assert (len(results["accounts"]), results["budget"]) == (10, {})
    rules = {rule["id"]: rule for rule in results["rules"]}
    assert {rules[rule]["status"] for rule in ("CFG-005", "EWS-005", "ACC-007")} == {"unknown"}
    own = sum("ACC-007" in one["findings"] for one in results["accounts"])
    assert rules["ACC-007"]["affected"] == 34 + own
    assert "34 more: the audit was interrupted" in rules["ACC-007"]["observed"]
    assert results["verdict"]["v2"] == "blocked"


WHOLE = ["--evidence", "whole.journal"]
# A folder for the reports of a run that is refused when it has begun to read.
OWN = ["--report-dir", "refused"]
REFUSED: dict[str, tuple[list[str], list[str]]] = {
    "a tenant too": ([*WHOLE, "--tenant"], ["--tenant and --evidence are several subjects"]),
    "a payload too": ([*WHOLE, "--payload", "x"], ["--evidence and --payload are several subjects"]),
    "a list too": ([*WHOLE, "--accounts", "x"], ["--accounts does not go with --evidence", "the journal"]),
    "writes": ([*WHOLE, "--allow-writes"], ["--allow-writes does not go with --evidence"]),
    "a bound": ([*WHOLE, "--max-requests", "3"], ["--max-requests does not go with --evidence"]),
    "resuming": ([*WHOLE, "--resume"], ["--resume does not go with --evidence"]),
    "twice": ([*WHOLE, "--evidence", "./whole.journal"], ["whole.journal: this journal is given twice"]),
    "itself": (
        ["--evidence", "own/evidence.journal", "--report-dir", "own"],
        ["would replace this one"],
    ),
    "none": (["--evidence", "missing.journal"], ["missing.journal: the journal does not exist", "--tenant"]),
    "a folder": (["--evidence", "own"], ["own: the journal is a folder"]),
    "empty": (["--evidence", "empty.journal"], ["empty.journal: it is empty"]),
    "results": (["--evidence", "run/results.json"], ["as results.json is", "the evidence.journal beside"]),
    "compressed": (["--evidence", "compressed.journal"], ["it is compressed", "gunzip"]),
    "UTF-16": (["--evidence", "utf-16.journal"], ["utf-16.journal: it is in UTF-16: save it as UTF-8"]),
    "newer": (
        ["--evidence", "newer.journal"],
        ["line 1: its format is 4, written by 9.9.9", "formats 1 to 3"],
    ),
    "another file": (["--evidence", "no_network.py"], ["no_network.py, line 1: this is not how"]),
    "garbage": (
        ["--evidence", "garbage.journal", *OWN],
        ["garbage.journal, line 5: it is no record", "malformed"],
    ),
    "changed": (
        ["--evidence", "changed.journal", *OWN],
        ["changed.journal, line 2: it is damaged: its digest is not that of", "by --resume, which keeps"],
    ),
    "another shape": (["--evidence", "shape.journal"], ["shape.journal, line 4: ", "Expected `str`"]),
    "nested": (["--evidence", "nested.journal"], ["nested.journal, line 4: it is no record"]),
    "without a tenant": (["--evidence", "begun.journal"], ["interrupted before it had read the tenant"]),
    "another tenant": (
        [*WHOLE, "--evidence", "other.journal"],
        ["whole.journal and other.journal: tenant.id is", "one tenant"],
    ),
}


@pytest.fixture(scope="module")
def refused(folder: Path) -> dict[str, Ended]:
    """Return how each command ended that cannot be run."""
    lines = (folder / "run" / "evidence.journal").read_bytes().splitlines(keepends=True)
    cut(lines, folder / "whole.journal")
    cut([], folder / "empty.journal")
    cut([b"\x1f\x8b\x08\x00"], folder / "compressed.journal")
    (folder / "utf-16.journal").write_text(lines[0].decode(), "utf-16")
    cut([b'{"type":"journal","format":4,"suite":"9.9.9","more":[]}\n', *lines[1:]], folder / "newer.journal")
    cut([*lines[:4], b"\x00\xff{]\n", *lines[5:]], folder / "garbage.journal")
    cut([lines[0], lines[1].replace(b" domains", b" others", 1), *lines[2:]], folder / "changed.journal")
    cut([*lines[:3], b'{"type":"account","evidence":{"email":7}}\n', *lines[4:]], folder / "shape.journal")
    cut([*lines[:3], b"[" * 100_000 + b"\n", *lines[4:]], folder / "nested.journal")
    cut(lines[:1], folder / "begun.journal")
    tenant = json.loads(lines[1])
    tenant["evidence"]["setup"]["tenant_id"] = "11111111-2222-4333-8444-555555555555"
    cut(sealed_lines([lines[0], tenant, *lines[2:]]), folder / "other.journal")
    (folder / "own").mkdir()
    shutil.copy(folder / "run" / "evidence.journal", folder / "own")
    return run_each(folder, {name: [LIVE, *options] for name, (options, _) in REFUSED.items()})


@each_of("name", list(REFUSED))
def test_what_cannot_be_judged_again_is_one_line(refused: dict[str, Ended], name: str) -> None:
    _, parts = REFUSED[name]
    assert refused[name].exit_code == 4, refused[name].output
    assert all(part in refused[name].problem for part in parts), refused[name].problem


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pipes among its files")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageProblem, match="has to be a regular file, as it is read more than once"):
        Journals([tmp_path / "pipe"])


def test_a_byte_order_mark_is_no_part_of_a_journal(folder: Path) -> None:
    path = folder / "run" / "evidence.journal"
    lines = path.read_bytes().splitlines(keepends=True)
    marked = cut([codecs.BOM_UTF8, *lines], folder / "marked.journal")
    plain, found = Saved(path), Saved(marked)
    assert found.tenant == plain.tenant
    assert [found.account(email) for email in found] == [plain.account(email) for email in plain]
    InterruptedRun(marked).tidy()
    assert marked.read_bytes() == lines[0]


def test_a_journal_of_an_older_suite_is_judged_as_it_was_and_said_not_to_be_sealed(folder: Path) -> None:
    lines = (folder / "run" / "evidence.journal").read_bytes().splitlines()
    cut(without_seals(lines), folder / "older.journal")
    ended = run(folder, LIVE, "--evidence", "older.journal", "--report-dir", "older")
    assert ended.exit_code == 1, ended.output
    assert f"older.journal: {WITHOUT_SEALS}" in ended.lines
    assert results_in(folder / "older") == results_in(folder / "run")


def test_a_run_that_is_refused_while_it_reads_leaves_nothing(refused: dict[str, Ended], folder: Path) -> None:
    assert refused["garbage"].exit_code == 4
    assert not (folder / "refused").exists()
