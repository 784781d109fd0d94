"""A tenant's earlier audits are found in its default folders, and old ones are thinned: its own alone."""

import os
from datetime import date, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from nylas_readiness.checks.migration.model import MoveState, Stage
from nylas_readiness.checks.suite.support.fleet_samples import record, stages, tenant, written
from nylas_readiness.fixtures.run.folder import in_use
from nylas_readiness.fixtures.run.history import newest_results, with_history
from nylas_readiness.fixtures.run.keep import thin_fleets, thin_tenant
from nylas_readiness.reports.model import Results, TenantId
from nylas_readiness.reports.write import encode, write_all

pytestmark = pytest.mark.offline

CONTOSO = tenant("contoso", stages(can_move=4, finished=2))
ID = TenantId("contoso", None, "sandbox")
OUT = Path("reports/out")
NOW = Path("nowhere")


def run_on(day: str, results: Results = CONTOSO, left: int = 4) -> Results:
    """Return the results of a run on a day, with so many accounts left."""
    assert results.headline is not None
    headline = replace(results.headline, stages=stages(can_move=left, finished=2))
    return replace(results, headline=headline, run=replace(results.run, as_of=day))


def put(root: Path, day: str, results: Results | bytes, *places: str, at: str = "090000") -> Path:
    """Write the results of a run that began on a day; `places`: the folders around and below its own."""
    above, *below = places or ("contoso",)
    folder = root.joinpath(OUT, above, f"{day}T{at}.000000Z", *below)
    folder.mkdir(parents=True)
    (folder / "results.json").write_bytes(results if isinstance(results, bytes) else encode(results))
    return folder


def history(root: Path) -> list[tuple[str, int]]:
    """Return the date of each earlier audit that a run of today has, and how many could move."""
    told = with_history(run_on("2026-11-23"), root, "contoso", NOW).history
    assert told is not None
    return [(count.as_of, count.stages[Stage.CAN_MOVE]) for count in told.earlier]


def test_runs_of_the_tenant_and_of_fleets_are_found_the_newest_of_each_week(tmp_path: Path) -> None:
    put(tmp_path, "2026-11-02", run_on("2026-11-02", left=9))
    put(tmp_path, "2026-11-03", run_on("2026-11-03", left=8), "fleet", "contoso")
    put(tmp_path, "2026-11-10", run_on("2026-11-10", left=7), "fleet", "contoso")
    put(tmp_path, "2026-11-10", run_on("2026-11-10", left=6), at="100000")
    assert history(tmp_path) == [("2026-11-03", 8), ("2026-11-10", 6)]


@pytest.mark.parametrize(
    "results",
    [
        pytest.param(run_on("2026-11-10", tenant("fabrikam", stages(can_move=4))), id="another tenant"),
        pytest.param(
            replace(run_on("2026-11-10"), tenant=TenantId("contoso", None, "live")), id="another kind"
        ),
        pytest.param(replace(run_on("2026-11-10"), tenant=None), id="request bodies"),
        pytest.param(b"{", id="cut off"),
        pytest.param(b'{"schema": 1}', id="another file"),
    ],
)
def test_what_is_not_of_this_tenant_is_no_history(tmp_path: Path, results: Results | bytes) -> None:
    put(tmp_path, "2026-11-09", run_on("2026-11-09"))
    put(tmp_path, "2026-11-10", results)
    assert history(tmp_path) == [("2026-11-09", 4)]
    newest = newest_results(tmp_path, "contoso", NOW, ID)
    assert newest is not None
    assert newest.parent.name.startswith("2026-11-09")


def test_audits_of_one_day_that_judged_by_others_are_of_those_weeks(tmp_path: Path) -> None:
    for place, day in enumerate(("2026-10-26", "2026-11-02", "2026-11-09")):
        put(tmp_path, "2026-11-20", run_on(day, left=9 - place), at=f"09000{place}")
    assert history(tmp_path) == [("2026-10-26", 9), ("2026-11-02", 8), ("2026-11-09", 7)]
    assert thin_tenant(tmp_path, "contoso", ID, 1) == []


def test_an_incomplete_audit_counts_for_no_week(tmp_path: Path) -> None:
    cut = run_on("2026-11-11", left=9)
    put(tmp_path, "2026-11-10", run_on("2026-11-10"))
    put(tmp_path, "2026-11-11", replace(cut, run=replace(cut.run, complete=False)))
    assert history(tmp_path) == [("2026-11-10", 4)]


def test_a_folder_of_another_name_is_no_run(tmp_path: Path) -> None:
    folder = put(tmp_path, "2026-11-10", run_on("2026-11-10"))
    folder.rename(folder.with_name("before the change"))
    assert history(tmp_path) == []
    assert newest_results(tmp_path, "contoso", NOW, ID) is None


def test_the_run_itself_is_none_of_its_earlier_ones(tmp_path: Path) -> None:
    folder = put(tmp_path, "2026-11-10", run_on("2026-11-10"))
    assert newest_results(tmp_path, "contoso", folder, ID) is None


def test_a_move_that_is_not_checked_has_no_history(tmp_path: Path) -> None:
    unchecked = tenant("contoso", stages(not_assessed=1), move=MoveState.NOT_CHECKED)
    assert with_history(replace(unchecked, history=None), tmp_path, "contoso", NOW).history is None


def days(root: Path, name: str = "contoso") -> list[str]:
    return sorted(path.name[:10] for path in (root / OUT / name).iterdir())


def every_day(root: Path, first: str, count: int) -> None:
    start = date.fromisoformat(first)
    for number in range(count):
        day = (start + timedelta(days=number)).isoformat()
        write_all(run_on(day), root / OUT / "contoso" / f"{day}T090000.000000Z")


def test_the_newest_stay_and_the_newest_of_each_week(tmp_path: Path) -> None:
    every_day(tmp_path, "2026-11-02", 16)  # Monday to Tuesday, two weeks later
    (told,) = thin_tenant(tmp_path, "contoso", ID, 3)
    assert days(tmp_path) == ["2026-11-08", "2026-11-15", "2026-11-16", "2026-11-17"]
    assert told.startswith("--keep: removed 12 report folders older than the newest 3: ")
    assert thin_tenant(tmp_path, "contoso", ID, 3) == []


def test_another_tenants_folder_and_what_is_no_report_stay(tmp_path: Path) -> None:
    every_day(tmp_path, "2026-11-02", 3)
    put(tmp_path, "2026-11-02", run_on("2026-11-02", tenant("fabrikam", stages())), at="100000")
    put(tmp_path, "2026-11-02", b"{", at="110000")
    (tmp_path / OUT / "contoso" / "notes").mkdir()
    (tmp_path / OUT / "contoso" / "2026-11-02T120000.000000Z").mkdir()
    put(tmp_path, "2026-11-02", run_on("2026-11-02"), "fabrikam")
    thin_tenant(tmp_path, "contoso", ID, 1)
    names = sorted(path.name for path in (tmp_path / OUT / "contoso").iterdir())
    assert [name[:13] for name in names] == [
        "2026-11-02T10",
        "2026-11-02T11",
        "2026-11-02T12",
        "2026-11-04T09",
        "notes",
    ]
    assert days(tmp_path, "fabrikam") == ["2026-11-02"]


def test_a_folder_with_a_file_of_the_users_or_in_use_stays_and_is_told(tmp_path: Path) -> None:
    every_day(tmp_path, "2026-11-02", 4)
    folders = sorted((tmp_path / OUT / "contoso").iterdir())
    (folders[0] / "letters" / "answer.txt").parent.mkdir(exist_ok=True)
    (folders[0] / "letters" / "answer.txt").write_text("thank you", "utf-8")
    with in_use(folders[1]):
        removed, left = thin_tenant(tmp_path, "contoso", ID, 1)
    assert folders[2].name in removed
    assert folders[0].name in left
    assert folders[1].name in left
    assert sorted((tmp_path / OUT / "contoso").iterdir()) == [folders[0], folders[1], folders[3]]


@pytest.mark.skipif(os.name == "nt", reason="Windows lets only some users make links")
def test_a_link_is_not_followed(tmp_path: Path) -> None:
    every_day(tmp_path, "2026-11-02", 2)
    first = min((tmp_path / OUT / "contoso").iterdir())
    elsewhere = tmp_path / "elsewhere"
    first.rename(elsewhere)
    first.symlink_to(elsewhere, target_is_directory=True)
    thin_tenant(tmp_path, "contoso", ID, 1)
    assert (elsewhere / "results.json").is_file()


def test_fleets_are_thinned_whole(tmp_path: Path) -> None:
    for day in ("2026-11-02", "2026-11-03", "2026-11-04"):
        folder = tmp_path / OUT / "fleet" / f"{day}T090000.000000Z"
        written(folder, {"contoso": run_on(day)}, record("Odd", problem="It broke. Mend it."))
    other = put(tmp_path, "2026-11-02", b"{}", "fleet", at="100000")
    (told,) = thin_fleets(tmp_path, 1)
    assert "2 report folders" in told
    assert days(tmp_path, "fleet") == ["2026-11-02", "2026-11-04"]
    assert other.is_dir()
