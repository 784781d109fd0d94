"""run.html: the columns of a rule, which sort by what they mean, and nothing of the machine."""

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest

from nylas_readiness.checks.catalogue import catalogue
from nylas_readiness.checks.outcome import Status
from nylas_readiness.checks.suite.support.command_line import PAYLOADS, run
from nylas_readiness.checks.verdict import SEVERITIES
from nylas_readiness.fixtures.run.run_page import headers, row

pytestmark = pytest.mark.offline


def facts(**changed: object) -> dict[str, object]:
    return {"rule": "ENT-002", "severity": "high", "owner": "user", "status": "fail"} | changed


def test_a_row_has_the_rule_with_a_link_its_severity_owner_and_status() -> None:
    names = [re.findall(r'data-column-type="(\w+)"', header) for header in headers()]
    assert names == [["rule"], ["severity"], ["owner"], ["status"]]
    rule, severity, owner, status = row(facts())
    assert rule == '<td class="col-rule"><a href="readiness.html#ENT-002">ENT-002</a></td>'
    assert [re.sub("<.*?>", "", cell) for cell in (severity, owner, status)] == ["high", "End user", "fail"]


@pytest.mark.parametrize(("column", "order"), [("severity", SEVERITIES), ("status", tuple(Status))])
def test_a_column_sorts_by_what_it_means(column: str, order: tuple[str, ...]) -> None:
    place = ["rule", "severity", "owner", "status"].index(column)
    cells = [row(facts(**{column: value}))[place] for value in order]
    assert sorted(cells) == cells


def test_a_test_of_no_rule_has_empty_cells_and_hostile_facts_are_escaped() -> None:
    assert [re.sub("<.*?>", "", cell) for cell in row({})] == ["", "", "", ""]
    assert not any(
        "<b>" in cell for cell in row(facts(rule="<b>", severity="<b>", owner="<b>", status="<b>"))
    )


def data_of(page: Path) -> dict[str, Any]:
    """Return the data that pytest-html's script shows."""
    found = re.search('data-jsonblob="([^"]*)"', page.read_text("utf-8"))
    assert found
    data: dict[str, Any] = json.loads(html.unescape(found[1]))
    return data


def test_the_page_of_a_run_has_the_columns_and_no_variable_of_a_ci(tmp_path: Path) -> None:
    (tmp_path / "body.json").write_text('{"provider": "office365"}', "utf-8")
    arguments = ["-m", "offline", "--payload", "body.json", "--report-dir", "report"]
    given = {"BUILD_NUMBER": "4711", "JENKINS_URL": "https://ci.internal"}
    assert run(tmp_path, PAYLOADS, *arguments, environ=given).exit_code == 1
    data = data_of(tmp_path / "report" / "run.html")
    assert data["environment"] == {}
    assert "4711" not in (tmp_path / "report" / "run.html").read_text("utf-8")
    rules = {rule for tests in data["tests"].values() for test in tests for rule in _rules(test)}
    assert "PAY-002" in rules
    assert rules <= set(catalogue())


def _rules(test: dict[str, Any]) -> list[str]:
    return re.findall(r"readiness\.html#([A-Z0-9]+-\d+)", "".join(test["resultsTableRow"]))
