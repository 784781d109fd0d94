"""Conditional Access: which policies reach the redemption of the service account's refresh token."""

from typing import Any

import pytest

from nylas_readiness.checks.live.policy_reach import NOWHERE, Reach, Subject, is_set, reach_of, subject_of
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.policy_samples import EVERYBODY, GROUP, ME, ROLE, policy
from nylas_readiness.fixtures.clients.graph_apps import Membership

pytestmark = pytest.mark.offline

KNOWN = Subject(user_id=ME, groups=frozenset({GROUP}), roles=frozenset({ROLE}))
HIDDEN = Subject(user_id=ME, groups=None, roles=None)
EXCHANGE = "00000002-0000-0ff1-ce00-000000000000"
OTHER_APP = "797f4846-ba00-4fd7-ba43-dac1f8f63013"


@each_of(
    ("users", "reached"),
    [
        ({"includeUsers": ["All"]}, True),
        ({"includeUsers": [ME.lower()]}, True),
        ({"includeGroups": [GROUP.upper()]}, True),
        ({"includeRoles": [ROLE]}, True),
        ({"includeUsers": ["None"]}, False),
        ({"includeUsers": ["GuestsOrExternalUsers"]}, False),
        ({"includeGuestsOrExternalUsers": {"guestOrExternalUserTypes": "internalGuest"}}, False),
        ({"includeGroups": ["another"]}, False),
        ({}, False),
        (None, False),
        ({"includeUsers": ["All"], "excludeUsers": [ME]}, False),
        ({"includeUsers": ["All"], "excludeGroups": [GROUP]}, False),
        ({"includeUsers": [ME], "excludeRoles": [ROLE]}, False),
        ({"includeUsers": ["All"], "excludeGroups": ["another"]}, True),
        ({"includeUsers": ["All"], "excludeUsers": ["GuestsOrExternalUsers"]}, True),
    ],
)
def test_a_policy_is_for_whom_it_includes_and_does_not_exclude(
    users: dict[str, Any] | None, reached: bool
) -> None:
    assert reach_of(policy(users), KNOWN) == (Reach() if reached else NOWHERE)


@each_of(
    ("users", "reached"),
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
    users: dict[str, Any], reached: bool | None
) -> None:
    assert reach_of(policy(users), HIDDEN).holds is reached


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
        without = reach_of(one, HIDDEN).holds
        told = reach_of(one, Subject(user_id=ME, groups=groups, roles=roles)).holds
        assert told is not None
        assert without in {None, told}

    holds()


@each_of(
    ("users", "reached"),
    [
        ({"includeUsers": ["GuestsOrExternalUsers"]}, True),
        ({"includeGuestsOrExternalUsers": {"guestOrExternalUserTypes": "b2bCollaborationGuest"}}, True),
        ({"includeUsers": ["All"], "excludeUsers": ["GuestsOrExternalUsers"]}, False),
    ],
)
def test_a_guest_is_met_by_policies_for_guests(users: dict[str, Any], reached: bool) -> None:
    assert reach_of(policy(users), subject_of(ME, [], is_guest=True)).holds is reached


@each_of(
    ("state", "reach"),
    [
        ("enabled", Reach()),
        ("Enabled", Reach()),
        ("enabledForReportingButNotEnforced", NOWHERE),
        ("disabled", NOWHERE),
        ("enforcedForPilots", Reach(unlisted=("the state enforcedForPilots",))),
        (None, Reach(unlisted=("the state None",))),
    ],
)
def test_a_policy_must_be_in_force(state: str | None, reach: Reach) -> None:
    assert reach_of(policy(EVERYBODY, state=state), KNOWN) == reach


FILTER = {"mode": "include", "rule": "CustomSecurityAttribute.Mail -eq true"}


@each_of(
    ("applications", "reach"),
    [
        ({"includeApplications": ["Office365"]}, Reach()),
        ({"includeApplications": [EXCHANGE.upper()]}, Reach()),
        ({"includeApplications": [OTHER_APP, EXCHANGE]}, Reach()),
        ({"includeApplications": [OTHER_APP]}, NOWHERE),
        ({"includeApplications": ["MicrosoftAdminPortals"]}, NOWHERE),
        ({"includeApplications": ["None"]}, NOWHERE),
        ({"includeUserActions": ["urn:user:registerdevice"]}, NOWHERE),
        ({"includeAuthenticationContextClassReferences": ["c7"]}, NOWHERE),
        ({"includeApplications": ["All"], "excludeApplications": [EXCHANGE]}, NOWHERE),
        ({"includeApplications": ["All"], "excludeApplications": ["office365"]}, NOWHERE),
        ({"includeApplications": ["All"], "excludeApplications": [OTHER_APP]}, Reach()),
        ({"applicationFilter": FILTER}, Reach(unlisted=("applications.applicationFilter",))),
        (
            {"includeApplications": ["All"], "applicationFilter": {"mode": "exclude", "rule": "x"}},
            Reach(unlisted=("applications.applicationFilter",)),
        ),
        ({"includeApplications": ["AllMailApps"]}, Reach(unlisted=("the application allmailapps",))),
        (
            {"includeApplications": ["All"], "excludeApplications": ["AllMailApps"]},
            Reach(unlisted=("the application allmailapps",)),
        ),
        (
            {"includeApplications": ["All"], "networkAccess": {"profiles": ["x"]}},
            Reach(unlisted=("applications.networkAccess",)),
        ),
    ],
)
def test_a_policy_must_be_for_exchange_online(applications: dict[str, Any], reach: Reach) -> None:
    assert reach_of(policy(EVERYBODY, conditions={"applications": applications}), KNOWN) == reach


@each_of(
    ("types", "reach"),
    [
        (["all"], Reach()),
        (["Browser"], Reach()),
        (["browser", "somethingNew"], Reach()),
        ([], Reach()),
        (None, Reach()),
        (["exchangeActiveSync", "other"], NOWHERE),
        (["mobileAppsAndDesktopClients"], NOWHERE),
        (["easSupported"], NOWHERE),
        (["somethingNew", "other"], Reach(unlisted=("the client type somethingnew",))),
        ({"of": "another shape"}, Reach(unlisted=("clientAppTypes",))),
    ],
)
def test_a_server_with_a_secret_counts_as_a_browser(types: object, reach: Reach) -> None:
    assert reach_of(policy(EVERYBODY, conditions={"clientAppTypes": types}), KNOWN) == reach


@each_of(
    ("name", "value", "reach"),
    [
        ("authenticationFlows", {"transferMethods": "deviceCodeFlow"}, NOWHERE),
        ("authenticationFlows", {"transferMethods": ["authenticationTransfer"]}, NOWHERE),
        ("authenticationFlows", {"transferMethods": "none"}, Reach()),
        (
            "authenticationFlows",
            {"transferMethods": "deviceCodeFlow,qrCode"},
            Reach(unlisted=("the flow qrcode",)),
        ),
        (
            "authenticationFlows",
            {"transferMethods": "deviceCodeFlow", "grantTypes": ["refresh"]},
            Reach(unlisted=("authenticationFlows.grantTypes",)),
        ),
        ("authenticationFlows", "deviceCodeFlow", Reach(unlisted=("authenticationFlows",))),
        ("clientApplications", {"includeServicePrincipals": ["ServicePrincipalsInMyTenant"]}, NOWHERE),
        ("clientApplications", {"servicePrincipalFilter": FILTER}, NOWHERE),
        ("clientApplications", {"includeServicePrincipals": [], "servicePrincipalFilter": None}, Reach()),
        ("servicePrincipalRiskLevels", ["high"], NOWHERE),
        ("agentIdRiskLevels", "medium,high", NOWHERE),
    ],
)
def test_a_condition_that_cannot_hold_for_a_refresh_takes_the_policy_out(
    name: str, value: object, reach: Reach
) -> None:
    assert reach_of(policy(EVERYBODY, conditions={name: value}), KNOWN) == reach


@each_of(
    ("name", "value", "narrowed"),
    [
        ("locations", {"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}, "locations"),
        ("locations", {"includeLocations": ["3c1f0a52-6a0b-4a7e-9c0f-5f2d7b1e8a11"]}, "locations"),
        ("locations", {"includeLocations": ["All"], "excludeLocations": []}, None),
        ("platforms", {"includePlatforms": ["iOS"]}, "platforms"),
        ("platforms", {"includePlatforms": ["all"], "excludePlatforms": ["linux"]}, "platforms"),
        ("platforms", {"includePlatforms": ["all"]}, None),
        ("devices", {"deviceFilter": {"mode": "exclude", "rule": "device.isCompliant -eq True"}}, "devices"),
        ("deviceStates", {"includeStates": ["All"], "excludeStates": ["Compliant"]}, "device states"),
        ("userRiskLevels", ["high"], "user risk levels"),
        ("signInRiskLevels", ["medium", "low"], "sign in risk levels"),
        ("insiderRiskLevels", "minor", "insider risk levels"),
        ("times", {"includedRanges": [{"startTime": "08:00"}]}, "times"),
    ],
)
def test_a_condition_on_the_caller_narrows_a_policy(name: str, value: object, narrowed: str | None) -> None:
    reach = reach_of(policy(EVERYBODY, conditions={name: value}), KNOWN)
    assert reach.holds is True
    assert reach.narrowed == ((narrowed,) if narrowed else ())


@each_of(
    ("conditions", "unlisted"),
    [
        ({"networkTrust": {"level": "low"}}, "networkTrust"),
        ({"hoursOfDay": ["night"]}, "hoursOfDay"),
        ({"countOfSignIns": 0}, "countOfSignIns"),
        ({"users": EVERYBODY | {"includeAgents": ["All"]}}, "users.includeAgents"),
        ({"users": {"includeAgents": ["All"]}}, "users.includeAgents"),
        ({"users": {"includeUsers": "All"}}, "users"),
        ({"applications": {"includeApplications": [{"id": EXCHANGE}]}}, "applications"),
        (
            {"locations": {"includeLocations": ["All"], "includeCountries": ["NO"]}},
            "locations.includeCountries",
        ),
        ({"clientApplications": {"includeRobots": ["All"]}}, "clientApplications.includeRobots"),
    ],
)
def test_a_member_that_nobody_knows_is_named_and_decides_nothing(
    conditions: dict[str, Any], unlisted: str
) -> None:
    reach = reach_of(policy(EVERYBODY, conditions=conditions), KNOWN)
    assert reach.holds is True
    assert reach.unlisted == (unlisted,)


@each_of("value", [None, "", [], {}, "none", [None], {"a": {"b": []}}, {"isEnabled": False, "value": 4}])
def test_a_member_that_says_nothing_is_not_set(value: object) -> None:
    assert not is_set(value)
    assert reach_of(policy(EVERYBODY, conditions={"somethingNew": value}), KNOWN) == Reach()


def test_what_the_account_is_left_out_of_does_not_become_doubtful_by_what_nobody_knows() -> None:
    without = EVERYBODY | {"excludeUsers": [ME]}
    assert reach_of(policy(without, conditions={"somethingNew": ["x"]}), KNOWN) == NOWHERE


def test_annotations_of_odata_are_no_conditions() -> None:
    annotated = {"users@odata.context": "https://graph/x", "locations": {"@odata.type": "#locations"}}
    assert reach_of(policy(EVERYBODY, conditions=annotated), KNOWN) == Reach()


def test_a_role_without_its_template_hides_the_roles_and_not_the_groups() -> None:
    role = Membership(id="r", kind="#microsoft.graph.directoryRole")
    group = Membership(id=GROUP, kind="#microsoft.graph.group")
    subject = subject_of(ME, [role, group])
    assert (subject.groups, subject.roles) == (frozenset({GROUP}), None)
