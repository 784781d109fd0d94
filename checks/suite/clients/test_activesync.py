"""The configured ActiveSync hosts: which are asked, where, with what, and how often."""

from pathlib import Path

import httpx
import msgspec
import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.fixtures.clients.activesync import ActiveSyncAnswer, ActiveSyncClient
from nylas_readiness.fixtures.clients.allowed import READS, Guard, allow
from nylas_readiness.fixtures.clients.errors import NotAllowed
from nylas_readiness.fixtures.clients.transport import Network
from nylas_readiness.fixtures.evidence.activesync_hosts import hosts_of, read_hosts
from nylas_readiness.fixtures.evidence.slots import Absent, Read, Unread
from nylas_readiness.fixtures.evidence.vendors import activesync_url, allowed_for
from nylas_readiness.fixtures.inputs.accounts import Account, AccountList, with_host
from nylas_readiness.fixtures.inputs.tenant import load

pytestmark = [pytest.mark.offline, pytest.mark.anyio]

HOST = "eas.contoso.com"
URL = f"https://{HOST}"
PATH = "/Microsoft-Server-ActiveSync"
TENANT = """
[tenant]
name = "contoso"
[service_account]
email = "nylas-svc@contoso.com"
[nylas.v2]
client_id = "c"
client_secret = "env:NYLAS"
"""


class Bench:
    """A network over one answer, with the requests that reached it."""

    def __init__(self, response: httpx.Response, base: str = URL) -> None:
        self.requests: list[httpx.Request] = []

        def answer(request: httpx.Request) -> httpx.Response:
            self.requests.append(request)
            return response

        allowed = allow(READS, {"activesync": base})
        self.network = Network(allowed, transport=httpx.MockTransport(answer))
        self.service = self.network.service("activesync", base)
        self.client = ActiveSyncClient(self.service, HOST)


async def test_a_host_is_asked_for_its_options_without_credentials() -> None:
    bench = Bench(httpx.Response(401, headers={"WWW-Authenticate": "Basic"}))

    assert await bench.client.options() == ActiveSyncAnswer(http_status=401, challenge="Basic")
    [request] = bench.requests
    assert (request.method, str(request.url)) == ("OPTIONS", URL + PATH)
    assert request.content == b""
    assert {"authorization", "cookie"}.isdisjoint(request.headers)


async def test_behind_an_endpoint_of_another_name_it_is_still_asked_for_by_its_own() -> None:
    bench = Bench(
        httpx.Response(200, headers={"MS-ASProtocolVersions": "16.1"}), "https://proxy.example:8443"
    )

    assert await bench.client.options() == ActiveSyncAnswer(http_status=200, protocol_versions="16.1")
    [request] = bench.requests
    assert request.url.netloc == b"proxy.example:8443"
    assert request.headers.get_list("Host") == [HOST]


async def test_headers_are_kept_as_one_bounded_line() -> None:
    bench = Bench(httpx.Response(451, headers={"X-MS-Location": "https://x.example/" + "a" * 10_000}))
    answer = await bench.client.options()
    assert answer.location is not None
    assert len(answer.location) < 400
    assert msgspec.json.decode(msgspec.json.encode(answer), type=ActiveSyncAnswer) == answer


@each_of(
    ("method", "url"),
    [
        ("POST", URL + PATH),
        ("GET", URL + PATH),
        ("OPTIONS", URL + "/"),
        ("OPTIONS", URL + PATH + "/more"),
        ("OPTIONS", URL + ":8443" + PATH),
        ("OPTIONS", f"https://other.contoso.com{PATH}"),
        ("OPTIONS", f"http://{HOST}{PATH}"),
    ],
)
async def test_the_guard_lets_nothing_else_to_the_host(method: str, url: str) -> None:
    bench = Bench(httpx.Response(200))
    with pytest.raises(NotAllowed):
        await bench.service.send(method, url)
    assert bench.requests == []


def listed(*hosts: str | None) -> AccountList:
    accounts = [
        Account(email=f"user{number}@contoso.com", eas_server_host=host) for number, host in enumerate(hosts)
    ]
    return AccountList(source="accounts.csv", accounts=accounts)


def test_a_host_is_asked_once_whoever_it_is_for_and_only_if_it_is_a_host() -> None:
    accounts = listed(
        "b.contoso.com", "B.contoso.com", None, "https://x/", "evil.com/path", "10.0.0.1", "a b"
    )
    assert hosts_of(accounts, "a.contoso.com") == ["a.contoso.com", "b.contoso.com"]
    assert hosts_of(accounts, "localhost") == ["b.contoso.com"]
    assert hosts_of(None, None) == []


def test_the_host_for_all_is_for_those_without_one_of_their_own() -> None:
    accounts = with_host(listed("own.contoso.com", None), "all.contoso.com").accounts
    assert [account.eas_server_host for account in accounts] == ["own.contoso.com", "all.contoso.com"]


async def test_an_account_gets_the_answer_of_its_host_or_the_reason_for_none() -> None:
    bench = Bench(httpx.Response(404, headers={"X-FEServer": "MAIL01"}))
    hosts = await read_hosts([HOST], lambda _host: bench.client, concurrency=2)

    answered = hosts.of(HOST.upper())
    assert isinstance(answered, Read)
    assert answered.value == ActiveSyncAnswer(http_status=404)
    assert len(bench.requests) == 1
    assert isinstance(hosts.of(None), Absent)
    bad = hosts.of("https://x")
    assert isinstance(bad, Unread)
    assert bad.cause == "ACC-008"


@each_of(
    ("endpoints", "url"),
    [
        ("", f"https://{HOST}"),
        ('[endpoints]\noutlook = "https://outlook.office365.com"', f"https://{HOST}"),
        ('[endpoints]\noutlook = "https://proxy.example:8443"', "https://proxy.example:8443"),
    ],
)
def test_a_host_is_reached_at_itself_unless_outlook_is_replaced(
    endpoints: str, url: str, tmp_path: Path
) -> None:
    path = tmp_path / "contoso.toml"
    path.write_text(TENANT + endpoints, "utf-8")
    tenant = load(path, {})
    assert activesync_url(tenant, HOST) == url

    def lets(method: str, host: str, *, hosts: tuple[str, ...]) -> bool:
        allowed = allowed_for(tenant, hosts, writes=False)
        return Guard(allowed).written(method, host + PATH, (), b"") is not None

    assert lets("OPTIONS", url, hosts=(HOST,))
    assert not lets("OPTIONS", url, hosts=())
    assert not lets("POST", url, hosts=(HOST,))
