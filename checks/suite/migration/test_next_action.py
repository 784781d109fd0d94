"""What to do next about an account: where v3 is audited the move is the aim, else as the findings ask."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from nylas_readiness.checks.catalogue import catalogue
from nylas_readiness.checks.migration.model import StepState
from nylas_readiness.checks.migration.next_action import short
from nylas_readiness.checks.outcome import Finding, Outcome, Status, depends_on, fail, passed, warn
from nylas_readiness.checks.suite.support.evidence_samples import (
    EMAIL,
    account_with,
    decided,
    read,
    setup_with,
    tenant_with,
    v3_tenant,
)
from nylas_readiness.fixtures.evidence.model import ConnectedAccount, NylasAnswer, TenantEvidence
from nylas_readiness.fixtures.evidence.slots import Absent, Unread
from nylas_readiness.fixtures.evidence.v3_model import AccountGrant, ConnectorCredential, OwnCredential
from nylas_readiness.fixtures.run.assemble import assemble
from nylas_readiness.fixtures.run.results import results_of
from nylas_readiness.fixtures.run.tally import AccountTally
from nylas_readiness.reports.model import AccountResult, Run, TenantId

pytestmark = pytest.mark.offline

CREDENTIAL = read(OwnCredential(credential=ConnectorCredential(id="cred-1", name="contoso")))
VALID = AccountGrant(id="g1", provider="microsoft", email=EMAIL, status="valid")
ON_V2 = ConnectedAccount(account_id="v2-ann", email=EMAIL, sync_state="running")
RUN = Run(id="r", started="", finished="", as_of="2026-11-23", suite_version="0", complete=True)
READY = {"NY3-001": passed("it answers"), "NY3-003": passed("it is there")}


def planned(
    grants: list[AccountGrant],
    connected: list[ConnectedAccount],
    tenant: TenantEvidence | None = None,
    **found: Finding,
) -> Outcome:
    """Return what MIG-006 concludes; `found`: what is open, `_` for the hyphen of the rule."""
    findings = {EMAIL: {rule.replace("_", "-"): finding for rule, finding in found.items()}}
    account = account_with(grants=read(grants), connected=read(connected))
    return decided(
        "MIG-006",
        account=account,
        tenant=tenant or v3_tenant(v3_own_credential=CREDENTIAL),
        findings=findings,
    )


def next_of(
    outcomes: Mapping[str, Outcome], tenant: Mapping[str, Outcome] | None = None, aim: str | None = "v3"
) -> AccountResult:
    """Return an account's result of these outcomes of its own and of the tenant's."""
    tally = AccountTally([(EMAIL, None)], aim=aim)
    for rule, outcome in outcomes.items():
        tally.record(rule, EMAIL, outcome)
    ran = {**READY, **(tenant or {})}
    results = assemble(tenant=TenantId("contoso", None, "live"), run=RUN, outcomes=ran, tally=tally)
    return results.accounts[0]


def test_without_a_grant_the_next_step_is_to_create_it_with_the_exact_request() -> None:
    outcome = planned([], [ON_V2])
    assert (outcome.status, outcome.owner) == (Status.WARN, "nylas-admin")
    assert str(outcome.remedy).startswith("Create the v3 grant.\n")
    assert '-d \'{"provider": "microsoft", "settings": {"email_address": "<address>"' in str(outcome.remedy)
    assert next_of({"MIG-006": outcome}).next.action == "Create the v3 grant."


def test_a_grant_that_cannot_be_used_is_none() -> None:
    broken = AccountGrant(id="g1", provider="microsoft", status="invalid", account_id="v2-ann")
    assert planned([broken], [ON_V2]).observed == "no v3 grant yet"


def test_before_the_first_grant_comes_the_tenants_credential() -> None:
    outcome = planned([], [ON_V2], v3_tenant(v3_own_credential=read(OwnCredential(credential=None))))
    assert str(outcome.reason).startswith("depends on NY3-003")
    found = next_of({"MIG-006": outcome}, {"NY3-003": warn("no connector credential yet")})
    assert found.next.action == catalogue()["NY3-003"].remedy.splitlines()[0]


def test_on_both_sides_the_next_step_is_to_cut_over() -> None:
    outcome = planned([VALID], [ON_V2])
    assert (outcome.status, outcome.observed) == (Status.WARN, "on v3, and still connected to v2")
    found = next_of({"MIG-006": outcome})
    assert (found.next.action[:23], found.next.owner) == ("Switch your application", "integrator")


@pytest.mark.parametrize("state", ["running/cancelled", "stopped/paid"])
def test_an_account_that_was_disconnected_as_the_cut_over_asks_is_left_behind(state: str) -> None:
    sync, _, billing = state.partition("/")
    left = msgspec.structs.replace(ON_V2, sync_state=sync, billing_state=billing)
    assert planned([VALID], [left]).status is Status.PASS
    assert planned([VALID], [left, ON_V2]).status is Status.WARN


def test_v2_that_could_not_be_read_is_not_left_behind_and_one_that_is_not_audited_is_not_asked() -> None:
    tenant = v3_tenant(v3_own_credential=CREDENTIAL)
    given: dict[str, Any] = {"tenant": tenant, "findings": {}}
    down = Unread(reason="the v2 application does not answer", cause="NY2-001")
    outcome = decided("MIG-006", account=account_with(grants=read([VALID]), connected=down), **given)
    assert outcome.status is Status.UNKNOWN
    assert str(outcome.reason).startswith("depends on NY2-001")
    assert next_of({"MIG-006": outcome}).next.action.startswith("Put NY2-001 right first")
    without = Absent("[microsoft] and [nylas.v2] are left out")
    outcome = decided("MIG-006", account=account_with(grants=read([VALID]), connected=without), **given)
    assert (outcome.status, outcome.observed) == (Status.PASS, "has a valid v3 grant; v2 is not audited")


@pytest.mark.parametrize(("status", "concluded"), [(410, Status.PASS), (404, Status.UNKNOWN)])
def test_where_v2_is_gone_nobody_is_left_on_it(status: int, concluded: Status) -> None:
    down = Unread(reason="the v2 application does not answer", cause="NY2-001")
    answer = read(NylasAnswer(status=status, message="x"))
    outcome = decided(
        "MIG-006",
        account=account_with(grants=read([VALID]), connected=down),
        tenant=v3_tenant(v3_own_credential=CREDENTIAL, nylas_application=answer),
        findings={},
    )
    assert outcome.status is concluded


def test_grants_that_could_not_be_read_are_not_missing() -> None:
    account = account_with(grants=Unread(reason="HTTP 503"), connected=read([ON_V2]))
    outcome = decided("MIG-006", account=account, tenant=v3_tenant(v3_own_credential=CREDENTIAL), findings={})
    assert (outcome.status, outcome.reason) == (Status.UNKNOWN, "HTTP 503")


def test_on_v3_alone_nothing_is_left_to_do() -> None:
    outcome = planned([VALID], [])
    assert outcome.status is Status.PASS
    assert next_of({"MIG-006": outcome}).next.action == "Nothing is left to do for the move to v3."


def test_what_is_open_about_v2_alone_is_listed_and_not_in_the_way_of_the_move() -> None:
    stopped = fail("stopped")
    outcome = planned([], [ON_V2], NY2_003=Finding(status=Status.FAIL, observed="stopped"))
    found = next_of({"NY2-003": stopped, "MIG-006": outcome}, {"MIG-004": fail("the v2 host is gone")})
    assert found.next.action == "Create the v3 grant."
    assert found.findings["NY2-003"].status is Status.FAIL


@pytest.mark.parametrize("rule", ["NY3-006", "NY3-008", "NY3-010", "ACC-001", "ACC-005"])
def test_what_is_open_about_v3_comes_first(rule: str) -> None:
    finding: dict[str, Any] = {rule.replace("-", "_"): Finding(status=Status.FAIL, observed="x")}
    outcome = planned([], [ON_V2], **finding)
    assert outcome.observed == f"first: {rule}"
    found = next_of({rule: fail("x"), "MIG-006": outcome})
    assert found.next.action == catalogue()[rule].remedy.splitlines()[0]


@pytest.mark.parametrize(
    ("status", "observed"), [(Status.FAIL, "first: ACC-002"), (Status.UNKNOWN, "no v3 grant yet")]
)
def test_an_alias_gives_way_to_the_primary_address_before_a_grant_is_made(
    status: Status, observed: str
) -> None:
    alias = Outcome(status=status, observed="alias of ann.lee@contoso.com", reason="why")
    move = planned([], [ON_V2], ACC_002=Finding(status=status, observed=alias.observed))
    assert move.observed == observed
    found = next_of({"ACC-002": alias, "MIG-006": move})
    assert (found.next.action == short(catalogue()["ACC-002"].remedy)) == (status is Status.FAIL)
    assert found.verdict.v3 == next_of({"MIG-006": move}).verdict.v3


def test_what_hangs_on_the_tenants_own_way_to_v3_is_said_to_wait_for_the_plan() -> None:
    hanging = Finding(
        status=Status.UNKNOWN, observed="x", cause="NY3-004", reason="depends on NY3-004: no consent"
    )
    outcome = planned([], [ON_V2], NY3_006=hanging, NY3_008=Finding(status=Status.FAIL, observed="x"))
    assert outcome.observed == "first: NY3-008, the tenant's next step of the plan"
    elsewhere = Finding(
        status=Status.UNKNOWN, observed="x", cause="ENT-001", reason="depends on ENT-001: no such tenant"
    )
    assert planned([], [ON_V2], NY3_006=elsewhere).observed == "first: ENT-001"


@pytest.mark.parametrize(
    ("scenario", "action", "owner"),
    [
        ("v3-not-started", "Register a new Azure app.", "tenant-admin"),
        ("v3-permission-missing", "Consent as an administrator, through Nylas.", "tenant-admin"),
        ("v3-wrong-key", "Take the API key and the region from the Nylas v3 dashboard", "nylas-admin"),
    ],
)
def test_where_the_tenants_own_way_blocks_an_accounts_next_action_is_the_plans_first_open_step(
    scenario: str, action: str, owner: str, tmp_path: Path
) -> None:
    """A key that is refused shows no step to be open: there the rule's own remedy says more."""
    from nylas_readiness.checks.suite.support.harness import audit

    results = results_of(audit(scenario, tmp_path), date(2026, 11, 23), interrupted=False)
    assert {(one.next.action.partition(";")[0].rstrip(), one.next.owner) for one in results.accounts} == {
        (action, owner)
    }
    first = next(step for step in results.plan if step.state is StepState.TO_DO)
    assert (f"{first.title}." == action) == (first.unread is None)


def test_a_finding_that_was_accepted_is_not_in_the_way() -> None:
    waived = Outcome(status=Status.WAIVED, observed="shared")
    outcome = planned([], [], ACC_007=Finding(status=Status.WAIVED, observed="shared"))
    assert next_of({"ACC-007": waived, "MIG-006": outcome}).next.action == "Create the v3 grant."


def test_a_blocking_finding_of_the_tenant_comes_first_only_if_it_is_of_the_v3_side() -> None:
    create = {"MIG-006": planned([], [ON_V2])}
    assert next_of(create, {"ENT-002": fail("AADSTS700082")}).next.action == "Create the v3 grant."
    found = next_of(create, {"NY3-002": fail("no connector")})
    assert found.next.action == catalogue()["NY3-002"].remedy.splitlines()[0]


def test_a_cause_of_the_other_side_is_still_the_cause() -> None:
    hanging = {"NY3-006": depends_on("ENT-001", "there is no such tenant")}
    found = next_of(hanging, {"ENT-001": fail("AADSTS90002")})
    assert found.next.action == catalogue()["ENT-001"].remedy.splitlines()[0]


def test_without_v3_everything_is_in_the_way_and_the_move_is_last() -> None:
    tenant = tenant_with(setup=setup_with(sides=("v2",)))
    outcome = planned([], [ON_V2], tenant, NY2_003=Finding(status=Status.FAIL, observed="stopped"))
    assert outcome.observed == "first: NY2-003"
    calm = planned([], [ON_V2], tenant)
    assert calm.status is Status.PASS
    assert next_of({"MIG-006": calm}, aim=None).next.action == "Move to a Nylas v3 grant."


def test_a_run_without_the_plan_does_not_say_that_nothing_is_left() -> None:
    assert next_of({"ACC-001": passed("enabled")}).next.action == "Move to a Nylas v3 grant."
