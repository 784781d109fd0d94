"""Which Conditional Access policies stop an account that nobody sits at: the judgement behind ENT-009.

Source: Microsoft Graph v1.0, conditionalAccessPolicy, conditionalAccessConditionSet and
conditionalAccessGrantControls.
"""

from collections.abc import Iterable

import msgspec

from nylas_readiness.checks.live.service_account import existing_user
from nylas_readiness.checks.outcome import Outcome, fail, lacks, passed, require, unknown
from nylas_readiness.fixtures.clients.graph_apps import (
    ConditionalAccessPolicy,
    GrantControls,
    Membership,
    PolicyApplications,
    PolicyConditions,
    PolicyUsers,
)
from nylas_readiness.fixtures.evidence.app_registration import EXCHANGE_APP_ID
from nylas_readiness.fixtures.evidence.model import TenantEvidence
from nylas_readiness.fixtures.evidence.slots import Read

# `authenticationStrength` and custom factors are controls of their own members of the policy.
_UNMEETABLE = {
    "block",
    "mfa",
    "compliantdevice",
    "domainjoineddevice",
    "approvedapplication",
    "compliantapplication",
    "passwordchange",
    "riskremediation",
}
_EXCHANGE = {"office365", EXCHANGE_APP_ID}
# A refresh token is redeemed with modern authentication, which Entra counts as one of these; the other
# types are legacy protocols.
_MODERN = {"all", "browser", "mobileappsanddesktopclients"}
_NARROWING = ("locations", "platforms", "devices", "user_risk_levels", "sign_in_risk_levels")


def judge_policies(tenant: TenantEvidence) -> Outcome:
    """Judge whether a policy stops the service account at Exchange Online."""
    policies, user_id = require(tenant.conditional_access), existing_user(tenant).id
    if user_id is None:
        return unknown("the directory does not tell the account's object id")
    memberships = tenant.memberships
    subject = subject_of(user_id, memberships.value if isinstance(memberships, Read) else None)
    answers = [(policy, stops(policy, subject)) for policy in policies]
    if stopping := [described(policy) for policy, stopped in answers if stopped]:
        return fail("; ".join(stopping), expected="the service account excluded")
    if open_ones := [policy.display_name or "?" for policy, stopped in answers if stopped is None]:
        require(memberships)
        names, permission = ", ".join(open_ones), "Directory.Read.All"
        return lacks(permission, f"{names}: for roles that cannot be told")
    return passed(f"{len(policies)} policies, none of which stops the account at Exchange Online")


def described(policy: ConditionalAccessPolicy) -> str:
    """Return a policy that stops the account, in one line."""
    narrowed = f", narrowed by {', '.join(narrowed_by(policy))}" if narrowed_by(policy) else ""
    return f"“{policy.display_name}” asks for {controls_not_met(policy.grant_controls)}{narrowed}"


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """The account: its object id, its groups' ids and its roles' template ids; None: not known."""

    user_id: str
    groups: frozenset[str] | None
    roles: frozenset[str] | None


def subject_of(user_id: str, memberships: Iterable[Membership] | None) -> Subject:
    """Return an account; `memberships` None: they were not read. A role without template hides them all."""
    if memberships is None:
        return Subject(user_id=user_id, groups=None, roles=None)
    all_of_them = list(memberships)
    templates = [one.role_template_id for one in all_of_them if one.is_role]
    told = [template.lower() for template in templates if template]
    return Subject(
        user_id=user_id,
        groups=frozenset((one.id or "").lower() for one in all_of_them if not one.is_role),
        roles=frozenset(told) if len(told) == len(templates) else None,
    )


def stops(policy: ConditionalAccessPolicy, subject: Subject) -> bool | None:
    """Tell whether a policy stops the account at Exchange Online; None: its memberships would decide it."""
    conditions = policy.conditions or PolicyConditions()
    if (
        policy.state != "enabled"
        or not _covers_exchange(conditions.applications or PolicyApplications())
        or not _covers_modern_clients(conditions)
        or controls_not_met(policy.grant_controls) is None
    ):
        return False
    return _includes(conditions.users or PolicyUsers(), subject)


def controls_not_met(controls: GrantControls | None) -> str | None:
    """Return the controls that stop an account nobody sits at, or None where it can meet what is asked."""
    if controls is None:
        return None
    built_in = controls.built_in_controls or ()
    unmet = [control for control in built_in if control.lower() in _UNMEETABLE]
    unmet += ["authenticationStrength"] if controls.authentication_strength else []
    unmet += controls.custom_authentication_factors or ()
    met = [control for control in built_in if control.lower() not in _UNMEETABLE]
    met += controls.terms_of_use or ()
    if (controls.operator or "").upper() == "OR" and met:
        return None
    return ", ".join(unmet) or None


def narrowed_by(policy: ConditionalAccessPolicy) -> list[str]:
    """Return the conditions that may spare the account: they depend on where and how it signs in."""
    return [name.replace("_", " ") for name in _NARROWING if getattr(policy.conditions, name, None)]


def _covers_exchange(applications: PolicyApplications) -> bool:
    included, excluded = _lower(applications.include_applications), _lower(applications.exclude_applications)
    return bool(included & (_EXCHANGE | {"all"})) and not excluded & _EXCHANGE


def _covers_modern_clients(conditions: PolicyConditions) -> bool:
    types = _lower(conditions.client_app_types)
    return not types or bool(types & _MODERN)


def _includes(users: PolicyUsers, subject: Subject) -> bool | None:
    user = frozenset({subject.user_id.lower()})
    included = _any(
        _meet(users.include_users, user | {"all"}),
        _meet(users.include_groups, subject.groups),
        _meet(users.include_roles, subject.roles),
    )
    excluded = _any(
        _meet(users.exclude_users, user),
        _meet(users.exclude_groups, subject.groups),
        _meet(users.exclude_roles, subject.roles),
    )
    if included is False or excluded is True:
        return False
    return None if included is None or excluded is None else True


def _meet(named: tuple[str, ...] | None, held: frozenset[str] | None) -> bool | None:
    """Tell whether one of the named is held; nothing named is never held, even where it is not known."""
    if not named:
        return False
    return None if held is None else bool(_lower(named) & held)


def _any(*answers: bool | None) -> bool | None:
    """Return true where one is, else None where one is not known."""
    if True in answers:
        return True
    return None if None in answers else False


def _lower(names: tuple[str, ...] | None) -> frozenset[str]:
    return frozenset(name.lower() for name in names or ())
