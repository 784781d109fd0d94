"""The company that moves, four weeks apart: what changed, what was accepted, and wrong files, end to end."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from nylas_readiness.checks.outcome import passed
from nylas_readiness.checks.suite.support.command_line import LIVE, PAYLOADS, Ended, run_each
from nylas_readiness.checks.suite.support.report_samples import judged_bodies
from nylas_readiness.reports import schema
from nylas_readiness.reports.stream import encode

pytestmark = pytest.mark.offline

ACCEPTED = """
[[exception]]
rule = "NY2-003"
account = "AISLING.*@halden.example"
owner = "jane@halden.example"
reason = "She leaves at the end of the year."
expires = 2026-11-23

[[exception]]
rule = "ACC-003"
owner = "jane@halden.example"
reason = "The domain is trusted."
expires = 2026-11-23

[[exception]]
rule = "ACC-002"
owner = "jane@halden.example"
reason = "They were renamed in autumn."
expires = 2026-11-22

[[exception]]
rule = "EAS-003"
account = "nobody@halden.example"
owner = "jane@halden.example"
reason = "Moved to another host on purpose."
expires = 2027-11-22
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("migration")


@pytest.fixture(scope="module")
def ended(folder: Path) -> dict[str, Ended]:
    """Return two audits, the later with the earlier as its baseline and with exceptions, and refused ones."""
    (folder / "accepted.toml").write_text(ACCEPTED, "utf-8")
    (folder / "wrong.toml").write_text(ACCEPTED.replace("ACC-003", "ACC-03"), "utf-8")
    (folder / "bodies.json").write_bytes(encode(judged_bodies({"PAY-001": passed("ok")})))
    (folder / "other.json").write_text("{}", "utf-8")
    earlier: list[str | Path] = [LIVE, "--tenant", "sandbox:migration-earlier", "--report-dir", "earlier"]
    now: list[str | Path] = [LIVE, "--tenant", "sandbox:migration", "--report-dir"]
    files = ["--baseline", "earlier/results.json", "--exceptions", "accepted.toml"]
    return run_each(
        folder,
        {
            "earlier": earlier,
            "now": [*now, "now", *files],
            "again": [*now, "again", "--baseline", "now/results.json", *files[2:]],
            "wrong exceptions": [*now, "none", "--exceptions", "wrong.toml"],
            "bodies": [*now, "none", "--baseline", "bodies.json"],
            "no artefact": [*now, "none", "--baseline", "other.json"],
            "payload": [PAYLOADS, "--payload", "other.json", "--baseline", "earlier/results.json"],
        },
    )


@pytest.fixture(scope="module")
def results(folder: Path, ended: dict[str, Ended]) -> dict[str, dict[str, Any]]:
    """Return the artefacts, each of which fits the schema."""
    assert {ended[name].exit_code for name in ("earlier", "now", "again")} == {1}
    texts = {name: (folder / name / "results.json").read_bytes() for name in ("earlier", "now", "again")}
    for text in texts.values():
        schema.validate(text)
    return {name: json.loads(text) for name, text in texts.items()}


def first_name(email: str | None) -> str | None:
    return email and email.partition(".")[0]


def test_the_changes_are_the_seeded_ones(results: dict[str, dict[str, Any]]) -> None:
    """The plan (MIG-006) follows from all other findings, so it changes with them."""
    changes = results["now"]["changes"]
    found = {
        (one["kind"], one["rule"], first_name(one["email"]))
        for one in changes["changed"]
        if one["rule"] != "MIG-006"
    }
    assert found == {
        ("new", "NY3-008", "lucia"),
        ("gone", "NY2-003", "viktor"),
        ("better", "NY2-003", "aisling"),
        ("better", "NY2-003", "omar"),
        ("better", "ACC-003", "lars"),
        ("fixed", "NY2-003", "nadia"),
        ("fixed", "NY3-005", None),
        ("fixed", "NY3-008", "ingrid"),
    }
    assert (changes["accounts_joined"], changes["accounts_left"], changes["waived_since"]) == (1, 1, 2)
    assert (changes["rules_joined"], changes["rules_left"], changes["limits"]) == ([], [], [])
    assert changes["baseline"] == results["earlier"]["run"]
    assert results["earlier"]["changes"] is None


def test_both_findings_of_a_change_are_told(results: dict[str, dict[str, Any]]) -> None:
    [omar] = [
        one
        for one in results["now"]["changes"]["changed"]
        if (first_name(one["email"]), one["rule"]) == ("omar", "NY2-003")
    ]
    assert (omar["before"]["status"], omar["after"]["status"]) == ("fail", "warn")
    assert "invalid-credentials" in omar["before"]["observed"]
    assert "partial" in omar["after"]["observed"]


def test_each_exception_is_in_its_state(results: dict[str, dict[str, Any]]) -> None:
    """Of a worsened finding the change says `better`, for it is accepted: so the exception says it."""
    found = [(one["rule"], one["state"], one["findings"]) for one in results["now"]["exceptions"]]
    assert found == [
        ("NY2-003", "hides-worsened", 1),
        ("ACC-003", "used", 1),
        ("ACC-002", "expired", 1),
        ("EAS-003", "unused", 0),
    ]


def test_a_waived_finding_is_waived_everywhere(folder: Path, results: dict[str, dict[str, Any]]) -> None:
    accounts = {first_name(one["email"]): one for one in results["now"]["accounts"]}
    finding = accounts["aisling"]["findings"]["NY2-003"]
    assert (finding["status"], finding["waiver"]["status"]) == ("waived", "fail")
    assert accounts["aisling"]["verdict"]["v2"] == "ready-with-warnings"
    assert accounts["aisling"]["next"]["action"] == "Create the v3 grant."
    rules = {one["id"]: one for one in results["now"]["rules"]}
    assert (rules["ACC-003"]["status"], rules["ACC-003"]["waiver"]["status"]) == ("waived", "fail")
    with (folder / "now" / "accounts.csv").open(encoding="utf-8", newline="") as file:
        rows = {first_name(row["email"]): row for row in csv.DictReader(file)}
    assert "NY2-003 waived (fail until 2026-11-23): stopped" in rows["aisling"]["findings"]
    assert rows["omar"]["changed"] == "NY2-003 better"


def test_nothing_has_changed_since_a_moment_ago(results: dict[str, dict[str, Any]]) -> None:
    changes = results["again"]["changes"]
    assert (changes["changed"], changes["limits"]) == ([], [])
    assert not any(changes["counts"].values())
    assert [one["state"] for one in results["again"]["exceptions"]] == ["used", "used", "expired", "unused"]


def test_the_terminal_says_both_in_short(ended: dict[str, Ended]) -> None:
    lines = [line.strip() for line in ended["now"].lines]
    assert any(line.startswith("since 26 Oct 2026: ") for line in lines)
    assert any(line.startswith("new     NY3-008  lucia.") for line in lines)
    at = lines.index("exceptions: 1 hides-worsened, 1 expired, 1 unused, 1 used")
    assert [line.partition(":")[0] for line in lines[at + 1 : at + 4]] == [
        "hides-worsened",
        "expired",
        "unused",
    ]


def test_wrong_files_are_usage_errors_before_anything_is_asked(folder: Path, ended: dict[str, Ended]) -> None:
    said = {
        "wrong exceptions": "wrong.toml, exception 2, rule: no rule is called ACC-03. Did you mean ACC-003?",
        "bodies": "bodies.json: the results of request bodies, not of a tenant. Give the results.json",
        "no artefact": "other.json: no results.json: Object missing required field `schema`. Give",
        "payload": "--baseline compares two audits: give it with --tenant or --evidence",
    }
    for name, problem in said.items():
        assert ended[name].exit_code == 4
        assert ended[name].problem.startswith(problem)
    assert not (folder / "none" / "results.json").exists()


def test_a_baseline_of_another_tenant_names_both(results: dict[str, dict[str, Any]], tmp_path: Path) -> None:
    document = results["earlier"] | {"tenant": {"name": "contoso", "id": None, "kind": "sandbox"}}
    (tmp_path / "contoso.json").write_text(json.dumps(document), "utf-8")
    live = results["earlier"]["tenant"] | {"kind": "live"}
    (tmp_path / "live.json").write_text(json.dumps(results["earlier"] | {"tenant": live}), "utf-8")
    ended = run_each(
        tmp_path,
        {
            name: [LIVE, "--tenant", "sandbox:migration", "--baseline", f"{name}.json"]
            for name in ("contoso", "live")
        },
    )
    assert {one.exit_code for one in ended.values()} == {4}
    assert ended["contoso"].problem.startswith(
        "contoso.json: it is of the tenant contoso, and this is sandbox:"
    )
    assert ended["live"].problem.startswith(
        "live.json: it is of a live tenant, and this is a sandbox one. Give"
    )
