"""The Nylas v2 client and its secrets: they are on the wire, and nowhere else."""

import logging
import traceback
from collections.abc import Awaitable, Callable

import httpx
import msgspec
import pytest
from pytest_httpx import HTTPXMock

from nylas_readiness.checks.outcome import unknown
from nylas_readiness.fixtures.clients.allowed import CONNECTS, READS, allow
from nylas_readiness.fixtures.clients.errors import ClientError
from nylas_readiness.fixtures.clients.nylas_v2 import NylasV2Client
from nylas_readiness.fixtures.clients.transport import Network
from nylas_readiness.fixtures.secrets import Secret, scrub

pytestmark = [pytest.mark.offline, pytest.mark.anyio, pytest.mark.rule("API-007")]

US = "https://api.nylas.com"
CLIENT_SECRET = Secret("s3cr3t-9Kq2XwZ7-of-v2")
AZURE_SECRET = Secret("azure~client.secret/with+signs=")
REFRESH_TOKEN = Secret("0.AXMA-s3cr3t-7Hd3LmQ1")
CODE = Secret("code-of-one-use-s3cr3t")
ACCESS_TOKEN = Secret("s3cr3t-4Tn8RvB6-access")
SECRETS = (CLIENT_SECRET, AZURE_SECRET, REFRESH_TOKEN, CODE, ACCESS_TOKEN)
PAYLOAD = {
    "client_id": "app-1",
    "settings": {
        "microsoft_client_secret": AZURE_SECRET.reveal(),
        "microsoft_refresh_token": REFRESH_TOKEN.reveal(),
    },
}

Call = Callable[[NylasV2Client], Awaitable[object]]
CALLS: dict[str, Call] = {
    "authorize": lambda client: client.authorize(PAYLOAD),
    "token": lambda client: client.token(CODE),
    "application": lambda client: client.application(),
    "account": lambda client: client.account(ACCESS_TOKEN),
}
ECHO = " ".join(secret.reveal() for secret in SECRETS)
FAILURES: dict[str, Exception | httpx.Response] = {
    "connection": httpx.ConnectError(f"cannot connect with {ECHO}"),
    "timeout": httpx.ReadTimeout(""),
    "echoed error": httpx.Response(400, json={"message": ECHO, "error": ECHO, "server_error": ECHO}),
    "echoed page": httpx.Response(403, text=ECHO, headers={"Content-Type": "text/html"}),
    "echoed answer": httpx.Response(200, text=ECHO, headers={"Content-Type": "text/plain"}),
    "cut answer": httpx.Response(
        200, content=b'{"code": "' + ECHO.encode(), headers={"Content-Type": "application/json"}
    ),
    "redirect": httpx.Response(
        302, headers={"Location": f"https://elsewhere.example/?s={CLIENT_SECRET.reveal()}"}
    ),
}


@pytest.fixture
def client() -> NylasV2Client:
    """Return a client of the US region whose pauses take no time."""

    async def sleep(_seconds: float) -> None:
        return

    routes = {"nylas_v2": READS["nylas_v2"] + CONNECTS["nylas_v2"]}
    network = Network(allow(routes, {"nylas_v2": US}), transport=httpx.AsyncHTTPTransport(), sleep=sleep)
    return NylasV2Client(network.service("nylas_v2", US), "app-1", CLIENT_SECRET)


def shown(text: str) -> list[str]:
    return [secret.reveal() for secret in SECRETS if secret.reveal() in text]


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("failure", FAILURES.values(), ids=[name.replace(" ", "-") for name in FAILURES])
@pytest.mark.httpx_mock(can_send_already_matched_responses=True)
async def test_no_failure_shows_a_secret(
    client: NylasV2Client,
    httpx_mock: HTTPXMock,
    caplog: pytest.LogCaptureFixture,
    call: Call,
    failure: Exception | httpx.Response,
) -> None:
    def fail(_request: httpx.Request) -> httpx.Response:
        if isinstance(failure, Exception):
            raise failure
        return failure

    httpx_mock.add_callback(fail)
    caplog.set_level(logging.DEBUG)

    with pytest.raises(ClientError) as caught:
        await call(client)

    error = caught.value
    assert shown(f"{error} {error!r} {error.args} {vars(error)}") == []
    assert shown("".join(traceback.format_exception(error))) == []
    assert shown(caplog.text) == []
    assert shown(msgspec.json.encode(unknown(str(error))).decode()) == []


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
async def test_a_traceback_with_locals_is_clean_once_scrubbed(
    client: NylasV2Client, httpx_mock: HTTPXMock, call: Call
) -> None:
    httpx_mock.add_response(status_code=400, json={"message": ECHO})

    with pytest.raises(ClientError) as caught:
        await call(client)

    report = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert shown(scrub("".join(report.format()))) == []


async def test_success_logs_and_shows_no_secret(
    client: NylasV2Client, httpx_mock: HTTPXMock, caplog: pytest.LogCaptureFixture
) -> None:
    httpx_mock.add_response(url=f"{US}/connect/authorize", json={"code": CODE.reveal()})
    httpx_mock.add_response(
        url=f"{US}/connect/token", json={"account_id": "a1", "access_token": ACCESS_TOKEN.reveal()}
    )
    caplog.set_level(logging.DEBUG)

    code = await client.authorize(PAYLOAD)
    connected = await client.token(code)

    assert (code, connected.access_token) == (CODE, ACCESS_TOKEN)
    assert shown(f"{client!r} {vars(client)} {code!r} {code} {connected!r} {connected}") == []
    assert shown(caplog.text) == []


async def test_a_new_secret_of_an_answer_is_known_to_the_scrubber(
    client: NylasV2Client, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(json={"account_id": "a1", "access_token": "never-seen-before-access-token"})

    await client.token(CODE)

    assert scrub("it was never-seen-before-access-token") == "it was «secret»"


@pytest.mark.parametrize("call", [CALLS["authorize"], CALLS["token"]], ids=["authorize", "token"])
async def test_an_answer_that_brings_a_credential_is_not_quoted_when_it_cannot_be_read(
    client: NylasV2Client, httpx_mock: HTTPXMock, call: Call
) -> None:
    body = b'{"code": "credential-that-nobody-knows-yet", "access_token": "credential-that-nobody-knows-yet'
    httpx_mock.add_response(content=body, headers={"Content-Type": "application/json"})

    with pytest.raises(ClientError, match=f"no valid JSON.*{len(body)} bytes") as caught:
        await call(client)

    assert "credential-that-nobody" not in str(caught.value)
