"""A fleet on the command line: every tenant gets the report that it gets alone, whatever another has."""

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from nylas_readiness.checks.suite.support.command_line import Ended, run
from nylas_readiness.fixtures.inputs.share_key import VARIABLE

if TYPE_CHECKING:
    from nylas_readiness.fixtures.sandbox.fleet import Fleet

pytestmark = pytest.mark.offline

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
    options = ("--accounts=lists", "--report-dir=fleet", "--junitxml=fleet.xml", "-m", "live", "--share")
    return run(folder, "--tenant", "tenants/", *options, environ=environ_of(sandbox))


def environ_of(sandbox: "Fleet") -> dict[str, str]:
    """Return the fleet's secrets, and where the key of its pseudonyms is made."""
    return sandbox.secrets | {VARIABLE: str(sandbox.directory / "share.key")}


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
        *("-m", "live", "--tenant", "tenants/brimstane.toml", "--report-dir=alone", "--share"),
        environ=environ_of(sandbox),
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


def texts_of(folder: Path, tenant: str) -> dict[Path, str]:
    """Return every file that the fleet wrote of a tenant: reports, letters and the log of its audit."""
    fleet = folder / "fleet"
    paths = [*(fleet / tenant).rglob("*"), *(fleet / "letters" / tenant).rglob("*")]
    files = [*filter(Path.is_file, paths), fleet / "logs" / f"{tenant}.log"]
    return {path: path.read_text("utf-8", "replace") for path in files}


def test_no_address_and_no_name_of_one_customer_is_in_a_file_of_another(ended: Ended, folder: Path) -> None:
    """Neither its mail domain nor the name of its credential, which is its key."""
    of = {"Alderwick-Legal": "brimstane", "Brimstane-Logistics": "alderwick"}
    for tenant, other in of.items():
        for path, text in texts_of(folder, tenant).items():
            assert other not in text.casefold(), (path, ended.exit_code)


def test_the_fleets_secrets_are_in_none_of_its_files(ended: Ended, sandbox: "Fleet", folder: Path) -> None:
    files = [path for path in (folder / "fleet").rglob("*") if path.is_file()]
    texts = {str(path): path.read_text("utf-8", "replace") for path in files} | {"terminal": ended.output}
    key = (folder / "share.key").read_text("ascii").strip()
    shown = [
        name for name, text in texts.items() if any(each in text for each in (*sandbox.secrets.values(), key))
    ]
    assert shown == []


def test_each_tenant_has_a_copy_to_give_away_and_the_fleet_says_it_has_none(
    ended: Ended, folder: Path
) -> None:
    copies = [*(folder / "fleet").rglob("share")]
    assert {path.parent.name for path in copies} == {"Alderwick-Legal", "Brimstane-Logistics"}
    for copy in copies:
        for path in filter(Path.is_file, copy.rglob("*")):
            assert copy.parent.name.partition("-")[0].casefold() not in path.read_text("utf-8").casefold()
    assert "--share: the share/ in each tenant's folder can be given away" in ended.output


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
