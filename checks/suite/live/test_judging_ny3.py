"""The v3 application and its Azure app, judged from evidence made by hand."""

from datetime import date, datetime
from typing import Any

import msgspec
import pytest

from nylas_readiness.checks.catalogue import scopes
from nylas_readiness.checks.contract.scopes import KNOWN
from nylas_readiness.checks.migration.tables import regions_of
from nylas_readiness.checks.outcome import Outcome, Status
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.evidence_samples import (
    CLIENT_ID,
    TENANT_ID,
    V3,
    decided,
    read,
    setup_with,
    tenant_with,
    v3_tenant,
)
from nylas_readiness.fixtures.clients.codes import Unreadable
from nylas_readiness.fixtures.clients.entra import Claims
from nylas_readiness.fixtures.clients.graph_apps import ServicePrincipal
from nylas_readiness.fixtures.clients.nylas_v3 import NO_PATH_KIND, Connector
from nylas_readiness.fixtures.evidence.model import (
    Credential,
    NylasAnswer,
    Redemption,
    Refusal,
    Registration,
    TenantEvidence,
)
from nylas_readiness.fixtures.evidence.probes import Probes
from nylas_readiness.fixtures.evidence.slots import Unread
from nylas_readiness.fixtures.evidence.v3 import PUBSUB, SNS, WEBHOOKS, connector_of
from nylas_readiness.fixtures.evidence.v3_model import (
    ConnectorCredential,
    Destination,
    GrantCounts,
    V3Answer,
    V3Connector,
)

pytestmark = pytest.mark.offline

TODAY = date(2026, 11, 23)
APP_ID = str(V3.microsoft_client_id)
CREDENTIAL = ConnectorCredential(id="cred-1", name="contoso")
CALLBACK = "https://api.us.nylas.com/v3/connect/callback"
RIGHT = Registration(
    redirect_uris=[CALLBACK], credentials=[], audience="AzureADandPersonalMicrosoftAccount", token_version=2
)
NYLAS_ID = V3.client_id
READS, DENIED = Probes(app_reads=40), Probes(app_denied=40)
NOT_READ = Unread(reason="HTTP 403", permission="Application.Read.All")


def v3_with(**changed: Any) -> dict[str, Any]:  # noqa: ANN401 -- settings of every type
    return {"v3": msgspec.structs.replace(V3, **changed)}


def token(*roles: str) -> Any:  # noqa: ANN401 -- a slot
    return read(Redemption(scope="Microsoft Graph", claims=Claims(roles=roles)))


def answer(status: int, kind: str = "", **given: Any) -> V3Answer:  # noqa: ANN401 -- members of every type
    return V3Answer(status=status, kind=kind, **given)


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
        {"v3_connector": read(None), "v3_credentials": read([])},
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
    others: dict[str, Any] = dict.fromkeys(("v3_credentials", "v3_webhook_list", "v3_grants"), NOT_FOUND)
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
        (V3Connector(settings=None, active_credential_id="c"), Status.PASS),
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


def credentials(setup: dict[str, Any] | None, *found: ConnectorCredential) -> Outcome:
    connector = read(V3Connector(settings=["client_id"], client_id=APP_ID))
    return decided(
        "NY3-003", tenant=v3_tenant(setup, v3_connector=connector, v3_credentials=read(list(found)))
    )


def test_a_credential_is_matched_by_name_or_id_and_the_limit_is_stated() -> None:
    for setup in (None, v3_with(credential_name="cred-1")):
        outcome = credentials(setup, ConnectorCredential(id="cred-0"), CREDENTIAL)
        assert outcome.status is Status.PASS
        assert "neither its type nor its tenant" in outcome.observed


@each_of(
    ("name", "found", "said"),
    [
        ("contoso", (), "no connector credential yet"),
        ("fabrikam", (CREDENTIAL,), "no credential fabrikam yet; there are: contoso"),
        (None, (CREDENTIAL,), "does not name the tenant's credential"),
        ("x", tuple(ConnectorCredential(id=f"c{n}") for n in range(12)), "c9 and 2 more"),
    ],
)
def test_no_credential_yet_is_a_warning_with_the_request(
    name: str | None, found: tuple[ConnectorCredential, ...], said: str
) -> None:
    outcome = credentials(v3_with(credential_name=name), *found)
    assert outcome.status is Status.WARN
    assert said in outcome.observed


def test_without_a_connector_no_credential_is_asked_of_anybody() -> None:
    missing = Unread(reason="HTTP 404: not_found_error", vendor="nylas_v3", codes=("not_found_error", ""))
    outcome = decided("NY3-003", tenant=v3_tenant(v3_connector=read(None), v3_credentials=missing))
    assert outcome.status is Status.UNKNOWN
    assert str(outcome.reason).startswith("depends on NY3-002")


@each_of(
    ("granted", "probes", "status", "said"),
    [
        (("Calendars.ReadWrite",), Probes(), Status.PASS, "consented for the whole tenant"),
        ((), READS, Status.PASS, "RBAC for Applications lets it"),
        (("Mail.Read",), READS, Status.PASS, "RBAC for Applications lets it"),
        (("Calendars.Read",), READS, Status.WARN, "nothing shows that it may write"),
        ((), DENIED, Status.FAIL, "40 mailboxes refuse it"),
        (("Calendars.Read",), DENIED, Status.FAIL, "not Calendars.ReadWrite"),
        ((), Probes(), Status.UNKNOWN, "no mailbox was asked"),
    ],
)
def test_the_app_may_by_consent_or_as_its_reads_show(
    granted: tuple[str, ...], probes: Probes, status: Status, said: str
) -> None:
    for slots in (
        {"v3_permissions": NOT_READ, "v3_token": token(*granted)},
        {"v3_permissions": read(list(granted)), "v3_token": Unread(reason="no secret")},
    ):
        outcome = decided("NY3-004", tenant=v3_tenant(**slots), probes=probes)
        assert outcome.status is status
        assert said in outcome.observed


def test_what_reads_show_needs_no_list_of_permissions_and_without_both_it_is_unknown() -> None:
    opaque = read(Redemption(scope="Microsoft Graph", claims=None))
    tenant = v3_tenant(v3_permissions=NOT_READ, v3_token=opaque)
    assert decided("NY3-004", tenant=tenant, probes=READS).status is Status.PASS
    outcome = decided("NY3-004", tenant=tenant, probes=Probes())
    assert outcome.status is Status.UNKNOWN
    assert "Application.Read.All" in str(outcome.reason)


def test_a_refused_token_is_the_apps_fault_and_explained() -> None:
    refusal = Refusal(error="invalid_client", codes=["7000222"], description="AADSTS7000222: expired")
    tenant = v3_tenant(
        v3_token=read(Redemption(refusal=refusal)), v3_permissions=read(["Calendars.ReadWrite"])
    )
    outcome = decided("NY3-004", tenant=tenant, probes=Probes())
    assert (outcome.status, outcome.owner) == (Status.FAIL, "tenant-admin")
    assert outcome.remedy
    for codes, status, cause in (
        (["90002"], Status.UNKNOWN, "ENT-001"),
        (["9990001"], Status.REVIEW, None),
        (["90033"], Status.UNKNOWN, None),
    ):
        other = read(Redemption(refusal=msgspec.structs.replace(refusal, codes=codes)))
        lost = decided("NY3-004", tenant=msgspec.structs.replace(tenant, v3_token=other), probes=Probes())
        assert (lost.status, lost.cause) == (status, cause)


@each_of(
    ("changed", "said"),
    [
        ({"audience": "PersonalMicrosoftAccount"}, "is PersonalMicrosoftAccount, not AzureADMyOrg"),
        ({"audience": "AzureADSomething"}, "signInAudience is AzureADSomething"),
        ({"audience": None}, "signInAudience is not told"),
        ({"token_version": None}, "the access token version is not set, not 2"),
        ({"token_version": 1}, "version is 1"),
        ({"redirect_uris": ["https://api.eu.nylas.com/v3/connect/callback"]}, "none of https://api.us."),
        ({"redirect_uris": []}, "web redirect URIs: none"),
    ],
)
def test_an_app_that_is_not_as_nylas_asks_is_never_more_than_a_warning(
    changed: dict[str, Any], said: str
) -> None:
    outcome = decided("NY3-005", tenant=registered(msgspec.structs.replace(RIGHT, **changed)), as_of=TODAY)
    assert outcome.status is Status.WARN
    assert said in outcome.observed


def registered(registration: Registration | None, **given: Any) -> TenantEvidence:  # noqa: ANN401 -- slots
    here = read(ServicePrincipal(id="sp", app_id=APP_ID, app_owner_organization_id=TENANT_ID))
    slots: dict[str, Any] = {"v3_registration": read(registration), "v3_principal": here}
    return v3_tenant(**(slots | given))


def test_a_right_app_passes_with_nylas_callback_or_one_of_the_application() -> None:
    assert decided("NY3-005", tenant=registered(RIGHT), as_of=TODAY).status is Status.PASS
    own = V3Answer(status=200, callback_uris=["https://app.contoso.com/cb"])
    custom = msgspec.structs.replace(RIGHT, redirect_uris=["https://app.contoso.com/cb"])
    assert (
        decided("NY3-005", tenant=registered(custom, v3_application=read(own)), as_of=TODAY).status
        is Status.PASS
    )
    assert decided("NY3-005", tenant=registered(custom), as_of=TODAY).status is Status.WARN


@each_of("audience", ["AzureADMyOrg", "AzureADMultipleOrgs", "AzureADandPersonalMicrosoftAccount"])
def test_an_audience_that_takes_in_the_own_tenant_is_right(audience: str) -> None:
    registration = msgspec.structs.replace(RIGHT, audience=audience)
    assert decided("NY3-005", tenant=registered(registration), as_of=TODAY).status is Status.PASS


def secret(name: str, ends: str | None, *, in_use: bool | None) -> Credential:
    return Credential(name=name, ends=datetime.fromisoformat(ends) if ends else None, in_use=in_use)


LASTS, ENDS = "2028-01-31T10:00:00+00:00", "2026-12-09T10:00:00+00:00"


@each_of(
    ("secrets", "token_of", "status", "said"),
    [
        ([secret("a", LASTS, in_use=True)], "taken", Status.PASS, "expires on 2028-01-31"),
        ([secret("a", ENDS, in_use=True)], "taken", Status.FAIL, "expires on 2026-12-09"),
        ([secret("a", ENDS, in_use=True), secret("b", LASTS, in_use=True)], "taken", Status.PASS, "alike"),
        ([secret("a", LASTS, in_use=True), secret("b", ENDS, in_use=False)], "taken", Status.PASS, "“b”"),
        ([secret("a", LASTS, in_use=None)], "taken", Status.PASS, "is not told"),
        ([secret("a", ENDS, in_use=None)], "taken", Status.FAIL, "whichever"),
        ([secret("a", ENDS, in_use=None)], "unnamed", Status.FAIL, "whichever"),
        (
            [secret("a", ENDS, in_use=None), secret("b", LASTS, in_use=None)],
            "taken",
            Status.UNKNOWN,
            "by hand",
        ),
        ([secret("a", ENDS, in_use=None)], "unread", Status.UNKNOWN, "by hand"),
        ([secret("a", None, in_use=True)], "taken", Status.UNKNOWN, "does not say when"),
        ([secret("a", LASTS, in_use=False)], "refused", Status.UNKNOWN, "depends on NY3-004"),
        ([], "taken", Status.UNKNOWN, "none of the app's 0 secrets"),
    ],
)
def test_every_grant_ends_with_the_secret_in_use(
    secrets: list[Credential], token_of: str, status: Status, said: str
) -> None:
    refusal = Refusal(error="invalid_client", codes=["7000215"], description="AADSTS7000215")
    tokens = {
        "taken": token("Calendars.ReadWrite"),
        "refused": read(Redemption(refusal=refusal)),
        "unnamed": Unread(reason="no secret is named", code=Unreadable.SECTION),
        "unread": Unread(reason="HTTP 503", code=Unreadable.TROUBLE),
    }
    registration = msgspec.structs.replace(RIGHT, credentials=secrets)
    tenant = registered(registration, v3_token=tokens[token_of])
    outcome = decided("NY3-011", tenant=tenant, as_of=TODAY)
    assert outcome.status is status
    assert said in f"{outcome.observed} {outcome.reason}"
    registered_as_asked = decided("NY3-005", tenant=tenant, as_of=TODAY)
    ends = status is Status.FAIL
    assert registered_as_asked.status is (Status.WARN if ends else Status.PASS)
    assert registered_as_asked.cause == ("NY3-011" if ends else None)


def test_a_certificate_that_ends_is_mentioned_and_decides_nothing() -> None:
    certificate = secret("CN=v3", ENDS, in_use=False)
    registration = msgspec.structs.replace(
        RIGHT, credentials=[secret("a", LASTS, in_use=True)], certificates=[certificate]
    )
    outcome = decided("NY3-011", tenant=registered(registration, v3_token=token()), as_of=TODAY)
    assert outcome.status is Status.PASS
    assert "the certificate “CN=v3” on 2026-12-09" in outcome.observed


def test_a_secret_of_an_app_of_another_tenant_is_not_read_here() -> None:
    abroad = read(ServicePrincipal(id="sp", app_owner_organization_id="9f9f9f9f-0000-4000-8000-000000000000"))
    outcome = decided("NY3-011", tenant=registered(None, v3_principal=abroad), as_of=TODAY)
    assert (outcome.status, outcome.owner) == (Status.NOT_APPLICABLE, "integrator")


def goes(path: str, status: str | None, *triggers: str, number: int = 1) -> Destination:
    return Destination(path=path, id=f"d{number}", status=status, triggers=list(triggers))


def told(*found: Destination, **given: Any) -> Outcome:  # noqa: ANN401 -- slots
    """Judge destinations, each listed by its kind; `given`: other slots, as a kind that was not read."""
    lists: dict[str, Any] = {
        "v3_webhook_list": read([one for one in found if one.path == WEBHOOKS]),
        "v3_pubsub_channels": read([one for one in found if one.path == PUBSUB]),
        "v3_sns_channels": read([one for one in found if one.path == SNS]),
    }
    return decided("NY3-012", tenant=v3_tenant(**(lists | given)))


EXPIRED = "grant.expired"


@each_of(
    ("found", "status", "said"),
    [
        ([goes(WEBHOOKS, "active", EXPIRED)], Status.PASS, "the webhook d1 (active)"),
        ([goes(PUBSUB, "active", EXPIRED, "event.created")], Status.PASS, "the Pub/Sub channel d1"),
        ([goes(SNS, "Active", EXPIRED)], Status.PASS, "the SNS channel d1"),
        ([goes(SNS, "active", EXPIRED), goes(WEBHOOKS, "failed", "x.y")], Status.PASS, "d1 (failed)"),
        ([goes(WEBHOOKS, "failed", EXPIRED)], Status.WARN, "the webhook d1 (failed) told of"),
        ([goes(WEBHOOKS, "failing", EXPIRED)], Status.WARN, "(failing)"),
        ([goes(WEBHOOKS, "pause", EXPIRED)], Status.WARN, "(pause)"),
        ([goes(PUBSUB, "paused", EXPIRED)], Status.WARN, "(paused)"),
        ([goes(SNS, "resting", EXPIRED)], Status.REVIEW, "resting, a status that Nylas does not document"),
        ([goes(WEBHOOKS, None, EXPIRED)], Status.REVIEW, "status not told"),
        ([goes(WEBHOOKS, "inactive", EXPIRED)], Status.WARN, "(inactive)"),
        ([goes(WEBHOOKS, None, EXPIRED), goes(SNS, "active", EXPIRED)], Status.PASS, "the SNS channel"),
        ([goes(WEBHOOKS, "active", "notetaker.media", "made.up")], Status.WARN, "there are: the webhook d1"),
        ([], Status.WARN, "no webhook or channel"),
    ],
)
def test_something_active_is_told_when_a_grant_expires(
    found: list[Destination], status: Status, said: str
) -> None:
    outcome = told(*found)
    assert outcome.status is status
    assert said in outcome.observed


@each_of(
    ("path", "request_path"),
    [(WEBHOOKS, "/v3/webhooks/<destination id>"), (SNS, "/v3/channels/sns/<destination id>")],
)
def test_what_failed_is_mended_in_its_place(path: str, request_path: str) -> None:
    remedy = str(told(goes(path, "failed", EXPIRED)).remedy)
    assert "-X PUT" in remedy
    assert request_path in remedy
    assert "POST" not in remedy


def test_what_is_mended_keeps_the_triggers_that_it_has() -> None:
    remedy = str(told(goes(WEBHOOKS, "failed", "message.created", EXPIRED)).remedy)
    assert '"message.created", "grant.expired", "grant.created"' in remedy


@each_of(
    ("of_v2", "of_v3", "lacking"),
    [
        (["account.running", "event.created", "job.failed"], [EXPIRED, "event.created"], None),
        (["event.created", "message.created"], [EXPIRED, "event.created"], "message.created"),
        (["calendar.deleted"], [EXPIRED], "calendar.deleted"),
        ([], [EXPIRED], None),
        (None, [EXPIRED], None),
    ],
)
def test_what_the_webhooks_of_v2_are_told_of_is_not_lost(
    of_v2: list[str] | None, of_v3: list[str], lacking: str | None
) -> None:
    application = read(NylasAnswer(status=200, message="", triggers=of_v2))
    there = goes(SNS, "active", *of_v3)
    outcome = told(there, nylas_application=application)
    assert outcome.status is (Status.WARN if lacking else Status.PASS)
    if lacking:
        assert f"v2's webhooks are told of {lacking}, and" in outcome.observed
        triggers = ", ".join(f'"{one}"' for one in [*of_v3, lacking])
        assert "-X PUT 'https://api.<region>.nylas.com/v3/channels/sns/<destination id>'" in str(
            outcome.remedy
        )
        assert f'"trigger_types": [{triggers}]' in str(outcome.remedy)
    gate = Unread(reason="HTTP 403", vendor="nylas_v3", codes=("forbidden_error", ""))
    partly = told(there, nylas_application=application, v3_webhook_list=gate)
    assert partly.status is Status.PASS


def test_default_scopes_are_added_to_those_that_the_connector_has() -> None:
    connector = V3Connector(settings=["client_id"], client_id=APP_ID, scope=["Mail.Send", "User.Read"])
    outcome = decided("NY3-002", tenant=v3_tenant(v3_connector=read(connector)))
    assert '{"scope": ["Mail.Send", "User.Read", "Calendars.ReadWrite"]}' in str(outcome.remedy)


@each_of("name", ["CONTOSO", " contoso "])
def test_the_name_of_a_credential_is_compared_without_regard_to_case(name: str) -> None:
    tenant = v3_tenant(v3_credentials=read([ConnectorCredential(id="c1", name=name)]))
    assert decided("NY3-003", tenant=tenant).status is Status.PASS


@each_of("status", [401, 403])
def test_a_key_that_is_accepted_elsewhere_is_not_wrong(status: int) -> None:
    refused = read(answer(status, "unauthorized" if status == 401 else "forbidden_error"))
    there = v3_tenant(
        v3_application=refused, v3_connector=read(V3Connector(settings=["client_id"], client_id=APP_ID))
    )
    assert decided("NY3-001", tenant=there).status is Status.PASS


def test_a_list_that_was_not_read_leaves_open_whether_it_is_told() -> None:
    gate = Unread(reason="HTTP 403: not on your plan", vendor="nylas_v3", codes=("forbidden_error", ""))
    assert told(v3_pubsub_channels=gate).status is Status.UNKNOWN
    assert told(goes(WEBHOOKS, "failed", EXPIRED), v3_sns_channels=gate).status is Status.UNKNOWN
    assert told(goes(WEBHOOKS, "active", EXPIRED), v3_sns_channels=gate).status is Status.PASS
    no_path = Unread(reason="HTTP 404", vendor="nylas_v3", codes=(NO_PATH_KIND, ""))
    assert told(v3_pubsub_channels=no_path, v3_sns_channels=no_path).status is Status.WARN
    assert told(v3_webhook_list=no_path).status is Status.UNKNOWN


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
