"""The Azure app of Nylas v3: the judgement behind NY3-004, NY3-005 and NY3-007."""

from datetime import date
from typing import Final

from msgspec.structs import replace

from nylas_readiness.checks.catalogue import scopes
from nylas_readiness.checks.live.refusals import refused
from nylas_readiness.checks.live.registration import at_home
from nylas_readiness.checks.live.secrets import SecretInUse, judge_secret
from nylas_readiness.checks.live.v3_application import setup_of
from nylas_readiness.checks.outcome import (
    Outcome,
    Status,
    Undecided,
    depends_on,
    fail,
    not_applicable,
    passed,
    require,
    unknown,
    warn,
)
from nylas_readiness.fixtures.clients.codes import Unreadable
from nylas_readiness.fixtures.evidence.model import Registration, TenantEvidence
from nylas_readiness.fixtures.evidence.probes import Probes
from nylas_readiness.fixtures.evidence.slots import Read

# Audiences that take in the app's own tenant, the narrowest first. Nylas's page on bulk grants asks for the
# widest; its page on the Azure app allows the narrowest for internal apps, and a consent names its tenant.
AUDIENCES: Final = ("AzureADMyOrg", "AzureADMultipleOrgs", "AzureADandPersonalMicrosoftAccount")
TOKEN_VERSION: Final = 2
CALLBACK: Final = "https://api.{region}.nylas.com/v3/connect/callback"


def granted(tenant: TenantEvidence) -> set[str]:
    """Return what the app was granted for the whole tenant: by the directory, and by the app's own token.

    Where neither was read, nothing can be decided.
    """
    listed, token = tenant.v3_permissions, tenant.v3_token
    claims = token.value.claims if isinstance(token, Read) else None
    if claims is None:
        if not isinstance(listed, Read):
            require(token)
        return {*require(listed)}
    return {*(listed.value if isinstance(listed, Read) else ()), *(claims.roles or ())}


def judge_permissions(tenant: TenantEvidence, probes: Probes) -> Outcome:
    """Judge whether the app may do what the scopes need: by consent, or as its reads show."""
    if tenant.setup.hosting == "on-premises":
        return not_applicable("mailboxes are on-premises: Graph does not read them")
    if isinstance(tenant.v3_token, Read) and (refusal := tenant.v3_token.value.refusal):
        if refusal.is_of_no_tenant:
            return depends_on("ENT-001", "there is no such tenant")
        return refused(refusal)
    try:
        consented = granted(tenant)
    except Undecided:
        if not probes.app_reads:
            raise
        return passed(f"{_reads(probes)}; whether by consent or by RBAC for Applications was not read")
    missing = [one for one in scopes.needed() if not scopes.is_granted(one, consented)]
    if not missing:
        return passed(f"consented for the whole tenant: {_sorted(consented)}{_without_lookup(consented)}")
    return _judge_without_consent(consented, missing, probes)


def _without_lookup(consented: set[str]) -> str:
    """Mention the permission that one revision of Nylas's page asks for, and others do not."""
    if scopes.LOOKUP in consented:
        return ""
    return f"; not {scopes.LOOKUP}, which one revision of Nylas's page on bulk grants asks for"


def _judge_without_consent(consented: set[str], missing: list[str], probes: Probes) -> Outcome:
    """Judge an app that lacks consent: RBAC for Applications shows only in what the app can read."""
    observed = f"consented: {_sorted(consented)}; not {_sorted(missing)}"
    if probes.app_reads:
        if any(one.startswith("Calendars.") for one in consented):
            return warn(f"{observed}: {_reads(probes)}, and nothing shows that it may write")
        return passed(f"{observed}; {_reads(probes)}, so RBAC for Applications lets it")
    if not probes.app_denied:
        return depends_on("NY3-006", f"{observed}, and no mailbox was asked that would show more")
    return fail(f"{observed}; {probes.app_denied} mailboxes refuse it", expected=f"{_sorted(missing)}")


def lacks_access(tenant: TenantEvidence, probes: Probes) -> bool:
    """Return whether NY3-004 finds that the app may read no mailbox at all."""
    if probes.app_reads or not probes.app_denied:
        return False
    try:
        consented = granted(tenant)
    except Undecided:
        return False
    return not all(scopes.is_granted(one, consented) for one in scopes.needed())


def _reads(probes: Probes) -> str:
    return f"the app reads {probes.app_reads} of {probes.app_reads + probes.app_denied} mailboxes"


def _sorted(permissions: set[str] | list[str]) -> str:
    return ", ".join(sorted(permissions)) or "nothing on Microsoft Graph"


def judge_registration(tenant: TenantEvidence, as_of: date) -> Outcome:
    """Judge whether the app is a new one, and registered as Nylas asks; its secret is NY3-011's finding."""
    app = setup_of(tenant).microsoft_client_id
    if app is None:
        return unknown(
            "[nylas.v3] names no microsoft_client_id: the app is not known", code=Unreadable.SECTION
        )
    if tenant.setup.client_id and app.lower() == tenant.setup.client_id.lower():
        return warn(f"{app} is the app of v2", expected="a new Azure app: Nylas asks for one")
    registration = at_home(tenant, tenant.v3_registration, tenant.v3_principal, app, "NY3-004")
    if wrong := _oddities(tenant, registration):
        return warn("; ".join(wrong))
    ending = _judge_ending(tenant, registration, as_of)
    if ending.status is Status.FAIL:
        return replace(
            warn(ending.observed), cause="NY3-011", reason=f"depends on NY3-011: {ending.observed}"
        )
    return passed(f"{app} is registered as Nylas asks")


def judge_v3_secret(tenant: TenantEvidence, as_of: date) -> Outcome:
    """Judge when the secret of the v3 app ends, with which every grant of the tenant ends."""
    app = setup_of(tenant).microsoft_client_id
    if app is None:
        return unknown("[nylas.v3] names no microsoft_client_id: the app is not known")
    registration = at_home(tenant, tenant.v3_registration, tenant.v3_principal, app, "NY3-004")
    return _judge_ending(tenant, registration, as_of)


def _judge_ending(tenant: TenantEvidence, registration: Registration, as_of: date) -> Outcome:
    is_lost = "nylas.v3.microsoft_client_secret" in tenant.setup.unresolved
    return judge_secret(registration, SecretInUse(tenant.v3_token, "NY3-004", is_lost), as_of)


def _oddities(tenant: TenantEvidence, registration: Registration) -> list[str]:
    found = []
    if registration.audience not in AUDIENCES:
        found.append(f"signInAudience is {registration.audience or 'not told'}, not {AUDIENCES[0]}")
    if registration.token_version != TOKEN_VERSION:
        version = registration.token_version or "not set"
        found.append(f"the access token version is {version}, not {TOKEN_VERSION}")
    wanted = callbacks(tenant)
    if not wanted & set(registration.redirect_uris):
        there = ", ".join(registration.redirect_uris) or "none"
        found.append(f"web redirect URIs: {there}; none of {', '.join(sorted(wanted))}")
    return found


def callbacks(tenant: TenantEvidence) -> set[str]:
    """Return where a sign-in may return to: Nylas's page of the region, or one of the application's."""
    slot = tenant.v3_application
    own = slot.value.callback_uris if isinstance(slot, Read) else None
    return {CALLBACK.format(region=setup_of(tenant).region), *(own or ())}


def judge_scope(tenant: TenantEvidence, probes: Probes) -> Outcome:
    """Judge whether the app reaches every mailbox; roles of RBAC for Applications cannot be read."""
    if tenant.setup.hosting == "on-premises":
        return not_applicable("mailboxes are on-premises: Graph does not read them")
    wide = {one for one in granted(tenant) if one.startswith(scopes.OF_MAILBOXES)}
    if wide:
        return warn(
            f"granted for the whole tenant: {_sorted(wide)}; {_reads(probes)}",
            expected="no grant for the whole tenant where some mailboxes are meant",
        )
    return passed(f"no grant on mailboxes for the whole tenant; {_reads(probes)}")
