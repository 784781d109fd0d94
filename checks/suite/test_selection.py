"""Which checks a command runs: live ones with a tenant only, and then no others; so with a payload."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from nylas_readiness.checks.suite.command_line import CHECKS, LIVE, PAYLOADS, Ended, run

pytestmark = pytest.mark.offline

VERDICT = CHECKS / "suite" / "test_verdict.py"
CLIENT = CHECKS / "offline" / "test_api_secrecy.py"
CFG = LIVE / "test_cfg.py"


def collected(folder: Path, *arguments: str | Path) -> set[str]:
    """Return the modules whose checks a command would run."""
    ended = run(folder, "--collect-only", "-q", *arguments)
    assert ended.exit_code == 0, ended.output
    return modules_in(ended)


def modules_in(ended: Ended) -> set[str]:
    paths = (path for path, colons, _ in (line.partition("::") for line in ended.lines) if colons)
    return {path.replace("\\", "/").rpartition("/")[2] for path in paths}


def modules_of(package: str) -> set[str]:
    return {path.name for path in (CHECKS / package).glob("test_*.py")}


def test_plain_pytest_runs_offline_checks_and_no_live_one(tmp_path: Path) -> None:
    modules = collected(tmp_path, CHECKS)
    assert modules == (modules_of("offline") | modules_of("suite")) - {PAYLOADS.name}


def test_a_tenant_alone_means_live_and_collecting_writes_and_starts_nothing(tmp_path: Path) -> None:
    ended = run(tmp_path, CHECKS, "--tenant", "--collect-only", "-q", "--report-dir", "report")
    assert ended.exit_code == 0
    assert modules_in(ended) == modules_of("live")
    assert "reading the tenant" not in ended.output
    assert not (tmp_path / "report").exists()


@pytest.mark.parametrize("options", [["-k", "well_formed or verdict"], ["-m", "live or offline"]])
def test_no_expression_brings_a_live_check_into_a_run_without_a_tenant(
    tmp_path: Path, options: Sequence[str]
) -> None:
    assert collected(tmp_path, CFG, VERDICT, *options) == {VERDICT.name}


def test_a_node_id_of_a_live_check_is_not_enough_to_run_it(tmp_path: Path) -> None:
    ended = run(tmp_path, f"{CFG}::test_the_tenant_file_is_well_formed")
    assert ended.exit_code == 4
    assert "live checks need a tenant" in ended.problem


def test_a_tenants_run_is_about_that_tenant_only(tmp_path: Path) -> None:
    assert collected(tmp_path, CLIENT, CFG, "--tenant", "-m", "") == {CFG.name}
    assert run(tmp_path, CLIENT, CFG, "--tenant", "-m", "offline").exit_code == 5
    assert not list(tmp_path.rglob("results.json"))


def test_a_payloads_run_is_about_that_payload_only(tmp_path: Path) -> None:
    (tmp_path / "body.json").write_text("{}", "utf-8")
    assert collected(tmp_path, CLIENT, CFG, PAYLOADS, "--payload", "body.json") == {PAYLOADS.name}


def test_the_list_of_tenants_names_scenarios_and_files_and_ends_well(tmp_path: Path) -> None:
    (tmp_path / "tenants").mkdir()
    (tmp_path / "tenants" / "contoso.toml").write_text("not TOML, and not read", "utf-8")
    ended = run(tmp_path, "--tenant", "list")
    assert ended.exit_code == 0
    names = {line.split()[0] for line in ended.lines if line.startswith("  ")}
    assert {"sandbox:default", "sandbox:healthy", "sandbox:troubled", "contoso", "example"} <= names
