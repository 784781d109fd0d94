"""ENT: Entra ID and the refresh token."""

import re

import pytest

from nylas_readiness.checks.live.refusals import refused
from nylas_readiness.fixtures.clients.entra import Claims
from nylas_readiness.fixtures.evidence.model import Redemption, TenantEvidence
from nylas_readiness.fixtures.evidence.slots import Read, Undecided, known
from nylas_readiness.reports.model import Outcome
from nylas_readiness.reports.outcome import fail, passed, review, unknown, warn

pytestmark = pytest.mark.live

GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# The resource as Exchange's tokens name it: by URL (v1) or by its application id (v2).
EXCHANGE_AUDIENCES = {
    "https://outlook.office365.com",
    "https://outlook.office.com",
    "00000002-0000-0ff1-ce00-000000000000",
}


def redeemed(tenant: TenantEvidence) -> Redemption:
    """Return the redeemed token's reading; what hangs on a refused one is undecided."""
    redemption = known(tenant.redemption)
    if redemption.refusal:
        raise Undecided(unknown("depends on ENT-002: the refresh token was refused"))
    return redemption


def decoded(tenant: TenantEvidence) -> Claims:
    """Return the token's claims; Exchange's tokens are opaque by contract, so there may be none."""
    claims = redeemed(tenant).claims
    if claims is None:
        raise Undecided(unknown("the access token is opaque: its claims cannot be read"))
    return claims


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
    if redemption.refusal:
        new_token = (
            f"Get a new refresh token by signing in as the service account at: {tenant.setup.authorize_url}"
        )
        return refused(redemption.refusal, hint=new_token)
    return passed("redeemed for an access token")


@pytest.mark.rule("ENT-003")
def test_the_token_is_of_this_tenant_for_exchange_and_this_app(tenant: TenantEvidence) -> Outcome:
    """The access token's tid, aud, appid/azp are the configured tenant, Exchange Online and the configured app."""
    claims, setup = decoded(tenant), tenant.setup
    app = claims.appid or claims.azp
    wrong = []
    if claims.tid and (own := own_tenant(tenant)) and claims.tid.lower() != own.lower():
        wrong.append(f"tid is {claims.tid}, not {own}")
    if claims.aud and claims.aud.rstrip("/") not in EXCHANGE_AUDIENCES:
        wrong.append(f"aud is {claims.aud}, not Exchange Online")
    if app and setup.client_id and app.lower() != setup.client_id.lower():
        wrong.append(f"the app is {app}, not {setup.client_id}")
    if wrong:
        return fail("; ".join(wrong))
    if not (claims.tid and claims.aud and app):
        return unknown("the access token lacks tid, aud or appid")
    return passed(f"tid {claims.tid}, aud {claims.aud}, app {app}")


def own_tenant(tenant: TenantEvidence) -> str | None:
    """Return the tenant's GUID: the configured one, else the one that discovery names."""
    if GUID.fullmatch(tenant.setup.tenant_id or ""):
        return tenant.setup.tenant_id
    slot = tenant.discovery
    return slot.value.metadata.tenant_id if isinstance(slot, Read) and slot.value.metadata else None


@pytest.mark.rule("ENT-004")
def test_the_token_carries_the_exchange_scopes(tenant: TenantEvidence) -> Outcome:
    """The token carries EWS.AccessAsUser.All; EAS.AccessAsUser.All absent is a warning."""
    redemption = redeemed(tenant)
    granted = redemption.scope or (redemption.claims.scp if redemption.claims else None)
    if not granted:
        return unknown("neither the answer nor the token names its scopes")
    scopes = {scope.rpartition("/")[2] for scope in granted.split()}
    observed = "scopes " + ", ".join(sorted(scopes))
    remedy = f"Consent to the scopes and get a new refresh token at: {tenant.setup.authorize_url}"
    if "EWS.AccessAsUser.All" not in scopes:
        return fail(observed, expected="EWS.AccessAsUser.All among the scopes", remedy=remedy)
    if "EAS.AccessAsUser.All" not in scopes:
        return warn(observed, expected="EAS.AccessAsUser.All too", remedy=remedy)
    return passed(observed)


@pytest.mark.rule("ENT-005")
def test_the_token_is_the_service_accounts(tenant: TenantEvidence) -> Outcome:
    """The token's oid equals the directory's object; without the directory a differing upn is for review."""
    claims, email = decoded(tenant), tenant.setup.service_account
    user = tenant.service_user
    if isinstance(user, Read) and user.value and user.value.id and claims.oid:
        if claims.oid == user.value.id:
            return passed(f"oid {claims.oid} is {email}")
        who = claims.upn or claims.unique_name or claims.oid
        return fail(f"the token is {who}'s (oid {claims.oid})", expected=f"{email} (oid {user.value.id})")
    if not claims.upn:
        return unknown("the token names no upn, and the directory was not read")
    if claims.upn.lower() == email.lower():
        return passed(f"upn {claims.upn}")
    return review(
        f"the token's upn is {claims.upn}", reason=f"a UPN need not be the address {email}: compare them"
    )
