"""What became of each request and file; every violation in a file of its own; GitHub's annotations."""

import json
from pathlib import Path
from typing import Any

import pytest

from nylas_readiness.checks.bodies.material import MaterialTally
from nylas_readiness.checks.bodies.payload_outcome import judge_requests, outcome_of
from nylas_readiness.checks.bodies.violation_log import ViolationLog, WrittenViolation, annotations
from nylas_readiness.checks.contract import Context
from nylas_readiness.checks.outcome import Status
from nylas_readiness.checks.suite.support.command_line import CHECKS, Ended, run
from nylas_readiness.checks.suite.support.payload_samples import GOOD
from nylas_readiness.fixtures.payloads import Document, OtherThing
from nylas_readiness.fixtures.payloads.source import read

pytestmark = pytest.mark.offline

URL = "https://api.nylas.com/connect/authorize"
WRONG = json.dumps({**GOOD, "provider": "office365", "scopes": "mail"})
SCRIPT = f"""#!/bin/sh
curl https://login.microsoftonline.com/common/oauth2/v2.0/token -d a=b
if ! curl {URL} -d '{json.dumps(GOOD)}'; then exit 1; fi
make-body | curl {URL} -d @-
code=$(curl {URL} -d '{WRONG}' | jq -r .code)
"""
CHECK = CHECKS / "bodies" / "test_payload_files.py"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project's folder: a script, a body, and strangers."""
    folder = tmp_path_factory.mktemp("material")
    (folder / "in").mkdir()
    (folder / "in" / "connect.sh").write_text(SCRIPT, "utf-8")
    (folder / "in" / "body.json").write_text(WRONG, "utf-16")
    (folder / "in" / "package.json").write_text('{"name": "x", "version": "1"}', "utf-8")
    (folder / "in" / "logo.png").write_bytes(b"\x89PNG\r\n\x1a\n\xff\xfe")
    (folder / "in" / "notes.txt").write_text("No request.", "utf-8")
    return folder


@pytest.fixture(scope="module")
def ended(folder: Path) -> Ended:
    """Return the run on the folder, outside of GitHub Actions."""
    return judged(folder, "")


def judged(folder: Path, github: str) -> Ended:
    given = ("--payload", "in", "--report-dir", "out")
    return run(folder, CHECK, *given, environ={"GITHUB_ACTIONS": github})


def results(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "out" / "results.json").read_text("utf-8"))
    return found


def test_every_command_and_file_ends_as_one_of_three(folder: Path, ended: Ended) -> None:
    assert ended.exit_code == 1
    assert "3 requests judged, 4 other things, 1 not read, from 5 files" in ended.output
    listed = {(Path(one["file"]).name, one["line"], one["fate"]): one for one in results(folder)["material"]}
    assert {key: one["count"] for key, one in listed.items()} == {
        ("body.json", None, "judged"): 1,
        ("connect.sh", 2, "another thing"): 1,
        ("connect.sh", None, "judged"): 2,
        ("connect.sh", 4, "not read"): 1,
        ("logo.png", None, "another thing"): 1,
        ("notes.txt", None, "another thing"): 1,
        ("package.json", 1, "another thing"): 1,
    }
    assert "another command writes it" in listed["connect.sh", 4, "not read"]["what"]
    assert listed["connect.sh", 2, "another thing"]["what"] == "a Microsoft token request"


def test_every_violation_is_in_a_file_of_its_own_with_its_place(folder: Path, ended: Ended) -> None:
    assert str(Path("out", "violations.ndjson")) in ended.output
    lines = (folder / "out" / "violations.ndjson").read_text("utf-8").splitlines()
    found = [json.loads(line) for line in lines]
    assert [(Path(one["file"]).name, one["line"], one["rule"], one["level"]) for one in found] == [
        ("body.json", 1, "PAY-002", "fail"),
        ("body.json", 1, "PAY-006", "fail"),
        ("body.json", 1, "PAY-006", "fail"),
        ("connect.sh", 4, "PAY-015", "unknown"),
        ("connect.sh", 5, "PAY-002", "fail"),
        ("connect.sh", 5, "PAY-006", "fail"),
        ("connect.sh", 5, "PAY-006", "fail"),
    ]
    assert SCRIPT.splitlines()[4][found[4]["column"] - 1 :].startswith('"office365"')


def test_one_reason_is_told_once(folder: Path, ended: Ended) -> None:
    assert ended.output.count("another command writes it") < 5
    unread = [rule for rule in results(folder)["rules"] if rule["status"] == "unknown"]
    assert len(unread) > 10
    assert [rule["id"] for rule in unread if "another command writes it" in rule["observed"]] == ["PAY-015"]


def test_a_body_that_is_not_read_is_unknown_by_the_rule_that_says_why(tmp_path: Path) -> None:
    (tmp_path / "a.sh").write_text(f'curl {URL} -d "$BODY"\n', "utf-8")
    subject = judge_requests(read(tmp_path / "a.sh"), Context(), "now")
    assert "computed by the shell" in str(outcome_of("PAY-015", subject).reason)
    assert outcome_of("PAY-003", subject).reason == "depends on PAY-015: the body was not read"


def test_material_without_an_authorize_request_is_told_and_judged_by_no_rule(tmp_path: Path) -> None:
    (tmp_path / "a.sh").write_text("curl https://api.nylas.com/account\n", "utf-8")
    subject = judge_requests(read(tmp_path / "a.sh"), Context(), "now")
    outcome = outcome_of("PAY-003", subject)
    assert outcome.status is Status.NOT_APPLICABLE
    assert "no authorize request is in what was given" in str(outcome.reason)


def test_of_very_many_entries_the_counts_stay_exact() -> None:
    tally = MaterialTally()
    document = Document("a.log", "x")
    for number in range(5000):
        tally.other(OtherThing(document=document, at=0, what=f"a request to {number}.example"))
    listed = tally.listed()
    assert len(listed) == 2001
    assert sum(one.count for one in listed) == 5000
    assert (listed[-1].file, listed[-1].count) == ("", 3000)


def test_annotations_are_shown_under_github_actions_alone(folder: Path, ended: Ended) -> None:
    assert "::error" not in ended.output
    lines = [line for line in judged(folder, "true").output.splitlines() if line.startswith("::")]
    assert len(lines) == 7
    assert lines[0].startswith("::error file=in/body.json,line=1,col=")
    assert ",title=PAY-002::/provider: provider is " in lines[0]


def test_an_annotation_is_escaped_as_github_reads_it() -> None:
    violation = WrittenViolation(
        file="/srv/a,b:c.sh",
        line=3,
        column=7,
        pointer="/50%",
        rule="PAY-008",
        level="warn",
        observed="a\r\nb: c",
    )
    assert list(annotations([violation], Path("/srv"))) == [
        "::warning file=a%2Cb%3Ac.sh,line=3,col=7,title=PAY-008::/50%25: a%0D%0Ab: c"
    ]


def test_a_run_that_ends_early_leaves_no_half_a_file(tmp_path: Path) -> None:
    path = tmp_path / "violations.ndjson"
    with pytest.raises(ValueError, match="early"), ViolationLog(path):
        raise ValueError("early")
    assert not path.exists()
