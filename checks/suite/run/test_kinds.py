"""The kinds of run: which options ask for which, and what each step does and does not touch."""

import os
from argparse import Namespace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import Mock

import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.fixtures.inputs.errors import UsageProblem
from nylas_readiness.fixtures.run.folder import in_use
from nylas_readiness.fixtures.run.kinds import run_for
from nylas_readiness.fixtures.run.run import Run

pytestmark = pytest.mark.offline

MISSING: dict[str, dict[str, Any]] = {
    "TenantRun": {"tenant": ["missing.toml"]},
    "JournalRun": {"evidence": [Path("missing.journal")]},
    "BodiesRun": {"payload": ["missing.json"], "service_account": "nobody"},
    "BuilderRun": {"builder": "package:build", "payload": ["missing.json"]},
}
OPTIONS = {
    *("tenant", "accounts", "evidence", "builder", "payload", "service_account", "baseline", "exceptions"),
    *("resume", "share", "report_dir", "as_of", "collectonly", "htmlpath"),
}


def run_on(folder: Path, **options: Any) -> Run:  # noqa: ANN401 -- values of every type of option
    """Return the run that pytest would make of these options."""
    option = Namespace(**(dict.fromkeys(OPTIONS) | options))
    config = SimpleNamespace(
        option=option,
        invocation_params=SimpleNamespace(dir=folder),
        pluginmanager=Mock(get_plugin=lambda _name: None),
    )
    return run_for(cast("pytest.Config", config))


@each_of("kind", list(MISSING))
def test_a_run_reads_nothing_before_it_is_opened(kind: str, tmp_path: Path) -> None:
    run = run_on(tmp_path, **MISSING[kind])
    assert type(run).__name__ == kind
    with pytest.raises(pytest.UsageError, match=r"missing|nobody"):
        run.open()
    assert list(tmp_path.iterdir()) == []


def test_a_run_holds_its_folder_and_leaves_none_that_is_empty(tmp_path: Path) -> None:
    run = run_on(tmp_path, payload=["body.json"], report_dir=tmp_path / "report")
    run.open()
    assert run.options.htmlpath == str(tmp_path / "report" / "run.html")
    with pytest.raises(UsageProblem, match="still writing"), in_use(run.directory):
        pass
    run.closing.close()
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_only_collects_makes_no_folder(tmp_path: Path) -> None:
    run = run_on(tmp_path, payload=["body.json"], collectonly=True)
    run.open()
    assert (run.options.htmlpath, run.directory.parent.name) == (None, "payload")
    run.closing.close()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_a_report_stays(tmp_path: Path) -> None:
    with in_use(tmp_path / "report"):
        (tmp_path / "report" / "results.json").write_text("{}", "utf-8")
    assert [path.name for path in (tmp_path / "report").iterdir()] == ["results.json"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(UsageProblem, match="file: no reports can be written there"),
        in_use(tmp_path / "file"),
    ):
        pass


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes of files")
def test_what_a_run_writes_is_readable_by_its_user_alone_whatever_the_mask_is(tmp_path: Path) -> None:
    (tmp_path / "body.json").write_text("{}", "utf-8")
    run = run_on(tmp_path, payload=["body.json"], report_dir=tmp_path / "new" / "out")
    before = os.umask(0)
    try:
        run.open()
        (run.directory / "page.html").write_text("x", "utf-8")
        run.closing.close()
        assert os.umask(0) == 0
    finally:
        os.umask(before)
    assert (tmp_path / "new" / "out").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "new" / "out" / "page.html").stat().st_mode & 0o777 == 0o600
