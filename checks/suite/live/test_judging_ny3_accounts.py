"""What v3 finds behind an account's address, judged from evidence made by hand."""

from typing import Any

import pytest

from nylas_readiness.checks.catalogue import catalogue
from nylas_readiness.checks.migration.next_action import remedy
from nylas_readiness.checks.outcome import Status
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.evidence_samples import (
    EMAIL,
    account_with,
    decided,
    read,
    v3_tenant,
)
from nylas_readiness.fixtures.clients.entra import Discovery
from nylas_readiness.fixtures.clients.graph import Owner, User
from nylas_readiness.fixtures.evidence.model import Directory, Mailbox
from nylas_readiness.fixtures.evidence.probes import Probes
from nylas_readiness.fixtures.evidence.slots import Absent, Unread
from nylas_readiness.fixtures.evidence.v3_model import (
    AccountGrant,
    AppRead,
    ConnectorCredential,
    GrantCounts,
    OwnCredential,
    V3Connector,
)

pytestmark = pytest.mark.offline

NOT_HELD = "MailboxNotEnabledForRESTAPI"
NOT_READ = Unread(reason="HTTP 403", permission="MailboxSettings.Read")
CREDENTIAL = ConnectorCredential(id="cred-1", name="contoso")
DENIED = Probes(app_denied=40)


def calendar(status: int = 200, code: str | None = None) -> Any:  # noqa: ANN401 -- a slot
    return read(AppRead(status=status, code=code, message="Vendor's words."))


@each_of(
    ("slot", "status", "said"),
    [
        (calendar(), Status.PASS, "reads its calendars"),
        (calendar(403, "ErrorAccessDenied"), Status.FAIL, "application access policy"),
        (calendar(403, "SomethingNew"), Status.UNKNOWN, "SomethingNew"),
        (calendar(404, NOT_HELD), Status.UNKNOWN, "depends on NY3-010"),
        (calendar(404, "ResourceNotFound"), Status.UNKNOWN, "depends on ACC-005"),
        (calendar(404, "ErrorInvalidUser"), Status.UNKNOWN, "depends on ACC-001"),
        (calendar(404, "SomethingNew"), Status.UNKNOWN, "SomethingNew"),
        (Unread(reason="HTTP 502"), Status.UNKNOWN, "HTTP 502"),
        (Absent("mailboxes are on-premises"), Status.NOT_APPLICABLE, "on-premises"),
    ],
)
def test_only_a_listed_refusal_of_graph_fails_a_read(slot: Any, status: Status, said: str) -> None:  # noqa: ANN401
    given = {"tenant": v3_tenant(v3_permissions=read([])), "probes": Probes(app_reads=1, app_denied=1)}
    outcome = decided("NY3-006", account=account_with(app_calendar=slot), **given)
    assert outcome.status is status
    assert said in f"{outcome.observed} {outcome.reason}"


def test_a_user_who_was_asked_for_by_an_alias_is_no_cause() -> None:
    """The one half of a joined audit has the directory, the other the app."""
    account = account_with(user=read(User(id="u1")), app_calendar=calendar(404, "ErrorInvalidUser"))
    given = {"tenant": v3_tenant(v3_permissions=read([])), "probes": Probes(app_reads=1)}
    outcome = decided("NY3-006", account=account, **given)
    assert outcome.status is Status.UNKNOWN
    assert str(outcome.reason).startswith("asked by its address")


def test_a_code_that_nobody_listed_is_looked_up() -> None:
    given = {"tenant": v3_tenant(v3_permissions=read(["Calendars.Read"])), "probes": Probes(app_reads=1)}
    outcome = decided("NY3-006", account=account_with(app_calendar=calendar(403, "SomethingNew")), **given)
    assert outcome.remedy == "Look SomethingNew up at https://learn.microsoft.com/graph/errors"


def test_what_mends_a_refusal_is_the_rules_own_remedy() -> None:
    account = account_with(app_calendar=calendar(403, "Authorization_RequestDenied"))
    given = {"tenant": v3_tenant(v3_permissions=read([])), "probes": Probes(app_reads=1, app_denied=1)}
    assert decided("NY3-006", account=account, **given).remedy is None


def test_an_app_that_may_read_no_mailbox_has_one_cause() -> None:
    account = account_with(app_calendar=calendar(403, "Authorization_RequestDenied"))
    lacking = v3_tenant(v3_permissions=read([]))
    outcome = decided("NY3-006", account=account, tenant=lacking, probes=DENIED)
    assert str(outcome.reason).startswith("depends on NY3-004")
    for tenant in (
        v3_tenant(v3_permissions=read(["Calendars.ReadWrite"])),
        v3_tenant(v3_permissions=NOT_READ),
    ):
        assert decided("NY3-006", account=account, tenant=tenant, probes=DENIED).status is Status.FAIL


def grant(status: str | None = "valid", **given: Any) -> AccountGrant:  # noqa: ANN401 -- members of every type
    return AccountGrant(**({"id": "g1", "provider": "microsoft", "email": EMAIL, "status": status} | given))


@each_of(
    ("grants", "status", "said"),
    [
        ([], Status.NOT_APPLICABLE, "no v3 grant yet"),
        ([grant()], Status.PASS, "valid (grant g1)"),
        ([grant(email=EMAIL.upper())], Status.PASS, f"made for {EMAIL.upper()}"),
        ([grant(credential_id="other")], Status.PASS, "made with another credential"),
        ([grant(provider="ews")], Status.PASS, "by the connector ews"),
        ([grant(provider="")], Status.PASS, "by a connector not told"),
        ([grant("invalid", account_id="v2", provider="")], Status.FAIL, "by a connector not told"),
        ([grant("invalid", account_id="v2", provider="ews")], Status.FAIL, "by the connector ews"),
        ([grant("invalid")], Status.FAIL, "invalid (grant g1)"),
        (
            [grant("invalid", account_id="v2")],
            Status.WARN,
            "looks like a placeholder of the cloned v2 account",
        ),
        (
            [grant("invalid", account_id="v2", credential_id="made-up")],
            Status.WARN,
            "looks like a placeholder",
        ),
        ([grant("invalid", account_id="v2", credential_id="cred-1")], Status.FAIL, "invalid (grant g1)"),
        ([grant("invalid", account_id="v2", blocked=True)], Status.FAIL, "blocked by Nylas"),
        ([grant("invalid", account_id="v2"), grant("invalid", id="g2")], Status.FAIL, "g2"),
        ([grant(account_id="v2")], Status.PASS, "valid"),
        ([grant(blocked=True)], Status.FAIL, "blocked by Nylas"),
        ([grant(), grant(id="g2")], Status.WARN, "2 grants: "),
        ([grant(), grant("invalid", id="g2")], Status.WARN, "2 grants: "),
        ([grant(None)], Status.REVIEW, "of an unknown status"),
        ([grant(scope=["https://graph.microsoft.com/Calendars.ReadWrite"])], Status.PASS, "valid"),
        ([grant(scope=["made.up", "Mail.Send"])], Status.WARN, "scopes on record: made.up, Mail.Send"),
        ([grant(scope=[])], Status.WARN, "scopes on record: none"),
        ([grant(provider="ews", scope=["ews.calendars"])], Status.PASS, "by the connector ews"),
        ([grant("expired")], Status.REVIEW, "expired"),
        ([grant("resting"), grant("invalid", id="g2")], Status.FAIL, "resting"),
        ([grant("Valid")], Status.PASS, "Valid"),
        ([grant("INVALID")], Status.FAIL, "INVALID"),
    ],
)
def test_a_grant_is_valid_broken_blocked_twice_or_a_placeholder(
    grants: list[AccountGrant], status: Status, said: str
) -> None:
    tenant = v3_tenant(v3_own_credential=read(OwnCredential(credential=CREDENTIAL)))
    outcome = decided("NY3-008", account=account_with(grants=read(grants)), tenant=tenant)
    assert outcome.status is status
    assert said in outcome.observed


def test_a_record_of_scopes_keeps_those_that_it_has() -> None:
    account = account_with(grants=read([grant(scope=["Mail.Send"])]))
    outcome = decided("NY3-008", account=account, tenant=v3_tenant())
    assert '{"scope": ["Mail.Send", "Calendars.ReadWrite"]}' in str(outcome.remedy)


@each_of(("defaults", "cause"), [([], "NY3-002"), (["Calendars.ReadWrite"], None), (None, None)])
def test_scopes_that_a_grant_took_from_the_connector_are_the_connectors_finding(
    defaults: list[str] | None, cause: str | None
) -> None:
    connector = read(V3Connector(settings=["client_id"], client_id="an-app", scope=defaults))
    account = account_with(grants=read([grant(scope=[])]))
    outcome = decided("NY3-008", account=account, tenant=v3_tenant(v3_connector=connector))
    assert (outcome.status, outcome.cause) == (Status.WARN, cause)
    assert ("/v3/grants/<grant id>" in str(outcome.remedy)) == (cause is None)


@each_of("purpose", ["shared", "room", "equipment", "user", "whatever", None])
@pytest.mark.parametrize("reads", [True, False])
def test_a_mailbox_that_the_v3_app_reads_is_held_whatever_it_is_for(
    purpose: str | None, *, reads: bool
) -> None:
    """Nobody signs in: a blocked sign-in says nothing of it."""
    account = account_with(
        user=read(User(id="u", account_enabled=False)),
        mailbox=read(Mailbox(purpose=purpose)),
        app_calendar=calendar() if reads else calendar(403, "ErrorAccessDenied"),
    )
    assert decided("NY3-010", account=account, tenant=v3_tenant()).status is Status.PASS
    enabled = decided("ACC-001", account=account)
    assert (enabled.status is Status.PASS) == reads or purpose in {"shared", "room", "equipment"}
    assert ("nobody signs in" in enabled.observed) == reads


def test_where_entries_of_the_list_are_no_grant_it_is_said_beside_what_is_missing() -> None:
    tenant = v3_tenant(v3_grants=read(GrantCounts(total=3, unreadable=2)))
    outcome = decided("NY3-008", account=account_with(grants=read([])), tenant=tenant)
    assert outcome.reason == "no v3 grant yet; entries of Nylas's list that are no grant: 2"


def discovered(graph: str | None, login: str = "login.microsoftonline.com") -> Any:  # noqa: ANN401 -- a slot
    endpoint = f"https://{login}/8f/oauth2/v2.0/token"
    return read(Directory(metadata=Discovery(issuer="i", token_endpoint=endpoint, msgraph_host=graph)))


NOBODY = {"user": read(None), "holder": read(None)}
HELD = {"user": read(User(id="u")), "mailbox": read(Mailbox(purpose="user"))}


@each_of(
    ("tenant", "account", "status", "said"),
    [
        ({}, HELD, Status.PASS, "opens"),
        ({"discovery": discovered("graph.microsoft.com")}, HELD, Status.PASS, "opens"),
        ({"discovery": discovered("graph.microsoft.us")}, HELD, Status.FAIL, "graph.microsoft.us"),
        ({"discovery": discovered("DOD-graph.microsoft.us")}, HELD, Status.FAIL, "dod-graph.microsoft.us"),
        ({"discovery": discovered("microsoftgraph.chinacloudapi.cn")}, HELD, Status.FAIL, "national cloud"),
        (
            {"discovery": discovered("graph.elsewhere.example")},
            HELD,
            Status.REVIEW,
            "graph.elsewhere.example",
        ),
        (
            {"discovery": discovered("graph.elsewhere.example")},
            {"mailbox": read(Mailbox(missing=NOT_HELD))},
            Status.FAIL,
            NOT_HELD,
        ),
        ({"discovery": discovered(None, "login.microsoftonline.us")}, HELD, Status.FAIL, "national cloud"),
        ({"setup": {"hosting": "on-premises"}}, HELD, Status.FAIL, "on-premises"),
        ({"setup": {"hosting": "hybrid"}}, HELD, Status.PASS, "opens"),
        (
            {},
            NOBODY | {"holder": read(Owner(kind="group", name="All"))},
            Status.FAIL,
            "a group's address",
        ),
        ({}, NOBODY | {"holder": read(Owner(kind="contact", name="X"))}, Status.UNKNOWN, "on ACC-001"),
        ({}, NOBODY, Status.UNKNOWN, "depends on ACC-001"),
        ({}, {"mailbox": read(Mailbox(missing=NOT_HELD))}, Status.FAIL, NOT_HELD),
        ({}, {"mailbox": read(Mailbox(missing="ResourceNotFound"))}, Status.UNKNOWN, "on ACC-005"),
        ({}, {"mailbox": NOT_READ, "app_calendar": calendar()}, Status.PASS, "opens"),
        ({}, {"mailbox": NOT_READ, "app_calendar": calendar(404, NOT_HELD)}, Status.FAIL, "Vendor"),
        ({}, {"mailbox": NOT_READ, "app_calendar": calendar(403, "x")}, Status.UNKNOWN, "HTTP 403"),
    ],
)
def test_v3_holds_mailboxes_of_users_in_the_worldwide_cloud(
    tenant: dict[str, Any], account: dict[str, Any], status: Status, said: str
) -> None:
    outcome = decided("NY3-010", account=account_with(**account), tenant=v3_tenant(**tenant))
    assert outcome.status is status
    assert said in outcome.observed


@each_of(
    ("kind", "action"),
    [("group", "Take the group's address off the list"), ("contact", "Take the address off the list")],
)
def test_what_mends_a_group_is_to_list_its_members(kind: str, action: str) -> None:
    account = account_with(**NOBODY | {"holder": read(Owner(kind=kind, name="All"))})
    outcome = decided("ACC-001", account=account)
    assert outcome.status is Status.FAIL
    assert remedy(catalogue()["ACC-001"], outcome).startswith(action)
    if kind == "group":
        of_v3 = decided("NY3-010", account=account, tenant=v3_tenant())
        assert (of_v3.remedy, of_v3.cause) == (outcome.remedy, "ACC-001")
