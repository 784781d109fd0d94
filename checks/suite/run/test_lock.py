"""One run at a time writes into a folder: a second one is a usage error, and changes nothing."""

from pathlib import Path

import pytest

from nylas_readiness.checks.suite.support.command_line import LIVE, run_each
from nylas_readiness.fixtures.inputs.errors import UsageProblem
from nylas_readiness.fixtures.run.lock import held

pytestmark = pytest.mark.offline


def refused(folder: Path, why: str) -> None:
    with pytest.raises(UsageProblem, match=why), held(folder):
        pass


def test_a_folder_is_held_by_one_run_at_a_time_and_left_as_it_was(tmp_path: Path) -> None:
    for _ in range(2):
        with held(tmp_path):
            for _ in range(2):  # the one that is refused releases nothing
                refused(tmp_path, "an audit is still writing its journal and reports there")
        assert not [*tmp_path.iterdir()]


def test_a_folder_that_cannot_be_held_is_one_line(tmp_path: Path) -> None:
    (tmp_path / ".lock").mkdir()
    refused(tmp_path, r"it cannot be held for one run alone \(")


def test_no_run_writes_where_another_still_does(tmp_path: Path) -> None:
    out = tmp_path / "out"
    start = b'{"type":"journal","format":1,"suite":"0.1.0"}\n'
    out.mkdir()
    (out / "evidence.journal").write_bytes(start)
    into = ["--report-dir", str(out)]
    commands: dict[str, list[str | Path]] = {
        "a new audit": [LIVE, "--tenant", *into],
        "one that goes on": [LIVE, "--tenant", "--resume", *into],
    }
    with held(out):
        for name, ended in run_each(tmp_path, commands).items():
            assert ended.exit_code == 4, (name, ended.output)
            assert f"{out}: an audit is still writing its journal and reports there" in ended.problem
        assert (out / "evidence.journal").read_bytes() == start
        assert {path.name for path in out.iterdir()} == {"evidence.journal", ".lock"}
