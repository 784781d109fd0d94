"""The baseline: an earlier results.json is read; any other file is a usage error that says what is wrong."""

import json
from pathlib import Path
from typing import Any

import pytest

from nylas_readiness.fixtures.baseline import read_baseline
from nylas_readiness.fixtures.cases import each_of
from nylas_readiness.fixtures.errors import UsageProblem

pytestmark = pytest.mark.offline

SCHEMA = "https://nylas-readiness.dev/results/1"
RESULTS: dict[str, Any] = {
    "schema": SCHEMA,
    "tenant": {"name": "contoso", "id": None, "kind": "live"},
    "accounts": [
        {"email": "Ann@contoso.com", "eas_server_host": "eas.contoso.com", "findings": {}},
        {"email": "ben@contoso.com", "eas_server_host": None},
    ],
    "rules": [],
}


def test_the_hosts_of_an_earlier_audit_are_read_by_address(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    path.write_text(json.dumps(RESULTS), "utf-8")
    assert read_baseline(path).hosts == {"ann@contoso.com": "eas.contoso.com", "ben@contoso.com": None}


@each_of(
    ("content", "said"),
    [
        (None, "the baseline does not exist"),
        (b"", "no results.json"),
        (b"\xff\xfe{", "no results.json"),
        (b"[" * 100_000, "no results.json"),
        (b"[]", "no results.json: Expected `object`"),
        (b"{}", "missing required field"),
        (
            json.dumps(RESULTS | {"schema": "https://x/results/2"}).encode(),
            "its schema is https://x/results/2",
        ),
        (json.dumps(RESULTS | {"tenant": None}).encode(), "request bodies"),
        (json.dumps(RESULTS | {"accounts": [{"email": "a@b.example"}]}).encode(), "eas_server_host"),
        (json.dumps(RESULTS | {"accounts": [{"email": 1, "eas_server_host": None}]}).encode(), "`str`"),
    ],
)
def test_another_file_is_one_line(content: bytes | None, said: str, tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    path.unlink(missing_ok=True)
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageProblem) as caught:
        read_baseline(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert said in message
    assert message.endswith("Give the results.json of an earlier audit of this tenant")
    assert message.isprintable()


def test_a_folder_is_no_baseline(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="is a folder"):
        read_baseline(tmp_path)


def test_the_host_of_an_earlier_report_is_compared_with_the_one_of_now(tmp_path: Path) -> None:
    from nylas_readiness.checks.suite.harness import audit, judge
    from nylas_readiness.fixtures.reporting import results_of
    from nylas_readiness.reports.write import write_all

    earlier = audit("eas-host-of-an-account", tmp_path / "earlier")
    assert earlier.evidence is not None
    as_of = earlier.evidence.tenant.setup.as_of
    assert as_of is not None
    write_all(results_of(earlier, as_of, interrupted=False), tmp_path / "earlier")
    baseline = read_baseline(tmp_path / "earlier" / "results.json")

    now = audit("default", tmp_path / "now")
    assert now.evidence is not None
    findings = judge(now.evidence, baseline=baseline).findings()
    moved = {email: found["EAS-003"] for email, found in findings.items() if "EAS-003" in found}
    assert list(moved) == ["omar.haddad@halden.example"]
    [finding] = moved.values()
    assert finding.status == "fail"
    assert "in the earlier audit www.halden.example" in finding.observed
    same = judge(earlier.evidence, baseline=baseline).findings().values()
    assert not any("EAS-003" in found for found in same)


def test_a_wrong_baseline_is_a_usage_error_before_anything_is_asked(tmp_path: Path) -> None:
    from nylas_readiness.checks.suite.command_line import LIVE, run_each

    ended = run_each(tmp_path, {"": [LIVE, "--tenant", "--baseline", "missing.json"]})[""]
    assert ended.exit_code == 4
    assert ended.problem.startswith("missing.json: the baseline does not exist. Give")
