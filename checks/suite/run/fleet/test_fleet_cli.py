"""A fleet on the command line: every tenant gets the report that it gets alone, whatever another has."""

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from nylas_readiness.checks.suite.support.command_line import Ended, run

if TYPE_CHECKING:
    from nylas_readiness.fixtures.sandbox.fleet import Fleet

pytestmark = [pytest.mark.offline, pytest.mark.xdist_group("fleet-cli")]

# What differs between two audits of a tenant: when they were made, how long they waited, and what was asked.
_PASSING = ("run", "budget", "history")


@pytest.fixture(scope="module")
def folder(sandbox: "Fleet") -> Path:
    """Return the folder of the runs: two tenants, a broken file, and lists of accounts."""
    folder = sandbox.directory
    (sandbox.tenants / "wrecked.toml").write_text("[tenant]\nname = ", "utf-8")
    (folder / "lists").mkdir()
    shutil.copy(sandbox.tenants / "brimstane" / "accounts.csv", folder / "lists" / "brimstane.csv")
    (folder / "lists" / "nobody.csv").write_text("email\nnobody@nowhere.example\n", "utf-8")
    return folder


@pytest.fixture(scope="module")
def ended(sandbox: "Fleet", folder: Path) -> Ended:
    """Return how the fleet's run ended."""
    options = ("--accounts=lists", "--report-dir=fleet", "--junitxml=fleet.xml", "-m", "live")
    return run(folder, "--tenant", "tenants/", *options, environ=sandbox.secrets)


def results_in(folder: Path) -> dict[str, Any]:
    results: dict[str, Any] = json.loads((folder / "results.json").read_bytes())
    return {name: value for name, value in results.items() if name not in _PASSING}


def judged(folder: Path) -> dict[str, str]:
    return {rule["id"]: rule["status"] for rule in results_in(folder)["rules"]}


def test_a_broken_file_is_told_and_the_exit_code_is_that_of_a_wrong_file(ended: Ended) -> None:
    assert ended.exit_code == 4, ended.output
    assert "3 tenants: " in ended.output
    assert "1 not audited" in ended.output
    assert "wrecked.toml: not TOML" in ended.output
    assert "Traceback" not in ended.output


def test_a_list_of_accounts_that_is_no_tenants_is_told(ended: Ended) -> None:
    assert "--accounts: lists/nobody.csv is no tenant's" in ended.output


def test_a_tenant_gets_the_report_that_it_gets_alone(ended: Ended, sandbox: "Fleet", folder: Path) -> None:
    alone = run(
        folder,
        *("-m", "live", "--tenant", "tenants/brimstane.toml", "--report-dir=alone"),
        environ=sandbox.secrets,
    )
    assert alone.exit_code == 1, alone.output
    in_fleet = folder / "fleet" / "Brimstane-Logistics"
    assert judged(in_fleet) == judged(folder / "alone")
    for name in ("verdict", "headline", "accounts", "counts"):
        assert results_in(in_fleet)[name] == results_in(folder / "alone")[name]
    names = {path.name for path in (folder / "alone").iterdir()}
    assert {path.name for path in in_fleet.iterdir()} == names, ended.output


def test_the_junit_report_has_each_tenant_with_its_headline(ended: Ended, folder: Path) -> None:
    cases = {case.get("name"): case for case in ET.parse(folder / "fleet.xml").iter("testcase")}  # noqa: S314 -- ours
    assert cases.keys() == {f"tenants/{name}.toml" for name in ("alderwick", "brimstane", "wrecked")}, ended
    headline = results_in(folder / "fleet" / "Alderwick-Legal")["headline"]["move_text"]
    properties = {
        each.get("name"): each.get("value") for each in cases["tenants/alderwick.toml"].iter("property")
    }
    assert headline in (properties["headline"] or "")
    assert [name for name, case in cases.items() if case.find("failure") is not None] == [
        "tenants/brimstane.toml",
        "tenants/wrecked.toml",
    ]


def test_no_address_of_one_customer_is_in_a_file_of_another(ended: Ended, folder: Path) -> None:
    of = {"Alderwick-Legal": "brimstane", "Brimstane-Logistics": "alderwick"}
    for tenant, other in of.items():
        for path in (folder / "fleet" / tenant).rglob("*"):
            if path.is_file():
                assert f"@{other}.example" not in path.read_text("utf-8", "replace"), (path, ended.exit_code)


def test_what_was_audited_stays_when_the_rest_is_gone_on_with(
    ended: Ended, sandbox: "Fleet", folder: Path, tmp_path: Path
) -> None:
    before = {path: path.stat().st_mtime_ns for path in (folder / "fleet").glob("*/results.json")}
    shutil.copytree(sandbox.tenants, tmp_path / "tenants")
    shutil.copy(folder / "ca.pem", tmp_path)
    (tmp_path / "tenants" / "wrecked.toml").unlink()
    again = run(
        tmp_path,
        *("-m", "live", "--tenant", "tenants/", f"--report-dir={folder / 'fleet'}", "--resume"),
        environ=sandbox.secrets,
    )
    assert again.exit_code == 4, again.output
    assert "is finished: every tenant was audited" in again.problem
    assert {path: path.stat().st_mtime_ns for path in before} == before, ended.output
