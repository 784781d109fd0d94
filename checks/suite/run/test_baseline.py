"""The baseline: an earlier results.json is read; any other file is a usage error that says what is wrong."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from nylas_readiness.checks.outcome import Outcome, Status, fail
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.command_line import LIVE, run_each
from nylas_readiness.checks.suite.support.evidence_samples import account_with, decided, tenant_with
from nylas_readiness.checks.suite.support.report_samples import audited
from nylas_readiness.fixtures.evidence.journal import Evidence
from nylas_readiness.fixtures.evidence.model import AccountEvidence
from nylas_readiness.fixtures.inputs.errors import UsageProblem
from nylas_readiness.fixtures.run.baseline import read_baseline
from nylas_readiness.fixtures.run.changes import changes_since
from nylas_readiness.fixtures.run.judging import Ledger
from nylas_readiness.fixtures.run.results import results_of
from nylas_readiness.fixtures.secrets import Secret, forgotten_afterwards
from nylas_readiness.reports.model import Changes, TenantId
from nylas_readiness.reports.write import write_all

pytestmark = pytest.mark.offline

SCHEMA = "https://nylas-readiness.dev/results/2"
ACTION = "Give the results.json of an earlier audit of this tenant"
RUN = {
    "id": "7d0c4f3e-0000-4000-8000-000000000001",
    "started": "2026-10-01T09:00:00Z",
    "finished": "2026-10-01T09:00:04Z",
    "as_of": "2026-10-01",
    "suite_version": "0.1.0",
    "complete": True,
}
# As the first release wrote it: no exceptions and no changes were known.
RULE: dict[str, Any] = {
    "id": "ENT-002",
    "title": "the refresh token redeems",
    "subject": "tenant",
    "severity": "blocker",
    "owner": "tenant-admin",
    "status": "fail",
    "observed": "AADSTS700082",
    "expected": "it redeems",
    "remedy": "Sign in again.",
    "source": "https://learn.microsoft.com",
    "deadline": None,
    "affected": 0,
    "reason": None,
    "evidence": [],
}
ALIAS = {"status": "fail", "observed": "alias of ben@contoso.com", "reason": None}
RESULTS: dict[str, Any] = {
    "schema": SCHEMA,
    "tenant": {"name": "contoso", "id": None, "kind": "live"},
    "run": RUN,
    "planned": ["NY3-001"],
    "rules": [RULE, RULE | {"id": "ACC-002", "subject": "account", "affected": 1}],
    "accounts": [
        {"email": "Ann@contoso.com", "eas_server_host": "eas.contoso.com", "findings": {"ACC-002": ALIAS}},
        {"email": "ben@contoso.com", "eas_server_host": None, "findings": {}},
    ],
}


def written(folder: Path, document: object) -> Path:
    path = folder / "results.json"
    path.write_bytes(document if isinstance(document, bytes) else json.dumps(document).encode())
    return path


def test_the_hosts_of_an_earlier_audit_are_read_by_address(tmp_path: Path) -> None:
    hosts = read_baseline(written(tmp_path, RESULTS)).hosts
    assert hosts == {"ann@contoso.com": "eas.contoso.com", "ben@contoso.com": None}


def test_a_host_is_found_in_either_form_of_the_address(tmp_path: Path) -> None:
    account = {"email": "Ann@Bücher.example", "eas_server_host": "eas.contoso.com", "findings": {}}
    baseline = read_baseline(written(tmp_path, RESULTS | {"accounts": [account]}))
    own = account_with(email="ann@xn--bcher-kva.example", eas_server_host="eas.contoso.com")
    assert decided("EAS-003", account=own, earlier_hosts=baseline.hosts).status is Status.PASS


def test_a_byte_order_mark_is_no_part_of_it(tmp_path: Path) -> None:
    marked = written(tmp_path, b"\xef\xbb\xbf" + json.dumps(RESULTS).encode())
    assert read_baseline(marked).snapshot == read_baseline(written(tmp_path, RESULTS)).snapshot


def test_the_findings_of_an_earlier_release_are_read(tmp_path: Path) -> None:
    seen = read_baseline(written(tmp_path, RESULTS)).snapshot
    assert seen.status("ENT-002", None) is Status.FAIL
    assert seen.status("ACC-002", "ANN@contoso.com") is Status.FAIL
    assert seen.status("ACC-002", "ben@contoso.com") is Status.PASS
    assert seen.status("ACC-002", "eve@contoso.com") is None
    assert seen.status("NY3-001", None) is None


def compared(folder: Path, suite_version: str = "0.1.0", **changed: object) -> Changes:
    """Return what changed since the results with these members to a run of a release."""
    now = audited({"ENT-002": fail("refused")})
    run = replace(now.run, suite_version=suite_version)
    return changes_since(read_baseline(written(folder, RESULTS | changed)).snapshot, replace(now, run=run))


def test_what_a_baseline_says_of_its_run_is_bounded_and_clean(tmp_path: Path) -> None:
    texts = RUN.keys() - {"complete"}
    swollen = compared(tmp_path, run=RUN | dict.fromkeys(texts, "9" * 100_000))
    assert all(len(getattr(swollen.baseline, name)) < 200 for name in texts)
    assert all(len(limit) < 500 for limit in swollen.limits)
    with forgotten_afterwards():
        Secret("s3cret-value-of-a-client")
        leaking = compared(tmp_path, run=RUN | dict.fromkeys(texts, "s3cret-value-of-a-client"))
    assert {getattr(leaking.baseline, name) for name in texts} == {"«secret»"}
    assert leaking.baseline.complete


def test_rules_that_no_release_knows_are_counted_and_not_named(tmp_path: Path) -> None:
    odd = [RULE | {"id": f"{'Z' * 3000}-{number}"} for number in range(300)]
    changes = compared(tmp_path, rules=[RULE, RULE | {"id": "USR-003"}, *odd])
    assert changes.rules_left == ["USR-003"]
    assert changes.limits == ["300 rules of the baseline are unknown to this release: not compared"]
    one = compared(tmp_path, rules=[RULE, odd[0]])
    assert one.limits == ["1 rule of the baseline is unknown to this release: not compared"]


@each_of(
    ("then", "now", "is_newer"),
    [
        ("0.9.0", "0.10.0", False),
        ("0.10.1", "0.10.0", True),
        ("0.10.0", "0.9.9", True),
        ("1.0", "1.0", False),
    ],
)
def test_a_release_is_newer_by_its_numbers_and_not_by_its_letters(
    tmp_path: Path, then: str, now: str, is_newer: bool
) -> None:
    limits = compared(tmp_path, now, run=RUN | {"suite_version": then}).limits
    assert any("which is newer than" in limit for limit in limits) is is_newer


@each_of(
    ("content", "said"),
    [
        (None, "the baseline does not exist"),
        (b"", "no results.json"),
        (b"\xff\xfd{", "no results.json"),
        (json.dumps(RESULTS).encode("utf-16"), "the baseline is in UTF-16: save it as UTF-8"),
        (RESULTS | {"schema": "s" * 100_000}, "its schema is sss"),
        (b"[" * 100_000, "no results.json"),
        (b"[]", "no results.json: Expected `object`"),
        (b"{}", "missing required field"),
        (json.dumps(RESULTS).encode()[:-40], "no results.json: Input data was truncated"),
        (RESULTS | {"schema": "https://elsewhere.example/1"}, "its schema is https://elsewhere.example/1"),
        (RESULTS | {"tenant": None}, "request bodies"),
        (RESULTS | {"accounts": [{"email": "a@b.example"}]}, "account 1: Object missing required field"),
        (RESULTS | {"accounts": [RESULTS["accounts"][0] | {"email": 1}]}, "account 1: Expected `str`"),
        (RESULTS | {"rules": [RULE | {"status": "broken"}]}, "Invalid enum value"),
    ],
)
def test_another_file_is_one_line(content: object, said: str, tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    path.unlink(missing_ok=True)
    if content is not None:
        written(tmp_path, content)
    with pytest.raises(UsageProblem) as caught:
        read_baseline(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert said in message
    assert message.endswith(ACTION)
    assert message.isprintable()
    assert len(message) < 1500


def test_a_newer_schema_asks_for_a_newer_release_whatever_its_shape(tmp_path: Path) -> None:
    path = written(tmp_path, {"schema": "https://nylas-readiness.dev/results/3", "findings": {}})
    with pytest.raises(UsageProblem, match=r"results/3, and this release reads .*results/2\. Update nylas"):
        read_baseline(path)


def test_the_former_schema_is_read_and_its_limit_is_told(tmp_path: Path) -> None:
    earlier = RESULTS | {"schema": "https://nylas-readiness.dev/results/1"}
    [limit] = read_baseline(written(tmp_path, earlier)).snapshot.limits
    assert "before findings had a cause" in limit
    assert read_baseline(written(tmp_path, RESULTS)).snapshot.limits == []


def test_a_folder_is_no_baseline(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="is a folder"):
        read_baseline(tmp_path)


GUID = "8f0c0000-0000-4000-8000-000000000000"
OTHER_GUID = "11110000-0000-4000-8000-000000000000"


@each_of(
    ("then", "now", "said"),
    [
        (("contoso", GUID, "live"), ("Contoso AG", GUID.upper(), "live"), None),
        (("contoso", None, "live"), ("Contoso", GUID, "live"), None),
        (("contoso", "contoso.com", "live"), ("contoso", GUID, "live"), None),
        (
            ("contoso", GUID, "live"),
            ("contoso", OTHER_GUID, "live"),
            f"contoso ({GUID}), and this is contoso",
        ),
        (("contoso", None, "live"), ("fabrikam", GUID, "live"), f"contoso, and this is fabrikam ({GUID})"),
        (("contoso", GUID, "sandbox"), ("contoso", GUID, "live"), "a sandbox tenant, and this is a live one"),
    ],
)
def test_only_an_audit_of_the_same_tenant_is_compared(
    then: tuple[str, str | None, str],
    now: tuple[str, str | None, str],
    said: str | None,
    tmp_path: Path,
) -> None:
    tenant = dict(zip(("name", "id", "kind"), then, strict=True))
    baseline = read_baseline(written(tmp_path, RESULTS | {"tenant": tenant}))
    if said is None:
        baseline.check(TenantId(*now))
        return
    with pytest.raises(UsageProblem) as caught:
        baseline.check(TenantId(*now))
    assert said in str(caught.value)
    assert str(caught.value).endswith(ACTION)


def test_the_host_of_an_earlier_report_is_compared_with_the_one_of_now(tmp_path: Path) -> None:
    from nylas_readiness.checks.suite.support.harness import audit, judge

    earlier = audit("eas-host-of-an-account", tmp_path / "earlier")
    assert earlier.evidence is not None
    as_of = earlier.evidence.tenant.setup.as_of
    assert as_of is not None
    write_all(results_of(earlier, as_of, interrupted=False), tmp_path / "earlier")
    baseline = read_baseline(tmp_path / "earlier" / "results.json")

    now = audit("default", tmp_path / "now", accounts=40)
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
    ended = run_each(tmp_path, {"": [LIVE, "--tenant", "--baseline", "missing.json"]})[""]
    assert ended.exit_code == 4
    assert ended.problem.startswith("missing.json: the baseline does not exist. Give")


def test_a_check_that_is_interrupted_leaves_no_half_result() -> None:
    """A later comparison would take the accounts that it did not reach for passed."""

    class TwoAccounts(Evidence):
        """Evidence of two accounts that is in no file."""

        tenant = tenant_with(account_count=2)

        def accounts(self) -> Iterator[AccountEvidence]:
            yield account_with(email="ann@contoso.com")
            yield account_with(email="ben@contoso.com")

    def interrupted(account: AccountEvidence) -> Outcome:
        if account.email.startswith("ben"):
            raise KeyboardInterrupt
        return fail("alias of ben@contoso.com")

    ledger = Ledger()
    ledger.open(TwoAccounts(Path("unused")))
    with pytest.raises(KeyboardInterrupt):
        ledger.judge("ACC-002", interrupted, {"account": ledger.evidence})
    assert {*ledger.outcomes, *ledger.tally.rules} == set()
