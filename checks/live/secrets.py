"""When the secret of an app ends: behind ENT-006 and NY3-011."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final, NamedTuple

from nylas_readiness.checks.outcome import Outcome, depends_on, fail, passed, unknown
from nylas_readiness.fixtures.clients.codes import Unreadable
from nylas_readiness.fixtures.evidence.model import Credential, Redemption, Registration
from nylas_readiness.fixtures.evidence.slots import Read, Slot, Unread

NOTICE: Final = timedelta(days=30)


class SecretInUse(NamedTuple):
    """The configured secret of an app.

    `redemption`: what asking for a token with it came to; `refusal_rule`: the rule that finds a refusal;
    `is_lost`: it does not resolve (CFG-001).
    """

    redemption: Slot[Redemption]
    refusal_rule: str
    is_lost: bool


def judge_secret(registration: Registration, in_use: SecretInUse, as_of: date) -> Outcome:
    """Judge when the secret in use ends: it is told by its first three characters."""
    if in_use.is_lost:
        return depends_on("CFG-001", "the secret in use does not resolve")
    secrets = registration.credentials
    used = [secret for secret in secrets if secret.in_use]
    if not used:
        return _whichever(secrets, in_use, as_of) or _not_told(secrets, in_use)
    ends = [secret.ends for secret in used if secret.ends]
    if len(ends) < len(used):
        return unknown("the directory does not say when the secret in use ends")
    last = max(ends).date()
    observed = _observed(used, last, as_of) + _others(registration, as_of)
    expected = f"it ends after {as_of + NOTICE}"
    return passed(observed) if last > as_of + NOTICE else fail(observed, expected=expected)


def _whichever(secrets: Iterable[Credential], in_use: SecretInUse, as_of: date) -> Outcome | None:
    """Decide without knowing which secret is in use: where each that it may be lasts, or none does."""
    possible = [secret for secret in secrets if secret.in_use is None]
    ends = [secret.ends.date() for secret in possible if secret.ends]
    if not ends or len(ends) < len(possible) or not _may_be_any(in_use.redemption):
        return None
    if min(ends) > as_of + NOTICE:
        return passed(f"which of the app's secrets is in use is not told: the first expires on {min(ends)}")
    if max(ends) <= as_of + NOTICE:
        observed = f"whichever of the app's secrets is in use, the last expires on {max(ends)}"
        return fail(observed, expected=f"it ends after {as_of + NOTICE}")
    return None


def _may_be_any(slot: Slot[Redemption]) -> bool:
    """Return whether the secret in use is the app's: it was redeemed, or the tenant file names none."""
    if isinstance(slot, Read):
        return slot.value.refusal is None
    return isinstance(slot, Unread) and slot.code is Unreadable.SECTION


def _not_told(secrets: list[Credential], in_use: SecretInUse) -> Outcome:
    """Say why no secret of the app is known to be the one in use."""
    slot = in_use.redemption
    if isinstance(slot, Read) and slot.value.refusal:
        return depends_on(in_use.refusal_rule, "no secret of the app begins like the configured one")
    if any(secret.in_use is None for secret in secrets):
        return unknown("the directory does not show how the app's secrets begin: compare their ends by hand")
    return unknown(f"none of the app's {len(secrets)} secrets begins like the configured one")


def _observed(used: list[Credential], last: date, as_of: date) -> str:
    names = ", ".join(f"“{secret.name}”" for secret in used)
    several = f" ({len(used)} begin alike: the latest end counts)" if len(used) > 1 else ""
    verb = "expired" if last < as_of else "expires"
    return f"the secret in use, {names}, {verb} on {last}{several}"


def _others(registration: Registration, as_of: date) -> str:
    """Mention the secrets and certificates that are not in use and end soon."""
    ending = [
        f"{kind}“{one.name}” on {one.ends:%Y-%m-%d}"
        for kind, those in (("", registration.credentials), ("the certificate ", registration.certificates))
        for one in those
        if not one.in_use and one.ends and one.ends.date() <= as_of + NOTICE
    ]
    return f"; not in use: {', '.join(ending)}" if ending else ""
