"""The stage of each account on its way to Nylas v3. Every account is in exactly one."""

from enum import Enum, auto
from http import HTTPStatus

from nylas_readiness.checks.migration.model import Stage
from nylas_readiness.checks.verdict import Verdict
from nylas_readiness.fixtures.evidence.model import AccountEvidence, TenantEvidence
from nylas_readiness.fixtures.evidence.slots import Absent, Read


class Place(Enum):
    """Where an account is, as far as that was read: its grant in v3, and its connection to v2."""

    V2_ALONE = auto()
    BOTH = auto()
    V3_ALONE = auto()
    UNREAD = auto()


def place_of(account: AccountEvidence, tenant: TenantEvidence) -> Place:
    """Return where an account is. What could not be read is no place."""
    if not isinstance(account.grants, Read):
        return Place.V2_ALONE if isinstance(account.grants, Absent) else Place.UNREAD
    if not any(grant.is_valid for grant in account.grants.value):
        return Place.V2_ALONE
    if isinstance(account.connected, Absent) or _is_gone(tenant):
        return Place.V3_ALONE
    if not isinstance(account.connected, Read):
        return Place.UNREAD
    is_off = all(one.is_disconnected for one in account.connected.value)
    return Place.V3_ALONE if is_off else Place.BOTH


def _is_gone(tenant: TenantEvidence) -> bool:
    slot = tenant.nylas_application
    return isinstance(slot, Read) and slot.value.status == HTTPStatus.GONE


def stage_of(place: Place, verdict: Verdict, *, is_open: bool) -> Stage:
    """Return an account's stage.

    `verdict`: the account's of v3. `is_open`: the tenant's own steps that come before the grants are done.
    """
    if verdict is Verdict.NOT_ASSESSED:
        return Stage.NOT_ASSESSED
    if place in _MOVED:
        return _MOVED[place]
    if verdict is Verdict.BLOCKED:
        return Stage.BLOCKED
    if place is Place.UNREAD or verdict is Verdict.INCONCLUSIVE:
        return Stage.TO_CLARIFY
    return Stage.CAN_MOVE if is_open else Stage.BLOCKED


_MOVED = {Place.V3_ALONE: Stage.FINISHED, Place.BOTH: Stage.ON_BOTH}
