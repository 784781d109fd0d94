"""ROL-001: what a read shows outranks an export, and the account is known by each name of the directory."""

from typing import Any

import pytest

from nylas_readiness.checks.outcome import Outcome, Status
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.evidence_samples import (
    SERVICE_ACCOUNT,
    account_with,
    decided,
    read,
    tenant_with,
)
from nylas_readiness.fixtures.clients.entra import Claims
from nylas_readiness.fixtures.clients.ews import EwsAnswer
from nylas_readiness.fixtures.clients.graph import HeldRole, User
from nylas_readiness.fixtures.evidence.model import Redemption, RoleAssignment
from nylas_readiness.fixtures.evidence.probes import Probes, probes_of
from nylas_readiness.fixtures.evidence.slots import Slot, Unread

pytestmark = pytest.mark.offline

ROLE = "ApplicationImpersonation"
OBJECT_ID = "0c6a4f52-6e0b-4a51-9f5f-1f3a2f9d7b11"
USER = User(
    id=OBJECT_ID,
    user_principal_name="svc.calendar@contoso.onmicrosoft.com",
    mail=SERVICE_ACCOUNT,
    mail_nickname="nylassvc",
    display_name="Kalender, Dienst",
    proxy_addresses=("SMTP:nylas-svc@contoso.com", "smtp:calendar@contoso.de", "SIP:talk@contoso.com"),
    on_premises_sam_account_name="svc-nyl01",
)
OK = EwsAnswer(http_status=200, ok=True, response_code="NoError")
DENIED = EwsAnswer(http_status=500, ok=False, response_code="ErrorImpersonateUserDenied")


def row(holder: str, **more: Any) -> RoleAssignment:  # noqa: ANN401 -- members of every type
    return RoleAssignment(role=ROLE, holders=[holder], **more)


def group(name: str, *members: str) -> list[RoleAssignment]:
    """Return the group's own row, which names no member, and those of its members."""
    unnamed = RoleAssignment(role=ROLE, holders=[], group=name, is_expanded=False)
    return [unnamed, *(row(member, group=name) for member in members)]


def probed(*answers: EwsAnswer) -> Probes:
    return probes_of(account_with(calendar=read(answer)) for answer in answers)


def holds(rows: list[RoleAssignment], probes: Probes | None = None, **given: Any) -> Outcome:  # noqa: ANN401
    """Return what ROL-001 says; Graph lists no role, and the directory was read."""
    usual: dict[str, Slot[Any]] = {
        "exchange_roles": read(list[HeldRole]()),
        "service_user": read(USER),
        "redemption": read(Redemption()),
        "role_assignments": read(rows),
    }
    return decided("ROL-001", tenant=tenant_with(**(usual | given)), probes=probes or Probes())


@each_of(
    "holder",
    [
        OBJECT_ID.upper(),
        "svc.calendar@contoso.onmicrosoft.com",
        "SVC.Calendar",
        "Nylas-Svc@Contoso.com",
        "calendar@contoso.DE",
        "NylasSvc",
        "kalender, dienst",
        "CONTOSO\\svc-nyl01",
        "contoso.onmicrosoft.com/Users/nylassvc",
        f"CN={OBJECT_ID},OU=contoso.onmicrosoft.com,DC=EURPR01,DC=PROD",
        "CN=Kalender\\, Dienst,OU=Services,DC=contoso,DC=com",
    ],
)
def test_the_account_is_known_by_each_name_of_the_directory(holder: str) -> None:
    outcome = holds([row("somebody else"), row(holder)])
    assert (outcome.status, outcome.observed) == (Status.PASS, f"the export lists {ROLE}")


@each_of("holder", ["talk@contoso.com", "nylas", "contoso.com", "OU=nylassvc,CN=other", "svc-nyl01\\other"])
def test_what_only_looks_like_a_name_of_the_account_is_another_holder(holder: str) -> None:
    outcome = holds([row(holder)])
    assert outcome.status is Status.FAIL
    assert holder in outcome.observed


@each_of(
    ("rows", "said"),
    [
        (group("Calendar readers"), "does not list the members of Calendar readers"),
        ([*group("A", "other"), *group("B")], "does not list the members of B"),
        ([RoleAssignment(role=ROLE, holders=[], is_expanded=False)], "a holder without a name"),
        ([], "names no holder"),
        ([RoleAssignment(role="MailRecipients", holders=["x"])], "names no holder"),
    ],
)
def test_an_export_that_does_not_name_all_holders_proves_no_absence(
    rows: list[RoleAssignment], said: str
) -> None:
    outcome = holds(rows)
    assert outcome.status is Status.UNKNOWN
    assert said in str(outcome.reason)
    assert "-GetEffectiveUsers" in str(outcome.reason)


def test_a_group_is_expanded_where_its_members_have_rows_of_their_own() -> None:
    outcome = holds(group("Calendar readers", "anna", "bert"))
    assert outcome.status is Status.FAIL
    assert outcome.observed == f"the export lists {ROLE} for anna, bert"


def test_object_ids_are_matched_with_the_directory_alone() -> None:
    stranger = row("9e9e0f52-6e0b-4a51-9f5f-1f3a2f9d7b22")
    assert holds([stranger]).status is Status.FAIL
    outcome = holds([stranger], service_user=Unread(reason="503"))
    assert outcome.status is Status.UNKNOWN
    assert "object ids" in str(outcome.reason)


@each_of("rows", [group("Calendar readers"), [row("somebody else")], []])
def test_a_read_that_succeeded_settles_it_whatever_an_export_shows(rows: list[RoleAssignment]) -> None:
    outcome = holds(rows, probed(OK, DENIED))
    assert outcome.status is Status.PASS
    assert outcome.observed.startswith("1 impersonated reads succeeded")
    assert "cannot be matched" in outcome.observed


def test_a_denial_settles_it_where_the_groups_are_not_expanded() -> None:
    outcome = holds(group("Calendar readers"), probed(DENIED))
    assert (outcome.status, outcome.observed) == (
        Status.FAIL,
        "Exchange denied every impersonation that was tried",
    )


@each_of(
    ("rows", "answer", "status"),
    [
        (group("Calendar readers"), OK, Status.UNKNOWN),
        (group("Calendar readers"), DENIED, Status.UNKNOWN),
        ([row("somebody else")], OK, Status.FAIL),
        ([row("nylassvc")], DENIED, Status.PASS),
    ],
)
def test_reads_with_another_users_token_leave_it_to_the_export(
    rows: list[RoleAssignment], answer: EwsAnswer, status: Status
) -> None:
    other = read(Redemption(claims=Claims(oid="another", upn="anna@contoso.com")))
    assert holds(rows, probed(answer), redemption=other).status is status


def test_an_own_assignment_that_is_disabled_gives_nothing_and_is_called_so() -> None:
    off = row("nylassvc", is_enabled=False)
    outcome = holds([off, row("others")])
    assert outcome.status is Status.FAIL
    assert "which is disabled" in outcome.observed
    assert "Set-ManagementRoleAssignment" in str(outcome.remedy)
    works = holds([off], probed(OK))
    assert works.status is Status.PASS
    assert "which is disabled" in works.observed
    assert holds([off, row("nylassvc")]).status is Status.PASS
    assert (
        "lists ApplicationImpersonation for others"
        in holds([row("b", is_enabled=False), row("others")]).observed
    )
