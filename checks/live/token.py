"""What the access token says of itself, against the tenant file: the judgement behind ENT-003 to ENT-005.

Other rules need it too: what Exchange refuses for the token's sake is that rule's finding, not theirs.
"""

import re
from collections.abc import Callable

from nylas_readiness.checks.live.service_account import email_of
from nylas_readiness.checks.outcome import (
    Outcome,
    Status,
    Undecided,
    depends_on,
    fail,
    passed,
    require,
    review,
    unknown,
    warn,
)
from nylas_readiness.fixtures.clients.entra import Claims
from nylas_readiness.fixtures.evidence.model import Redemption, TenantEvidence
from nylas_readiness.fixtures.evidence.slots import Read, Unread

GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
# The resource as Exchange's tokens name it: by URL (v1) or by its application id (v2).
EXCHANGE_AUDIENCES = {
    "https://outlook.office365.com",
    "https://outlook.office.com",
    "00000002-0000-0ff1-ce00-000000000000",
}


def redeemed(tenant: TenantEvidence) -> Redemption:
    """Return the redeemed token's reading; what hangs on a refused one is undecided."""
    slot = tenant.redemption
    if isinstance(slot, Unread) and not slot.cause:
        raise Undecided(depends_on("ENT-002", f"{slot.reason}"))
    redemption = require(slot)
    if redemption.refusal:
        raise Undecided(depends_on("ENT-002", "the refresh token was refused"))
    return redemption


def decoded(tenant: TenantEvidence) -> Claims:
    """Return the token's claims; Exchange's tokens are opaque by contract, so there may be none."""
    claims = redeemed(tenant).claims
    if claims is None:
        raise Undecided(unknown("the access token is opaque: its claims cannot be read"))
    return claims


def judge_addressee(tenant: TenantEvidence) -> Outcome:
    """Judge whose token it is: the configured tenant's, for Exchange Online, of the configured app."""
    claims, setup = decoded(tenant), tenant.setup
    app = claims.appid or claims.azp
    wrong = []
    if claims.tid and (own := own_tenant(tenant)) and claims.tid.lower() != own.lower():
        wrong.append(f"tid is {claims.tid}, not {own}")
    if claims.aud and claims.aud.rstrip("/").lower() not in EXCHANGE_AUDIENCES:
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


def judge_scopes(tenant: TenantEvidence) -> Outcome:
    """Judge what the token may do, by the token endpoint's answer, else by the token."""
    redemption = redeemed(tenant)
    granted = redemption.scope or (redemption.claims.scp if redemption.claims else None)
    if not granted:
        return unknown("neither the answer nor the token names its scopes")
    scopes = {scope.rpartition("/")[2] for scope in granted.split()}
    observed = "scopes " + ", ".join(sorted(scopes))
    remedy = f"Consent to the scopes, and get a new refresh token at:\n    {tenant.setup.authorize_url}"
    if "EWS.AccessAsUser.All" not in scopes:
        return fail(observed, expected="EWS.AccessAsUser.All among the scopes", remedy=remedy)
    if "EAS.AccessAsUser.All" not in scopes:
        return warn(observed, expected="EAS.AccessAsUser.All too", remedy=remedy)
    return passed(observed)


def judge_user(tenant: TenantEvidence) -> Outcome:
    """Judge who signed in: by the directory's object id, else by the UPN, which need not be the address."""
    claims, email, user = decoded(tenant), email_of(tenant), tenant.service_user
    if isinstance(user, Read) and user.value is None:
        return depends_on("USR-001", "the directory has no such user")
    if isinstance(user, Read) and user.value and user.value.id and claims.oid:
        if claims.oid.lower() == user.value.id.lower():
            return passed(f"oid {claims.oid} is {email}")
        who = claims.upn or claims.unique_name or claims.oid
        return fail(f"the token is {who}'s (oid {claims.oid})", expected=f"{email} (oid {user.value.id})")
    if not claims.upn:
        return unknown("the token names no upn, and its oid cannot be compared with the directory's")
    if claims.upn.lower() in _names(tenant, email):
        return passed(f"upn {claims.upn}")
    return review(
        f"the token's upn is {claims.upn}", reason=f"a UPN need not be the address {email}: compare"
    )


def _names(tenant: TenantEvidence, email: str) -> set[str]:
    """Return the names by which the service account may sign in, as far as they are known."""
    user = tenant.service_user.value if isinstance(tenant.service_user, Read) else None
    return {email.lower(), (user.user_principal_name or email).lower() if user else email.lower()}


JUDGEMENTS: dict[str, Callable[[TenantEvidence], Outcome]] = {
    "ENT-003": judge_addressee,
    "ENT-004": judge_scopes,
    "ENT-005": judge_user,
}


def token_fault(tenant: TenantEvidence) -> str | None:
    """Return the rule that already finds fault with the token, or None."""
    for rule, judge in JUDGEMENTS.items():
        try:
            if judge(tenant).status is Status.FAIL:
                return rule
        except Undecided:
            continue
    return None
