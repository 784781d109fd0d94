"""What a run leaves: its reports, their paths as the last lines, the exit code that the verdict asks for."""

import csv
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from nylas_readiness.checks.suite.support.command_line import LIVE, PAYLOADS, Ended, run, run_each
from nylas_readiness.reports import schema

pytestmark = pytest.mark.offline

REPORTS = ["results.json", "readiness.html", "accounts.csv", "run.html"]
BODY = {
    "client_id": "6xyz0n4vhm1k2",
    "name": "Ann Lund",
    "email_address": "ann@contoso.com",
    "provider": "exchange",
    "settings": {
        "service_account": True,
        "microsoft_client_id": "3d9f2f4e-5a5b-4f83-8f0e-2f6f7f1c9a10",
        "microsoft_client_secret": "q8Q~of-a-test",
        "microsoft_refresh_token": "0.AXoA-of-a-test",
        "redirect_uri": "https://app.contoso.com/callback",
    },
    "scopes": "calendar",
}
# The last line of the list has an open quote, the one before is double.
ACCOUNTS = """email,name
amara.okafor@halden.example,Amara
not-an-address,
amara.okafor@halden.example,again
"ingrid.halvorsen@halden.example,Ingrid
"""

# A plugin for the other process: importing hypothesis costs as much as reading thirty accounts.
LOADED = """
import sys, pytest

@pytest.hookimpl(tryfirst=True)
def pytest_unconfigure():
    print("hypothesis is loaded:", "hypothesis" in sys.modules)
"""


def results_in(folder: Path) -> dict[str, Any]:
    """Return a run's artefact, which fits its own schema."""
    text = (folder / "results.json").read_bytes()
    schema.validate(text)
    found: dict[str, Any] = json.loads(text)
    return found


def rules_of(results: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {rule["id"]: rule for rule in results["rules"]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that the runs are started in."""
    folder = tmp_path_factory.mktemp("audit")
    (folder / "loaded.py").write_text(LOADED, "utf-8")
    (folder / "list.csv").write_text(ACCOUNTS, "utf-8")
    (folder / "body.json").write_text(json.dumps(BODY), "utf-8")
    return folder


@pytest.fixture(scope="module")
def ended(folder: Path) -> dict[str, Ended]:
    """Return how an audit of the sandbox tenant ended, one cut short, and the judgement of a payload."""
    limited = ["--accounts", "list.csv", "--max-requests", "5", "--report-dir", "limited"]
    commands: dict[str, list[str | Path]] = {
        "audit": [LIVE, "--tenant", "-p", "loaded"],
        "limited": [LIVE, "--tenant", *limited],
        "payload": [PAYLOADS, "-m", "offline", "--payload", "body.json", "--report-dir", "payload"],
    }
    return run_each(folder, commands)


@pytest.fixture(scope="module")
def audit(folder: Path, ended: dict[str, Ended]) -> tuple[Path, Ended]:
    """Return the audit of the sandbox tenant, and the folder it was started in."""
    return folder, ended["audit"]


def test_the_audit_of_the_sandbox_ends_well_and_names_its_four_reports_last(
    audit: tuple[Path, Ended],
) -> None:
    folder, ended = audit
    assert ended.exit_code == 0, ended.output
    paths = [Path(line) for line in ended.lines[-4:]]
    assert [path.name for path in paths] == REPORTS
    [directory] = {path.parent for path in paths}
    assert directory.parent == folder / "reports" / "out" / "sandbox"
    assert re.fullmatch(r"2\d{3}-\d\d-\d\dT\d{6}\.\d{6}Z", directory.name)
    beside = {"evidence.journal", "letters", "summary.md", "SHA256SUMS"}
    assert {path.name for path in directory.iterdir()} == {*REPORTS, *beside}
    assert all(path.stat().st_size for path in directory.iterdir())


def test_the_sums_verify_every_file_that_pytest_html_did_not_write(audit: tuple[Path, Ended]) -> None:
    directory = Path(audit[1].lines[-1]).parent
    lines = (directory / "SHA256SUMS").read_text("utf-8").splitlines()
    sums = {name: digest for digest, name in (line.split("  ") for line in lines)}
    files = {path.relative_to(directory).as_posix(): path for path in directory.rglob("*") if path.is_file()}
    assert sums.keys() == files.keys() - {"SHA256SUMS", "run.html"}
    assert {name: hashlib.sha256(files[name].read_bytes()).hexdigest() for name in sums} == sums


def test_progress_and_verdict_are_shown(audit: tuple[Path, Ended]) -> None:
    _, ended = audit
    assert "reading the tenant ..." in ended.lines
    assert any(re.fullmatch(r"read 40 of 40 accounts, \d+ s", line) for line in ended.lines)
    assert any(line.startswith("Today: Works today") for line in ended.lines)


def test_an_audit_does_not_import_what_generates_examples(audit: tuple[Path, Ended]) -> None:
    assert "hypothesis is loaded: False" in audit[1].lines


def test_the_artefact_says_whose_it_is_and_what_each_rule_came_to(audit: tuple[Path, Ended]) -> None:
    results = results_in(Path(audit[1].lines[-1]).parent)
    assert results["tenant"]["kind"] == "sandbox"
    assert (results["run"]["as_of"], results["run"]["complete"]) == ("2026-11-23", True)
    assert results["verdict"] == {"v2": "ready-with-warnings", "v3": "not-assessed"}
    statuses = [rule["status"] for rule in results["rules"]]
    assert {status: statuses.count(status) for status in results["counts"]} == results["counts"]
    assert not set(results["planned"]) & set(rules_of(results))
    assert [one["state"] for one in results["deadlines"] if one["id"] == "MIG-003"] == ["in 129 days"]


def test_the_worklist_has_its_header_and_a_line_for_each_account(audit: tuple[Path, Ended]) -> None:
    directory = Path(audit[1].lines[-1]).parent
    with (directory / "accounts.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert header[:6] == ["email", "v2", "v3", "next_action", "owner", "order"]
    assert {row[0] for row in rows} == {one["email"] for one in results_in(directory)["accounts"]}
    assert len(rows) == 40


def test_a_run_cut_short_by_the_request_limit_reports_what_it_read(
    folder: Path, ended: dict[str, Ended]
) -> None:
    limited = ended["limited"]
    assert limited.exit_code == 1
    assert limited.lines[-4:] == [str(Path("limited", name)) for name in REPORTS]
    assert "FAILURES" not in limited.output
    assert "short test summary" not in limited.output
    assert sum(line.startswith("not set up: request limit") for line in limited.lines) == 1
    results = results_in(folder / "limited")
    assert results["run"]["complete"] is False
    assert re.search(
        r"^incomplete: [1-9]\d* requests were left out by --max-requests: go on with --resume$",
        limited.output,
        re.MULTILINE,
    )
    assert results["verdict"]["v2"] == "inconclusive"
    rules = rules_of(results)
    assert rules["ACC-001"]["status"] == "unknown"
    assert rules["ACC-001"]["reason"].startswith("request limit")
    assert sum(use["sent"] for use in results["budget"].values()) == 5
    assert rules["CFG-002"]["status"] == "fail"
    assert "list.csv: line 3: " in rules["CFG-002"]["observed"]
    assert "line 5: not CSV" in rules["CFG-002"]["observed"]


def test_a_right_body_ends_well_and_a_payload_run_has_no_tenant(
    folder: Path, ended: dict[str, Ended]
) -> None:
    payload = ended["payload"]
    assert payload.exit_code == 0, payload.output
    assert payload.lines[-3:] == [str(Path("payload", name)) for name in REPORTS if name != "accounts.csv"]
    results = results_in(folder / "payload")
    assert (results["tenant"], results["verdict"], results["accounts"]) == (None, None, [])
    assert results["run"]["complete"] is True
    assert "incomplete" not in payload.output


def test_a_wrong_body_among_right_ones_fails_its_rule_with_line_and_column(tmp_path: Path) -> None:
    wrong = json.dumps(BODY, indent=1).replace('"exchange"', '"office365"')
    text = f"Connect an account:\n\ncurl -X POST https://api.nylas.com/connect/authorize -d '{wrong}'\n"
    (tmp_path / "body.json").write_text(json.dumps(BODY), "utf-8")
    arguments = ["--payload", "body.json", "--payload", "-", "--report-dir", "report"]
    ended = run(tmp_path, PAYLOADS, *arguments, "--service-account", "nylas-svc@contoso.com", stdin=text)
    assert ended.exit_code == 1
    rules = rules_of(results_in(tmp_path / "report"))
    assert {rule for rule, result in rules.items() if result["status"] == "fail"} == {"PAY-002"}
    assert "line 7, column 14" in rules["PAY-002"]["observed"]
    assert len(rules["PAY-002"]["evidence"]) == 2
    assert rules["PAY-010"]["status"] == rules["PAY-022"]["status"] == "pass"
