"""The fleet's page and summary: every number is the artefact's, and what tenants wrote stays text."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from nylas_readiness.checks.migration.model import MoveState, Stage, TodayState
from nylas_readiness.checks.outcome import fail, warn
from nylas_readiness.checks.suite.support.fleet_samples import record, stages, tenant, week, written
from nylas_readiness.fixtures.run.fleet.record import NylasRecord
from nylas_readiness.reports.fleet import page, summary
from nylas_readiness.reports.fleet.model import Fleet

if TYPE_CHECKING:
    from lxml.html import HtmlElement

pytestmark = pytest.mark.offline

HOSTILE = "<script>alert(1)</script>[a](https://evil.example)|x|\n# forged\u202e::error::"
SHARED = NylasRecord(version="v2", application="app-1", tenants=["Two"], problem="HTTP 401.")
NOBODYS = NylasRecord(version="v3", application="app-3", tenants=["One", "Two"], accounts=30, nobodys=7)


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    directory = tmp_path_factory.mktemp("fleet")
    tenants = {
        "one": tenant(
            "One",
            stages(finished=1, on_both=2, can_move=3, blocked=4, to_clarify=5),
            {"ENT-002": fail("AADSTS700082"), "MIG-003": warn("in 129 days")},
            earlier=[week("2026-11-09", stages(can_move=15))],
        ),
        "two": tenant("Two", stages(to_clarify=6), {"NY2-001": fail("HTTP 401")}, today=TodayState.UNDECIDED),
        "three": tenant("Three", stages(not_assessed=8), {"CFG-001": fail("env:X is not set")},
            today=TodayState.NOT_SET_UP, move=MoveState.NOT_CHECKED),
        "odd": tenant(HOSTILE, stages(finished=2), move=MoveState.FINISHED),
    }  # fmt: skip
    missing = record("Four", problem="Its process ended by signal 9. Go on with --resume.")
    written(directory, tenants, missing, nylas=[SHARED, NOBODYS])
    return msgspec.json.decode((directory / "fleet.json").read_bytes(), type=Fleet)


def drawn(fleet: Fleet) -> "HtmlElement":
    from lxml.html import document_fromstring

    return document_fromstring(page.render(fleet))


def text(element: "HtmlElement") -> str:
    return " ".join(element.text_content().split())


def by_id(document: "HtmlElement", name: str) -> "HtmlElement":
    return next(element for element in document.iter() if element.get("id") == name)


def rows(fleet: Fleet, table: str) -> list[list[str]]:
    """Return what each row of a table shows."""
    document = drawn(fleet)
    body = next(one for one in document.iter("table") if one.get("class") == table)
    return [[text(cell) for cell in row] for row in body.iter("tr")][1:]


def test_each_tenant_has_a_row_with_its_numbers_and_a_link_to_its_report(fleet: Fleet) -> None:
    shown = {row[0]: row[1:] for row in rows(fleet, "tenants")}
    assert len(shown) == 4
    *numbers, first, next_date = shown["One"]
    assert numbers == ["✓ works", "✕ not ready", "\u2013", "12 of 15", "4"]
    assert first.startswith("Microsoft 365 administrator: ")
    assert next_date == "1 Apr 2027"
    assert shown["Two"][4:6] == ["0", "Integrator: see the shared causes"]
    assert shown["Three"][3:5] == ["\u2013 of 8", "0"]
    assert shown["Three"][5].startswith("Integrator: Correct the key that the finding names")
    assert 'href="one/readiness.html"' in page.render(fleet)


def test_the_sums_of_the_tables_are_those_of_the_head(fleet: Fleet) -> None:
    shown = rows(fleet, "tenants")
    left = [int(row[4].partition(" of ")[0]) for row in shown if not row[4].startswith("\u2013")]
    assert sum(left) == fleet.totals.left == 18
    assert sum(int(row[5]) for row in shown) == fleet.totals.stages[Stage.BLOCKED] == 4
    assert sum(int(row[4].rpartition(" of ")[2]) for row in shown) == fleet.totals.accounts == 31


def test_an_application_and_an_audit_that_lack_something_are_told_apart(fleet: Fleet) -> None:
    document = drawn(fleet)
    assert {row[0][:7] for row in rows(fleet, "faults")} == {"ENT-002", "MIG-003"}
    parts = {name: text(by_id(document, name).getparent()) for name in ("shared", "gaps", "not-audited")}
    assert "HTTP 401." in parts["shared"]
    assert "CFG-001" in parts["gaps"]
    assert "FourIts process ended by signal 9." in parts["not-audited"]


def test_accounts_of_nobody_are_a_number_alone(fleet: Fleet) -> None:
    told = "7 accounts of the Nylas v3 application app-3 are in mail domains that no tenant file names."
    assert told in list(summary.facts(fleet))


def test_what_tenants_are_called_stays_text(fleet: Fleet) -> None:
    html = page.render(fleet)
    assert "<script>alert" not in html
    assert "\u202e" not in html
    told = summary.render(fleet, ["fleet.json"])
    assert "<script>" not in told
    assert not re.search(r"(?m)^# forged|^::error", told)
    assert not re.search(r"(?<!\\)\]\(https?:", told)


def test_the_burn_down_has_its_numbers_as_text(fleet: Fleet) -> None:
    html = page.render(fleet)
    assert (
        "Accounts left by week: 9 Nov 2026: 21, 0 of them blocked; 23 Nov 2026: 18, 4 of them blocked."
        in html
    )
    weeks = rows(fleet, "weeks")
    assert [row[-1] for row in weeks] == ["21", "18"]


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        pytest.param(
            stages(blocked=2, finished=1),
            "2 of 3 accounts are not on Nylas v3 yet; 2 of them are blocked.",
            id="blocked",
        ),
        pytest.param(stages(can_move=1), "1 of 1 account is not on Nylas v3 yet.", id="one left"),
        pytest.param(stages(finished=3), "3 of 3 accounts are on Nylas v3.", id="none left"),
        pytest.param(
            stages(not_assessed=3),
            "0 of 3 accounts: the move to Nylas v3 has not been checked.",
            id="not checked",
        ),
    ],
)
def test_the_headline_begins_with_a_number(tmp_path: Path, counts: dict[Stage, int], told: str) -> None:
    written(tmp_path, {"one": tenant("One", counts)})
    fleet = msgspec.json.decode((tmp_path / "fleet.json").read_bytes(), type=Fleet)
    assert summary.headline(fleet) == told


def test_the_page_names_its_source_and_loads_nothing(fleet: Fleet) -> None:
    html = page.render(fleet, "a" * 64)
    assert "a" * 64 in html
    assert "default-src 'none'" in html
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", html)
