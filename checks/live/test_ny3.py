"""NY3: the Nylas v3 target."""

from datetime import date

import pytest

from nylas_readiness.checks.live.grants import judge_grant
from nylas_readiness.checks.live.notifications import judge_notifications
from nylas_readiness.checks.live.v3_app import (
    judge_permissions,
    judge_registration,
    judge_scope,
    judge_v3_secret,
)
from nylas_readiness.checks.live.v3_application import (
    REGIONS,
    judge_application,
    judge_connector,
    judge_credential,
    region_of,
)
from nylas_readiness.checks.live.v3_mailboxes import judge_holding, judge_read
from nylas_readiness.checks.outcome import Outcome, not_applicable, passed, warn
from nylas_readiness.fixtures.evidence.model import AccountEvidence, TenantEvidence
from nylas_readiness.fixtures.evidence.probes import Probes

pytestmark = pytest.mark.live


@pytest.mark.rule("NY3-001")
def test_the_v3_application_answers(tenant: TenantEvidence) -> Outcome:
    """It answers with the configured key; 401 is a wrong key or a wrong region."""
    return judge_application(tenant)


@pytest.mark.rule("NY3-002")
def test_a_microsoft_connector_is_configured(tenant: TenantEvidence) -> Outcome:
    """A Microsoft connector exists and is configured, and its default scopes are set."""
    return judge_connector(tenant)


@pytest.mark.rule("NY3-003")
def test_a_connector_credential_for_the_tenant_exists(tenant: TenantEvidence) -> Outcome:
    """Its name or id is matched, as type and tenant cannot be read back; none yet is a warning."""
    return judge_credential(tenant)


@pytest.mark.rule("NY3-004")
def test_the_v3_app_has_the_graph_permissions_in_use(tenant: TenantEvidence, probes: Probes) -> Outcome:
    """By consent or by RBAC for Applications; consent that is missing while NY3-006 passes is right."""
    return judge_permissions(tenant, probes)


@pytest.mark.rule("NY3-005")
def test_the_v3_app_is_a_new_one_as_nylas_asks(tenant: TenantEvidence, as_of: date) -> Outcome:
    """It is not the v2 app; audience, token version and web redirect URI are as Nylas asks."""
    return judge_registration(tenant, as_of)


@pytest.mark.rule("NY3-006")
def test_the_v3_app_reads_the_calendars(
    account: AccountEvidence, tenant: TenantEvidence, probes: Probes
) -> Outcome:
    """An app-only Graph read of the mailbox's calendars succeeds, scopes and policies included."""
    return judge_read(account, tenant, probes)


@pytest.mark.rule("NY3-007")
def test_access_of_the_v3_app_is_scoped(tenant: TenantEvidence, probes: Probes) -> Outcome:
    """Tenant-wide access to mailboxes is named, as it defeats any scope; never more than a warning."""
    return judge_scope(tenant, probes)


@pytest.mark.rule("NY3-008")
def test_the_v3_grant_is_valid(account: AccountEvidence, tenant: TenantEvidence) -> Outcome:
    """A grant for the address, if there is one, is valid; a clone's placeholder is no broken grant."""
    return judge_grant(account, tenant)


@pytest.mark.rule("NY3-009")
def test_the_regions_of_v2_and_v3_match(tenant: TenantEvidence) -> Outcome:
    """The v2 and v3 applications are in matching regions; else the migration tools will not work."""
    v3, v2 = region_of(tenant), tenant.setup.v2_region
    if v2 is None:
        return not_applicable("[nylas.v2] is left out: there is no region to match")
    observed = f"v2 is in {v2}, v3 in {v3}"
    if REGIONS[v2] == v3:
        return passed(observed)
    return warn(observed, expected=f"a v3 application in {REGIONS[v2]}")


@pytest.mark.rule("NY3-010")
def test_v3_can_hold_the_mailbox(account: AccountEvidence, tenant: TenantEvidence) -> Outcome:
    """The mailbox is not on-premises, not a group's, and not in a national cloud."""
    return judge_holding(account, tenant)


@pytest.mark.rule("NY3-011")
def test_the_v3_apps_secret_lasts(tenant: TenantEvidence, as_of: date) -> Outcome:
    """The secret in use does not end within 30 days; others are only mentioned."""
    return judge_v3_secret(tenant, as_of)


@pytest.mark.rule("NY3-012")
def test_something_is_told_when_a_grant_expires(tenant: TenantEvidence) -> Outcome:
    """An active webhook or channel has the trigger; failed and failing ones are named."""
    return judge_notifications(tenant)
