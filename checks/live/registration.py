"""What the tenant says of an app: behind ENT-006 to ENT-008 and NY3-005."""

from datetime import date

from nylas_readiness.checks.live.secrets import SecretInUse, judge_secret
from nylas_readiness.checks.live.token import own_tenant
from nylas_readiness.checks.outcome import (
    Outcome,
    Undecided,
    depends_on,
    fail,
    not_applicable,
    passed,
    require,
    unknown,
    warn,
)
from nylas_readiness.fixtures.clients.graph_apps import ServicePrincipal
from nylas_readiness.fixtures.evidence.model import Consent, Registration, TenantEvidence
from nylas_readiness.fixtures.evidence.slots import Slot

EWS, EAS = "EWS.AccessAsUser.All", "EAS.AccessAsUser.All"


def registration_of(tenant: TenantEvidence) -> Registration:
    """Return the registration of the app of `[microsoft]`."""
    app_id = tenant.setup.client_id or ""
    return at_home(tenant, tenant.registration, tenant.service_principal, app_id, "ENT-008")


def at_home(
    tenant: TenantEvidence,
    registration: Slot[Registration | None],
    principal: Slot[ServicePrincipal | None],
    app_id: str,
    consent_rule: str,
) -> Registration:
    """Return an app's registration. Only the app's home tenant has one: elsewhere nothing can be decided."""
    found = require(registration)
    if found is not None:
        return found
    there, own = require(principal), own_tenant(tenant)
    home = there.app_owner_organization_id if there else None
    if home and own and home.lower() != own.lower():
        reason = f"the app is registered in another tenant ({home}): only that tenant can read this"
        raise Undecided(not_applicable(reason, owner="integrator"))
    if there is None:
        raise Undecided(depends_on(consent_rule, f"the tenant knows no app {app_id}"))
    raise Undecided(unknown("the app's registration is not in this tenant, and where it is was not told"))


def judge_credential(tenant: TenantEvidence, as_of: date) -> Outcome:
    """Judge when the secret in use of the app of `[microsoft]` ends."""
    is_lost = "microsoft.client_secret" in tenant.setup.unresolved
    return judge_secret(registration_of(tenant), SecretInUse(tenant.redemption, "ENT-002", is_lost), as_of)


def judge_redirect_uri(tenant: TenantEvidence) -> Outcome:
    """Judge whether the payload's redirect URI is one of the app's, character for character."""
    registered, configured = registration_of(tenant).redirect_uris, tenant.setup.redirect_uri
    if configured in registered:
        return passed(f"{configured} is registered")
    return warn(
        f"registered: {', '.join(registered) or 'none'}", expected=f"{configured} among the web redirect URIs"
    )


def judge_consent(tenant: TenantEvidence) -> Outcome:
    """Judge whether the delegated Exchange permissions are granted to the tenant or the service account."""
    if require(tenant.service_principal) is None:
        return fail(f"nobody consented to the app {tenant.setup.client_id}: the tenant does not know it")
    consents = require(tenant.consents)
    everybody = {scope for consent in consents if consent.user_id is None for scope in consent.scopes}
    if EWS in everybody and EAS in everybody:
        return passed(f"tenant-wide: {', '.join(sorted(everybody))}")
    granted = everybody | _own_scopes(tenant, consents)
    observed = f"granted: {', '.join(sorted(granted)) or 'nothing on Exchange Online'}"
    if EWS not in granted:
        return fail(observed + _for_others(consents), expected=f"{EWS} for the tenant or the service account")
    return passed(observed) if EAS in granted else warn(observed, expected=f"{EAS} too")


def _own_scopes(tenant: TenantEvidence, consents: list[Consent]) -> set[str]:
    """Return what the service account itself consented to; with no user's consent there is nobody to know."""
    personal = [consent for consent in consents if consent.user_id]
    user = require(tenant.service_user) if personal else None
    own = user.id if user else None
    return {scope for consent in personal if consent.user_id == own for scope in consent.scopes}


def _for_others(consents: list[Consent]) -> str:
    others = sum(1 for consent in consents if consent.user_id and EWS in consent.scopes)
    return f"; {EWS} for other users: {others}" if others else ""
