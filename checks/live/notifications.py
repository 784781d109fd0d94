"""Whether something is told when a v3 grant expires: the judgement behind NY3-012."""

from collections.abc import Iterable
from typing import Final

from nylas_readiness.checks.catalogue.requests import EXPIRED, GRANT_TRIGGERS, printed, triggers_of_v2
from nylas_readiness.checks.outcome import Outcome, passed, require, review, warn
from nylas_readiness.fixtures.clients.nylas_v3 import NO_PATH_KIND
from nylas_readiness.fixtures.evidence.model import TenantEvidence
from nylas_readiness.fixtures.evidence.slots import Read, Slot, Unread
from nylas_readiness.fixtures.evidence.v3 import PUBSUB, SNS, WEBHOOKS
from nylas_readiness.fixtures.evidence.v3_model import Destination

# The kinds in words, and the request that mends one in its place.
NAMES: Final = {WEBHOOKS: "webhook", PUBSUB: "Pub/Sub channel", SNS: "SNS channel"}
MENDING: Final = {WEBHOOKS: "webhook-mend", PUBSUB: "pubsub-channel-mend", SNS: "sns-channel-mend"}
# Source: Nylas, webhooks and channels of v3. A webhook is on `pause`, a channel is `paused`.
_MOST_NAMED: Final = 10
# `inactive` is of Nylas's CLI (internal/domain/webhook.go at b564e79c).
_STATUSES: Final = {"active", "failing", "failed", "pause", "paused", "inactive"}
_LOOK: Final = "Look in the Nylas v3 dashboard whether the destination is active."


def judge_notifications(tenant: TenantEvidence) -> Outcome:
    """Judge whether an active webhook or channel is told when a grant expires."""
    there = destinations(tenant)
    telling = [one for one in there if EXPIRED in one.triggers]
    active = [one for one in telling if one.is_active]
    if active:
        observed = f"{_listed(active)} told of {EXPIRED}{_besides(there)}"
        lacking = lacking_of_v2(tenant)
        return _judge_lacking(active[0], observed, lacking) if lacking else passed(observed)
    require(tenant.v3_webhook_list)
    for channels in (tenant.v3_pubsub_channels, tenant.v3_sns_channels):
        if not _is_no_path(channels):
            require(channels)
    if telling and all(_is_known(one) for one in telling):
        return _judge_broken(telling)
    if telling:
        reason = "Nylas does not tell whether it is active, in words that it documents"
        return review(f"{_listed(telling)} told of {EXPIRED}", reason=reason, remedy=_LOOK)
    others = f"; there are: {_listed(there)}" if there else ""
    return warn(
        f"no webhook or channel is told of {EXPIRED}{others}", expected=f"one with the trigger {EXPIRED}"
    )


def lacking_of_v2(tenant: TenantEvidence) -> list[str]:
    """Return what v2's webhooks are told of, and nothing active of v3 is, as far as both were read."""
    if not all(isinstance(slot, Read) or _is_no_path(slot) for slot in _slots(tenant)):
        return []
    slot = tenant.nylas_application
    wanted = triggers_of_v2((slot.value.triggers if isinstance(slot, Read) else None) or ())
    told = {trigger for one in destinations(tenant) if one.is_active for trigger in one.triggers}
    return [trigger for trigger in wanted if trigger not in told]


def _judge_lacking(first: Destination, observed: str, lacking: list[str]) -> Outcome:
    """Judge a destination that is told of less than v2's webhooks are: the rest is added in its place."""
    known = {"trigger of the destination": [*first.triggers, *lacking]}
    return warn(
        f"{observed}; v2's webhooks are told of {', '.join(lacking)}, and nothing active of v3 is",
        expected="the triggers that your application used on v2",
        remedy=f"Add to the {NAMES[first.path]} what your application uses of them.\n"
        f"{printed(MENDING[first.path], known=known)}",
    )


def destinations(tenant: TenantEvidence) -> list[Destination]:
    """Return the webhooks and channels, as far as they were read."""
    return [one for slot in _slots(tenant) if isinstance(slot, Read) for one in slot.value]


def to_mend(tenant: TenantEvidence) -> Destination | None:
    """Return the first webhook or channel about grants or events that is not active, None without one.

    One that is active and told of less than v2's webhooks are is to be mended, too. One that is told when a
    grant expires comes before the others.
    """
    ours = [one for one in destinations(tenant) if one.id and _is_ours(one)]
    broken = [one for one in ours if not one.is_active or (lacking_of_v2(tenant) and EXPIRED in one.triggers)]
    return min(broken, key=lambda one: (EXPIRED not in one.triggers, one.is_active), default=None)


def with_grant_triggers(one: Destination) -> list[str]:
    """Return what a destination is told of, with what tells of grants: the list is replaced as a whole."""
    return list(dict.fromkeys((*one.triggers, *GRANT_TRIGGERS)))


def _is_known(one: Destination) -> bool:
    return (one.status or "").casefold() in _STATUSES


def _is_ours(one: Destination) -> bool:
    return any(
        trigger in GRANT_TRIGGERS or trigger.startswith(("event.", "calendar.")) for trigger in one.triggers
    )


def _slots(tenant: TenantEvidence) -> tuple[Slot[list[Destination]], ...]:
    return tenant.v3_webhook_list, tenant.v3_pubsub_channels, tenant.v3_sns_channels


def _is_no_path(slot: Slot[list[Destination]]) -> bool:
    """Return whether Nylas's gateway knows no such list: then there is no channel of this kind."""
    return isinstance(slot, Unread) and NO_PATH_KIND in slot.codes


def _judge_broken(telling: list[Destination]) -> Outcome:
    first = telling[0]
    request = printed(MENDING[first.path], known={"trigger of the destination": with_grant_triggers(first)})
    return warn(
        f"{_listed(telling)} told of {EXPIRED}, and none is active",
        expected="an active one",
        remedy=f"Mend what the {NAMES[first.path]} sends to, then set it active in its place.\n{request}",
    )


def _listed(those: Iterable[Destination]) -> str:
    return ", ".join(
        f"the {NAMES[one.path]} {one.id or '(no id)'} ({_status(one)})" for one in list(those)[:_MOST_NAMED]
    )


def _status(one: Destination) -> str:
    if one.status is None:
        return "status not told"
    return one.status if _is_known(one) else f"{one.status}, a status that Nylas does not document"


def _besides(there: Iterable[Destination]) -> str:
    """Mention those that are in trouble."""
    troubled = [one for one in there if not one.is_active]
    return f"; not active: {_listed(troubled)}" if troubled else ""
