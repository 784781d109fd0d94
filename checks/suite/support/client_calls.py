"""Every call of every client, with an answer that it understands: for tests of what else a host may say."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from nylas_readiness.fixtures.clients.activesync import ActiveSyncClient
from nylas_readiness.fixtures.clients.allowed import CONNECTS, READS, allow
from nylas_readiness.fixtures.clients.autodiscover import AutodiscoverClient
from nylas_readiness.fixtures.clients.entra import EntraClient
from nylas_readiness.fixtures.clients.errors import ClientError
from nylas_readiness.fixtures.clients.ews import EwsClient
from nylas_readiness.fixtures.clients.graph import GraphClient
from nylas_readiness.fixtures.clients.nylas_v2 import NylasV2Client
from nylas_readiness.fixtures.clients.nylas_v3 import NylasV3Client
from nylas_readiness.fixtures.clients.transport import Network, Service
from nylas_readiness.fixtures.secrets import Secret

HOST = "https://host.example"
SECRET = Secret("hostile-test-client-secret")

Json = Any
Call = Callable[[Service], Awaitable[object]]


async def _token() -> Secret:
    return Secret("hostile-test-token")


async def _list(service: Service) -> list[object]:
    return [account async for account in NylasV2Client(service, "app", SECRET).accounts()]


def _graph(service: Service) -> GraphClient:
    return GraphClient(service, _token)


def _nylas(service: Service) -> NylasV2Client:
    return NylasV2Client(service, "app", SECRET)


def _v3(service: Service) -> NylasV3Client:
    return NylasV3Client(service, SECRET)


async def _grants(service: Service) -> list[object]:
    return [grant async for grant in _v3(service).grants()]


USER = {
    "id": "u1",
    "proxyAddresses": ["SMTP:a@x.example"],
    "assignedLicenses": [{"skuId": "s"}],
    "passwordProfile": {"forceChangePasswordNextSignIn": True},
    "lastPasswordChangeDateTime": "2026-11-01T08:00:00Z",
}
BATCH = {
    "responses": [
        {"id": "1", "status": 200, "headers": {"Retry-After": "1"}, "body": {"value": [USER]}},
        {"id": "2", "status": 403, "body": {"error": {"code": "c", "message": "m"}}},
    ]
}
LICENCES = {
    "value": [{"skuId": "s", "servicePlans": [{"servicePlanName": "p", "provisioningStatus": "Success"}]}]
}
DOMAINS = {"value": [{"id": "x.example", "supportedServices": ["Email"]}], "@odata.nextLink": None}
ROLES = {"value": [{"id": "r", "principalId": "/Users/u1", "roleDefinitionId": "r", "displayName": "n"}]}
TOKEN = {"access_token": "aaa.bbb", "scope": "s", "expires_in": 5, "error": "e", "error_codes": [1]}
ACCOUNT = {"account_id": "a", "email": "a@x.example", "linked_at": 1, "access_token": "t", "code": "c"}
NYLAS_ERROR = {"type": "t", "message": "m", "missing_fields": ["f"], "error": "e", "server_error": "s"}
V3_APPLICATION = {"data": {"application_id": "a", "callback_uris": [{"url": HOST, "platform": "web"}]}}
V3_CONNECTOR = {"data": {"settings": {"client_id": "c", "tenant": "t"}, "scope": ["s"]}}
V3_LIST = {"data": [{"id": "i", "name": "n", "created_at": 1, "provider": "microsoft"}], "limit": 200}
V3_ERROR = {"error": {"type": "api.t", "message": "m", "provider_error": {"code": "c", "message": "m"}}}
AUTODISCOVER = {"Protocol": "EWS", "Url": HOST, "ErrorCode": "e"}
DISCOVERY = {"issuer": HOST, "token_endpoint": f"{HOST}/tenant/oauth2/v2.0/token"}
SOAP = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:m="urn:m" xmlns:t="urn:t">'
    '<s:Header><t:ServerVersionInfo MajorVersion="15"/></s:Header>'
    "<s:Body><m:ResponseCode>NoError</m:ResponseCode><m:MessageText>text</m:MessageText>"
    '<t:Value Name="BackOffMilliseconds">5</t:Value></s:Body></s:Envelope>'
)

CALLS: dict[str, tuple[Call, Json]] = {
    "entra discovery": (lambda s: EntraClient(s, "tenant").discovery(), DISCOVERY),
    "entra redeem": (lambda s: EntraClient(s, "tenant").redeem("id", SECRET, SECRET, "scope"), TOKEN),
    "graph user": (lambda s: _graph(s).user("u1"), USER),
    "graph users": (lambda s: _graph(s).users_by_address(["a@x.example", "b@x.example"]), BATCH),
    "graph licences": (lambda s: _graph(s).licences(["u1", "u2"]), BATCH),
    "graph owners": (lambda s: _graph(s).owners_of(["a@x.example", "b@x.example"]), BATCH),
    "graph domains": (lambda s: _graph(s).domains(), DOMAINS),
    "graph mailbox": (lambda s: _graph(s).mailbox_settings("u1"), {"userPurpose": {"value": "user"}}),
    "graph roles": (lambda s: _graph(s).exchange_roles("u1"), ROLES),
    "autodiscover": (
        lambda s: AutodiscoverClient(s).locate("a@x.example", "EWS"),
        {"Url": HOST, "ErrorCode": "e"},
    ),
    "activesync": (lambda s: ActiveSyncClient(s, "mail.x.example").options(), {}),
    "ews": (lambda s: EwsClient(s, _token).get_folder("calendar", "a@x.example"), SOAP),
    "nylas authorize": (lambda s: _nylas(s).authorize({}), ACCOUNT | NYLAS_ERROR),
    "nylas token": (lambda s: _nylas(s).token(SECRET), ACCOUNT | NYLAS_ERROR),
    "nylas application": (lambda s: _nylas(s).application(), {"redirect_uris": ["u"]} | NYLAS_ERROR),
    "nylas account": (lambda s: _nylas(s).account(SECRET), ACCOUNT | NYLAS_ERROR),
    "nylas accounts": (_list, [ACCOUNT]),
    "nylas webhooks": (lambda s: _nylas(s).webhooks(), [{"state": "active", "triggers": ["event.created"]}]),
    "graph calendars": (lambda s: _graph(s).calendars(["u1", "u2"]), BATCH),
    "graph permissions": (lambda s: _graph(s).app_role_assignments("sp"), ROLES),
    "v3 application": (lambda s: _v3(s).application(), V3_APPLICATION | V3_ERROR),
    "v3 connector": (lambda s: _v3(s).microsoft_connector(), V3_CONNECTOR | V3_ERROR),
    "v3 credentials": (lambda s: _v3(s).credentials(), V3_LIST | V3_ERROR),
    "v3 grants": (_grants, V3_LIST),
    "graph service principal": (
        lambda s: _graph(s).service_principal("app"),
        {"id": "sp", "appId": "app", "displayName": "n"},
    ),
    "graph application": (
        lambda s: _graph(s).application("app"),
        {"signInAudience": "AzureADMyOrg", "passwordCredentials": [{"endDateTime": "2027-01-01T00:00:00Z"}]},
    ),
    "graph resource": (
        lambda s: _graph(s).resource("app"),
        {"id": "r", "appRoles": [{"id": "i", "value": "v"}]},
    ),
    "graph policies": (
        lambda s: _graph(s).conditional_access_policies(),
        {"value": [{"displayName": "p", "conditions": {"users": {"includeUsers": ["All"]}}}]},
    ),
    "graph memberships": (lambda s: _graph(s).memberships("u1"), {"value": [{"id": "g"}]}),
    "graph grants": (lambda s: _graph(s).permission_grants("sp"), {"value": [{"scope": "s"}]}),
    "graph mailboxes": (lambda s: _graph(s).mailboxes(["u1", "u2"]), BATCH),
    "v3 webhooks": (lambda s: _v3(s).destinations("/v3/webhooks"), V3_LIST),
}


async def ask(call: Call, response: httpx.Response) -> object:
    """Return what a call makes of a response, however often it asks."""

    async def sleep(_seconds: float) -> None:
        return

    endpoints = dict.fromkeys(READS, HOST)
    allowed = allow(READS, endpoints) + allow(CONNECTS, endpoints)

    def answer(_request: httpx.Request) -> httpx.Response:  # a stream can be read once
        return httpx.Response(response.status_code, headers=response.headers.raw, stream=response.stream)

    network = Network(allowed, transport=httpx.MockTransport(answer), sleep=sleep)
    return await call(network.service("any", HOST))


def errors_in(value: object) -> list[ClientError]:
    """Return the errors of a call, or of the batch that it stands for."""
    values = value.values() if isinstance(value, dict) else [value]
    return [each for each in values if isinstance(each, ClientError)]
