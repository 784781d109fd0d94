"""The Nylas v2 client's failures: one typed error, waits, and nothing repeated blindly."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
from pytest_httpx import HTTPXMock

from nylas_readiness.fixtures.clients.allowed import CONNECTS, READS, allow
from nylas_readiness.fixtures.clients.errors import ClientError, Stranger, Unreachable
from nylas_readiness.fixtures.clients.nylas_v2 import NylasError, NylasV2Client
from nylas_readiness.fixtures.clients.transport import Network
from nylas_readiness.fixtures.secrets import Secret

pytestmark = [pytest.mark.offline, pytest.mark.anyio]

US = "https://api.nylas.com"
SECRET = "s3cr3t-9Zk4mXw8-of-v2"
UNKNOWN = "outcome is not known"

Call = Callable[[NylasV2Client], Awaitable[object]]
CONNECT_CALLS: dict[str, Call] = {
    "authorize": lambda client: client.authorize({"client_id": "app-1"}),
    "token": lambda client: client.token(Secret("code-of-one-use")),
}


@pytest.fixture
def waits() -> list[float]:
    """Return the list of seconds that the client would have waited."""
    return []


@pytest.fixture
def network(waits: list[float]) -> Network:
    """Return a network whose time stands still."""

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    routes = {"nylas_v2": READS["nylas_v2"] + CONNECTS["nylas_v2"]}
    return Network(allow(routes, {"nylas_v2": US}), transport=httpx.AsyncHTTPTransport(), sleep=sleep)


@pytest.fixture
def client(network: Network) -> NylasV2Client:
    """Return a client of the US region, on httpx's own transport: pytest-httpx sees no other."""
    return NylasV2Client(network.service("nylas_v2", US), "app-1", Secret(SECRET))


FULL = {
    "type": "auth_error",
    "message": "You've entered invalid credentials",
    "missing_fields": ["settings"],
    "server_error": "EWS said no",
    "error": "Wrong username or password for https://outlook.com/EWS/Exchange.asmx",
}
PAGE = b"<html><head><title>504 Gateway Time-out</title></head><body><h1>nginx</h1></body></html>"


@pytest.mark.rule("API-003")
async def test_a_v2_error_body_keeps_every_member(client: NylasV2Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(status_code=403, json=FULL)

    with pytest.raises(NylasError) as caught:
        await client.authorize({})

    error = caught.value
    assert (error.status, error.type, error.message) == (403, FULL["type"], FULL["message"])
    assert error.missing_fields == ("settings",)
    assert (error.server_error, error.error) == (FULL["server_error"], FULL["error"])
    assert str(error).startswith(
        "POST https://api.nylas.com/connect/authorize: HTTP 403: auth_error: You've entered"
    )


@pytest.mark.rule("API-003")
@pytest.mark.parametrize(
    ("status", "body", "kind", "message"),
    [
        (502, PAGE, "text/html", f"{len(PAGE)} bytes"),
        (500, b"", "application/json", "no body"),
        (401, b'{"error": "bad key"}', "text/html", "bad key"),
        (400, b'{"message": "no type"}', "application/json", "no type"),
        (500, b"\xff\xfe\x00", "application/octet-stream", ""),
    ],
    ids=["html", "empty", "error-only", "message-only", "binary"],
)
async def test_any_other_body_becomes_the_same_error_with_status_and_message(
    client: NylasV2Client, httpx_mock: HTTPXMock, status: int, body: bytes, kind: str, message: str
) -> None:
    httpx_mock.add_response(status_code=status, content=body, headers={"Content-Type": kind})

    with pytest.raises(NylasError) as caught:
        await client.token(Secret("code-of-one-use"))

    assert caught.value.status == status
    assert message in caught.value.message
    assert caught.value.message.isprintable()
    assert UNKNOWN in str(caught.value) or status < 500


@pytest.mark.rule("API-003")
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"An unexpected error occurred during authentication.", "text/plain"),
        (PAGE, "text/html"),
        (b'{"message": "Missing requi', "application/json"),
        (b'{"message": null, "type": 7}', "application/json"),
        (b'["not", "an object"]', "application/json"),
    ],
    ids=["plain-text", "html", "truncated", "other-types", "array"],
)
async def test_a_refusal_without_a_member_of_nylas_is_not_taken_for_its_answer(
    client: NylasV2Client, httpx_mock: HTTPXMock, body: bytes, kind: str
) -> None:
    """What became of the request is as unknown as who answered it."""
    httpx_mock.add_response(status_code=403, content=body, headers={"Content-Type": kind})

    with pytest.raises(Stranger, match=UNKNOWN) as caught:
        await client.token(Secret("code-of-one-use"))

    assert caught.value.status == 403
    assert caught.value.message.isprintable()


@pytest.mark.rule("API-003")
async def test_an_error_that_repeats_the_secrets_shows_none(
    client: NylasV2Client, httpx_mock: HTTPXMock
) -> None:
    refresh = Secret("0.AXMA-refresh-token-in-an-echo")
    echo = f"bad request: client_secret={SECRET}, microsoft_refresh_token={refresh.reveal()}"
    httpx_mock.add_response(
        status_code=400, json={"message": echo, "missing_fields": [SECRET], "error": echo}
    )

    with pytest.raises(NylasError, match="bad request: client_secret=") as caught:
        await client.authorize({"settings": {"microsoft_refresh_token": refresh.reveal()}})

    shown = f"{caught.value} {caught.value!r} {caught.value.details} {caught.value.message}"
    assert SECRET not in shown
    assert refresh.reveal() not in shown


@pytest.mark.rule("API-003")
async def test_a_very_long_message_is_cut(client: NylasV2Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(status_code=400, json={"message": "x" * 65536 + "\r\n\x1b[31m"})

    with pytest.raises(NylasError) as caught:
        await client.authorize({})

    assert len(str(caught.value)) < 600
    assert caught.value.message.endswith("…")


def in_half_a_minute() -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)


@pytest.mark.rule("API-004")
@pytest.mark.parametrize(
    ("header", "value", "least", "most"),
    [
        ("X-RateLimit-Reset", lambda: "10", 10, 10),
        ("Retry-After", lambda: "7", 7, 7),
        ("Retry-After", in_half_a_minute, 20, 30),
        ("X-RateLimit-Reset", lambda: "1795428000", 60, 60),
        ("X-RateLimit-Reset", lambda: "soon", 0, 1),
    ],
    ids=["reset-seconds", "seconds", "http-date", "epoch-is-capped", "nonsense"],
)
async def test_a_429_is_waited_out_as_it_says(
    network: Network,
    client: NylasV2Client,
    waits: list[float],
    httpx_mock: HTTPXMock,
    header: str,
    value: Callable[[], str],
    least: float,
    most: float,
) -> None:
    httpx_mock.add_response(status_code=429, headers={header: value()}, json={"message": "Too many requests"})
    httpx_mock.add_response(json={"application_name": "Scheduler"})

    assert (await client.application()).application_name == "Scheduler"

    assert len(waits) == 1
    assert least <= waits[0] <= most
    budget = network.budgets.of("nylas_v2")
    assert (budget.sent, budget.throttled, budget.waited_s) == (2, 1, waits[0])


@pytest.mark.rule("API-004")
@pytest.mark.httpx_mock(can_send_already_matched_responses=True)
async def test_throttling_that_does_not_end_is_an_error(
    client: NylasV2Client, waits: list[float], httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(
        status_code=429, headers={"X-RateLimit-Reset": "10"}, json={"message": "Too many"}
    )

    with pytest.raises(NylasError) as caught:
        await client.application()

    assert caught.value.status == 429
    assert waits == [10.0, 10.0, 10.0]
    assert len(httpx_mock.get_requests()) == 4


@pytest.mark.rule("API-004")
@pytest.mark.parametrize("call", CONNECT_CALLS.values(), ids=CONNECT_CALLS)
@pytest.mark.parametrize(
    "failure",
    [
        httpx.ReadTimeout("silence"),
        httpx.RemoteProtocolError("Server disconnected without sending a response."),
        httpx.ReadError("reset"),
        httpx.Response(500, text="oops"),
        httpx.Response(502, content=PAGE),
        httpx.Response(503, text="busy", headers={"Retry-After": "1"}),
        httpx.Response(504, json={"message": "action timed out making an external request"}),
        httpx.Response(200, content=PAGE, headers={"Content-Type": "text/html"}),
        httpx.Response(200, content=b'{"code": "abc', headers={"Content-Type": "application/json"}),
        httpx.Response(200, json={"code": None, "access_token": None}),
    ],
    ids=["timeout", "disconnect", "reset", "500", "502", "503", "504", "page", "truncated", "null"],
)
async def test_an_ambiguous_failure_is_not_repeated_and_says_so(
    client: NylasV2Client,
    waits: list[float],
    httpx_mock: HTTPXMock,
    call: Call,
    failure: Exception | httpx.Response,
) -> None:
    def fail(_request: httpx.Request) -> httpx.Response:
        if isinstance(failure, Exception):
            raise failure
        return failure

    httpx_mock.add_callback(fail)

    with pytest.raises(ClientError, match=UNKNOWN):
        await call(client)

    assert len(httpx_mock.get_requests()) == 1
    assert waits == []


@pytest.mark.rule("API-004")
@pytest.mark.parametrize("call", CONNECT_CALLS.values(), ids=CONNECT_CALLS)
@pytest.mark.parametrize("status", [400, 401, 403, 429])
async def test_a_refused_connect_call_is_not_repeated_and_its_outcome_is_known(
    client: NylasV2Client, httpx_mock: HTTPXMock, call: Call, status: int
) -> None:
    httpx_mock.add_response(status_code=status, json={"message": "no"}, headers={"Retry-After": "1"})

    with pytest.raises(NylasError) as caught:
        await call(client)

    assert caught.value.status == status
    assert UNKNOWN not in str(caught.value)
    assert len(httpx_mock.get_requests()) == 1


@pytest.mark.rule("API-004")
@pytest.mark.parametrize("call", CONNECT_CALLS.values(), ids=CONNECT_CALLS)
async def test_a_host_that_was_never_reached_leaves_no_doubt(
    client: NylasV2Client, httpx_mock: HTTPXMock, call: Call
) -> None:
    httpx_mock.add_exception(httpx.ConnectError("[Errno 111] Connection refused"))

    with pytest.raises(Unreachable) as caught:
        await call(client)

    assert caught.value.kind == "connect"
    assert UNKNOWN not in str(caught.value)


@pytest.mark.rule("API-004")
async def test_a_read_is_repeated_after_a_lost_connection(
    client: NylasV2Client, waits: list[float], httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_exception(httpx.RemoteProtocolError("Server disconnected"))
    httpx_mock.add_response(json={"application_name": "Scheduler"})

    assert (await client.application()).application_name == "Scheduler"

    assert len(httpx_mock.get_requests()) == 2
    assert len(waits) == 1
