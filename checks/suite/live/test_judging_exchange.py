"""The impersonation role, the EWS switch and throttling: configuration beside what Exchange does."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from nylas_readiness.checks.outcome import Outcome, Status
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.evidence_samples import (
    account_with,
    decided,
    read,
    setup_with,
    tenant_with,
)
from nylas_readiness.fixtures.clients.ews import EwsAnswer
from nylas_readiness.fixtures.clients.graph import HeldRole
from nylas_readiness.fixtures.evidence.measures import ServiceBudget
from nylas_readiness.fixtures.evidence.model import (
    AccountEvidence,
    OrganizationConfig,
    Redemption,
    RoleAssignment,
    TenantEvidence,
)
from nylas_readiness.fixtures.evidence.probes import Probes, probes_of
from nylas_readiness.fixtures.evidence.slots import Absent, Slot, Unread

pytestmark = pytest.mark.offline


AS_OF = date(2026, 11, 23)
CLIENT_ID = "7c2e8d1a-0b3f-4e6a-9d5c-2a1b0c9d8e7f"
ROLE = "ApplicationImpersonation"
OK = EwsAnswer(http_status=200, ok=True, response_code="NoError")
DENIED = EwsAnswer(http_status=500, ok=False, response_code="ErrorImpersonateUserDenied")
NO_MAILBOX = EwsAnswer(http_status=500, ok=False, response_code="ErrorNonExistentMailbox")
BUSY = EwsAnswer(http_status=500, ok=False, response_code="ErrorServerBusy", back_off_ms=200)
UNAVAILABLE = EwsAnswer(http_status=503, ok=False)
POLICY = EwsAnswer(http_status=403, ok=False, policy_reason="EWS is disabled for this user or tenant")
LOST = Unread(reason="no answer in time")
NOBODY = read(list[HeldRole]())


def probed(*answers: EwsAnswer | Unread) -> Probes:
    """Return what these calendar reads come to."""
    return probes_of(reading(answer) for answer in answers)


def reading(answer: EwsAnswer | Unread) -> AccountEvidence:
    """Return an account whose calendar read had this answer."""
    return account_with(calendar=answer if isinstance(answer, Unread) else read(answer))


def held(scope: str | None) -> Slot[Any]:
    """Return Graph's listing of the role with this scope."""
    return read([HeldRole(name=ROLE, custom_scope=scope)])


def exported(*scopes: str | None, holder: str = "nylas-svc") -> Slot[Any]:
    """Return an export that gives the role to somebody, once with each scope."""
    return read([RoleAssignment(role=ROLE, holders=[holder], custom_scope=scope) for scope in scopes])


def tenant_of(**given: Any) -> TenantEvidence:  # noqa: ANN401 -- slots of every type
    """Return a tenant whose refresh token redeems; Graph lists no role, and there is no export."""
    return tenant_with(**({"redemption": read(Redemption()), "exchange_roles": NOBODY} | given))


def covered(answer: EwsAnswer | Unread, others: Probes, **given: Any) -> Outcome:  # noqa: ANN401
    """Return what ROL-003 says of an account."""
    return decided("ROL-003", account=reading(answer), tenant=tenant_of(**given), probes=others)


@each_of(
    ("given", "answer", "status", "said"),
    [
        ({"exchange_roles": held("")}, DENIED, Status.PASS, "default scope"),
        ({"role_assignments": exported("")}, LOST, Status.PASS, "default scope"),
        # Two assignments: the wider one counts.
        ({"role_assignments": exported("Planners", "")}, DENIED, Status.PASS, "default scope"),
        ({"exchange_roles": held("Planners"), "role_assignments": exported("")}, DENIED, Status.PASS, "def"),
        # A custom scope, or one that is not told, is decided by the read.
        ({"exchange_roles": held("Planners")}, OK, Status.PASS, "Planners"),
        ({"exchange_roles": held("Planners")}, DENIED, Status.FAIL, "Planners"),
        ({"exchange_roles": held("Planners")}, NO_MAILBOX, Status.UNKNOWN, "depends on EWS-003"),
        ({"exchange_roles": held("Planners")}, POLICY, Status.UNKNOWN, "depends on EWS-003"),
        ({"exchange_roles": held("Planners")}, LOST, Status.UNKNOWN, "no answer in time"),
        ({"role_assignments": exported(None)}, OK, Status.PASS, "not told"),
        ({"role_assignments": exported(None)}, DENIED, Status.FAIL, "not told"),
        ({"exchange_roles": Unread(reason="503")}, OK, Status.PASS, "not told"),
        # Somebody else's assignment covers nobody. That another account was read shows the role.
        ({"role_assignments": exported("", holder="other")}, DENIED, Status.FAIL, "not told"),
    ],
)
def test_a_default_scope_covers_everybody_and_any_other_is_decided_by_the_read(
    given: dict[str, Any], answer: EwsAnswer | Unread, status: Status, said: str
) -> None:
    outcome = covered(answer, probed(OK, answer), **given)
    assert outcome.status is status
    assert said in (outcome.reason or outcome.observed)


def test_a_denial_that_comes_too_early_says_nothing_of_the_scope() -> None:
    granted = setup_with(role_granted=datetime(2026, 11, 23, 11, tzinfo=UTC))  # the read was at twelve
    outcome = covered(DENIED, probed(OK, DENIED), setup=granted, exchange_roles=held("Planners"))
    assert outcome.status is Status.UNKNOWN
    assert str(outcome.reason).startswith("depends on ROL-002")


def agreed(probes: Probes, **given: Any) -> Outcome:  # noqa: ANN401 -- slots of every type
    """Return what ROL-005 says of a tenant."""
    return decided("ROL-005", tenant=tenant_of(**given), probes=probes, as_of=AS_OF)


def switch(enabled: bool | None, *apps: str) -> Slot[Any]:
    """Return an export of the organisation's EWS settings."""
    return read(OrganizationConfig(ews_enabled=enabled, allowed_app_ids=list(apps)))


@each_of(
    ("given", "answers", "said"),
    [
        ({"exchange_roles": held("")}, [OK, DENIED], "is listed, yet 1 impersonations were denied"),
        ({"role_assignments": exported("Planners")}, [DENIED], "is listed, yet 1 impersonations"),
        ({"organization_config": switch(False)}, [OK], "EwsEnabled is false"),
        ({"organization_config": switch(True, "another")}, [OK, DENIED], "yet Exchange answered 2 EWS reads"),
        ({"organization_config": switch(True, CLIENT_ID)}, [POLICY, POLICY], "refuses every read by policy"),
        # What could not be compared hides no contradiction.
        ({"organization_config": switch(False), "exchange_roles": Unread(reason="503")}, [OK], "EwsEnabled"),
    ],
)
def test_a_contradiction_is_found_in_both_directions(
    given: dict[str, Any], answers: list[EwsAnswer], said: str
) -> None:
    outcome = agreed(probed(*answers), **given)
    assert outcome.status is Status.FAIL
    assert said in outcome.observed
    assert "believe the live result" in str(outcome.expected)


@each_of(
    ("given", "answers"),
    [
        ({"exchange_roles": held("")}, [OK]),
        # Some accounts outside a custom scope are no contradiction.
        ({"exchange_roles": held("Planners")}, [OK, DENIED]),
        ({"role_assignments": exported("", holder="other")}, [DENIED]),
        ({"organization_config": switch(None)}, [OK]),
        ({"organization_config": switch(None)}, [POLICY, OK]),
        ({"organization_config": switch(True, CLIENT_ID.upper())}, [OK, POLICY]),
    ],
)
def test_what_agrees_passes(given: dict[str, Any], answers: list[EwsAnswer]) -> None:
    assert agreed(probed(*answers), **given).status is Status.PASS


@each_of(
    ("given", "answers", "said"),
    [
        ({}, [OK], "no configuration to compare"),
        ({"exchange_roles": held("")}, [LOST], "depends on EWS-003"),
        ({"exchange_roles": held("")}, [POLICY], "depends on EWS-002"),
        ({"exchange_roles": held(""), "organization_config": LOST}, [OK], "no answer in time"),
        ({"exchange_roles": NOBODY, "role_assignments": LOST}, [OK], "no answer in time"),
        ({"exchange_roles": Unread(reason="503", permission="Role.Read")}, [OK], "permission Role.Read"),
        ({"redemption": Unread(reason="503")}, [OK], "depends on ENT-002"),
        # What works is not denied by an export; where it is all there is, nothing was compared.
        ({"role_assignments": exported("", holder="other")}, [OK], "cannot be matched"),
    ],
)
def test_what_could_not_be_compared_is_unknown(
    given: dict[str, Any], answers: list[EwsAnswer | Unread], said: str
) -> None:
    outcome = agreed(probed(*answers), **given)
    assert outcome.status is Status.UNKNOWN
    assert said in str(outcome.reason)


def test_a_role_that_does_not_work_yet_contradicts_nothing() -> None:
    granted = setup_with(role_granted=datetime(2026, 11, 23, 11, tzinfo=UTC))
    outcome = agreed(probed(DENIED), setup=granted, exchange_roles=held(""))
    assert outcome.status is Status.UNKNOWN
    assert str(outcome.reason).startswith("depends on ROL-002")


def throttled(probes: Probes, turned_away: int, **given: Any) -> Outcome:  # noqa: ANN401
    """Return what EWS-005 says of a run."""
    use = ServiceBudget(predicted=2, sent=2 + turned_away, throttled=turned_away, waited_s=0.4)
    return decided("EWS-005", tenant=tenant_of(**given), probes=probes, budget={"ews": use})


@each_of(
    ("answers", "turned_away", "status", "said"),
    [
        ([OK, DENIED], 0, Status.PASS, "with 8 accounts at a time 0 of 2 requests"),
        ([OK, OK], 3, Status.WARN, "3 of 5 requests were turned away"),
        ([OK, BUSY], 3, Status.FAIL, "1 accounts could not be read"),
        ([UNAVAILABLE, UNAVAILABLE], 8, Status.FAIL, "2 accounts could not be read"),
        ([POLICY, POLICY], 0, Status.UNKNOWN, "depends on EWS-002"),
        ([LOST], 0, Status.UNKNOWN, "depends on EWS-003"),
        ([EwsAnswer(http_status=401, ok=False)], 0, Status.UNKNOWN, "depends on EWS-002"),
        ([], 0, Status.UNKNOWN, "depends on EWS-003"),
    ],
)
def test_throttling_fails_where_it_cost_a_reading(
    answers: list[EwsAnswer | Unread], turned_away: int, status: Status, said: str
) -> None:
    outcome = throttled(probed(*answers), turned_away)
    assert outcome.status is status
    assert said in (outcome.reason or outcome.observed)


def test_nothing_is_judged_of_ews_without_its_app() -> None:
    left_out = Absent("[microsoft] is left out")
    assert throttled(probed(OK), 0, redemption=left_out).status is Status.NOT_APPLICABLE
    assert agreed(probed(OK), redemption=left_out).status is Status.NOT_APPLICABLE


@each_of(
    ("export", "status", "has_command"),
    [
        (switch(False), Status.FAIL, True),
        (switch(None), Status.WARN, True),
        (LOST, Status.UNKNOWN, False),
    ],
)
def test_the_command_that_lets_the_app_in_names_the_app(
    export: Slot[Any], status: Status, has_command: bool
) -> None:
    tenant = tenant_of(organization_config=export)
    outcome = decided("EWS-002", tenant=tenant, probes=probed(LOST), as_of=AS_OF)
    assert outcome.status is status
    command = f"-EwsAllowedAppIDs '<ids of the list>,{CLIENT_ID}'"
    assert (command in (outcome.remedy or "")) is has_command


@each_of(
    ("rule", "as_of", "begins"),
    [
        ("MIG-003", AS_OF, "in 129 days, on 1 Apr 2027: "),
        ("MIG-003", date(2027, 3, 31), "in 1 day, on 1 Apr 2027: "),
        ("MIG-003", date(2027, 4, 1), "since 1 Apr 2027: "),
        ("MIG-001", AS_OF, "since 1 Feb 2025: "),
    ],
)
def test_a_date_begins_with_how_far_it_is_away(rule: str, as_of: date, begins: str) -> None:
    outcome = decided(rule, tenant=tenant_of(), probes=probed(OK), as_of=as_of)
    assert outcome.observed.startswith(begins)


def test_the_role_and_ews_end_by_one_move_which_is_one_task() -> None:
    outcome = decided("MIG-001", tenant=tenant_of(), probes=probed(OK), as_of=AS_OF)
    assert (outcome.status, outcome.cause) == (Status.WARN, "MIG-003")
    early = decided("MIG-001", tenant=tenant_of(), probes=probed(OK), as_of=date(2024, 6, 1))
    assert (early.status, early.cause) == (Status.PASS, None)
