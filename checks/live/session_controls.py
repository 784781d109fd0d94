"""Which session controls of Conditional Access end the refresh token early: the judgement behind ENT-011.

Source: Microsoft Graph v1.0 and beta, conditionalAccessSessionControls; Microsoft Entra, "Session lifetime":
a confidential client's token is told to sign in again at its next redemption, at the latest.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from nylas_readiness.checks.live.conditional_access import (
    LOOK_AT,
    conditions_of,
    hangs_on_memberships,
    listed,
    policy_subject,
)
from nylas_readiness.checks.live.policy_reach import Reach, reach_of, set_members, shaped
from nylas_readiness.checks.outcome import Outcome, passed, require, review, warn
from nylas_readiness.fixtures.clients.graph_apps import ConditionalAccessPolicy, SignInFrequency
from nylas_readiness.fixtures.evidence.model import TenantEvidence

_FREQUENCY: Final = "signInFrequency"
# Token protection: where it applies, a refresh token that is bound to no device is refused.
_BINDING: Final = "secureSignInSession"
# These are about browsers, about downloads, or about how long one access token lives.
_HARMLESS: Final = {
    "applicationEnforcedRestrictions",
    "cloudAppSecurity",
    "continuousAccessEvaluation",
    "disableResilienceDefaults",
    "globalSecureAccessFilteringProfile",
    "networkAccessSecurity",
    "persistentBrowser",
}


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A policy that reaches the account, and its session controls by what they do to the token."""

    policy: ConditionalAccessPolicy
    reach: Reach
    ending: tuple[str, ...]
    unlisted: tuple[str, ...]
    harmless: tuple[str, ...]

    @property
    def is_open(self) -> bool:
        """Whether it may end the token, and whether it does nobody can tell."""
        return bool(self.reach.unlisted) or not self.ending

    @property
    def text(self) -> str:
        """What the policy does, in one line."""
        does = "; ".join(self.ending) or "nothing that is known"
        return f"“{self.policy.display_name}”: {does}{conditions_of(self.reach, self.unlisted)}"


def judge_sessions(tenant: TenantEvidence) -> Outcome:
    """Judge whether a session control ends the token early at Exchange Online."""
    subject, policies = policy_subject(tenant), require(tenant.access_policies)
    reached = ((policy, reach_of(policy, subject)) for policy in policies if policy.session_controls)
    sessions = [session_of(policy, reach) for policy, reach in reached if reach.holds is not False]
    ending = [one for one in sessions if one.ending or one.unlisted]
    others, told = _others(sessions), listed([one.text for one in ending if one.reach.holds])
    if any(one.reach.holds and not one.is_open for one in ending):
        return warn(told + others, expected="no session control ends the token early")
    if undecided := [one.policy for one in ending if one.reach.holds is None]:
        return hangs_on_memberships(tenant, undecided)
    if ending:
        return review(told + others, reason="whether they end the token is not known", remedy=LOOK_AT)
    return passed(f"{len(policies)} policies, none of which ends the token early at Exchange Online{others}")


def session_of(policy: ConditionalAccessPolicy, reach: Reach) -> Session:
    """Return a policy's session controls, sorted by what they do to the token."""
    controls = policy.session_controls or {}
    names = list(set_members(controls))
    ending, unlisted = _frequency(controls) if _FREQUENCY in names else ((), ())
    if _BINDING in names:
        ending += (f"{_BINDING} refuses a token that is bound to no device",)
    return Session(
        policy=policy,
        reach=reach,
        ending=ending,
        unlisted=(*unlisted, *(one for one in names if one not in _HARMLESS | {_FREQUENCY, _BINDING})),
        harmless=tuple(one for one in names if one in _HARMLESS),
    )


def _frequency(controls: Mapping[str, object]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return when a sign-in frequency ends the token, and what of it nobody knows."""
    frequency, unlisted = shaped(_FREQUENCY, controls[_FREQUENCY], SignInFrequency)
    if frequency is None:
        return (), unlisted
    interval, unit = (frequency.frequency_interval or "timeBased").lower(), (frequency.type or "").lower()
    if interval == "everytime":
        return ("the token dies at once: a sign-in is asked for every time",), unlisted
    if interval != "timebased" or frequency.value is None or unit not in {"hours", "days"}:
        return (), (*unlisted, _FREQUENCY)
    time = f"{frequency.value} {unit if frequency.value != 1 else unit.removesuffix('s')}"
    second = (frequency.authentication_type or "").lower() == "secondaryauthentication"
    return (f"the token dies {time} after the {'second factor' if second else 'sign-in'}",), unlisted


def _others(sessions: Iterable[Session]) -> str:
    """Name the session controls that do not end the token."""
    names = [f"{', '.join(one.harmless)} of “{one.policy.display_name}”" for one in sessions if one.harmless]
    return f"; other session controls: {listed(names)}" if names else ""
