"""The Nylas v2 client's requests: what is sent where, with which credential, and how often."""

import asyncio
import base64
import json
import re
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs

import httpx
import pytest
from pytest_httpx import HTTPXMock

from nylas_readiness.fixtures.clients import transport
from nylas_readiness.fixtures.clients.allowed import CONNECTS, READS, allow
from nylas_readiness.fixtures.clients.errors import ClientError, NotAllowed, Refused, Stranger
from nylas_readiness.fixtures.clients.nylas_v2 import NylasV2Client
from nylas_readiness.fixtures.inputs.tenant import NYLAS_V2_HOSTS
from nylas_readiness.fixtures.secrets import Secret

pytestmark = [pytest.mark.offline, pytest.mark.anyio]

US = "https://api.nylas.com"
SECRET = "s3cr3t-7Qd5nYv2-of-v2"
REFRESH_TOKEN = "0.AXMA-refresh-token-of-the-service-account"
PAYLOAD = {
    "client_id": "app-1",
    "name": "Ann Ämter",
    "email_address": "ann@contoso.example",
    "provider": "exchange",
    "scopes": "calendar",
    "settings": {
        "microsoft_client_id": "azure-1",
        "microsoft_client_secret": "azure-secret-1",
        "microsoft_refresh_token": REFRESH_TOKEN,
        "redirect_uri": "https://app.contoso.example/callback",
        "service_account": True,
    },
}
ACCOUNT = {
    "account_id": "a1",
    "email_address": "ann@contoso.example",
    "provider": "eas",
    "sync_state": "running",
}


def client_at(base: str) -> NylasV2Client:
    routes = {"nylas_v2": READS["nylas_v2"] + CONNECTS["nylas_v2"]}
    network = transport.Network(allow(routes, {"nylas_v2": base}), transport=httpx.AsyncHTTPTransport())
    return NylasV2Client(network.service("nylas_v2", base), "app-1", Secret(SECRET))


@pytest.fixture
def client() -> NylasV2Client:
    """Return a client of the US region, on httpx's own transport: pytest-httpx sees no other."""
    return client_at(US)


def listed(*numbers: int) -> list[dict[str, str]]:
    return [{"account_id": f"a{number}", "email": f"user{number}@contoso.example"} for number in numbers]


@pytest.mark.rule("API-001")
@pytest.mark.parametrize(
    ("region", "host"), [("us", "api.nylas.com"), ("ireland", "ireland.api.nylas.com")], ids=["us", "ireland"]
)
async def test_authorize_posts_json_to_the_region_without_a_secret_in_the_url(
    httpx_mock: HTTPXMock, region: str, host: str
) -> None:
    httpx_mock.add_response(json={"code": "code-1"})

    code = await client_at(NYLAS_V2_HOSTS[region]).authorize(PAYLOAD)

    (request,) = httpx_mock.get_requests()
    assert (request.method, str(request.url)) == ("POST", f"https://{host}/connect/authorize")
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Nylas-API-Version"] == "2.5"
    assert json.loads(request.content) == PAYLOAD
    assert b'"service_account":true' in request.content
    assert "Ann Ämter".encode() in request.content
    assert code.reveal() == "code-1"


@pytest.mark.rule("API-001")
async def test_every_call_keeps_the_secrets_out_of_its_url(
    client: NylasV2Client, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(url=f"{US}/connect/authorize", json={"code": "code-2-of-one-use"})
    httpx_mock.add_response(url=f"{US}/connect/token", json=ACCOUNT | {"access_token": "access-token-2"})
    httpx_mock.add_response(url=f"{US}/a/app-1", json={"application_name": "A"})
    httpx_mock.add_response(url=f"{US}/account", json=ACCOUNT)

    code = await client.authorize(PAYLOAD)
    connected = await client.token(code)
    await client.application()
    await client.account(connected.access_token)

    urls = " ".join(str(request.url) for request in httpx_mock.get_requests())
    secrets = (SECRET, REFRESH_TOKEN, "azure-secret-1", "code-2-of-one-use", "access-token-2")
    assert [secret for secret in secrets if secret in urls] == []


@pytest.mark.rule("API-001")
async def test_the_live_list_lets_no_account_be_connected(httpx_mock: HTTPXMock) -> None:
    network = transport.Network(allow(READS, {"nylas_v2": US}), transport=httpx.AsyncHTTPTransport())
    client = NylasV2Client(network.service("nylas_v2", US), "app-1", Secret(SECRET))

    for call in (client.authorize(PAYLOAD), client.token(Secret("code-of-one-use"))):
        with pytest.raises(NotAllowed, match="guard"):
            await call

    assert httpx_mock.get_requests() == []
    assert network.budgets.sent == 0


@pytest.mark.rule("API-002")
async def test_the_code_is_exchanged_once_and_further_members_are_tolerated(
    client: NylasV2Client, httpx_mock: HTTPXMock
) -> None:
    additions = {"access_token": "access-token-3", "calendar_v9": {"new": [None]}, "linked_at": 1563496685}
    httpx_mock.add_response(json=ACCOUNT | additions)

    connected = await client.token(Secret("code-3-of-one-use"))

    (request,) = httpx_mock.get_requests()
    assert (request.method, str(request.url)) == ("POST", f"{US}/connect/token")
    assert json.loads(request.content) == {
        "client_id": "app-1",
        "client_secret": SECRET,
        "code": "code-3-of-one-use",
    }
    assert connected.access_token.reveal() == "access-token-3"
    assert connected.account.address == "ann@contoso.example"
    assert (connected.account.account_id, connected.account.linked_at) == ("a1", 1563496685)


@pytest.mark.rule("API-002")
async def test_a_used_code_is_not_tried_again(client: NylasV2Client, httpx_mock: HTTPXMock) -> None:
    said = "Sorry, the code you provided is not valid. It has already been used, or has expired."
    httpx_mock.add_response(status_code=400, json={"message": said, "type": "api_error"})

    with pytest.raises(Refused, match="already been used"):
        await client.token(Secret("code-4-of-one-use"))

    assert len(httpx_mock.get_requests()) == 1


@pytest.mark.rule("API-005")
async def test_application_calls_use_basic_with_the_client_secret_as_user_name(
    client: NylasV2Client, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(
        url=f"{US}/a/app-1", json={"application_name": "Scheduler", "redirect_uris": ["https://x"]}
    )
    httpx_mock.add_response(url=re.compile(r".*/accounts\?"), json=[])

    application = await client.application()
    assert [account async for account in client.accounts()] == []

    expected = "Basic " + base64.b64encode(f"{SECRET}:".encode()).decode()
    assert [request.headers["Authorization"] for request in httpx_mock.get_requests()] == [expected, expected]
    assert (application.application_name, application.redirect_uris) == ("Scheduler", ("https://x",))


@pytest.mark.rule("API-005")
async def test_the_account_call_uses_the_access_token(client: NylasV2Client, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=f"{US}/account", json=ACCOUNT)

    account = await client.account(Secret("access-token-5"))

    (request,) = httpx_mock.get_requests()
    assert request.headers["Authorization"] == "Bearer access-token-5"
    assert account.sync_state == "running"


@pytest.mark.rule("API-005")
@pytest.mark.httpx_mock(can_send_already_matched_responses=True)
@pytest.mark.parametrize("page_size", [1, 7, 100, 1000])
async def test_the_listing_is_paged_to_its_end_whatever_page_size_the_server_keeps(
    client: NylasV2Client, httpx_mock: HTTPXMock, page_size: int
) -> None:
    everything = listed(*range(23))

    def page(request: httpx.Request) -> httpx.Response:
        offset = int(parse_qs(request.url.query.decode())["offset"][0])
        return httpx.Response(200, json=everything[offset : offset + page_size])

    httpx_mock.add_callback(page)

    assert [account.account_id async for account in client.accounts()] == [f"a{n}" for n in range(23)]


@pytest.mark.rule("API-005")
@pytest.mark.httpx_mock(can_send_already_matched_responses=True)
async def test_a_server_that_ignores_the_offset_is_not_asked_for_ever(
    client: NylasV2Client, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(json=listed(1, 2))

    assert [account.account_id async for account in client.accounts()] == ["a1", "a2"]
    assert len(httpx_mock.get_requests()) == 2


@pytest.mark.rule("API-006")
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_credentials_follow_no_redirect(
    client: NylasV2Client, httpx_mock: HTTPXMock, status: int
) -> None:
    elsewhere = {"Location": "https://collector.example/steal"}
    for path in ("connect/authorize", "connect/token", "a/app-1", "account"):
        httpx_mock.add_response(url=f"{US}/{path}", status_code=status, headers=elsewhere)
    calls = (
        client.authorize(PAYLOAD),
        client.token(Secret("code-6-of-one-use")),
        client.application(),
        client.account(Secret("access-token-6")),
    )

    for call in calls:
        with pytest.raises(Stranger, match=r"redirect( to https://collector\.example/steal)?, not followed"):
            await call

    assert {request.url.host for request in httpx_mock.get_requests()} == {"api.nylas.com"}
    assert len(httpx_mock.get_requests()) == 4


@pytest.fixture
async def stranger(tmp_path: Path) -> AsyncIterator[tuple[str, Path, list[bytes]]]:
    """Serve TLS for `localhost` of a CA that nobody trusts; yield URL, CA file and what was received."""
    import trustme

    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    received: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 22\r\n\r\n")
        writer.write(b'{"redirect_uris":null}')
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    async with server:
        yield f"https://localhost:{server.sockets[0].getsockname()[1]}", tmp_path / "ca.pem", received


@pytest.mark.rule("API-006")
@pytest.mark.parametrize("trusted", [True, False], ids=["with its CA", "without its CA"])
async def test_tls_is_verified_and_ca_file_adds_an_anchor(
    stranger: tuple[str, Path, list[bytes]], trusted: bool
) -> None:
    base, ca_file, received = stranger
    wire = transport.Wire(ca_file=ca_file if trusted else None)

    async with transport.Network(allow(READS, {"nylas_v2": base}), wire=wire) as network:
        client = NylasV2Client(network.service("nylas_v2", base), "app-1", Secret(SECRET))
        if trusted:
            assert (await client.application()).application_name is None
        else:
            with pytest.raises(ClientError, match=r"CERTIFICATE_VERIFY_FAILED.*ca_file"):
                await client.application()

    assert len(received) == int(trusted)


@pytest.mark.rule("API-006")
async def test_a_certificate_for_another_name_is_refused(stranger: tuple[str, Path, list[bytes]]) -> None:
    base, ca_file, received = stranger
    base = base.replace("localhost", "127.0.0.1")

    async with transport.Network(
        allow(READS, {"nylas_v2": base}), wire=transport.Wire(ca_file=ca_file)
    ) as network:
        client = NylasV2Client(network.service("nylas_v2", base), "app-1", Secret(SECRET))
        with pytest.raises(ClientError, match="TLS connection failed"):
            await client.application()

    assert received == []


@pytest.mark.rule("API-006")
def test_no_client_has_a_way_to_turn_verification_off() -> None:
    source = "".join(path.read_text("utf-8") for path in Path(transport.__file__).parent.glob("*.py"))

    assert "verify=True" in source
    assert not re.search(r"verify\s*=\s*False|CERT_NONE|check_hostname|_create_unverified", source)
