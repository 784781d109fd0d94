"""Conditional Access: which policies stop an account that nobody sits at, and which end its token."""

from typing import Any

import pytest

from nylas_readiness.checks.live.conditional_access import demand_of, judge_policies
from nylas_readiness.checks.live.session_controls import judge_sessions
from nylas_readiness.checks.outcome import Outcome, Status, Undecided
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.evidence_samples import decided, tenant_with
from nylas_readiness.checks.suite.support.policy_samples import EVERYBODY, GROUP, ME, ROLE, policy, tenant_of
from nylas_readiness.fixtures.clients.graph_apps import Membership
from nylas_readiness.fixtures.evidence.slots import OLDER_JOURNAL, Unread

pytestmark = pytest.mark.offline

HIDDEN = Unread(reason="HTTP 403", permission="User.Read.All")
FROM_ABROAD = {"locations": {"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}}
CONTROLS = [
    *("block", "mfa", "compliantDevice", "domainJoinedDevice", "approvedApplication"),
    *("compliantApplication", "passwordChange", "riskRemediation"),
]


def controls(operator: str, *built_in: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 -- JSON
    return {"operator": operator, "builtInControls": list(built_in)} | more


@each_of("control", CONTROLS)
def test_a_control_that_asks_for_a_person_or_a_device_cannot_be_met(control: str) -> None:
    for operator in ("AND", "OR"):
        assert demand_of(controls(operator, control)).unmet == (control,)


def test_strength_and_custom_factors_cannot_be_met_either() -> None:
    strength = controls("OR", authenticationStrength={"id": "x", "displayName": "Phishing-resistant"})
    assert demand_of(strength).unmet == ("authenticationStrength",)
    assert demand_of(controls("OR", customAuthenticationFactors=["Duo"])).unmet == ("Duo",)


@each_of(
    ("other", "name"),
    [
        ({"termsOfUse": ["t1"]}, "terms of use"),
        ({"builtInControls": ["mfa", "verifiedId"]}, "verifiedId"),
        ({"proofOfPossession": {"isEnabled": True}}, "grantControls.proofOfPossession"),
    ],
)
def test_or_is_met_by_what_may_be_met_and_and_is_not(other: dict[str, Any], name: str) -> None:
    assert demand_of(controls("OR", "mfa") | other).open == (name,)
    assert demand_of(controls("AND", "mfa") | other).open == ()
    assert demand_of(controls("AND", "mfa") | other).unmet == ("mfa",)


@each_of("given", [None, {}, {"operator": "OR", "builtInControls": [], "authenticationStrength": None}])
def test_a_policy_that_asks_for_nothing_stops_nobody(given: dict[str, Any] | None) -> None:
    assert judge_policies(tenant_of(policy(EVERYBODY, grantControls=given))).status is Status.PASS


def test_a_policy_that_stops_whoever_calls_fails_and_is_named_with_its_controls() -> None:
    outcome = judge_policies(
        tenant_of(policy({}), policy(EVERYBODY), policy(EVERYBODY, displayName="Geo", conditions=FROM_ABROAD))
    )
    assert outcome.status is Status.FAIL
    assert outcome.observed == (
        "“Require MFA” asks for mfa; to look at: “Geo” asks for mfa, narrowed by locations"
    )


def test_what_depends_on_the_caller_is_for_review_with_the_remedy_to_admit_it() -> None:
    outcome = judge_policies(tenant_of(policy(EVERYBODY, conditions=FROM_ABROAD)))
    assert outcome.status is Status.REVIEW
    assert outcome.observed == "“Require MFA” asks for mfa, narrowed by locations"
    assert str(outcome.remedy).startswith("Admit the caller")
    assert "named location" in str(outcome.remedy)
    assert "<service account>" not in str(outcome.remedy)


@each_of(
    "changed",
    [
        {"conditions": {"somethingNew": {"level": 3}}},
        {"state": "enforcedForPilots"},
        {"grantControls": controls("OR", "somethingNew")},
        {"grantControls": controls("OR", termsOfUse=["t1"])},
        {"grantControls": {"operator": "OR", "builtInControls": "mfa"}},
    ],
)
def test_what_nobody_knows_is_for_review_and_names_no_remedy_with_confidence(changed: dict[str, Any]) -> None:
    outcome = judge_policies(tenant_of(policy(EVERYBODY, **changed)))
    assert outcome.status is Status.REVIEW
    assert "Require MFA" in outcome.observed
    assert "What If" in str(outcome.remedy)
    assert "Exclude" not in str(outcome.remedy)


def test_hundreds_of_policies_are_counted_and_not_all_named() -> None:
    many = [policy(EVERYBODY, displayName=f"P{number}") for number in range(240)]
    outcome = judge_policies(tenant_of(*many))
    assert outcome.status is Status.FAIL
    assert outcome.observed.endswith("“P9” asks for mfa; and 230 more")


def undecided(judge: Any, tenant: Any) -> Outcome:  # noqa: ANN401 -- a judgement and its evidence
    with pytest.raises(Undecided) as caught:
        judge(tenant)
    return caught.value.outcome


def test_what_cannot_be_told_is_unknown_with_the_permission_and_never_beats_a_finding() -> None:
    by_group = policy({"includeGroups": [GROUP]})
    hidden = undecided(judge_policies, tenant_of(by_group, memberships=HIDDEN))
    assert hidden.status is Status.UNKNOWN
    assert "User.Read.All" in str(hidden.reason)

    nameless = judge_policies(tenant_of(policy({"includeRoles": [ROLE]}), memberships=nameless_role()))
    assert nameless.status is Status.UNKNOWN
    assert "Directory.Read.All" in nameless.observed

    both = tenant_of(by_group, policy(EVERYBODY), memberships=HIDDEN)
    assert judge_policies(both).status is Status.FAIL


def nameless_role() -> Any:  # noqa: ANN401 -- a slot
    from nylas_readiness.checks.suite.support.evidence_samples import read

    return read([Membership(id="r", kind="#microsoft.graph.directoryRole")])


def frequency(**changed: Any) -> dict[str, Any]:  # noqa: ANN401 -- JSON
    told = {"isEnabled": True, "frequencyInterval": "timeBased", "type": "hours", "value": 8}
    told["authenticationType"] = "primaryAndSecondaryAuthentication"
    return {"signInFrequency": told | changed, "persistentBrowser": None}


def session(**given: Any) -> Any:  # noqa: ANN401 -- a policy
    return policy(EVERYBODY, **({"displayName": "Session", "grantControls": None} | given))


@each_of(
    ("changed", "said"),
    [
        ({}, "the token dies 8 hours after the sign-in"),
        ({"value": 1}, "the token dies 1 hour after the sign-in"),
        ({"type": "days", "value": 30}, "the token dies 30 days after the sign-in"),
        ({"authenticationType": "secondaryAuthentication"}, "the token dies 8 hours after the second factor"),
        ({"frequencyInterval": None}, "the token dies 8 hours after the sign-in"),
        ({"frequencyInterval": "everyTime", "type": None, "value": None}, "the token dies at once"),
    ],
)
def test_a_sign_in_frequency_is_a_warning_with_the_time_after_which_the_token_dies(
    changed: dict[str, Any], said: str
) -> None:
    tenant = tenant_of(session(sessionControls=frequency(**changed)))
    outcome = decided("ENT-011", tenant=tenant)
    assert outcome.status is Status.WARN
    assert f"“Session”: {said}" in outcome.observed
    assert judge_policies(tenant).status is Status.PASS


@each_of(
    "given",
    [
        {"sessionControls": frequency(isEnabled=False)},
        {"sessionControls": None},
        {"sessionControls": frequency(), "state": "enabledForReportingButNotEnforced"},
        {"sessionControls": frequency(), "conditions": {"users": {"includeUsers": [GROUP]}}},
        {"sessionControls": frequency(), "conditions": {"users": EVERYBODY | {"excludeUsers": [ME]}}},
        {
            "sessionControls": frequency(),
            "conditions": {"applications": {"includeApplications": ["MicrosoftAdminPortals"]}},
        },
        {"sessionControls": frequency(), "conditions": {"clientAppTypes": ["mobileAppsAndDesktopClients"]}},
    ],
)
def test_a_session_control_that_does_not_reach_the_account_ends_nothing(given: dict[str, Any]) -> None:
    outcome = judge_sessions(tenant_of(session(**given)))
    assert outcome.status is Status.PASS
    assert "Session" not in outcome.observed


@each_of(
    ("name", "value"),
    [
        ("persistentBrowser", {"mode": "never", "isEnabled": True}),
        ("cloudAppSecurity", {"cloudAppSecurityType": "monitorOnly", "isEnabled": True}),
        ("applicationEnforcedRestrictions", {"isEnabled": True}),
        ("disableResilienceDefaults", True),
    ],
)
def test_other_session_controls_are_named(name: str, value: object) -> None:
    harmless = session(sessionControls={name: value}, displayName="Browsers")
    outcome = judge_sessions(tenant_of(harmless))
    assert outcome.status is Status.PASS
    assert outcome.observed.endswith(f"other session controls: {name} of “Browsers”")
    both = judge_sessions(tenant_of(session(sessionControls=frequency()), harmless))
    assert both.status is Status.WARN
    assert f"{name} of “Browsers”" in both.observed


def test_token_protection_is_a_warning() -> None:
    outcome = judge_sessions(tenant_of(session(sessionControls={"secureSignInSession": {"isEnabled": True}})))
    assert outcome.status is Status.WARN
    assert "bound to no device" in outcome.observed


@each_of(
    ("given", "name"),
    [
        ({"sessionControls": {"tokenLeash": {"minutes": 5}}}, "tokenLeash"),
        ({"sessionControls": frequency(type="fortnights")}, "signInFrequency"),
        ({"sessionControls": frequency(frequencyInterval="atNight")}, "signInFrequency"),
        ({"sessionControls": {"signInFrequency": "daily"}}, "signInFrequency"),
        ({"sessionControls": frequency(), "conditions": {"somethingNew": ["x"]}}, "somethingNew"),
    ],
)
def test_a_session_control_that_nobody_knows_is_for_review(given: dict[str, Any], name: str) -> None:
    outcome = judge_sessions(tenant_of(session(**given)))
    assert outcome.status is Status.REVIEW
    assert f"not evaluated: {name}" in outcome.observed


def test_a_frequency_is_a_warning_beside_what_nobody_knows() -> None:
    outcome = judge_sessions(tenant_of(session(sessionControls=frequency() | {"tokenLeash": {"minutes": 5}})))
    assert outcome.status is Status.WARN
    assert outcome.observed.endswith("8 hours after the sign-in; not evaluated: tokenLeash")


def test_a_frequency_that_depends_on_the_caller_says_so() -> None:
    outcome = judge_sessions(
        tenant_of(session(sessionControls=frequency(), conditions={"signInRiskLevels": ["high"]}))
    )
    assert outcome.status is Status.WARN
    assert "narrowed by sign in risk levels" in outcome.observed


def test_a_frequency_that_hangs_on_memberships_is_unknown_without_them() -> None:
    by_group = policy({"includeGroups": [GROUP]}, sessionControls=frequency())
    assert undecided(judge_sessions, tenant_of(by_group, memberships=HIDDEN)).status is Status.UNKNOWN
    outcome = judge_sessions(
        tenant_of(by_group, session(sessionControls=frequency(value=4)), memberships=HIDDEN)
    )
    assert outcome.status is Status.WARN


def test_policies_of_an_older_journal_were_read_in_part_and_decide_nothing() -> None:
    tenant = tenant_with(service_user=tenant_of().service_user, access_policies=OLDER_JOURNAL)
    for rule in ("ENT-009", "ENT-011"):
        assert decided(rule, tenant=tenant).status is Status.UNKNOWN
