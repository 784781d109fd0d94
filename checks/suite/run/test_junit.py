"""--junitxml: pytest's own JUnit file has for each rule what results.json says, as properties of its test."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from nylas_readiness.checks.catalogue import catalogue
from nylas_readiness.checks.outcome import fail
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.command_line import LIVE, PAYLOADS, run_each
from nylas_readiness.fixtures.run.pytest_report import annotate, properties_of
from nylas_readiness.fixtures.secrets import Secret, forgotten_afterwards

pytestmark = pytest.mark.offline

FAMILIES = ["xunit1", "xunit2"]
# What a test case has inside for each status; nothing: JUnit's readers take it for passed.
SHOWN_AS = {
    **dict.fromkeys(["fail", "unknown", "wait"], "failure"),
    "not-applicable": "skipped",
    **dict.fromkeys(["pass", "warn", "review", "waived"], None),
}
EXCEPTIONS = """
[[exception]]
rule = "MIG-003"
owner = "ann@halden.example"
reason = "the move ends in March"
expires = 2027-01-31
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the reports and JUnit files of one journal in each family, and of a payload."""
    folder = tmp_path_factory.mktemp("junit")
    (folder / "exceptions.toml").write_text(EXCEPTIONS, "utf-8")
    (folder / "body.json").write_text('{"provider": "office365"}', "utf-8")
    saved: list[str | Path] = [LIVE, "--evidence", "run/evidence.journal", "--exceptions", "exceptions.toml"]
    commands: dict[str, list[str | Path]] = {
        "run": [LIVE, "--tenant", "sandbox:troubled"],
        **{family: [*saved, "-o", f"junit_family={family}"] for family in FAMILIES},
        "payload": [PAYLOADS, "--payload", "body.json"],
    }
    reports = {name: ["--report-dir", name, f"--junitxml={name}.xml"] for name in commands}
    ended = run_each(folder, {name: [*given, *reports[name]] for name, given in commands.items()})
    assert {one.exit_code for one in ended.values()} == {1}
    return folder


def cases(path: Path) -> "Iterator[tuple[dict[str, str], ET.Element]]":
    """Yield the properties of each test case, each of which it has once, and the test case."""
    for case in ET.parse(path).iter("testcase"):  # noqa: S314 -- pytest has just written it
        found = [(one.attrib["name"], one.attrib["value"]) for one in case.iter("property")]
        assert len(dict(found)) == len(found)
        yield dict(found), case


def rules_in(folder: Path) -> dict[str, dict[str, Any]]:
    results = json.loads((folder / "results.json").read_bytes())
    return {rule["id"]: rule for rule in results["rules"]}


@each_of("family", FAMILIES)
def test_each_rule_is_a_test_case_with_what_the_results_say_of_it(folder: Path, family: str) -> None:
    expected = rules_in(folder / family)
    found = {properties["rule"]: properties for properties, _ in cases(folder / f"{family}.xml")}
    assert found == {
        rule_id: {
            "rule": rule_id,
            "side": ",".join(catalogue()[rule_id].side),
            **{name: rule[name] for name in ("severity", "owner", "deadline", "status") if rule[name]},
        }
        for rule_id, rule in expected.items()
    }
    assert {"pass", "fail", "warn", "unknown", "not-applicable", "waived"} <= {
        one["status"] for one in found.values()
    }
    assert sum("deadline" in one for one in found.values()) > 1


@each_of("family", FAMILIES)
def test_a_status_is_shown_as_junits_readers_understand_it(folder: Path, family: str) -> None:
    for properties, case in cases(folder / f"{family}.xml"):
        inside = [one.tag for one in case if one.tag in {"failure", "error", "skipped"}]
        shown = SHOWN_AS[properties["status"]]
        assert inside == ([shown] if shown else []), properties


def test_the_rules_of_a_payload_are_test_cases_too(folder: Path) -> None:
    found = {one["rule"]: one["status"] for one, _ in cases(folder / "payload.xml")}
    assert found == {rule: one["status"] for rule, one in rules_in(folder / "payload").items()}
    assert found["PAY-002"] == "fail"


def test_no_secret_is_in_a_property() -> None:
    report = pytest.TestReport(
        nodeid="x", location=("x", 1, "x"), keywords={}, outcome="failed", longrepr=None, when="call"
    )
    with forgotten_afterwards():
        Secret("pl4nted-owner")
        annotate(report, "MIG-003", fail("observed", owner="pl4nted-owner"))
    assert dict(report.user_properties)["owner"] == "«secret»"


def test_a_check_that_ended_with_an_error_has_no_status() -> None:
    assert dict(properties_of("ENT-002", None)).keys() == {"rule", "severity", "side", "owner"}
