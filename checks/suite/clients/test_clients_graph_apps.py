"""The Graph client on applications, consent, memberships and policies, and what of them becomes evidence."""

from collections.abc import Callable
from urllib.parse import parse_qs

import httpx
import msgspec
import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.fixtures.clients.allowed import READS, allow
from nylas_readiness.fixtures.clients.errors import ClientError, NotAllowed, Refused, Stranger
from nylas_readiness.fixtures.clients.graph import GraphClient
from nylas_readiness.fixtures.clients.graph_apps import ConditionalAccessPolicy, PermissionGrant
from nylas_readiness.fixtures.clients.transport import Network
from nylas_readiness.fixtures.evidence.app_registration import EXCHANGE_APP_ID, consents_on, read_app
from nylas_readiness.fixtures.evidence.directory import DirectoryReader, directory_reader
from nylas_readiness.fixtures.evidence.model import Consent
from nylas_readiness.fixtures.evidence.slots import Absent, Read, Unread
from nylas_readiness.fixtures.secrets import Secret

pytestmark = [pytest.mark.offline, pytest.mark.anyio]

GRAPH = "https://graph.example"
APP_ID = "7c2e8d1a-0b3f-4e6a-9d5c-2a1b0c9d8e7f"
HINT = "zQ~"
GONE = {"error": {"code": "Request_ResourceNotFound", "message": "No such resource."}}

Handler = Callable[[httpx.Request], httpx.Response]


async def token() -> Secret:
    return Secret("an-opaque-graph-token")


async def at_once(_seconds: float) -> None:
    """Wait no time."""


def client(handler: Handler) -> GraphClient:
    network = Network(allow(READS, {"graph": GRAPH}), transport=httpx.MockTransport(handler), sleep=at_once)
    return GraphClient(network.service("graph", GRAPH), token)


async def reader(handler: Handler) -> DirectoryReader:
    return await directory_reader(client(handler), token, None)


def tenant(request: httpx.Request) -> httpx.Response:
    """Answer as a tenant in which the app is registered and a colleague consented."""
    path, query = request.url.path, parse_qs(request.url.query.decode())
    if path.startswith("/v1.0/applications"):
        secrets: list[dict[str, str | None]]
        secrets = [{"displayName": "a", "hint": HINT, "endDateTime": "2027-01-01T00:00:00Z"}]
        secrets += [{"displayName": None, "hint": "abc"}, {"displayName": "c", "hint": None}]
        web = {"redirectUris": ["https://app.contoso.com/callback"]}
        return httpx.Response(200, json={"web": web, "passwordCredentials": secrets})
    if path.startswith("/v1.0/servicePrincipals"):
        return httpx.Response(200, json={"id": "exchange" if EXCHANGE_APP_ID in path else "own"})
    assert query["$filter"] == ["clientId eq 'own'"]
    grants = [{"consentType": "Principal", "principalId": "ann", "resourceId": "exchange", "scope": " E  F"}]
    return httpx.Response(
        200, json={"value": [*grants, {"consentType": "AllPrincipals", "resourceId": "graph"}]}
    )


async def test_of_a_secrets_hint_nothing_but_whether_it_fits_becomes_evidence() -> None:
    found = await read_app(await reader(tenant), APP_ID, f"{HINT}-the-rest".startswith)

    assert isinstance(found.registration, Read)
    assert found.registration.value is not None
    told = [(one.name, one.in_use) for one in found.registration.value.credentials]
    assert told == [("a", True), ("without a name", False), ("c", None)]
    assert HINT not in msgspec.json.encode(found).decode()
    assert found.registration.value.redirect_uris == ["https://app.contoso.com/callback"]


async def test_consent_is_that_of_the_app_on_exchange() -> None:
    found = await read_app(await reader(tenant), APP_ID, lambda _hint: None)

    assert isinstance(found.consents, Read)
    assert found.consents.value == [Consent(user_id="ann", scopes=["E", "F"])]


async def test_an_app_that_the_tenant_does_not_know_has_no_consent_and_nothing_more_is_asked() -> None:
    asked: list[str] = []

    def unknown(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(404, json=GONE)

    found = await read_app(await reader(unknown), APP_ID, lambda _hint: None)

    slots = (found.service_principal, found.registration, found.consents)
    assert [slot.value for slot in slots if isinstance(slot, Read)] == [None, None, []]
    assert len(asked) == 3


async def test_each_reading_that_is_denied_names_its_permission() -> None:
    denied = {"error": {"code": "Authorization_RequestDenied", "message": "Insufficient privileges."}}

    def grants_alone(request: httpx.Request) -> httpx.Response:
        hidden = "oauth2PermissionGrants" in request.url.path
        return httpx.Response(403, json=denied) if hidden else tenant(request)

    for handler, permission in (
        (lambda _request: httpx.Response(403, json=denied), "Application.Read.All"),
        (grants_alone, "Directory.Read.All"),
    ):
        consents = (await read_app(await reader(handler), APP_ID, lambda _hint: None)).consents
        assert isinstance(consents, Unread)
        assert consents.permission == permission


async def test_without_a_microsoft_section_nothing_is_asked() -> None:
    def never(_request: httpx.Request) -> httpx.Response:
        pytest.fail("a request was sent")

    found = await read_app(await reader(never), None, lambda _hint: None)
    assert set(map(type, found)) == {Absent}


@each_of(
    ("status", "body"),
    [(404, b"<html>Not here</html>"), (404, b'{"error":{"code":"UnknownError"}}'), (403, b"{}"), (410, b"")],
)
async def test_only_graphs_own_word_says_that_there_is_no_such_application(status: int, body: bytes) -> None:
    graph = client(lambda _request: httpx.Response(status, content=body))
    with pytest.raises((Refused, Stranger)):
        await graph.application(APP_ID)


async def test_an_app_id_cannot_leave_its_place_in_the_path() -> None:
    for app_id in ("", "x')/owners", "../../users", "x'or'1"):
        sent: list[str] = []

        def record(request: httpx.Request, sent: list[str] = sent) -> httpx.Response:
            sent.append(request.url.raw_path.decode())
            return httpx.Response(404, json=GONE)

        try:
            assert await client(record).service_principal(app_id) is None
        except NotAllowed:
            assert sent == []
        for path in sent:
            inside = path.removeprefix("/v1.0/servicePrincipals(appId='").partition("')?")[0]
            assert not {"/", "'"} & set(inside)


async def test_a_role_keeps_its_kind_and_template_and_every_page_is_read() -> None:
    role = {"@odata.type": "#microsoft.graph.directoryRole", "id": "r", "roleTemplateId": "t"}
    group = {"@odata.type": "#microsoft.graph.group", "id": "g", "displayName": None}
    following = f"{GRAPH}/v1.0/users/me/transitiveMemberOf?$skiptoken=2"

    def pages(request: httpx.Request) -> httpx.Response:
        if "skiptoken" in str(request.url):
            return httpx.Response(200, json={"value": [role]})
        return httpx.Response(200, json={"value": [group], "@odata.nextLink": following})

    found = await client(pages).memberships("me")
    assert [(one.id, one.is_role, one.role_template_id) for one in found] == [
        ("g", False, None),
        ("r", True, "t"),
    ]


async def test_a_policy_of_nulls_is_a_policy() -> None:
    nulls = {
        "displayName": None,
        "state": "enabled",
        "conditions": {"users": None, "applications": None, "clientAppTypes": None, "locations": None},
        "grantControls": None,
        "sessionControls": {"signInFrequency": {"value": 4}},
    }
    [policy] = await client(
        lambda _r: httpx.Response(200, json={"value": [nulls]})
    ).conditional_access_policies()
    assert policy.state == "enabled"
    assert policy.grant_controls is None


async def test_a_policy_keeps_every_member_in_the_journal_too() -> None:
    conditions = {"users": {"includeUsers": "All"}, "hoursOfDay": [22, None], "locations": {"x": {"y": True}}}
    controls = {"builtInControls": ["mfa"], "proofOf": "possession"}
    wire = {"displayName": "P", "state": "enabled", "conditions": conditions, "grantControls": controls}
    [policy] = await client(
        lambda _r: httpx.Response(200, json={"value": [wire | {"sessionControls": {"leash": 4}}]})
    ).conditional_access_policies()
    assert policy.conditions == conditions
    assert (policy.grant_controls, policy.session_controls) == (controls, {"leash": 4})
    assert msgspec.json.decode(msgspec.json.encode(policy), type=ConditionalAccessPolicy) == policy


@each_of("conditions", [[], "all"])
async def test_a_policy_of_another_shape_is_no_policy(conditions: object) -> None:
    wire = {"value": [{"state": "enabled", "conditions": conditions}]}
    with pytest.raises(ClientError, match="another shape"):
        await client(lambda _r: httpx.Response(200, json=wire)).conditional_access_policies()


async def test_a_grant_of_an_unknown_kind_grants_nothing() -> None:
    unknown = PermissionGrant(consent_type="Tenant", resource_id="exchange", scope="E")
    assert consents_on("exchange", [unknown]) == []
