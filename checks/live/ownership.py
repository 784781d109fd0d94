"""Whose accounts were audited, and how many of the Nylas applications' are others': behind CFG-006."""

from typing import Final

from nylas_readiness.checks.outcome import Outcome, passed, require, warn
from nylas_readiness.fixtures.evidence.model import AccountCounts, OwnDomains, TenantEvidence
from nylas_readiness.fixtures.evidence.slots import Read, Slot, Unread
from nylas_readiness.fixtures.evidence.v3_model import GrantCounts

_NAMED: Final = 5


def others_of(tenant: TenantEvidence) -> int:
    """Return how many accounts and grants of the Nylas applications are not the tenant's."""
    slots = (tenant.nylas_inventory, tenant.v3_grants)
    return sum(slot.value.others for slot in slots if isinstance(slot, Read))


def judge_ownership(tenant: TenantEvidence) -> Outcome:
    """Judge by which domains the tenant's accounts are told from those of other customers."""
    own = require(tenant.own_domains)
    if not own.has_list:
        require(tenant.inventory)
    counted = (_counted("accounts of v2", tenant.nylas_inventory), _counted("grants of v3", tenant.v3_grants))
    observed = f"{_audited(tenant, own)}; not the tenant's: {', '.join(filter(None, counted)) or 'none'}"
    if others_of(tenant) and own.origin == "service account" and not own.has_list:
        return warn(f"{observed}. Accounts in other domains of the tenant are among these")
    return passed(observed)


def _counted(kind: str, slot: Slot[AccountCounts] | Slot[GrantCounts]) -> str:
    """Say how many of a kind are others', without naming one."""
    match slot:
        case Read(value=counts):
            return f"{counts.others} {kind}" if counts.others else ""
        case Unread():
            return f"{kind} were not read"
    return ""


def _audited(tenant: TenantEvidence, own: OwnDomains) -> str:
    """Say which accounts were audited."""
    if own.has_list:
        return f"the {tenant.account_count} accounts of {tenant.list_source}"
    more = f" and {len(own.names) - _NAMED} more" if len(own.names) > _NAMED else ""
    domains = f"{', '.join(own.names[:_NAMED])}{more} (by the {own.origin})"
    return f"{tenant.account_count} accounts of {tenant.list_source}, in the tenant's domains {domains}"
