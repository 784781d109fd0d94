"""Whatever a host answers, a client gives a value or a `ClientError`: never another exception."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.fixtures.clients.allowed import CONNECTS, READS, allow
from nylas_readiness.fixtures.clients.autodiscover import AutodiscoverClient
from nylas_readiness.fixtures.clients.entra import EntraClient, claims
from nylas_readiness.fixtures.clients.errors import ClientError
from nylas_readiness.fixtures.clients.ews import EwsClient
from nylas_readiness.fixtures.clients.graph import GraphClient
from nylas_readiness.fixtures.clients.nylas_v2 import NylasV2Client
from nylas_readiness.fixtures.clients.nylas_v3 import NylasV3Client
from nylas_readiness.fixtures.clients.transport import Network, Service
from nylas_readiness.fixtures.secrets import Secret, forgotten_afterwards

pytestmark = pytest.mark.offline

HOST = "https://host.example"
SECRET = Secret("hostile-test-client-secret")
LONGEST_ERROR = 2000

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
    "<s:Body><m:ResponseCode>ErrorServerBusy</m:ResponseCode><m:MessageText>text</m:MessageText>"
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
    "ews": (lambda s: EwsClient(s, _token).get_folder("calendar", "a@x.example"), SOAP),
    "nylas authorize": (lambda s: _nylas(s).authorize({}), ACCOUNT | NYLAS_ERROR),
    "nylas token": (lambda s: _nylas(s).token(SECRET), ACCOUNT | NYLAS_ERROR),
    "nylas application": (lambda s: _nylas(s).application(), {"redirect_uris": ["u"]} | NYLAS_ERROR),
    "nylas account": (lambda s: _nylas(s).account(SECRET), ACCOUNT | NYLAS_ERROR),
    "nylas accounts": (_list, [ACCOUNT]),
    "graph calendars": (lambda s: _graph(s).calendars(["u1", "u2"]), BATCH),
    "graph permissions": (lambda s: _graph(s).app_role_assignments("sp"), ROLES),
    "v3 application": (lambda s: _v3(s).application(), V3_APPLICATION | V3_ERROR),
    "v3 connector": (lambda s: _v3(s).microsoft_connector(), V3_CONNECTOR | V3_ERROR),
    "v3 credentials": (lambda s: _v3(s).credentials(), V3_LIST | V3_ERROR),
    "v3 grants": (_grants, V3_LIST),
    "v3 webhooks": (lambda s: _v3(s).webhooks(), V3_LIST),
}


async def ask(call: Call, response: httpx.Response) -> object:
    async def sleep(_seconds: float) -> None:
        return

    endpoints = dict.fromkeys(READS, HOST)
    allowed = allow(READS, endpoints) + allow(CONNECTS, endpoints)
    network = Network(allowed, transport=httpx.MockTransport(lambda _request: response), sleep=sleep)
    return await call(network.service("any", HOST))


def errors_in(value: object) -> list[ClientError]:
    values = value.values() if isinstance(value, dict) else [value]
    return [each for each in values if isinstance(each, ClientError)]


@each_of("name", tuple(CALLS))
def test_a_hostile_answer_is_a_value_or_a_client_error(name: str) -> None:
    from nylas_readiness.fixtures.strategies.hostile_answers import responses
    from nylas_readiness.fixtures.strategies.profile import HealthCheck, given, settings, st

    @given(data=st.data())
    @settings(
        max_examples=40,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    def holds(data: st.DataObject) -> None:
        call, good = CALLS[name]
        response = data.draw(responses(good))

        try:
            problems = errors_in(asyncio.run(ask(call, response)))
        except ClientError as error:
            problems = [error]

        for problem in problems:
            text = str(problem)
            assert text.isprintable()
            assert len(text) < LONGEST_ERROR
            assert SECRET.reveal() not in text

    holds()


@each_of("name", tuple(CALLS))
def test_the_good_answer_of_each_call_is_understood(name: str) -> None:
    call, good = CALLS[name]
    content = good.encode() if isinstance(good, str) else json.dumps(good).encode()
    response = httpx.Response(200, headers={"Content-Type": "application/json"}, content=content)

    value = asyncio.run(ask(call, response))

    assert value


def test_any_text_as_a_token_is_opaque_or_has_claims() -> None:
    from nylas_readiness.fixtures.strategies.profile import given, settings, st

    @given(text=st.text(max_size=200) | st.builds("{}.{}.{}".format, st.text(), st.text(), st.text()))
    @settings(max_examples=100)
    def holds(text: str) -> None:
        read = claims(Secret(text))

        assert read is None or read.tid is None

    holds()


@each_of(
    ("status", "kind", "before"),
    [
        (500, "text/html", "<title>" + "a" * 180),
        (500, "text/html", "<title>"),
        (200, "text/plain", " " * 300),
        (200, "application/json", "[" + " " * 310),
        (502, "text/plain", " " * 4076),
        (401, "application/json", '{"error":{"type":"unauthorized","message":"' + " " * 4076),
    ],
)
def test_a_key_that_is_cut_off_is_not_begun(status: int, kind: str, before: str) -> None:
    end = '"}}' if before.startswith("{") else ""
    key = "nyk_v0_a-key+with/=<signs>&0123456789"
    answer = httpx.Response(status, headers={"Content-Type": kind}, content=f"{before}{key}{end}".encode())
    with forgotten_afterwards():
        Secret(key)
        with pytest.raises(ClientError) as caught:
            asyncio.run(ask(CALLS["v3 application"][0], answer))
    assert key[:8] not in str(caught.value)
