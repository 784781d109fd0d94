"""What is written of a fleet: its tenants' numbers added up, and letters of one tenant each."""

import csv
import hashlib
import io
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from nylas_readiness.checks.migration.model import MoveState, TodayState
from nylas_readiness.checks.outcome import fail, passed, warn
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.fleet_samples import record, stages, tenant, week, written
from nylas_readiness.fixtures.run.fleet.record import NylasRecord
from nylas_readiness.reports.model import Results
from nylas_readiness.reports.stream import encode

pytestmark = pytest.mark.offline

SIGN_IN = fail("AADSTS700082", remedy="Sign in again.")
REFUSED = fail("HTTP 401")


@cache
def moving() -> Results:
    """Return the results of a tenant whose move is on the way."""
    return tenant(
        "Contoso",
        stages(finished=2, on_both=1, can_move=3, blocked=4, to_clarify=1),
        {"ENT-002": SIGN_IN, "ROL-001": fail("none")},
        earlier=[week("2026-11-09", stages(can_move=10, finished=1))],
    )


@cache
def moved() -> Results:
    """Return the results of a tenant whose move is finished."""
    return tenant("Litware", stages(finished=7), today=TodayState.NOT_CHECKED, move=MoveState.FINISHED)


@cache
def four() -> dict[str, Results]:
    """Return the results of four tenants, by folder."""
    today, move = TodayState.DOES_NOT_WORK, MoveState.NOT_BEGUN
    return {
        "contoso": moving(),
        "fabrikam": tenant("Fabrikam", stages(blocked=5), {"ENT-002": SIGN_IN}, today=today, move=move),
        "litware": moved(),
        "woodgrove": tenant("Woodgrove", stages(not_assessed=6), move=MoveState.NOT_CHECKED),
    }


def fleet(directory: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((directory / "fleet.json").read_text("utf-8"))
    return document


def test_the_fleets_numbers_are_those_of_the_tenants_added_up(tmp_path: Path) -> None:
    assert written(tmp_path, four()).problems == []
    totals, results = fleet(tmp_path)["totals"], [json.loads(encode(one)) for one in four().values()]
    assert totals["tenants"] == totals["audited"] == 4
    assert totals["accounts"] == sum(len(one["accounts"]) for one in results) == 29
    for stage, count in totals["stages"].items():
        assert count == sum(one["headline"]["stages"][stage] for one in results)
        assert count == sum(account["stage"] == stage for one in results for account in one["accounts"])
    for state, count in totals["move"].items():
        assert count == sum(one["headline"]["move"] == state for one in results)
    for state, count in totals["today"].items():
        assert count == sum(one["headline"]["today"] == state for one in results)
    assert totals["left"] == 3 + 4 + 1 + 5
    assert totals["left"] == fleet(tmp_path)["pace"]["left"] == fleet(tmp_path)["weeks"][-1]["left"]


def test_a_rule_is_counted_in_the_tenants_where_it_is_open(tmp_path: Path) -> None:
    written(tmp_path, four())
    faults = {one["rule"]: one for one in fleet(tmp_path)["faults"]}
    assert list(faults) == ["ENT-002", "ROL-001"]
    assert (faults["ENT-002"]["tenants"], faults["ENT-002"]["names"]) == (2, ["Fabrikam", "Contoso"])
    assert faults["ENT-002"]["statuses"] == {"fail": 2}
    assert faults["ROL-001"]["tenants"] == 1


def test_what_does_not_work_comes_first_and_what_has_moved_last(tmp_path: Path) -> None:
    written(tmp_path, four())
    names = [one["name"] for one in fleet(tmp_path)["tenants"]]
    assert names == ["Fabrikam", "Contoso", "Woodgrove", "Litware"]


def test_an_application_that_could_not_be_read_is_told_once(tmp_path: Path) -> None:
    refused = {name: tenant(name, stages(to_clarify=2), {"NY2-001": REFUSED}) for name in ("one", "two")}
    others = {"three": tenant("three", stages(to_clarify=2), {"NY2-001": REFUSED})}
    shared = NylasRecord(version="v2", application="app-1", tenants=["one", "two"], problem="HTTP 401.")
    written(tmp_path, refused | others, nylas=[shared])
    told = fleet(tmp_path)
    assert [(one["owner"], one["tenants"]) for one in told["shared_causes"]] == [
        ("integrator", ["one", "two"])
    ]
    assert {one["name"]: one["first"] and one["first"]["rule"] for one in told["tenants"]} == {
        "one": None,
        "two": None,
        "three": "NY2-001",
    }
    assert [(one["rule"], one["tenants"]) for one in told["faults"]] == [("NY2-001", 1)]
    assert sorted(path.parent.name for path in (tmp_path / "letters").rglob("*.md")) == ["three"]


def test_an_audit_that_is_not_set_up_is_told_apart_with_what_to_do(tmp_path: Path) -> None:
    lacking = {
        name: tenant(name, stages(to_clarify=1), {"CFG-001": fail(f"env:{name} is not set")})
        for name in ("one", "two")
    }
    written(tmp_path, lacking | four())
    (gap,) = fleet(tmp_path)["gaps"]
    assert (gap["rule"], gap["tenants"], gap["names"]) == ("CFG-001", 2, ["one", "two"])
    assert gap["what"]
    assert "CFG-001" not in {one["rule"] for one in fleet(tmp_path)["faults"]}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "There is no results.json in its folder"),
        (lambda: b"{", "results.json is no result of a tenant"),
        (lambda: b'{"schema": "https://nylas-readiness.dev/results/9"}', "its schema is"),
        (lambda: encode(replace(moving(), tenant=None)), "is no result of a tenant"),
        (lambda: encode(moving()).replace(b'"2026-11-09"', b'"tomorrow"'), "is no result of a tenant"),
        (lambda: encode(moving()).replace(b'"ROL-001"', b'"ROL-999"'), "another release wrote it"),
    ],
    ids=["missing", "cut", "other version", "of bodies", "odd date", "other release"],
)
def test_a_tenant_without_a_result_is_told_and_the_others_are_shown(
    tmp_path: Path, text: Callable[[], bytes] | None, told: str
) -> None:
    (tmp_path / "odd").mkdir()
    if text is not None:
        (tmp_path / "odd" / "results.json").write_bytes(text())
    written(tmp_path, four(), record("Odd", "odd"))
    document = fleet(tmp_path)
    (missing,) = document["not_audited"]
    assert missing["name"] == "Odd"
    assert told in missing["problem"]
    assert "Audit this tenant again" in missing["problem"]
    assert document["totals"]["tenants"] == 5
    assert document["totals"]["audited"] == 4
    assert not document["run"]["complete"]


@each_of(
    ("path", "told"),
    [
        (("run", "as_of"), "is no result of a tenant"),
        (("deadlines", 0, "date"), "is no result of a tenant"),
        (("tasks", 0, "rule"), "this one knows no rule ::error::"),
        (("tasks", 0, "owner"), "this one knows no owner ::error::"),
    ],
)
def test_results_that_somebody_changed_are_their_tenants_problem(
    tmp_path: Path, path: tuple[str | int, ...], told: str
) -> None:
    document: Any = json.loads(encode(moving()))
    *within, last = path
    place = document
    for step in within:
        place = place[step]
    place[last] = "::error::"
    (tmp_path / "odd").mkdir(exist_ok=True)
    (tmp_path / "odd" / "results.json").write_text(json.dumps(document), "utf-8")
    written(tmp_path, four(), record("Odd", "odd"))
    assert told in fleet(tmp_path)["not_audited"][0]["problem"]


def test_a_tenant_that_broke_shows_no_result_of_an_earlier_attempt(tmp_path: Path) -> None:
    written(tmp_path, four())
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "results.json").write_bytes(encode(moved()))
    written(tmp_path / "again", {}, record("Litware", "old", problem="It ended by signal 9. Go on."))
    (missing,) = fleet(tmp_path / "again")["not_audited"]
    assert missing["problem"] == "It ended by signal 9. Go on."


@each_of("folder", ["../elsewhere", "/etc", "a/../../b"])
def test_no_folder_outside_the_fleets_is_read(tmp_path: Path, folder: str) -> None:
    written(tmp_path, {}, record("Odd", folder))
    assert "is not a folder below the fleet's" in fleet(tmp_path)["not_audited"][0]["problem"]


def test_letters_of_one_tenant_name_no_other(tmp_path: Path) -> None:
    written(tmp_path, four())
    letters = list((tmp_path / "letters").rglob("*.*"))
    assert {path.parent.name for path in letters} == {"contoso", "fabrikam"}
    for path in letters:
        text = path.read_text("utf-8").lower()
        assert path.parent.name in text
        assert not [name for name in four() if name != path.parent.name and name in text]


def test_a_letter_that_a_tenant_no_longer_has_is_removed(tmp_path: Path) -> None:
    written(tmp_path, {"contoso": moving()})
    assert list((tmp_path / "letters" / "contoso").iterdir())
    written(tmp_path, {"contoso": replace(moving(), tasks=[])})
    assert not list((tmp_path / "letters" / "contoso").iterdir())


def test_the_sums_hold_for_every_file_that_is_named(tmp_path: Path) -> None:
    paths = written(tmp_path, four()).paths
    lines = (tmp_path / "SHA256SUMS").read_text("utf-8").splitlines()
    sums = {name: total for total, name in (line.split("  ") for line in lines)}
    assert {"fleet.json", "fleet.html", "fleet.csv", "summary.md", "contoso/results.json"} <= sums.keys()
    for name, total in sums.items():
        assert hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() == total
    assert {str(path.relative_to(tmp_path)) for path in paths} - {"SHA256SUMS"} <= sums.keys()


def test_the_table_has_a_line_for_every_tenant_and_runs_no_formula(tmp_path: Path) -> None:
    hostile = {"odd": tenant("=HYPERLINK(0)", stages(blocked=1))}
    written(tmp_path, four() | hostile, record("@SUM(1)", problem="-1+1"))
    rows = list(csv.DictReader(io.StringIO((tmp_path / "fleet.csv").read_text("utf-8"))))
    assert [row["tenant"] for row in rows if row["audited"] == "no"] == ["'@SUM(1)"]
    assert len(rows) == 6
    assert not [value for row in rows for value in row.values() if value.startswith(("=", "@", "-", "+"))]
    contoso = next(row for row in rows if row["tenant"] == "Contoso")
    assert (contoso["left"], contoso["blocked"], contoso["owner"]) == ("8", "4", "tenant-admin")
    assert (contoso["accounts_a_week"], contoso["ends"]) == ("1", "2027-01-18")


def test_weeks_take_each_tenants_newest_audit_until_then_or_its_first(tmp_path: Path) -> None:
    early = [week("2026-11-02", stages(can_move=9)), week("2026-11-16", stages(can_move=5, finished=4))]
    late = [week("2026-11-09", stages(blocked=3))]
    two = {
        "one": tenant("one", stages(can_move=4, finished=5), earlier=early),
        "two": tenant("two", stages(blocked=2), earlier=late),
    }
    written(tmp_path, two)
    told = fleet(tmp_path)
    assert [(one["as_of"], one["tenants"], one["left"]) for one in told["weeks"]] == [
        ("2026-11-02", 1, 12),
        ("2026-11-09", 2, 12),
        ("2026-11-16", 2, 8),
        ("2026-11-23", 2, 6),
    ]
    assert told["pace"]["per_week"] == pytest.approx(5 / 3 + 1 / 2, abs=0.01)


def test_a_tenants_next_date_is_one_that_is_open_for_it(tmp_path: Path) -> None:
    dated = tenant("dated", stages(can_move=1), {"MIG-003": warn("in 129 days")})
    settled = tenant("settled", stages(finished=1), {"MIG-003": passed("nothing uses EWS")})
    written(tmp_path, {"dated": dated, "settled": settled})
    dates = {one["name"]: one["next_date"] for one in fleet(tmp_path)["tenants"]}
    assert dates == {"dated": {"rule": "MIG-003", "date": "2027-04-01"}, "settled": None}


def test_an_empty_fleet_is_written_too(tmp_path: Path) -> None:
    assert written(tmp_path, {}, record("Odd", problem="It is broken. Mend it.")).problems == []
    assert "0 of 1 tenant could be audited" in (tmp_path / "summary.md").read_text("utf-8")
