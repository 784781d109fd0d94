"""ENT: Entra ID and the refresh token."""

from datetime import date, timedelta

import pytest

from nylas_readiness.checks.live.conditional_access import judge_policies
from nylas_readiness.checks.live.refusals import refused
from nylas_readiness.checks.live.registration import judge_consent, judge_credential, judge_redirect_uri
from nylas_readiness.checks.live.service_account import existing_user
from nylas_readiness.checks.live.session_controls import judge_sessions
from nylas_readiness.checks.live.token import GUID, judge_addressee, judge_scopes, judge_user
from nylas_readiness.checks.outcome import Outcome, depends_on, fail, passed, require, unknown, warn
from nylas_readiness.fixtures.evidence.model import TenantEvidence

pytestmark = pytest.mark.live

# Source: Microsoft, refresh tokens: a token that is not used for 90 days expires.
LIFETIME = timedelta(days=90)


@pytest.mark.rule("ENT-001")
def test_discovery_names_the_configured_tenant(tenant: TenantEvidence) -> Outcome:
    """OIDC discovery answers for the tenant, and its GUID is the configured one."""
    directory, configured = require(tenant.discovery), tenant.setup.tenant_id or ""
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
    redemption = require(tenant.redemption)
    if redemption.refusal is None:
        return passed("redeemed for an access token")
    if redemption.refusal.is_of_no_tenant:
        return depends_on("ENT-001", "there is no such tenant")
    return refused(redemption.refusal, sign_in=tenant.setup.authorize_url)


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


@pytest.mark.rule("ENT-006")
def test_the_client_secret_in_use_does_not_expire_soon(tenant: TenantEvidence, as_of: date) -> Outcome:
    """The client credential in use does not expire within 30 days; others are only mentioned."""
    return judge_credential(tenant, as_of)


@pytest.mark.rule("ENT-007")
def test_the_redirect_uri_is_registered_on_the_app(tenant: TenantEvidence) -> Outcome:
    """The payload's redirect_uri is registered on the app; otherwise a warning."""
    return judge_redirect_uri(tenant)


@pytest.mark.rule("ENT-008")
def test_consent_for_the_exchange_permissions_exists(tenant: TenantEvidence) -> Outcome:
    """Consent for the delegated Exchange permissions is tenant-wide or the service account's."""
    return judge_consent(tenant)


@pytest.mark.rule("ENT-009")
def test_no_conditional_access_policy_stops_the_service_account(tenant: TenantEvidence) -> Outcome:
    """No enabled policy with a control that a headless account cannot meet includes it and Exchange."""
    return judge_policies(tenant)


@pytest.mark.rule("ENT-010")
def test_nothing_ended_the_sessions_lately(tenant: TenantEvidence, as_of: date) -> Outcome:
    """How the token dies; signInSessionsValidFromDateTime within the last 90 days is a warning."""
    since = existing_user(tenant).sign_in_sessions_valid_from_date_time
    if since is None:
        return unknown("the directory does not say since when sessions are valid")
    dies = "the token dies 90 days unused, by a password reset, and when sessions are revoked"
    observed = f"sessions are valid since {since:%Y-%m-%d}: an older token is dead; {dies}"
    return warn(observed) if since.date() >= as_of - LIFETIME else passed(observed)


@pytest.mark.rule("ENT-011")
def test_no_session_control_ends_the_token_early(tenant: TenantEvidence) -> Outcome:
    """A sign-in frequency that covers the account and Exchange is a warning; other controls are named."""
    return judge_sessions(tenant)
