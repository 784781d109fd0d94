"""--resume on the command line: how it is offered, which run it goes on with, and what it refuses."""

import json
from pathlib import Path

import pytest

from nylas_readiness.checks.suite.support.command_line import CTRL_C, LIVE, run, run_each
from nylas_readiness.checks.suite.support.journals import sealed_lines

pytestmark = pytest.mark.offline

# Short lists show the same: all eight are begun when the fifth is read, and the run is interrupted there.
ACCOUNTS = """email
amara.okafor@halden.example
ingrid.halvorsen@halden.example
tomek@halden.example
leyla.demir@halden.example
johan.lindqvist@halden.example
maria.fernandez@halden.example
nikolai.petrov@halden.example
priya.raman@halden.example
"""


def test_ctrl_c_says_how_to_go_on_and_it_is_gone_on_with_though_it_was_judged_since(tmp_path: Path) -> None:
    (tmp_path / "ctrl_c.py").write_text(CTRL_C, "utf-8")
    (tmp_path / "list.csv").write_text(ACCOUNTS, "utf-8")
    tenant: list[str | Path] = [LIVE, "--tenant", "sandbox:troubled", "--accounts", "list.csv"]
    interrupted = run(tmp_path, *tenant, "-p", "ctrl_c")
    assert interrupted.exit_code == 2
    assert "go on with --resume, which keeps what was read" in interrupted.output
    assert "Traceback" not in interrupted.output
    [folder] = (tmp_path / "reports" / "out" / "sandbox-troubled").iterdir()
    commands: dict[str, list[str | Path]] = {
        "judged again": [LIVE, "--evidence", folder / "evidence.journal", "--report-dir", "again"],
        "resumed": [*tenant, "--resume"],
        "whole": [*tenant, "--report-dir", "whole"],
    }
    ended = run_each(tmp_path, commands)
    for one in ended.values():
        assert one.exit_code == 1, one.output
    assert f"going on with {folder / 'evidence.journal'}: it has 5 accounts" in ended["resumed"].lines
    assert Path(ended["resumed"].lines[-1]).parent == folder
    results, whole = (json.loads((one / "results.json").read_bytes()) for one in (folder, tmp_path / "whole"))
    assert results["run"]["complete"] is True
    assert (results["verdict"], results["counts"]) == (whole["verdict"], whole["counts"])
    assert results["accounts"] == whole["accounts"]


def test_a_run_that_is_not_the_newest_is_gone_on_with_only_by_its_folder(tmp_path: Path) -> None:
    """What it left may be months old, and the company another since."""
    out = tmp_path / "reports" / "out" / "sandbox-healthy"
    older, newest = out / "2026-08-01T090000.000000Z", out / "2026-11-23T090000.000000Z"
    tenant: list[str | Path] = [LIVE, "--tenant", "sandbox:healthy", "--resume"]
    lines = whole_journal("healthy", newest)
    older.mkdir()
    (older / "evidence.journal").write_bytes(b"".join(lines[:9]))
    ended = run_each(tmp_path, {"refused": tenant, "resumed": [*tenant, "--report-dir", older]})
    assert ended["refused"].exit_code == 4
    for part in (
        f"the newest run, {newest}, is finished: everything was read that can be",
        "that of 2026-08-01T090000.000000Z is not",
        f"--resume --report-dir {older}",
    ):
        assert part in ended["refused"].problem, ended["refused"].problem
    assert ended["resumed"].exit_code == 0, ended["resumed"].output
    assert "it has 7 accounts" in ended["resumed"].output


def whole_journal(scenario: str, folder: Path) -> list[bytes]:
    """Audit a scenario into a folder; return the lines of its journal."""
    from nylas_readiness.checks.suite.support.harness import audit

    folder.mkdir(parents=True)
    audit(scenario, folder)
    (folder / "results.json").write_bytes(b"")
    return (folder / "evidence.journal").read_bytes().splitlines(keepends=True)


RESUME = ["--tenant", "--resume"]
REFUSED = {
    "no tenant": (["--resume"], ["--resume goes on with the audit of a tenant: give --tenant too"]),
    "nothing": ([*RESUME], ["there is no evidence.journal in a folder of", "without --resume"]),
    "no folder": ([*RESUME, "--report-dir", "missing"], ["missing/evidence.journal does not exist"]),
    "a whole one": ([*RESUME, "--report-dir", "whole"], ["is finished: everything was read that can be"]),
    "whole ones": (
        ["--resume", "--tenant", "sandbox:healthy"],
        ["is finished", "again with --evidence"],
    ),
    "a joined one": ([*RESUME, "--report-dir", "joined"], ["left no journal to go on with"]),
    "one without a start": ([*RESUME, "--report-dir", "torn"], ["left no journal to go on with"]),
    "garbage": ([*RESUME, "--report-dir", "garbage"], ["left no journal to go on with"]),
    "another's": ([*RESUME, "--report-dir", "other"], ["of another tenant file: tenant.id is"]),
}


def test_what_cannot_be_gone_on_with_is_one_line(tmp_path: Path) -> None:
    healthy = Path("reports", "out", "sandbox-healthy", "2026-11-23T090000.000000Z")
    start, tenant, *rest = finished = whole_journal("default", tmp_path / "whole")
    other = tenant.replace(
        json.loads(tenant)["evidence"]["setup"]["tenant_id"].encode(), b"00000000-0000-4000-8000-000000000000"
    )
    joined = start.replace(b"false", b"true")
    for folder, lines in {
        healthy: finished,
        Path("joined"): sealed_lines([joined, tenant]),
        Path("torn"): [start[:-1]],
        Path("garbage"): [b"\x00\n", *finished],
        Path("other"): sealed_lines([start, other, *rest[:3]]),
    }.items():
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "evidence.journal").write_bytes(b"".join(lines))
        (tmp_path / folder / "results.json").write_bytes(b"")
    ended = run_each(tmp_path, {name: [LIVE, *options] for name, (options, _) in REFUSED.items()})
    for name, (_, parts) in REFUSED.items():
        assert ended[name].exit_code == 4, ended[name].output
        assert all(part in ended[name].problem for part in parts), ended[name].problem
