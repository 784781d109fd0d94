"""Which checks a command runs: live ones with a tenant only, and then no others; so with a payload."""

from argparse import Namespace
from pathlib import Path
from typing import cast

import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.command_line import CHECKS, PAYLOADS, Ended, run_each
from nylas_readiness.checks.suite.support.evidence_samples import tenant_with
from nylas_readiness.fixtures.evidence.journal import begin
from nylas_readiness.fixtures.run.selection import is_needless

pytestmark = pytest.mark.offline

BUILDER = CHECKS / "bodies" / "test_payload_builder.py"
VERDICT = CHECKS / "suite" / "run" / "test_verdict.py"
CLIENT = CHECKS / "offline" / "test_api_secrecy.py"
CFG = CHECKS / "live" / "test_cfg.py"


COLLECT = ["--collect-only", "-q"]
COMMANDS: dict[str, list[str | Path]] = {
    "plain": [CHECKS, *COLLECT],
    "tenant": [CHECKS, *COLLECT, "--tenant", "--report-dir", "report"],
    "evidence": [CHECKS, *COLLECT, "--evidence", "saved.journal", "--report-dir", "report"],
    "evidence among others": [CLIENT, CFG, *COLLECT, "--evidence", "saved.journal", "-m", ""],
    "by name": [CFG, VERDICT, *COLLECT, "-k", "well_formed or verdict"],
    "by marker": [CFG, VERDICT, *COLLECT, "-m", "live or offline"],
    "by node": [f"{CFG}::test_the_tenant_file_is_well_formed"],
    "tenant among others": [CLIENT, CFG, *COLLECT, "--tenant", "-m", ""],
    "tenant without live": [CLIENT, CFG, "--tenant", "-m", "offline"],
    "payload among others": [CLIENT, CFG, PAYLOADS, *COLLECT, "--payload", "body.json"],
    "builder among others": [CLIENT, CFG, PAYLOADS, BUILDER, *COLLECT, "--builder", "package.module:build"],
    "list": ["--tenant", "list"],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a tenant file, a journal and a payload."""
    folder = tmp_path_factory.mktemp("selection")
    (folder / "tenants").mkdir()
    (folder / "tenants" / "contoso.toml").write_text("not TOML, and not read", "utf-8")
    (folder / "body.json").write_text("{}", "utf-8")
    with begin(folder / "saved.journal") as writer:
        writer.tenant(tenant_with())
    return folder


@pytest.fixture(scope="module")
def ended(folder: Path) -> dict[str, Ended]:
    """Return how each command ended."""
    return run_each(folder, COMMANDS)


def modules_in(ended: Ended) -> set[str]:
    paths = (path for path, colons, _ in (line.partition("::") for line in ended.lines) if colons)
    return {path.replace("\\", "/").rpartition("/")[2] for path in paths}


def modules_of(package: str) -> set[str]:
    return {path.name for path in (CHECKS / package).rglob("test_*.py")}


def test_plain_pytest_runs_offline_checks_and_no_live_one(ended: dict[str, Ended]) -> None:
    offline = modules_of("offline") | modules_of("suite")
    assert ended["plain"].exit_code == 0, ended["plain"].output
    assert modules_in(ended["plain"]) == offline - {PAYLOADS.name, BUILDER.name}


@each_of("subject", ["tenant", "evidence"])
def test_a_tenant_or_a_journal_alone_means_live_and_collecting_writes_and_starts_nothing(
    ended: dict[str, Ended], folder: Path, subject: str
) -> None:
    assert ended[subject].exit_code == 0, ended[subject].output
    assert modules_in(ended[subject]) == modules_of("live") | modules_of("migration")
    assert "reading the tenant" not in ended[subject].output
    assert not (folder / "report").exists()


@each_of("command", ["by name", "by marker"])
def test_no_expression_brings_a_live_check_into_a_run_without_a_tenant(
    ended: dict[str, Ended], command: str
) -> None:
    assert modules_in(ended[command]) == {VERDICT.name}


def test_a_node_id_of_a_live_check_is_not_enough_to_run_it(ended: dict[str, Ended]) -> None:
    assert ended["by node"].exit_code == 4
    assert "live checks need a tenant" in ended["by node"].problem


def test_a_tenants_run_is_about_that_tenant_only(ended: dict[str, Ended], folder: Path) -> None:
    assert modules_in(ended["tenant among others"]) == {CFG.name}
    assert modules_in(ended["evidence among others"]) == {CFG.name}
    assert ended["tenant without live"].exit_code == 5
    assert not list(folder.rglob("results.json"))


def test_a_payloads_run_is_about_that_payload_only(ended: dict[str, Ended]) -> None:
    assert modules_in(ended["payload among others"]) == {PAYLOADS.name}


def test_a_builders_run_is_about_that_builder_only_and_collecting_does_not_start_it(
    ended: dict[str, Ended],
) -> None:
    assert ended["builder among others"].exit_code == 0, ended["builder among others"].output
    assert modules_in(ended["builder among others"]) == {BUILDER.name}


def test_the_list_of_tenants_names_scenarios_and_files_and_ends_well(ended: dict[str, Ended]) -> None:
    assert ended["list"].exit_code == 0
    names = {line.split()[0] for line in ended["list"].lines if line.startswith("  ")}
    assert {"sandbox:default", "sandbox:healthy", "sandbox:fleet", "contoso", "example"} <= names
    rows = [line[2:] for line in ended["list"].lines if line.startswith("  ")]
    ends = {len(row) - len(row.split(maxsplit=1)[1]) for row in rows}
    assert len(ends) == 1  # one column, however long a name is


def audit_of(*paths: Path) -> pytest.Config:
    chosen = dict.fromkeys(("fleet", "evidence", "builder", "payload")) | {"tenant": "/srv/contoso.toml"}
    options = Namespace(**chosen, markexpr="live", file_or_dir=[str(path) for path in paths])
    return cast("pytest.Config", Namespace(option=options))


@each_of(
    ("path", "needless"),
    [
        (CHECKS.parent, False),
        (CHECKS, False),
        (CHECKS / "live", False),
        (CHECKS / "suite", True),
        (CHECKS.parent / "fixtures", True),
        (CHECKS.parents[1] / "a-project-beside", True),
    ],
)
def test_a_tenants_run_looks_at_nothing_beside_the_checks(path: Path, *, needless: bool) -> None:
    """If the tenant file is elsewhere, pytest's root is a folder with much else in it."""
    assert is_needless(audit_of(CHECKS), path) is needless


def test_a_project_that_is_named_beside_a_subject_is_looked_at() -> None:
    beside = CHECKS.parents[1] / "a-project-beside"
    assert not is_needless(audit_of(CHECKS, beside), beside)
