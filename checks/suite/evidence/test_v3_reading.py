"""The v3 side of a whole tenant, read from the sandbox: who is audited, and what the two sides know."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from nylas_readiness.checks.catalogue import scopes
from nylas_readiness.checks.migration.model import StepState
from nylas_readiness.fixtures.evidence.collect import Limits, collect
from nylas_readiness.fixtures.evidence.journal import Evidence
from nylas_readiness.fixtures.evidence.slots import Absent, Read
from nylas_readiness.fixtures.evidence.v3_model import Matching
from nylas_readiness.fixtures.inputs.tenant import load
from nylas_readiness.fixtures.run.results import results_of
from nylas_readiness.fixtures.secrets import forgotten_afterwards

pytestmark = pytest.mark.offline


def read(
    folder: Path, *faults: str | dict[str, Any], base: str = "migration-ready", listed: bool = True
) -> Evidence:
    """Read a company with these faults; `listed`: with the list of accounts that its file names."""
    from nylas_readiness.checks.suite.support import harness
    from nylas_readiness.fixtures.sandbox.server import start

    with forgotten_afterwards(), start(base, folder, faults=faults) as sandbox:
        tenant = load(sandbox.tenant_file, sandbox.secrets)
        if listed:
            evidence = harness.read(tenant, folder / "journal")
        else:
            evidence = collect(tenant, None, Limits(concurrency=8), folder / "journal", lambda _d, _t: None)
        assert not sandbox.errors
    return evidence


def matching(evidence: Evidence) -> Matching:
    slot = evidence.tenant.matching
    assert isinstance(slot, Read)
    return slot.value


def grants_of(evidence: Evidence, email: str) -> list[str | None]:
    [account] = [one for one in evidence.accounts() if one.email == email]
    assert isinstance(account.grants, Read)
    return [one.email for one in account.grants.value]


def test_in_a_v3_only_tenant_without_a_list_its_own_grants_are_the_list(tmp_path: Path) -> None:
    beside = {"name": "nylas-v3-grants-beside", "count": 250}
    evidence = read(tmp_path, beside, base="v3-only", listed=False)
    assert evidence.tenant.list_source == "the Nylas v3 application"
    assert evidence.tenant.account_count == 40
    slot = evidence.tenant.v3_grants
    assert isinstance(slot, Read)
    assert (slot.value.own, slot.value.others) == (40, 250)
    assert isinstance(evidence.tenant.nylas_inventory, Absent)
    assert all(isinstance(one.ews_endpoint, Absent) for one in evidence.accounts())
    assert evidence.budget["nylas_v3"].sent == evidence.budget["nylas_v3"].predicted


def test_an_unreadable_list_of_grants_leaves_no_account_and_says_why(tmp_path: Path) -> None:
    from nylas_readiness.checks.suite.support.harness import judge

    evidence = read(tmp_path, "nylas-v3-key-wrong", base="v3-only", listed=False)
    outcomes = judge(evidence).outcomes
    for rule in ("CFG-002", "NY3-006", "NY3-008"):
        assert str(outcomes[rule].reason).startswith("depends on NY3-001"), rule


def test_spelling_former_address_and_second_grant_are_found_and_counted(tmp_path: Path) -> None:
    evidence = read(
        tmp_path,
        {"name": "nylas-v3-grant-respelled", "account": "Amara Okafor"},
        {"name": "nylas-v3-grant-of-another-address", "account": "Omar Haddad"},
        {"name": "nylas-v3-grant-twice", "account": "Chiara Bianchi"},
        {"name": "nylas-v3-grants-beside", "count": 3},
    )
    omar = "omar.haddad@halden.example"
    assert grants_of(evidence, "amara.okafor@halden.example") == ["AMARA.OKAFOR@HALDEN.EXAMPLE"]
    assert grants_of(evidence, omar) == [f"formerly.{omar}"]
    assert len(grants_of(evidence, "chiara.bianchi@halden.example")) == 2
    found = matching(evidence)
    assert (found.renamed.examples, found.twice.count) == ([omar], 1)
    assert (found.both.count, found.unlisted.count, found.unknown.count) == (36, 0, 0)


def test_a_grant_under_the_user_name_or_an_alias_is_the_accounts_and_nobodys_else(tmp_path: Path) -> None:
    by_name = "nylas-v3-grant-by-name"
    evidence = read(
        tmp_path,
        {"name": by_name, "account": "Omar Haddad", "shown_as": "ohaddad@halden.onmicrosoft.example"},
        {"name": by_name, "account": "Chiara Bianchi", "shown_as": "c.b@halden.example"},
    )
    found = matching(evidence)
    assert (found.v2_only.count, found.unlisted.count) == (0, 0)
    assert (found.unknown.count, found.renamed.count) == (0, 0)
    assert {"ohaddad@halden.onmicrosoft.example", "c.b@halden.example"}.isdisjoint(found.v3_only.examples)
    assert grants_of(evidence, "omar.haddad@halden.example") == ["OHADDAD@HALDEN.ONMICROSOFT.EXAMPLE"]
    assert grants_of(evidence, "chiara.bianchi@halden.example") == ["C.B@HALDEN.EXAMPLE"]
    records = (tmp_path / "journal").read_bytes().splitlines()
    assert sum(line.startswith(b'{"type":"tenant"') for line in records) == 2


def test_downgraded_accounts_are_cut_over_and_an_app_of_another_tenant_holds_nothing_up(
    tmp_path: Path,
) -> None:
    from nylas_readiness.checks.suite.support.harness import judge

    downgraded = {"name": "nylas-account-downgraded", "accounts": ["Amara Okafor"]}
    ledger = judge(read(tmp_path, downgraded, "v3-app-of-another-tenant"))
    planned = {email for email, found in ledger.findings().items() if "MIG-006" in found}
    assert len(planned) == 35
    assert "amara.okafor@halden.example" not in planned
    plan = {step.id: step for step in results_of(ledger, date(2026, 11, 23), interrupted=False).plan}
    assert {plan[step].state for step in ("azure-app", "permissions", "connector")} == {StepState.DONE}
    assert plan["cut-over"].observed.startswith("35 of 40 accounts still connected")
    assert plan["v2-shutdown"].observed.startswith("35 accounts of the v2 application")


def test_a_list_that_changes_while_it_is_read_loses_no_account(tmp_path: Path) -> None:
    beside = {"name": "nylas-v3-grants-beside", "count": 500}
    evidence = read(tmp_path, beside, "nylas-v3-grants-change")
    without = [one.email for one in evidence.accounts() if grants_of(evidence, one.email) == []]
    slot = evidence.tenant.v3_grants
    assert isinstance(slot, Read)
    assert slot.value.total == 540 + 2
    assert without == []


def test_the_scopes_in_use_are_those_of_the_body_that_would_be_sent(tmp_path: Path) -> None:
    evidence = read(tmp_path)
    bodies = [one.draft.value.body for one in evidence.accounts() if isinstance(one.draft, Read)]
    assert len(bodies) == 40
    assert {body["scopes"] for body in bodies if body} == {",".join(scopes.IN_USE)}


def test_no_secret_of_v3_is_in_the_journal(tmp_path: Path) -> None:
    from nylas_readiness.fixtures.sandbox.company_v3 import SECRETS

    read(tmp_path)
    journal = (tmp_path / "journal").read_text("utf-8")
    assert [name for name, secret in SECRETS.items() if secret in journal] == []
