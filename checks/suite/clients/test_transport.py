"""The one way to the network: budget, retry, circuit, bound, and the errors that come out."""

import gzip
import socket
import ssl
import zlib

import httpx
import pytest

from nylas_readiness.checks.suite.support.transport_bench import (
    DOMAINS,
    Bench,
    answering,
    ok,
)
from nylas_readiness.fixtures.clients.errors import (
    RequestLimit,
    Unintelligible,
    Unreachable,
    excerpt,
)
from nylas_readiness.fixtures.clients.layers import COOL_DOWN_S, LARGEST_ANSWER, SILENCES
from nylas_readiness.fixtures.clients.request import Line, Request
from nylas_readiness.fixtures.clients.transport import Service
from nylas_readiness.fixtures.secrets import Secret

pytestmark = [pytest.mark.offline, pytest.mark.anyio]


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


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("deflate", zlib.compress(b'{"value":[]}')),
        ("Deflate", zlib.compress(b'{"value":[]}', wbits=-15)),
        ("deflate, gzip", gzip.compress(zlib.compress(b'{"value":[]}'))),
        ("identity", b'{"value":[]}'),
    ],
    ids=["zlib", "raw", "twice", "none"],
)
async def test_each_coding_that_is_asked_for_is_undone(coding: str, body: bytes) -> None:
    answer = httpx.Response(200, stream=httpx.ByteStream(body), headers={"Content-Encoding": coding})

    assert (await Bench(answering(answer)).service().send("GET", DOMAINS)).content == b'{"value":[]}'


async def test_a_compressed_answer_that_ends_too_early_is_asked_for_again() -> None:
    torn = httpx.ByteStream(gzip.compress(b'{"value":[]}')[:-4])
    bench = Bench(answering(httpx.Response(200, stream=torn, headers={"Content-Encoding": "gzip"}), ok()))

    assert (await bench.service().send("GET", DOMAINS)).is_success
    assert len(bench.requests) == 2


def test_no_repr_of_a_request_shows_what_it_is_sent_with() -> None:
    line = Line("POST", "https://graph.example/v1.0/$batch")
    headers = {"Authorization": "Bearer t0k3n-of-the-run"}
    request = Request(
        line=line, host="graph.example", headers=headers, content=b"s3cr3t", connect_s=1, read_s=1
    )

    assert "graph.example" in repr(request)
    assert "t0k3n" not in repr(request)
    assert "s3cr3t" not in repr(request)


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
        (httpx.RemoteProtocolError("garbage"), "broken", "Run again"),
        (httpx.ProxyError("refused"), "proxy", "proxy"),
    ],
    ids=["dns", "tls", "connect", "timeout", "read-timeout", "garbage", "proxy"],
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
