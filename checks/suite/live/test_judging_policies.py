"""Conditional Access: which policies stop an account that nobody sits at."""

import itertools
from typing import Any

import msgspec
import pytest

from nylas_readiness.checks.live.conditional_access import (
    Subject,
    controls_not_met,
    described,
    judge_policies,
    stops,
    subject_of,
)
from nylas_readiness.checks.outcome import Status, Undecided
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.evidence_samples import read, tenant_with
from nylas_readiness.fixtures.clients.graph import User
from nylas_readiness.fixtures.clients.graph_apps import ConditionalAccessPolicy, GrantControls, Membership
from nylas_readiness.fixtures.evidence.slots import Unread

pytestmark = pytest.mark.offline

ME, GROUP, ROLE = "AAAA-1", "bbbb-2", "cccc-3"
KNOWN = Subject(user_id=ME, groups=frozenset({GROUP}), roles=frozenset({ROLE}))
HIDDEN = Subject(user_id=ME, groups=None, roles=None)
EXCHANGE = "00000002-0000-0ff1-ce00-000000000000"


def policy(users: dict[str, Any], **changed: Any) -> ConditionalAccessPolicy:  # noqa: ANN401
    """Return an enabled MFA policy on all applications, as Graph writes it."""
    conditions = {"users": users, "applications": {"includeApplications": ["All"]}, "clientAppTypes": ["all"]}
    conditions |= changed.pop("conditions", {})
    wire = {
        "displayName": "Require MFA",
        "state": "enabled",
        "conditions": conditions,
        "grantControls": {"operator": "OR", "builtInControls": ["mfa"]},
    }
    return msgspec.convert(wire | changed, ConditionalAccessPolicy)


EVERYBODY = {"includeUsers": ["All"]}


@each_of(
    ("users", "stopped"),
    [
        ({"includeUsers": ["All"]}, True),
        ({"includeUsers": [ME.lower()]}, True),
        ({"includeGroups": [GROUP.upper()]}, True),
        ({"includeRoles": [ROLE]}, True),
        ({"includeUsers": ["None"]}, False),
        ({"includeUsers": ["GuestsOrExternalUsers"]}, False),
        ({"includeGroups": ["another"]}, False),
        ({}, False),
        ({"includeUsers": ["All"], "excludeUsers": [ME]}, False),
        ({"includeUsers": ["All"], "excludeGroups": [GROUP]}, False),
        ({"includeUsers": [ME], "excludeRoles": [ROLE]}, False),
        ({"includeUsers": ["All"], "excludeGroups": ["another"]}, True),
    ],
)
def test_a_policy_is_for_whom_it_includes_and_does_not_exclude(users: dict[str, Any], stopped: bool) -> None:
    assert stops(policy(users), KNOWN) is stopped


@each_of(
    ("users", "stopped"),
    [
        ({"includeUsers": ["All"]}, True),
        ({"includeGroups": [GROUP]}, None),
        ({"includeRoles": [ROLE]}, None),
        ({"includeUsers": ["All"], "excludeGroups": [GROUP]}, None),
        ({"includeGroups": [GROUP], "excludeUsers": [ME]}, False),
        ({"includeUsers": ["None"], "excludeGroups": [GROUP]}, False),
    ],
)
def test_memberships_that_were_not_read_leave_open_only_what_hangs_on_them(
    users: dict[str, Any], stopped: bool | None
) -> None:
    assert stops(policy(users), HIDDEN) is stopped


def test_reading_the_memberships_never_contradicts_what_was_decided_without_them() -> None:
    from nylas_readiness.fixtures.strategies.profile import given, st

    names = st.lists(st.sampled_from(["All", "None", ME, GROUP, ROLE, "another"]), max_size=3)
    kinds = ("Users", "Groups", "Roles")
    people = st.fixed_dictionaries(
        {f"{way}{kind}": names for way in ("include", "exclude") for kind in kinds}
    )

    groups, roles = st.frozensets(st.sampled_from([GROUP, "another"])), st.frozensets(st.just(ROLE))

    @given(users=people, groups=groups, roles=roles)
    def holds(users: dict[str, Any], groups: frozenset[str], roles: frozenset[str]) -> None:
        one = policy(users)
        without = stops(one, HIDDEN)
        told = stops(one, Subject(user_id=ME, groups=groups, roles=roles))
        assert told is not None
        assert without in {None, told}

    holds()


@each_of(
    ("changed", "stopped"),
    [
        ({"state": "enabledForReportingButNotEnforced"}, False),
        ({"state": "disabled"}, False),
        ({"conditions": {"applications": {"includeApplications": ["Office365"]}}}, True),
        ({"conditions": {"applications": {"includeApplications": [EXCHANGE.upper()]}}}, True),
        ({"conditions": {"applications": {"includeApplications": ["MicrosoftAdminPortals"]}}}, False),
        ({"conditions": {"applications": {"includeApplications": ["None"]}}}, False),
        ({"conditions": {"applications": {"includeUserActions": ["urn:user:registersecurityinfo"]}}}, False),
        (
            {
                "conditions": {
                    "applications": {"includeApplications": ["All"], "excludeApplications": [EXCHANGE]}
                }
            },
            False,
        ),
        ({"conditions": {"clientAppTypes": ["exchangeActiveSync", "other"]}}, False),
        ({"conditions": {"clientAppTypes": ["other", "mobileAppsAndDesktopClients"]}}, True),
        ({"conditions": {"clientAppTypes": []}}, True),
        ({"grantControls": None}, False),
    ],
)
def test_a_policy_must_be_in_force_for_exchange_and_modern_clients(
    changed: dict[str, Any], stopped: bool
) -> None:
    assert stops(policy(EVERYBODY, **changed), KNOWN) is stopped


CONTROLS = [
    *("block", "mfa", "compliantDevice", "domainJoinedDevice", "approvedApplication"),
    *("compliantApplication", "passwordChange"),
]


def test_or_is_met_by_one_control_that_can_be_met_and_and_by_all() -> None:
    for control, operator in itertools.product(CONTROLS, ("AND", "OR")):
        alone = GrantControls(operator=operator, built_in_controls=(control,))
        assert controls_not_met(alone) == control
        beside = msgspec.structs.replace(alone, terms_of_use=("terms",))
        assert controls_not_met(beside) == (control if operator == "AND" else None)
    assert controls_not_met(GrantControls(operator="OR", terms_of_use=("terms",))) is None
    strength = GrantControls(operator="OR", built_in_controls=(), authentication_strength={"id": "x"})
    assert controls_not_met(strength) == "authenticationStrength"


def test_a_role_without_its_template_hides_the_roles_and_not_the_groups() -> None:
    role = Membership(id="r", kind="#microsoft.graph.directoryRole")
    group = Membership(id=GROUP, kind="#microsoft.graph.group")
    subject = subject_of(ME, [role, group])
    assert (subject.groups, subject.roles) == (frozenset({GROUP}), None)


def test_the_judgement_names_the_policy_its_control_and_what_narrows_it() -> None:
    narrowed = policy(
        EVERYBODY, conditions={"locations": {"includeLocations": ["All"]}, "userRiskLevels": []}
    )
    assert described(narrowed) == "“Require MFA” asks for mfa, narrowed by locations"
    tenant = tenant_with(
        conditional_access=read([policy({}), narrowed]), service_user=read(User(id=ME)), memberships=read([])
    )
    outcome = judge_policies(tenant)
    assert (outcome.status, outcome.observed) == (Status.FAIL, described(narrowed))


def test_what_cannot_be_told_is_unknown_with_the_permission_and_never_beats_a_finding() -> None:
    by_group, user = policy({"includeGroups": [GROUP]}), read(User(id=ME))
    unread = Unread(reason="HTTP 403", permission="User.Read.All")
    hidden = tenant_with(conditional_access=read([by_group]), service_user=user, memberships=unread)
    with pytest.raises(Undecided) as undecided:
        judge_policies(hidden)
    assert undecided.value.outcome.status is Status.UNKNOWN
    assert "User.Read.All" in str(undecided.value.outcome.reason)

    role = Membership(id="r", kind="#microsoft.graph.directoryRole")
    nameless = tenant_with(
        conditional_access=read([policy({"includeRoles": [ROLE]})]),
        service_user=user,
        memberships=read([role]),
    )
    assert judge_policies(nameless).status is Status.UNKNOWN
    assert "Directory.Read.All" in judge_policies(nameless).observed

    both = tenant_with(
        conditional_access=read([by_group, policy(EVERYBODY)]), service_user=user, memberships=unread
    )
    assert judge_policies(both).status is Status.FAIL
