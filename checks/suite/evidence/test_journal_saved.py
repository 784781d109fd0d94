"""A saved journal is checked line by line: what no run writes is refused, with its line and what to do."""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.evidence_samples import V3, account_with, setup_with, tenant_with
from nylas_readiness.checks.suite.support.journals import sealed_lines
from nylas_readiness.fixtures.evidence.journal import Evidence, RequestCounts, begin
from nylas_readiness.fixtures.evidence.model import AccountEvidence
from nylas_readiness.fixtures.evidence.saved import Saved
from nylas_readiness.fixtures.inputs.errors import UsageProblem
from nylas_readiness.fixtures.run.results import results_of

pytestmark = pytest.mark.offline


def journal(path: Path, accounts: Sequence[AccountEvidence], count: int) -> Path:
    """Write the whole journal of a run that had `count` accounts on its list."""
    with begin(path) as writer:
        writer.tenant(tenant_with(account_count=count, setup=setup_with(v3=V3, sides=("v2", "v3"))))
        for account in accounts:
            writer.account(account)
        writer.use(RequestCounts(services={}))
    return path


@each_of("number", [1, 99])
def test_two_journals_in_one_file_are_refused(tmp_path: Path, number: int) -> None:
    path = journal(tmp_path / "j", [account_with()], 1)
    text = path.read_bytes()
    path.write_bytes(text + text.replace(b'"format":3', b'"format":%d' % number))
    with pytest.raises(UsageProblem, match=r"line 5: a second journal begins here\. Give the journal as it"):
        Saved(path)


@each_of(
    ("key", "value", "said"),
    [
        ("sides", [], r"length >= 1 - at `\$\.evidence\.setup\.sides`"),
        ("sides", ["v4"], r"'v4' - at `\$\.evidence\.setup\.sides\[0\]`"),
        ("kind", "mars", r"'mars' - at `\$\.evidence\.setup\.kind`"),
        ("hosting", "mars", r"'mars' - at `\$\.evidence\.setup\.hosting`"),
        ("v2_region", "mars", r"'mars' - at `\$\.evidence\.setup\.v2_region`"),
        ("v3", {"client_id": "x", "region": "mars", "url": ""}, r"at `\$\.evidence\.setup\.v3\.region`"),
        ("service_account", "", r"service_account is not an e-mail address: .* `\$\.evidence\.setup`"),
        ("service_account", "svc@\u202econtoso.com", "service_account is not an e-mail address"),
        ("as_of", "0001-01-01", "as_of is not of the years 2000 to 2100"),
        ("as_of", "9999-12-31", "as_of is not of the years 2000 to 2100"),
    ],
)
def test_settings_that_no_tenant_file_can_have_are_named_with_their_line(
    tmp_path: Path,
    key: str,
    value: Any,  # noqa: ANN401 -- what JSON can hold
    said: str,
) -> None:
    path = journal(tmp_path / "j", [], 0)
    start, tenant, *rest = path.read_bytes().splitlines()
    record = json.loads(tenant)
    assert key in record["evidence"]["setup"]
    record["evidence"]["setup"][key] = value
    path.write_bytes(b"".join(sealed_lines([start, record, *rest])))
    with pytest.raises(UsageProblem, match=f"line 2: it is no record of an evidence journal .*{said}"):
        Saved(path)


@each_of("ends", ["\n", ""])
def test_a_line_that_is_longer_than_any_record_is_not_taken_for_a_torn_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ends: str
) -> None:
    monkeypatch.setattr("nylas_readiness.fixtures.evidence.saved.LONGEST_RECORD", 10_000)
    path = journal(tmp_path / "j", [], 0)
    text = path.read_bytes()
    path.write_bytes(text + b"x" * 20_000 + ends.encode())
    with pytest.raises(UsageProblem, match="line 4: it is longer than any record"):
        Saved(path)
    path.write_bytes(text + b"x" * 9_000)
    assert Saved(path).is_torn


@each_of(("read", "complete"), [(3, True), (2, False), (0, False)])
def test_a_journal_without_all_accounts_of_its_list_is_not_complete(
    tmp_path: Path, read: int, complete: bool
) -> None:
    from nylas_readiness.checks.suite.support import harness

    accounts = [account_with(email=f"{name}@contoso.com") for name in ("ann", "ben", "eve")]
    evidence = Evidence(journal(tmp_path / "j", accounts[:read], 3))
    results = results_of(harness.judge(evidence), date(2026, 11, 23), interrupted=False)
    assert (results.run.complete, len(results.accounts)) == (complete, read)
