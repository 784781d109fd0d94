"""Where v3 alone is audited nobody is impersonated: no service account is needed."""

import re
from pathlib import Path

import pytest

from nylas_readiness.checks.outcome import Status
from nylas_readiness.checks.suite.support.sandbox_visitor import visit
from nylas_readiness.checks.suite.support.tenant_texts import tenant_of
from nylas_readiness.fixtures.evidence.logs import read_logs
from nylas_readiness.fixtures.evidence.model import NO_SERVICE_ACCOUNT, NO_TENANT_ID
from nylas_readiness.fixtures.inputs.tenant import load
from nylas_readiness.fixtures.run.judging import Ledger
from nylas_readiness.fixtures.secrets import forgotten_afterwards

pytestmark = pytest.mark.offline

ACCOUNT = "tomasz.zielinski@halden.example"


def audited(folder: Path, *without: str) -> Ledger:
    """Audit one account with the tenant file of `sandbox:v3-only`, without what matches these patterns."""
    from nylas_readiness.checks.suite.support import harness

    with forgotten_afterwards(), visit("v3-only", folder) as visitor:
        path = visitor.directory / "tenant.toml"
        text = path.read_text("utf-8")
        for pattern in without:
            text, count = re.subn(pattern, "", text)
            assert count == 1, pattern
        path.write_text(text, "utf-8")
        (visitor.directory / "accounts.csv").write_text(f"email\n{ACCOUNT}\n", "utf-8")
        evidence = harness.read(load(path, visitor.secrets), folder / "evidence.journal")
        return harness.judge(evidence)


def statuses(ledger: Ledger) -> dict[str, Status]:
    return {rule: outcome.status for rule, outcome in ledger.outcomes.items()}


_SERVICE_ACCOUNT = r"\[service_account\]\nemail = .*\n"


def test_every_rule_is_decided_as_with_a_service_account(tmp_path: Path) -> None:
    with_account = audited(tmp_path / "with")
    without = audited(tmp_path / "without", _SERVICE_ACCOUNT)
    assert statuses(without) == statuses(with_account)
    assert statuses(without)["NY3-004"] is Status.PASS
    tenant = without.evidence.tenant if without.evidence else None
    assert tenant is not None
    assert (tenant.setup.service_account, tenant.service_user) == (None, NO_SERVICE_ACCOUNT)


def test_logs_tell_nothing_where_no_service_account_is_named(tmp_path: Path) -> None:
    (tmp_path / "HttpProxy.LOG").write_text("#Software: Microsoft Exchange Server\n")
    text = """
[tenant]
name = "fabrikam"
[nylas.v3]
client_id = "c"
api_key = "env:K"
[exchange]
http_proxy_logs = ["*.LOG"]
"""
    readings = read_logs(tenant_of(tmp_path, text), lambda _line: None)
    assert readings.of_tenant([ACCOUNT]) == NO_SERVICE_ACCOUNT


def test_with_the_nylas_key_alone_entra_is_not_asked(tmp_path: Path) -> None:
    sections = (_SERVICE_ACCOUNT, r"\nid = .*", r"\[directory\]\n(.+\n)+", r"microsoft_client_id = .*\n")
    ledger = audited(tmp_path, *sections, r"microsoft_client_secret = .*\n")
    assert ledger.evidence is not None
    assert ledger.evidence.tenant.discovery == NO_TENANT_ID
    assert "login" not in ledger.evidence.clocks
    assert {"NY3-001", "CFG-001"} <= {rule for rule, status in statuses(ledger).items() if status == "pass"}
    assert Status.FAIL not in statuses(ledger).values()
