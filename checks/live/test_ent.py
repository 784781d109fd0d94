"""ENT: Entra ID and the refresh token."""

import pytest

from nylas_readiness.checks.live.refusals import refused
from nylas_readiness.checks.live.token import GUID, judge_addressee, judge_scopes, judge_user
from nylas_readiness.fixtures.evidence.model import TenantEvidence
from nylas_readiness.fixtures.evidence.slots import Read, known
from nylas_readiness.reports.model import Outcome
from nylas_readiness.reports.outcome import fail, passed, unknown

pytestmark = pytest.mark.live


@pytest.mark.rule("ENT-001")
def test_discovery_names_the_configured_tenant(tenant: TenantEvidence) -> Outcome:
    """OIDC discovery answers for the tenant, and its GUID is the configured one."""
    directory, configured = known(tenant.discovery), tenant.setup.tenant_id or ""
    if directory.refusal:
        return refused(directory.refusal)
    found = directory.metadata.tenant_id if directory.metadata else None
    if found is None:
        return unknown("the discovery document names no tenant")
    if GUID.fullmatch(configured) and found.lower() != configured.lower():
        return fail(f"discovery names the tenant {found}", expected=f"the configured tenant {configured}")
    return passed(f"tenant {found}")


@pytest.mark.rule("ENT-002")
def test_the_refresh_token_redeems(tenant: TenantEvidence) -> Outcome:
    """The refresh token redeems; otherwise the AADSTS code is explained with its remedy and owner."""
    redemption = known(tenant.redemption)
    if redemption.refusal is None:
        return passed("redeemed for an access token")
    if isinstance(tenant.discovery, Read) and tenant.discovery.value.refusal:
        return unknown("depends on ENT-001: there is no such tenant")
    sign_in = f"For a new refresh token sign in as the service account at:\n    {tenant.setup.authorize_url}"
    return refused(redemption.refusal, hint=sign_in)


@pytest.mark.rule("ENT-003")
def test_the_token_is_of_this_tenant_for_exchange_and_this_app(tenant: TenantEvidence) -> Outcome:
    """The token's tid, aud, appid/azp are the configured tenant, Exchange Online and the configured app."""
    return judge_addressee(tenant)


@pytest.mark.rule("ENT-004")
def test_the_token_carries_the_exchange_scopes(tenant: TenantEvidence) -> Outcome:
    """The token carries EWS.AccessAsUser.All; EAS.AccessAsUser.All absent is a warning."""
    return judge_scopes(tenant)


@pytest.mark.rule("ENT-005")
def test_the_token_is_the_service_accounts(tenant: TenantEvidence) -> Outcome:
    """The token's oid equals the directory's object; without the directory a differing upn is for review."""
    return judge_user(tenant)
