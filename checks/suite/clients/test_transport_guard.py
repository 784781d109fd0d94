"""The guard of the transport: nothing but the listed reads is sent."""

import httpx
import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.transport_bench import DOMAINS, ENDPOINTS, Bench, answering, ok
from nylas_readiness.fixtures.clients.allowed import CONNECTS, READS, allow
from nylas_readiness.fixtures.clients.errors import (
    NotAllowed,
)
from nylas_readiness.fixtures.clients.transport import Network

pytestmark = [pytest.mark.offline, pytest.mark.anyio]
SOAP = (
    b'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" '
    b'xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages"><e:Header/>'
    b"<e:Body><m:%s/></e:Body></e:Envelope>"
)


MESSAGES = b"http://schemas.microsoft.com/exchange/services/2006/messages"
BATCHED = b'{"requests":[{"id":"1",%s,"url":"/users/ann"}]}'
TOKEN = "/contoso.example/oauth2/v2.0/token"


@each_of(
    ("service", "method", "path", "body"),
    [
        ("graph", "POST", "/v1.0/users", b"{}"),
        ("graph", "PATCH", "/v1.0/users/ann", b"{}"),
        ("graph", "DELETE", "/v1.0/users/ann", b""),
        ("graph", "GET", "/v1.0/users/ann/messages", b""),
        ("graph", "GET", "/v1.0/users/../me", b""),
        ("graph", "GET", "/v1.0/users/%2e%2e", b""),
        ("graph", "GET", "/v1.0/users/..%2f..%2fme", b""),
        ("graph", "GET", "https://graph.example:444/v1.0/domains", b""),
        ("graph", "GET", "https://graph.example.evil.example/v1.0/domains", b""),
        ("graph", "GET", "http://graph.example/v1.0/domains", b""),
        ("graph", "GET", "https://outlook.example/v1.0/domains", b""),
        ("graph", "POST", "/v1.0/$batch", b'{"requests":[{"id":"1","method":"DELETE","url":"/users/ann"}]}'),
        (
            "graph",
            "POST",
            "/v1.0/$batch",
            b'{"requests":[{"id":"1","method":"GET","url":"/users/a/messages"}]}',
        ),
        ("graph", "POST", "/v1.0/$batch", b'{"requests":[{"id":"1","method":"GET","url":"/users/.."}]}'),
        ("graph", "POST", "/v1.0/$batch", b"[" * 100_000),
        ("graph", "POST", "/v1.0/$batch", BATCHED % b'"method":"DELETE","method":"GET"'),
        (
            "graph",
            "POST",
            "/v1.0/$batch",
            BATCHED % b'"method":"GET","headers":{"X-HTTP-Method-Override":"DELETE"}',
        ),
        ("graph", "POST", "/v1.0/$batch", BATCHED % b'"method":"GET","body":{"accountEnabled":false}'),
        ("graph", "POST", "/v1.0/$batch", BATCHED % b'"method":"GET","dependsOn":["2"]'),
        ("graph", "POST", "/v1.0/$batch", BATCHED % b'"method":"get"'),
        ("graph", "POST", "/v1.0/$batch", b'{"requests":[],"requests":[]}'),
        ("graph", "POST", "/v1.0/$batch", b'{"requests":[],"atomic":true}'),
        ("graph", "GET", "/v1.0/domains?X-HTTP-Method-Override=DELETE", b""),
        ("graph", "GET", "/v1.0/domains?%5Fmethod=PATCH", b""),
        ("graph", "GET", "https://user:word@graph.example/v1.0/domains", b""),
        ("graph", "GET", DOMAINS, b"{}"),
        ("login", "POST", TOKEN, b"grant_type=password&username=a&password=b"),
        ("login", "POST", TOKEN, b"grant_type=refresh_token&scope=a&scope=b"),
        ("login", "POST", TOKEN, b"grant_type=authorization_code"),
        ("login", "POST", TOKEN, b"grant_type=refresh_token&resource=x"),
        ("login", "POST", TOKEN, b""),
        ("outlook", "POST", "/EWS/Exchange.asmx", SOAP % b"CreateItem"),
        ("outlook", "POST", "/EWS/Exchange.asmx", SOAP % b"GetFolder/><m:DeleteItem"),
        ("outlook", "POST", "/EWS/Exchange.asmx", b"<not xml"),
        ("outlook", "POST", "/EWS/Exchange.asmx", (SOAP % b"GetFolder").replace(MESSAGES, b"urn:m")),
        ("outlook", "POST", "/EWS/Exchange.asmx", b"<!DOCTYPE e>" + SOAP % b"GetFolder"),
        ("outlook", "POST", "/EWS/Exchange.asmx", b'<!DOCTYPE e [<!ENTITY a "b">]>' + SOAP % b"GetFolder"),
        (
            "outlook",
            "POST",
            "/EWS/Exchange.asmx",
            SOAP % b"GetFolder><x:Other xmlns:x='urn:x'/></m:GetFolder",
        ),
        ("outlook", "POST", "/EWS/Exchange.asmx", SOAP % b"GetFolder><!-- DeleteItem --></m:GetFolder"),
        (
            "outlook",
            "POST",
            "/EWS/Exchange.asmx",
            (SOAP % b"GetFolder").replace(b"<e:Header/>", b"<e:Body/>"),
        ),
        ("nylas_v2", "POST", "/connect/authorize", b"{}"),
        ("nylas_v2", "POST", "/connect/token", b"{}"),
        ("nylas_v2", "DELETE", "/a/app/accounts/a1", b""),
        ("nylas_v2", "POST", "/a/app/accounts/a1/downgrade", b""),
    ],
)
async def test_the_guard_stops_whatever_is_not_on_the_list_before_a_byte_is_sent(
    service: str, method: str, path: str, body: bytes
) -> None:
    bench = Bench(answering(ok()))

    with pytest.raises(NotAllowed, match="Nothing was sent"):
        await bench.service(service).send(method, path, content=body)

    assert bench.requests == []
    assert bench.network.budgets.sent == 0


@each_of(
    ("service", "method", "path", "body"),
    [
        ("login", "GET", "/contoso.example/v2.0/.well-known/openid-configuration", b""),
        ("login", "POST", "/contoso.example/oauth2/v2.0/token", b"grant_type=refresh_token"),
        ("graph", "GET", "/v1.0/users/ann@contoso.example?$select=id", b""),
        ("graph", "GET", "/v1.0/users/a%2Fb/licenseDetails", b""),
        ("graph", "POST", "/v1.0/$batch", b'{"requests":[{"id":"1","method":"GET","url":"/users/ann"}]}'),
        ("outlook", "POST", "/EWS/Exchange.asmx", SOAP % b"GetFolder"),
        ("outlook", "GET", "/autodiscover/autodiscover.json/v1.0/ann@contoso.example?Protocol=EWS", b""),
        ("nylas_v2", "GET", "/a/app/accounts?limit=1", b""),
        ("nylas_v2", "GET", "/account", b""),
    ],
)
async def test_the_guard_lets_the_reads_through(service: str, method: str, path: str, body: bytes) -> None:
    bench = Bench(answering(ok()))

    response = await bench.service(service).send(method, path, content=body)

    assert response.status_code == 200
    assert len(bench.requests) == 1


@each_of(
    ("service", "path", "body", "sent"),
    [
        (
            "graph",
            "/v1.0/$batch",
            b' { "requests" : [ {"url":"/users/ann", "id":"\\u0031", "method":"GET"} ] } ',
            b'{"requests":[{"id":"1","method":"GET","url":"/users/ann"}]}',
        ),
        (
            "login",
            TOKEN,
            b"grant_type=refresh%5Ftoken&scope=a+b%2fc",
            b"grant_type=refresh_token&scope=a+b%2Fc",
        ),
        (
            "outlook",
            "/EWS/Exchange.asmx",
            b"<?xml version='1.0' encoding='UTF-16'?>".decode().encode("utf-16")
            + (SOAP % b"GetFolder").decode().encode("utf-16")[2:],
            b"<?xml version='1.0' encoding='utf-8'?>\n" + SOAP % b"GetFolder",
        ),
    ],
)
async def test_what_is_sent_is_what_was_checked_written_anew(
    service: str, path: str, body: bytes, sent: bytes
) -> None:
    bench = Bench(answering(ok()))

    await bench.service(service).send("POST", path, content=body)

    assert [request.content for request in bench.requests] == [sent]


@each_of(
    "name",
    ["X-HTTP-Method-Override", "x-http-method", "X-Method-Override", "Authorization", "Cookie", "X-New"],
)
async def test_no_header_but_those_that_the_clients_need_is_let_through(name: str) -> None:
    bench = Bench(answering(ok()))

    with pytest.raises(NotAllowed):
        await bench.service().send("GET", DOMAINS, headers={name: "DELETE"})

    assert bench.requests == []


def test_the_live_list_and_the_connect_calls_have_nothing_in_common() -> None:
    reads, connects = (set(allow(routes, ENDPOINTS)) for routes in (READS, CONNECTS))

    assert {route.path.pattern for route in connects} == {"/connect/authorize", "/connect/token"}
    assert reads.isdisjoint(connects)
    assert {route.method for route in reads} == {"GET", "POST"}


async def test_an_endpoint_behind_a_path_keeps_that_path() -> None:
    base = "https://proxy.example/graph"
    requested: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        requested.append(request.url.path)
        return ok()

    network = Network(allow(READS, {"graph": base}), transport=httpx.MockTransport(handle))
    await network.service("graph", base + "/").send("GET", DOMAINS)
    with pytest.raises(NotAllowed):
        await network.service("graph", "https://proxy.example").send("GET", DOMAINS)

    assert requested == ["/graph/v1.0/domains"]
