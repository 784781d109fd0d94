"""--resume on the command line: how it is offered, which run it goes on with, and what it refuses."""

import json
from pathlib import Path

import pytest

from nylas_readiness.checks.suite.support.command_line import LIVE, run, run_each

pytestmark = pytest.mark.offline

CTRL_C = """
import signal
from nylas_readiness.fixtures.run.progress import Progress

show = Progress.__call__
signal.signal(signal.SIGINT, signal.default_int_handler)

def interrupted(progress, done, total):
    show(progress, done, total)
    if done == 25:
        signal.raise_signal(signal.SIGINT)

Progress.__call__ = interrupted
"""


def test_ctrl_c_says_how_to_go_on_and_it_is_gone_on_with_though_it_was_judged_since(tmp_path: Path) -> None:
    (tmp_path / "ctrl_c.py").write_text(CTRL_C, "utf-8")
    tenant, out = ["--tenant", "sandbox:troubled"], tmp_path / "reports" / "out" / "sandbox-troubled"
    interrupted = run(tmp_path, LIVE, *tenant, "-p", "ctrl_c")
    assert interrupted.exit_code == 2
    assert "go on with --resume, which keeps what was read" in interrupted.output
    assert "Traceback" not in interrupted.output
    [folder] = out.iterdir()
    judged_again = run(tmp_path, LIVE, "--evidence", str(folder / "evidence.journal"))
    assert judged_again.exit_code == 1, judged_again.output
    ended = run(tmp_path, LIVE, *tenant, "--resume")
    assert ended.exit_code == 1, ended.output
    assert f"going on with {folder / 'evidence.journal'}: it has 25 accounts" in ended.lines
    assert Path(ended.lines[-1]).parent == folder
    assert run(tmp_path, LIVE, *tenant, "--report-dir", "whole").exit_code == 1
    results, whole = (json.loads((one / "results.json").read_bytes()) for one in (folder, tmp_path / "whole"))
    assert results["run"]["complete"] is True
    assert (results["verdict"], results["counts"]) == (whole["verdict"], whole["counts"])
    assert results["accounts"] == whole["accounts"]


def test_a_run_that_is_not_the_newest_is_gone_on_with_only_by_its_folder(tmp_path: Path) -> None:
    """What it left may be months old, and the company another since."""
    out = tmp_path / "reports" / "out" / "sandbox-healthy"
    older, newest = out / "2026-08-01T090000.000000Z", out / "2026-11-23T090000.000000Z"
    tenant = ["--tenant", "sandbox:healthy"]
    assert run(tmp_path, LIVE, *tenant, "--report-dir", str(newest)).exit_code == 0
    lines = (newest / "evidence.journal").read_bytes().splitlines(keepends=True)
    older.mkdir()
    (older / "evidence.journal").write_bytes(b"".join(lines[:9]))
    refused = run(tmp_path, LIVE, *tenant, "--resume")
    assert refused.exit_code == 4
    for part in (
        f"the newest run, {newest}, was not interrupted",
        "one of 2026-08-01T090000.000000Z was",
        f"--resume --report-dir {older}",
    ):
        assert part in refused.problem, refused.problem
    ended = run(tmp_path, LIVE, *tenant, "--resume", "--report-dir", str(older))
    assert ended.exit_code == 0, ended.output
    assert "it has 7 accounts" in ended.output


RESUME = ["--tenant", "--resume"]
REFUSED = {
    "no tenant": (["--resume"], ["--resume goes on with the audit of a tenant: give --tenant too"]),
    "nothing": ([*RESUME], ["there is no evidence.journal in a folder of", "without --resume"]),
    "no folder": ([*RESUME, "--report-dir", "missing"], ["missing/evidence.journal does not exist"]),
    "a whole one": ([*RESUME, "--report-dir", "whole"], ["is not that of an interrupted run"]),
    "whole ones": (
        ["--resume", "--tenant", "sandbox:healthy"],
        ["was not interrupted", "again with --evidence"],
    ),
    "a joined one": ([*RESUME, "--report-dir", "joined"], ["is not that of an interrupted run"]),
    "one without a start": ([*RESUME, "--report-dir", "torn"], ["is not that of an interrupted run"]),
    "garbage": ([*RESUME, "--report-dir", "garbage"], ["garbage/evidence.journal, line 3: "]),
    "another's": ([*RESUME, "--report-dir", "other"], ["of another tenant file: tenant.id is"]),
}


def test_what_cannot_be_gone_on_with_is_one_line(tmp_path: Path) -> None:
    healthy = Path("reports", "out", "sandbox-healthy", "2026-11-23T090000.000000Z")
    assert run(tmp_path, LIVE, "--tenant", "--report-dir", "whole").exit_code == 0
    start, tenant, *rest = (tmp_path / "whole" / "evidence.journal").read_bytes().splitlines(keepends=True)
    other = tenant.replace(
        json.loads(tenant)["evidence"]["setup"]["tenant_id"].encode(), b"00000000-0000-4000-8000-000000000000"
    )
    for folder, lines in {
        healthy: [start, tenant, *rest],
        Path("joined"): [start.replace(b"false", b"true"), tenant],
        Path("torn"): [start[:-1]],
        Path("garbage"): [start, tenant, b"\x00\n", *rest[:3]],
        Path("other"): [start, other, *rest[:3]],
    }.items():
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "evidence.journal").write_bytes(b"".join(lines))
    ended = run_each(tmp_path, {name: [LIVE, *options] for name, (options, _) in REFUSED.items()})
    for name, (_, parts) in REFUSED.items():
        assert ended[name].exit_code == 4, ended[name].output
        assert all(part in ended[name].problem for part in parts), ended[name].problem
