"""The one way to the network: guard, budget, retry, circuit, bound, and the errors that come out."""

import gzip
import socket
import ssl
from collections.abc import Callable

import httpx
import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.fixtures.clients.allowed import CONNECTS, READS, allow
from nylas_readiness.fixtures.clients.errors import (
    NotAllowed,
    RequestLimit,
    Unintelligible,
    Unreachable,
    excerpt,
)
from nylas_readiness.fixtures.clients.layers import COOL_DOWN_S, LARGEST_ANSWER, SILENCES
from nylas_readiness.fixtures.clients.transport import Network, Service
from nylas_readiness.fixtures.secrets import Secret

pytestmark = [pytest.mark.offline, pytest.mark.anyio]

ENDPOINTS = {
    "login": "https://login.example",
    "graph": "https://graph.example",
    "outlook": "https://outlook.example",
    "nylas_v2": "https://nylas.example",
}
DOMAINS = "/v1.0/domains"

Handler = Callable[[httpx.Request], httpx.Response]


class Bench:
    """A network over a handler, with the requests it was sent, the pauses it made and a clock to set."""

    def __init__(self, handler: Handler, max_requests: int | None = None) -> None:
        self.requests: list[httpx.Request] = []
        self.pauses: list[float] = []
        self.now = 0.0
        self._handler = handler
        self.network = Network(
            allow(READS, ENDPOINTS),
            max_requests=max_requests,
            transport=httpx.MockTransport(self._record),
            sleep=self._sleep,
            clock=lambda: self.now,
        )

    def service(self, name: str = "graph") -> Service:
        """Return the service under test."""
        return self.network.service(name, ENDPOINTS[name])

    def _record(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self._handler(request)

    async def _sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)


def answering(*responses: httpx.Response | Exception) -> Handler:
    """Return a handler that gives each response once, and the last one for ever."""
    remaining = list(responses)

    def handle(_request: httpx.Request) -> httpx.Response:
        response = remaining.pop(0) if len(remaining) > 1 else remaining[0]
        if isinstance(response, Exception):
            raise response
        return response

    return handle


def ok() -> httpx.Response:
    return httpx.Response(200, json={})


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


async def test_the_request_limit_holds_over_all_services_and_sends_nothing_more() -> None:
    bench = Bench(answering(ok()), max_requests=2)
    await bench.service("graph").send("GET", DOMAINS)
    await bench.service("nylas_v2").send("GET", "/account")

    with pytest.raises(RequestLimit, match=r"request limit: 2 requests were sent.*--max-requests"):
        await bench.service("graph").send("GET", DOMAINS)

    assert len(bench.requests) == 2
    assert {name: budget.sent for name, budget in bench.network.budgets.by_service.items()} == {
        "graph": 1,
        "nylas_v2": 1,
    }


async def test_the_request_limit_counts_one_request_as_one() -> None:
    bench = Bench(answering(ok()), max_requests=1)
    await bench.service("graph").send("GET", DOMAINS)
    with pytest.raises(RequestLimit, match="request limit: 1 request was sent"):
        await bench.service("graph").send("GET", DOMAINS)


async def test_a_repeated_request_is_counted_and_its_wait_booked() -> None:
    throttled = httpx.Response(429, headers={"Retry-After": "3"})
    bench = Bench(answering(throttled, httpx.Response(503, headers={"Retry-After": "5"}), ok()))

    assert (await bench.service().send("GET", DOMAINS)).status_code == 200

    budget = bench.network.budgets.of("graph")
    assert (budget.sent, budget.throttled, budget.waited_s) == (3, 2, 8.0)
    assert bench.pauses == [3.0, 5.0]


@pytest.mark.parametrize(("repeatable", "sent"), [(False, 1), (True, 2)])
async def test_a_post_is_repeated_only_where_it_is_a_read(repeatable: bool, sent: int) -> None:
    bench = Bench(answering(httpx.Response(503, headers={"Retry-After": "1"}), ok()))

    await bench.service("login").send(
        "POST",
        "/contoso.example/oauth2/v2.0/token",
        content=b"grant_type=refresh_token",
        repeatable=repeatable,
    )

    assert len(bench.requests) == sent


async def test_no_single_wait_is_longer_than_a_minute() -> None:
    bench = Bench(answering(httpx.Response(429, headers={"Retry-After": "86400"}), ok()))

    await bench.service().send("GET", DOMAINS)
    await bench.service().pause(10**9)
    await bench.service().pause(-1)

    assert bench.pauses == [60.0, 60.0, 0.0]


async def test_a_host_that_is_silent_five_times_in_a_row_is_left_alone_for_a_while() -> None:
    bench = Bench(answering(*[httpx.ConnectTimeout("silence")] * SILENCES, ok()))
    service = bench.service()
    for _ in range(SILENCES):
        with pytest.raises(Unreachable, match="no answer in time"):
            await service.send("GET", DOMAINS)

    with pytest.raises(Unreachable, match="not asked again") as caught:
        await service.send("GET", DOMAINS)
    assert caught.value.kind == "circuit"
    assert len(bench.requests) == SILENCES

    bench.now = COOL_DOWN_S
    assert (await service.send("GET", DOMAINS)).status_code == 200


async def test_one_answer_closes_the_circuit_and_other_hosts_have_their_own() -> None:
    silences = [httpx.ConnectTimeout("silence")] * (SILENCES - 1)
    bench = Bench(answering(*silences, ok(), *silences, *silences))
    graph, nylas = bench.service("graph"), bench.service("nylas_v2")

    outcomes = [await outcome(graph) for _ in range(2 * SILENCES - 1)]
    assert outcomes == ["timeout"] * 4 + ["200"] + ["timeout"] * 4

    assert [await outcome(graph), await outcome(graph)] == ["timeout", "circuit"]
    assert await outcome(nylas, "/account") == "timeout"


async def outcome(service: Service, path: str = DOMAINS) -> str:
    try:
        return str((await service.send("GET", path)).status_code)
    except Unreachable as error:
        return error.kind


async def test_an_answer_that_is_too_large_is_not_read_to_its_end() -> None:
    class Endless(httpx.AsyncByteStream):
        given = 0

        async def __aiter__(self):  # type: ignore[no-untyped-def]  # noqa: ANN204
            while True:
                Endless.given += 65536
                yield bytes(65536)

    bench = Bench(answering(httpx.Response(200, stream=Endless())))

    with pytest.raises(Unintelligible, match="larger than 8 MiB"):
        await bench.service().send("GET", DOMAINS)

    assert Endless.given <= LARGEST_ANSWER + 65536


async def test_compression_is_undone_once_and_its_size_is_bounded() -> None:
    small = httpx.Response(200, content=gzip.compress(b'{"value":[]}'), headers={"Content-Encoding": "gzip"})
    bomb = httpx.Response(
        200, content=gzip.compress(bytes(LARGEST_ANSWER + 1)), headers={"Content-Encoding": "gzip"}
    )
    bench = Bench(answering(small, bomb))

    assert (await bench.service().send("GET", DOMAINS)).content == b'{"value":[]}'
    with pytest.raises(Unintelligible, match="larger than 8 MiB"):
        await bench.service().send("GET", DOMAINS)


def caused(error: httpx.TransportError, cause: Exception) -> httpx.TransportError:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("failure", "kind", "advice"),
    [
        (caused(httpx.ConnectError("x"), socket.gaierror(-2, "Name or service not known")), "dns", "DNS"),
        (caused(httpx.ConnectError("x"), ssl.SSLCertVerificationError("self-signed")), "tls", "ca_file"),
        (httpx.ConnectError("refused"), "connect", "firewall"),
        (httpx.ConnectTimeout("silence"), "timeout", "Run again"),
        (caused(httpx.ReadTimeout("x"), TimeoutError()), "timeout", "Run again"),
        (caused(httpx.ConnectTimeout("x"), EOFError("Server disconnected")), "broken", "Run again"),
        (httpx.RemoteProtocolError("garbage"), "broken", "Run again"),
        (httpx.ProxyError("refused"), "proxy", "proxy"),
    ],
    ids=["dns", "tls", "connect", "timeout", "read-timeout", "disconnected", "garbage", "proxy"],
)
async def test_a_host_without_an_answer_is_told_by_where_it_ended(
    failure: httpx.TransportError, kind: str, advice: str
) -> None:
    bench = Bench(answering(failure))

    with pytest.raises(Unreachable, match=advice) as caught:
        await bench.service().send("GET", f"{DOMAINS}?$filter=secretive")

    assert caught.value.kind == kind
    assert caught.value.where == "GET https://graph.example/v1.0/domains"


async def test_only_a_lost_connection_is_tried_again() -> None:
    lost = Bench(answering(httpx.RemoteProtocolError("disconnected"), ok()))
    refused = Bench(answering(httpx.ConnectError("refused"), ok()))

    assert (await lost.service().send("GET", DOMAINS)).status_code == 200
    with pytest.raises(Unreachable):
        await refused.service().send("GET", DOMAINS)


async def test_cookies_of_one_answer_are_not_sent_with_the_next_request() -> None:
    bench = Bench(answering(httpx.Response(200, headers={"Set-Cookie": "affinity=one; Path=/"})))
    service = bench.service()

    await service.send("GET", DOMAINS)
    await service.send("GET", DOMAINS)

    assert [request.headers.get("Cookie") for request in bench.requests] == [None, None]


def test_an_excerpt_is_one_safe_bounded_line() -> None:
    secret = Secret("a-secret-in-foreign-text")
    hostile = f"first\r\nsecond\x1b[31m \u202ereversed \ud800 {secret.reveal()} " + "x" * 100_000

    text = excerpt(hostile)

    assert text.startswith("first second [31m reversed «secret» xxx")
    assert text.isprintable()
    assert len(text) == 301
    assert excerpt("short") == "short"
