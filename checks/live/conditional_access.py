"""Which Conditional Access policies stop an account that nobody sits at: the judgement behind ENT-009.

Source: Microsoft Graph v1.0, conditionalAccessPolicy and conditionalAccessGrantControls.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from nylas_readiness.checks.live.policy_reach import Reach, Subject, reach_of, shaped, subject_of
from nylas_readiness.checks.live.service_account import existing_user
from nylas_readiness.checks.outcome import (
    Outcome,
    Undecided,
    fail,
    lacks,
    passed,
    require,
    review,
    unknown,
)
from nylas_readiness.fixtures.clients.graph_apps import ConditionalAccessPolicy, GrantControls
from nylas_readiness.fixtures.evidence.model import TenantEvidence
from nylas_readiness.fixtures.evidence.slots import Read

# `authenticationStrength` and custom factors are controls of their own members of the policy.
_UNMEETABLE: Final = {
    "block",
    "mfa",
    "compliantdevice",
    "domainjoineddevice",
    "approvedapplication",
    "compliantapplication",
    "passwordchange",
    "riskremediation",
}
_MOST_NAMED: Final = 10
_REASON: Final = "a token that redeems here may be stopped when Nylas redeems it"
_ADMIT: Final = """Admit the caller, and do not take the service account out of what protects it.
Put the addresses from which Nylas calls into a named location, and exclude that location from the policies:
    Entra admin center > Protection > Conditional Access > Named locations > IP ranges location
    Entra admin center > Protection > Conditional Access > <policy> > Network > Exclude > <named location>"""
LOOK_AT: Final = """Look at what the finding does not evaluate: the suite does not know what it does.
Evaluate the service account, Office 365 Exchange Online and Nylas's address with the What If tool:
    Entra admin center > Protection > Conditional Access > Policies > What if
The members are explained at https://learn.microsoft.com/graph/api/resources/conditionalaccesspolicy"""


class Demand(msgspec.Struct, frozen=True, kw_only=True):
    """What a policy asks for: `unmet` no account can give that nobody sits at; `open` nobody can tell."""

    unmet: tuple[str, ...] = ()
    open: tuple[str, ...] = ()


class Stop(msgspec.Struct, frozen=True, kw_only=True):
    """A policy that asks for something, and whether it reaches the account."""

    policy: ConditionalAccessPolicy
    demand: Demand
    reach: Reach

    @property
    def is_certain(self) -> bool:
        """Whether it stops the account, whoever calls."""
        return bool(self.reach.holds) and not (self.demand.open or self.reach.narrowed or self.reach.unlisted)

    @property
    def text(self) -> str:
        """What the policy asks for, in one line."""
        asked = ", ".join((*self.demand.unmet, *self.demand.open))
        conditions = conditions_of(self.reach, self.demand.open)
        return f"“{self.policy.display_name}” asks for {asked}{conditions}"


def judge_policies(tenant: TenantEvidence) -> Outcome:
    """Judge whether a policy stops the service account at Exchange Online."""
    subject, policies = policy_subject(tenant), require(tenant.access_policies)
    stops = [one for policy in policies if (one := stop_of(policy, subject))]
    doubtful = [one for one in stops if one.reach.holds and not one.is_certain]
    if certain := [one.text for one in stops if one.is_certain]:
        more = f"; to look at: {listed([one.text for one in doubtful])}" if doubtful else ""
        return fail(listed(certain) + more, expected="the service account excluded")
    if undecided := [one.policy for one in stops if one.reach.holds is None]:
        return hangs_on_memberships(tenant, undecided)
    if doubtful:
        return _for_review(doubtful)
    return passed(f"{len(policies)} policies, none of which stops the account at Exchange Online")


def stop_of(policy: ConditionalAccessPolicy, subject: Subject) -> Stop | None:
    """Return a policy that may stop the account; None: it asks for nothing, or never reaches the account."""
    demand, reach = demand_of(policy.grant_controls), reach_of(policy, subject)
    if reach.holds is False or not (demand.unmet or demand.open):
        return None
    return Stop(policy=policy, demand=demand, reach=reach)


def _for_review(doubtful: Sequence[Stop]) -> Outcome:
    """Leave to a person what depends on the caller, or what nobody knows."""
    remedies = [_ADMIT] if any(one.reach.narrowed for one in doubtful) else []
    if any(one.demand.open or one.reach.unlisted for one in doubtful):
        remedies.append(LOOK_AT)
    return review(listed([one.text for one in doubtful]), reason=_REASON, remedy="\n".join(remedies))


def policy_subject(tenant: TenantEvidence) -> Subject:
    """Return the service account as policies see it; without its object id nothing can be decided."""
    user, memberships = existing_user(tenant), tenant.memberships
    if user.id is None:
        raise Undecided(unknown("the directory does not tell the account's object id"))
    held = memberships.value if isinstance(memberships, Read) else None
    return subject_of(user.id, held, is_guest=user.user_type == "Guest")


def hangs_on_memberships(tenant: TenantEvidence, policies: Sequence[ConditionalAccessPolicy]) -> Outcome:
    """Return why policies cannot be decided: the memberships were not read, or do not tell the roles."""
    require(tenant.memberships)
    names = listed([f"“{policy.display_name}”" for policy in policies])
    return lacks("Directory.Read.All", f"{names}: for roles that cannot be told")


def conditions_of(reach: Reach, more: Sequence[str] = ()) -> str:
    """Return what a policy's reach depends on, as the end of a sentence."""
    narrowed = f", narrowed by {', '.join(reach.narrowed)}" if reach.narrowed else ""
    unlisted = f"; not evaluated: {', '.join((*reach.unlisted, *more))}" if reach.unlisted or more else ""
    return narrowed + unlisted


def listed(texts: Sequence[str]) -> str:
    """Return what policies come to in one line: a tenant may have hundreds."""
    more = f"; and {len(texts) - _MOST_NAMED} more" if len(texts) > _MOST_NAMED else ""
    return "; ".join(texts[:_MOST_NAMED]) + more


def demand_of(given: dict[str, object] | None) -> Demand:
    """Return what a policy asks of an account that nobody sits at.

    Terms of use may have been accepted at the sign-in that the refresh token is from.
    """
    controls, unlisted = shaped("grantControls", given, GrantControls)
    if controls is None:
        return Demand(open=unlisted)
    built_in = controls.built_in_controls or ()
    unmet = [control for control in built_in if control.lower() in _UNMEETABLE]
    unmet += ["authenticationStrength"] if controls.authentication_strength else []
    unmet += controls.custom_authentication_factors or ()
    other = [control for control in built_in if control.lower() not in _UNMEETABLE]
    other += ["terms of use"] if controls.terms_of_use else []
    other += unlisted
    if unmet and (not other or (controls.operator or "").upper() == "AND"):
        return Demand(unmet=tuple(unmet))
    return Demand(unmet=tuple(unmet), open=tuple(other))
