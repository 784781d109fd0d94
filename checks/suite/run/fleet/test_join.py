"""Joining the shares of a fleet: the same page as of one run, and what is missing is told."""

import json
import re
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.command_line import LIVE, Ended, run_each
from nylas_readiness.checks.suite.support.fleet_samples import record, stages, tenant
from nylas_readiness.fixtures.inputs.errors import UsageProblem
from nylas_readiness.fixtures.run.fleet.join import FleetJoin
from nylas_readiness.fixtures.run.fleet.members import share_of
from nylas_readiness.fixtures.run.fleet.record import NylasRecord, TenantRecord
from nylas_readiness.fixtures.run.fleet.roster import Listed, Roster, read_roster, write_roster
from nylas_readiness.reports.write import write_all

pytestmark = pytest.mark.offline

NAMES = ("anchor", "cleat", "fender", "oar", "rudder")
FLEET = [Listed(name=name, file=f"tenants/{name}.toml") for name in NAMES]
COUNT = 3


def share_in(folder: Path, place: int, count: int = COUNT, **changes: Any) -> Path:  # noqa: ANN401 -- of a roster
    """Write a share as its machine did: `results.json` of each tenant, and the roster."""
    path = folder / f"share-{place}"
    own = [name for name in NAMES if share_of(name, count) == place]
    for name in own:
        write_all(tenant(name, stages(can_move=len(name), finished=1)), path / name)
    nylas = NylasRecord(version="v3", application="vendor", tenants=own, accounts=40, nobodys=2)
    roster = Roster(
        suite_version=version("nylas-readiness"),
        shard=(place, count),
        started=1.0,
        fleet=FLEET,
        records=[record(name, folder=name) for name in own],
        nylas=[nylas],
    )
    path.mkdir(parents=True, exist_ok=True)
    write_roster(replace(roster, **changes), path)
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with three shares, and with some that do not fit."""
    folder = tmp_path_factory.mktemp("shares")
    for place in range(1, COUNT + 1):
        share_in(folder, place)
    share_in(folder / "whole", 1, 1)
    share_in(folder / "older", 1, suite_version="0.0.9")
    share_in(folder / "unended", 2, records=[])
    share_in(folder / "other", 2, fleet=FLEET[1:])
    lost = share_in(folder / "lost", 3)
    results = next(lost.glob("*/results.json"))
    results.unlink()
    for path in sorted(results.parent.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    results.parent.rmdir()
    return folder


COMMANDS: dict[str, list[str]] = {
    "joined": ["share-1", "share-2", "share-3"],
    "whole": ["whole/share-1"],
    "two": ["share-1", "share-3"],
    "older": ["older/share-1", "share-2", "share-3"],
    "unended": ["share-1", "unended/share-2", "share-3"],
    "lost": ["share-1", "share-2", "lost/share-3"],
    "divided": ["share-1", "whole/share-1"],
    "other": ["share-1", "other/share-2"],
    "no share": ["share-1", "nowhere"],
}


@pytest.fixture(scope="module")
def ended(folder: Path) -> dict[str, Ended]:
    """Return how each joining ended."""
    return run_each(
        folder,
        {
            name: [LIVE, f"--report-dir=to/{name}", *(word for path in paths for word in ("--fleet", path))]
            for name, paths in COMMANDS.items()
        },
    )


def page_of(folder: Path, name: str) -> dict[str, Any]:
    page: dict[str, Any] = json.loads((folder / "to" / name / "fleet.json").read_bytes())
    for moment in ("started", "finished"):
        del page["run"][moment]
    return page


def taken(share: Path, folder: str, to: Path) -> TenantRecord:
    """Return the record of a tenant whose folder in a share is called so."""
    join = FleetJoin.__new__(FleetJoin)
    join.directory = to
    return join.taken(share, TenantRecord(name="anchor", file="anchor.toml", folder=folder, exit_code=0))


def test_the_shares_make_the_page_of_the_whole_fleet(ended: dict[str, Ended], folder: Path) -> None:
    assert ended["joined"].exit_code == ended["whole"].exit_code == 1, ended["joined"].output
    assert page_of(folder, "joined") == page_of(folder, "whole")
    assert page_of(folder, "joined")["totals"]["audited"] == len(NAMES)
    assert (folder / "to" / "joined" / "fender" / "readiness.html").is_file()


def test_a_share_that_is_missing_is_told_and_its_tenants_are_not_audited(
    ended: dict[str, Ended], folder: Path
) -> None:
    missing = [name for name in NAMES if share_of(name, COUNT) == 2]
    assert missing
    assert ended["two"].exit_code == 4, ended["two"].output
    assert "share 2 of 3 was not given" in ended["two"].output
    assert [one["name"] for one in page_of(folder, "two")["not_audited"]] == missing
    assert all(
        "Share 2 of 3 has no result" in one["problem"] for one in page_of(folder, "two")["not_audited"]
    )


def test_a_share_that_did_not_end_is_told(ended: dict[str, Ended]) -> None:
    assert ended["unended"].exit_code == 4
    assert "unended/share-2: its run did not end: go on with it by --resume" in ended["unended"].output


def test_results_of_another_version_are_told(ended: dict[str, Ended]) -> None:
    assert ended["older"].exit_code == 1
    assert "older/share-1: it was written by nylas-readiness 0.0.9" in ended["older"].output


def test_results_that_are_gone_are_their_tenants_problem(ended: dict[str, Ended], folder: Path) -> None:
    assert ended["lost"].exit_code == 4
    [problem] = [one["problem"] for one in page_of(folder, "lost")["not_audited"]]
    assert "cannot be copied" in problem


@each_of(
    ("name", "what"),
    [
        ("divided", "whole/share-1: the fleet was divided in another way there"),
        ("other", "other/share-2: the fleet had other tenants there"),
        ("no share", "nowhere/roster.json: the roster of a fleet does not exist"),
    ],
)
def test_folders_that_are_no_shares_of_one_fleet_are_a_usage_error(
    ended: dict[str, Ended], name: str, what: str
) -> None:
    assert ended[name].exit_code == 4, ended[name].output
    assert what in ended[name].problem


def test_a_record_never_leads_out_of_its_share(folder: Path) -> None:
    outside = TenantRecord(name="anchor", file="tenants/anchor.toml", folder="../../secret", exit_code=0)
    share = share_in(folder / "hostile", 1, 1, records=[outside], fleet=FLEET[:1])
    (folder / "secret").mkdir()
    (folder / "secret" / "plan.txt").write_text("planted", "utf-8")
    ended = run_each(folder, {"hostile": [LIVE, "--report-dir=to/hostile", "--fleet", str(share)]})["hostile"]
    assert ended.exit_code in {3, 4}, ended.output
    assert list((folder / "to" / "hostile").rglob("plan.txt")) == []


@each_of("folder", ["..", ".", "", "/", "a/../../b", "..\\secret", "C:\\secret", "x\n"])
def test_a_share_copies_no_other_folder_than_a_tenants(tmp_path: Path, folder: str) -> None:
    (tmp_path / "share").mkdir(exist_ok=True)
    (tmp_path / "plan.txt").write_text("planted", "utf-8")
    problem = taken(tmp_path / "share", folder, tmp_path / "to").problem
    assert "is not a folder below the fleet's" in str(problem)
    assert not (tmp_path / "to").exists()


def test_a_link_in_a_share_is_not_followed(tmp_path: Path) -> None:
    own = tmp_path / "share" / "anchor"
    own.mkdir(parents=True)
    (own / "readiness.html").write_text("own", "utf-8")
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "plan.txt").write_text("planted", "utf-8")
    (own / "results.json").symlink_to(tmp_path / "secret" / "plan.txt")
    (own / "letters").symlink_to(tmp_path / "secret")
    assert taken(tmp_path / "share", "anchor", tmp_path / "to").problem is None
    assert [path.name for path in (tmp_path / "to").rglob("*")] == ["anchor", "readiness.html"]


@each_of(
    ("text", "what"),
    [
        ('{"schema": "other/9", "suite_version": "1", "started": 1, "fleet": []}', "its schema is other/9"),
        ('{"suite_version": "1", "started": 1, "fleet": [], "shard": [1, 0]}', "its share is 1 of 0"),
        ('{"suite_version": "1", "started": 1, "fleet": [], "shard": [-1, 2]}', "its share is -1 of 2"),
        ('{"suite_version": "1", "started": 1, "fleet": [{"name": "a"}]}', "`file`"),
        (
            '{"nylas": [{"version": "v9"}]}',
            "'v9'",
        ),
        ("[" * 100_000, "no roster of a fleet"),
        ("\ud800", "no roster of a fleet"),
    ],
)
def test_a_roster_that_somebody_changed_is_a_usage_error(tmp_path: Path, text: str, what: str) -> None:
    (tmp_path / "roster.json").write_text(text, "utf-8", errors="surrogatepass")
    with pytest.raises(UsageProblem, match=re.escape(what)):
        read_roster(tmp_path)
