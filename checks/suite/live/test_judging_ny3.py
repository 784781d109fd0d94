"""The v3 application, judged from evidence made by hand: its key, connector, credential and region."""

from typing import Any

import msgspec
import pytest

from nylas_readiness.checks.catalogue import scopes
from nylas_readiness.checks.contract.scopes import KNOWN
from nylas_readiness.checks.migration.tables import regions_of
from nylas_readiness.checks.outcome import Outcome, Status
from nylas_readiness.checks.suite.support.app_samples import (
    APP_ID,
    NOT_READ,
    READS,
    TODAY,
    answer,
    registered,
)
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.evidence_samples import (
    CLIENT_ID,
    V3,
    decided,
    read,
    setup_with,
    tenant_with,
    v3_tenant,
)
from nylas_readiness.fixtures.clients.graph_apps import ServicePrincipal
from nylas_readiness.fixtures.clients.nylas_v3 import Connector
from nylas_readiness.fixtures.evidence.slots import Unread
from nylas_readiness.fixtures.evidence.v3 import connector_of
from nylas_readiness.fixtures.evidence.v3_model import (
    ConnectorCredential,
    GrantCounts,
    OwnCredential,
    V3Answer,
    V3Connector,
)

pytestmark = pytest.mark.offline


CREDENTIAL = ConnectorCredential(id="cred-1", name="contoso")


NYLAS_ID = V3.client_id


def v3_with(**changed: Any) -> dict[str, Any]:  # noqa: ANN401 -- settings of every type
    return {"v3": msgspec.structs.replace(V3, **changed)}


@each_of(
    ("said_by_nylas", "status", "said"),
    [
        (answer(200, application_id=NYLAS_ID.upper()), Status.PASS, "answers"),
        (answer(200), Status.PASS, "without its id"),
        (answer(200, application_id="b0b"), Status.FAIL, "the key is of another application: b0b"),
        (answer(200, application_id=NYLAS_ID, blocked=True), Status.FAIL, "blocked"),
        (answer(401, "unauthorized"), Status.FAIL, "or it belongs to the other region"),
        (answer(401), Status.FAIL, "the key is wrong, or"),
        (answer(400, "unauthorized_access"), Status.FAIL, "the key is wrong, or"),
        (answer(403, "insufficient_scopes"), Status.UNKNOWN, "an API key has no scopes"),
        (answer(404, "not_found_error"), Status.UNKNOWN, "HTTP 404"),
        (answer(500, message="oops"), Status.UNKNOWN, "HTTP 500: oops"),
    ],
)
def test_a_key_is_of_this_application_and_region_or_it_is_said_which(
    said_by_nylas: V3Answer, status: Status, said: str
) -> None:
    outcome = decided("NY3-001", tenant=v3_tenant(v3_application=read(said_by_nylas)))
    assert outcome.status is status
    assert said in outcome.observed


GONE = read(V3Answer(status=404, kind="not_found_error"))


NOT_FOUND = Unread(reason="HTTP 404: not_found_error")


@each_of(
    "answered",
    [
        {"v3_connector": read(V3Connector(settings=[]))},
        {"v3_connector": read(None), "v3_own_credential": read(OwnCredential(credential=None))},
        {"v3_connector": read(None), "v3_webhook_list": read([])},
        {"v3_connector": NOT_FOUND, "v3_grants": read(GrantCounts())},
    ],
)
def test_where_nylas_has_no_such_call_another_answer_shows_that_the_key_is_accepted(
    answered: dict[str, Any],
) -> None:
    outcome = decided("NY3-001", tenant=v3_tenant(v3_application=GONE, **answered))
    assert outcome.status is Status.PASS
    assert "does not tell which application" in outcome.observed


def test_where_nothing_of_v3_is_found_nothing_is_known_of_it() -> None:
    others: dict[str, Any] = dict.fromkeys(("v3_own_credential", "v3_webhook_list", "v3_grants"), NOT_FOUND)
    tenant = v3_tenant(v3_application=GONE, v3_connector=read(None), **others)
    key, connector = decided("NY3-001", tenant=tenant), decided("NY3-002", tenant=tenant)
    assert (key.status, connector.status) == (Status.UNKNOWN, Status.UNKNOWN)
    assert key.observed.startswith("HTTP 404")
    assert str(key.remedy).startswith("Check nylas_v3 in [endpoints]")
    assert str(connector.reason).startswith("depends on NY3-001")


def test_without_the_v3_section_nothing_of_v3_applies() -> None:
    tenant = tenant_with(setup=setup_with(v3=None))
    for rule in ("NY3-002", "NY3-003", "NY3-005", "NY3-009"):
        given = {"as_of": TODAY} if rule == "NY3-005" else {}
        outcome = decided(rule, tenant=tenant, **given)
        assert outcome.status is Status.NOT_APPLICABLE
        assert outcome.reason == "[nylas.v3] is left out"


@each_of(
    ("connector", "status"),
    [
        (None, Status.FAIL),
        (V3Connector(settings=["client_id"], client_id=APP_ID.upper()), Status.PASS),
        (V3Connector(settings=["client_id"], client_id="another"), Status.PASS),
        (V3Connector(settings=["tenant"], active_credential_id="c"), Status.PASS),
        (V3Connector(settings=None, has_other_credential=True), Status.PASS),
        (V3Connector(settings=[]), Status.FAIL),
        (V3Connector(settings=["tenant"]), Status.UNKNOWN),
        (V3Connector(settings=None), Status.UNKNOWN),
    ],
)
def test_a_connector_is_configured_by_its_app_or_its_credential(
    connector: V3Connector | None, status: Status
) -> None:
    tenant = v3_tenant(v3_application=read(answer(200)), v3_connector=read(connector))
    assert decided("NY3-002", tenant=tenant).status is status


@each_of(
    ("scope", "status"),
    [
        (["Calendars.ReadWrite"], Status.PASS),
        (["https://graph.microsoft.com/calendars.readwrite", "offline_access"], Status.PASS),
        (["https://graph.microsoft.com/.default"], Status.PASS),
        (None, Status.PASS),
        ([], Status.WARN),
        (["Calendars.Read"], Status.WARN),
        (["Mail.ReadWrite", "made.up"], Status.WARN),
    ],
)
@pytest.mark.parametrize("app", [APP_ID, "of-an-integrator"])
def test_default_scopes_have_to_be_those_in_use(scope: list[str] | None, status: Status, app: str) -> None:
    connector = V3Connector(settings=["client_id"], client_id=app, scope=scope)
    outcome = decided("NY3-002", tenant=v3_tenant(v3_connector=read(connector)))
    assert outcome.status is status
    assert ("not the tenant's" in outcome.observed) == (app != APP_ID)
    if status is Status.WARN:
        assert all(one in outcome.observed for one in (*(scope or ["none"]), "not Calendars.ReadWrite"))
        assert ("PATCH" in str(outcome.remedy)) == (app == APP_ID)
        assert "client_secret" not in str(outcome.remedy)


def test_a_connector_that_was_never_configured_is_completed_and_not_made_again() -> None:
    outcome = decided("NY3-002", tenant=v3_tenant(v3_connector=read(V3Connector(settings=[]))))
    assert "-X PATCH" in str(outcome.remedy)


def test_a_connector_that_shows_neither_app_nor_credential_is_to_be_looked_at() -> None:
    shown = decided("NY3-002", tenant=v3_tenant(v3_connector=read(V3Connector(settings=["tenant"]))))
    assert "(but: tenant)" in shown.observed
    assert str(shown.remedy).startswith("Look in the Nylas v3 dashboard")


@each_of(
    ("settings", "names", "app"),
    [
        (None, None, None),
        ({}, [], None),
        ({"client_id": "", "tenant": None}, [], None),
        ({"tenant": "common", "client_id": APP_ID}, ["client_id", "tenant"], APP_ID),
        ({"client_id": 7}, ["client_id"], None),
    ],
)
def test_of_a_connectors_settings_the_names_are_kept_and_the_app(
    settings: dict[str, Any] | None, names: list[str] | None, app: str | None
) -> None:
    found = connector_of(Connector(settings=settings))
    assert (found.settings, found.client_id) == (names, app)


def credentials(setup: dict[str, Any] | None, own: ConnectorCredential | None, others: int) -> Outcome:
    connector = read(V3Connector(settings=["client_id"], client_id=APP_ID))
    found = read(OwnCredential(credential=own, others=others))
    return decided("NY3-003", tenant=v3_tenant(setup, v3_connector=connector, v3_own_credential=found))


def test_a_credential_that_is_there_passes_and_the_limit_is_stated() -> None:
    outcome = credentials(None, CREDENTIAL, 7)
    assert outcome.status is Status.PASS
    assert "neither its type nor its tenant" in outcome.observed


@each_of(
    ("name", "others", "said"),
    [
        ("contoso", 0, "no connector credential yet"),
        ("fabrikam", 12, "no credential fabrikam yet; credentials with other names: 12"),
        (None, 3, "does not name the tenant's credential; credentials of the connector: 3"),
    ],
)
def test_no_credential_yet_is_a_warning_that_counts_the_others(
    name: str | None, others: int, said: str
) -> None:
    outcome = credentials(v3_with(credential_name=name), None, others)
    assert outcome.status is Status.WARN
    assert said in outcome.observed
    assert ("/v3/connectors/microsoft/creds" in str(outcome.remedy)) == (name is None)


def test_without_a_connector_no_credential_is_asked_of_anybody() -> None:
    missing = Unread(reason="HTTP 404: not_found_error", vendor="nylas_v3", codes=("not_found_error", ""))
    outcome = decided("NY3-003", tenant=v3_tenant(v3_connector=read(None), v3_own_credential=missing))
    assert outcome.status is Status.UNKNOWN
    assert str(outcome.reason).startswith("depends on NY3-002")


def test_default_scopes_are_added_to_those_that_the_connector_has() -> None:
    connector = V3Connector(settings=["client_id"], client_id=APP_ID, scope=["Mail.Send", "User.Read"])
    outcome = decided("NY3-002", tenant=v3_tenant(v3_connector=read(connector)))
    assert '{"scope": ["Mail.Send", "User.Read", "Calendars.ReadWrite"]}' in str(outcome.remedy)


@each_of("status", [401, 403])
def test_a_key_that_is_accepted_elsewhere_is_not_wrong(status: int) -> None:
    refused = read(answer(status, "unauthorized" if status == 401 else "forbidden_error"))
    there = v3_tenant(
        v3_application=refused, v3_connector=read(V3Connector(settings=["client_id"], client_id=APP_ID))
    )
    assert decided("NY3-001", tenant=there).status is Status.PASS


def test_the_app_of_v2_an_unknown_app_and_one_of_another_tenant_are_told_apart() -> None:
    same = v3_tenant(v3_with(microsoft_client_id=CLIENT_ID.upper()), v3_registration=NOT_READ)
    assert "is the app of v2" in decided("NY3-005", tenant=same, as_of=TODAY).observed
    nobody = decided("NY3-005", tenant=registered(None, v3_principal=read(None)), as_of=TODAY)
    assert str(nobody.reason).startswith("depends on NY3-004")
    abroad = read(ServicePrincipal(id="sp", app_owner_organization_id="9f9f9f9f-0000-4000-8000-000000000000"))
    assert (
        decided("NY3-005", tenant=registered(None, v3_principal=abroad), as_of=TODAY).status
        is Status.NOT_APPLICABLE
    )
    unnamed = v3_tenant(v3_with(microsoft_client_id=None))
    assert decided("NY3-005", tenant=unnamed, as_of=TODAY).status is Status.UNKNOWN


@each_of(
    ("granted", "status"),
    [
        ([], Status.PASS),
        (["User.Read.All"], Status.PASS),
        (["Calendars.ReadWrite"], Status.WARN),
        (["Mail.Send", "User.Read.All"], Status.WARN),
    ],
)
def test_a_grant_on_every_mailbox_is_named_and_never_fails(granted: list[str], status: Status) -> None:
    outcome = decided("NY3-007", tenant=v3_tenant(v3_permissions=read(granted)), probes=READS)
    assert outcome.status is status
    assert "User.Read.All" not in outcome.observed


@each_of(
    ("v2", "v3", "status"),
    [
        ("us", "us", Status.PASS),
        ("canada", "us", Status.PASS),
        ("ireland", "eu", Status.PASS),
        ("us", "eu", Status.WARN),
        ("ireland", "us", Status.WARN),
        (None, "us", Status.NOT_APPLICABLE),
    ],
)
def test_regions_go_together_in_pairs(v2: str | None, v3: str, status: Status) -> None:
    tenant = v3_tenant({"v2_region": v2} | v3_with(region=v3))
    assert decided("NY3-009", tenant=tenant).status is status


@each_of(("told", "v3"), [("eu", "eu"), ("EU", "eu"), (None, "us"), ("moon", "us")])
def test_the_region_that_the_application_names_itself_counts(told: str | None, v3: str) -> None:
    tenant = v3_tenant(
        {"v2_region": "ireland"} | v3_with(region="us"), v3_application=read(answer(200, region=told))
    )
    outcome = decided("NY3-009", tenant=tenant)
    assert outcome.observed == f"v2 is in ireland, v3 in {v3}"
    assert (outcome.status is Status.PASS) == (v3 == "eu")
    assert regions_of(tenant).v3 == v3


def test_what_v3_changes_is_always_for_review_where_somebody_comes_from_v2() -> None:
    outcome = decided("MIG-005", tenant=v3_tenant())
    assert outcome.status is Status.REVIEW
    assert decided("MIG-005", tenant=v3_tenant({"sides": ("v3",)})).status is Status.NOT_APPLICABLE


def test_every_scope_of_v2_has_its_permissions_and_a_greater_one_does() -> None:
    assert set(scopes.scopes()) == KNOWN
    assert all(one.needed for one in scopes.scopes().values())
    assert scopes.needed() == ["Calendars.ReadWrite"]
    assert scopes.is_granted("Calendars.Read", {"Calendars.ReadWrite"})
    assert not scopes.is_granted("Calendars.ReadWrite", {"Calendars.Read"})
