"""An account's v3 grants: the judgement behind NY3-008."""

from typing import Final

from msgspec.structs import replace

from nylas_readiness.checks.catalogue import scopes
from nylas_readiness.checks.catalogue.requests import printed
from nylas_readiness.checks.live.v3_application import credential_of
from nylas_readiness.checks.outcome import Outcome, fail, not_applicable, passed, require, review, warn
from nylas_readiness.fixtures.evidence.model import AccountEvidence, TenantEvidence
from nylas_readiness.fixtures.evidence.slots import Read
from nylas_readiness.fixtures.evidence.v3_model import INVALID, AccountGrant

_REMOVE: Final = f"""Keep one grant of the account, and delete the others that your application does not use.
{printed("grant-delete")}"""
_FILL: Final = f"""Create the v3 grant in the place of the placeholder; its id stays.
{printed("grant")}"""
_RECORD: Final = "Put the scopes on Nylas's record of the grant; this changes nothing at Microsoft."
_RELEASE: Final = "Ask Nylas support why the grant is blocked, and have it released."


def judge_grant(account: AccountEvidence, tenant: TenantEvidence) -> Outcome:
    """Judge the account's grants: one valid grant is right, what looks like a placeholder is none yet."""
    grants = require(account.grants)
    if not grants:
        return not_applicable(f"no v3 grant yet{_but(tenant)}")
    observed = "; ".join(_described(grant, account, tenant) for grant in grants)
    if not any(grant.is_valid for grant in grants):
        credential = credential_of(tenant)
        return _judge_unusable(grants, observed, credential.id if credential else None)
    if len(grants) > 1:
        return warn(f"{len(grants)} grants: {observed}", remedy=_REMOVE)
    return _judge_scopes(grants[0], observed, tenant)


def _judge_scopes(grant: AccountGrant, observed: str, tenant: TenantEvidence) -> Outcome:
    """Judge the scopes on Nylas's record of a valid grant: they prove no consent, but Nylas goes by them."""
    if grant.scope is None or grant.provider != "microsoft" or not scopes.lacking(grant.scope):
        return passed(observed)
    shown = ", ".join(grant.scope) or "none"
    # The list is replaced as a whole: what is on record is sent again.
    scope = [*grant.scope, *scopes.lacking(grant.scope)]
    request = printed("grant-scope", known={"graph permission": scope})
    outcome = warn(f"{observed}; scopes on record: {shown}", remedy=f"{_RECORD}\n{request}")
    slot = tenant.v3_connector
    defaults = slot.value.scope if isinstance(slot, Read) and slot.value else None
    if defaults is None or not scopes.lacking(defaults):
        return outcome
    reason = "depends on NY3-002: a grant without scopes of its own takes the connector's"
    return replace(outcome, cause="NY3-002", reason=reason, remedy=None)


def _but(tenant: TenantEvidence) -> str:
    """Say how many entries of the list of grants cannot be read: one of them may be the account's."""
    slot = tenant.v3_grants
    count = slot.value.unreadable if isinstance(slot, Read) else 0
    return f"; entries of Nylas's list that are no grant: {count}" if count else ""


def _judge_unusable(grants: list[AccountGrant], observed: str, credential_id: str | None) -> Outcome:
    """Judge grants of which none can be used. `credential_id`: the tenant's, with which none is made up."""
    if any(grant.blocked for grant in grants):
        return fail(observed, remedy=_RELEASE)
    if all(grant.is_placeholder(credential_id) for grant in grants):
        return warn(f"looks like a placeholder of the cloned v2 account: {observed}", remedy=_FILL)
    if not any(grant.state == INVALID for grant in grants):
        return review(
            observed, reason="Nylas does not tell whether the grant is valid, in words that it documents"
        )
    return fail(observed)


def _described(grant: AccountGrant, account: AccountEvidence, tenant: TenantEvidence) -> str:
    """Say what a grant is, and what is odd about it."""
    said = [f"{grant.status or 'of an unknown status'} (grant {grant.id}"]
    if grant.blocked:
        said.append("blocked by Nylas")
    if grant.email and grant.email != account.email:
        said.append(f"made for {grant.email}")
    if grant.provider != "microsoft":
        said.append(f"by the connector {grant.provider}" if grant.provider else "by a connector not told")
    credential = credential_of(tenant)
    if credential and grant.credential_id and grant.credential_id != credential.id:
        said.append("made with another credential")
    return ", ".join(said) + ")"
