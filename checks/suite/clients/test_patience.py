"""How trouble of the moment is told from an answer, how long it is waited for, and where patience ends."""

import asyncio
from collections.abc import Callable
from email.utils import formatdate

import httpx
import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.fixtures.clients.allowed import READS, allow
from nylas_readiness.fixtures.clients.codes import Unreadable
from nylas_readiness.fixtures.clients.entra import EntraClient, TokenRefused
from nylas_readiness.fixtures.clients.errors import ClientError, Refused, Unintelligible, Unreachable
from nylas_readiness.fixtures.clients.ews import EwsClient, EwsTrouble
from nylas_readiness.fixtures.clients.graph import GraphClient
from nylas_readiness.fixtures.clients.patience import (
    EARNED_S,
    FIRM,
    USUAL,
    WAITED_AT_MOST_S,
    Turns,
    Waits,
    asked_wait,
    backoff,
)
from nylas_readiness.fixtures.clients.request import Line
from nylas_readiness.fixtures.clients.response import Response
from nylas_readiness.fixtures.clients.transport import Network, Service
from nylas_readiness.fixtures.clients.trouble import trouble_of
from nylas_readiness.fixtures.secrets import Secret

pytestmark = [pytest.mark.offline, pytest.mark.anyio]

HOST = "https://host.example"
DOMAINS = "/v1.0/domains"
NOW = 1_790_000_000.0


class Bench:
    """A network whose time passes only while it waits, over a handler."""

    def __init__(self, handler: Callable[[httpx.Request], httpx.Response]) -> None:
        self.time = 0.0
        self.pauses: list[float] = []
        self.sent = 0
        self._handler = handler
        self.network = Network(
            allow(READS, dict.fromkeys(READS, HOST)),
            transport=httpx.MockTransport(self._count),
            sleep=self._sleep,
            clock=lambda: self.time,
            now=lambda: NOW + self.time,
            jitter=lambda: 1.0,
        )

    def service(self, name: str = "graph") -> Service:
        """Return a service with the usual patience."""
        return self.network.service(name, HOST)

    def _count(self, request: httpx.Request) -> httpx.Response:
        self.sent += 1
        return self._handler(request)

    async def _sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.time += seconds
        await asyncio.sleep(0)


def one_after_another(*answers: httpx.Response | Exception) -> Callable[[httpx.Request], httpx.Response]:
    """Return a handler that gives each answer once, and the last one for ever."""
    remaining = list(answers)

    def handle(_request: httpx.Request) -> httpx.Response:
        answer = remaining.pop(0) if len(remaining) > 1 else remaining[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    return handle


async def token() -> Secret:
    return Secret("patience-test-token")


def fault(code: str) -> bytes:
    """Return Exchange's fault of a code."""
    from nylas_readiness.fixtures.sandbox import ews_xml

    return ews_xml.fault(code, "No.")


DONE = httpx.Response(200, json={"value": []})


@each_of(
    ("status", "codes", "kind"),
    [
        (400, ["90033"], Unreadable.TROUBLE),
        (400, ["temporarily_unavailable"], Unreadable.TROUBLE),
        (400, ["90041", "server_error"], Unreadable.TROUBLE),
        (400, ["90055"], Unreadable.THROTTLED),
        (200, ["ErrorTimeoutExpired"], Unreadable.TROUBLE),
        (200, ["ErrorExceededConnectionCount"], Unreadable.THROTTLED),
        (403, ["ApplicationThrottled"], Unreadable.THROTTLED),
        (429, [], Unreadable.THROTTLED),
        (408, [], Unreadable.TROUBLE),
        (500, ["invalid_grant"], Unreadable.TROUBLE),
        (400, ["50196", "invalid_grant"], None),
        (400, ["700082", "invalid_grant"], None),
        (200, ["ErrorImpersonateUserDenied"], None),
        (404, ["MailboxNotEnabledForRESTAPI"], None),
        (511, [], None),
        (302, [], None),
    ],
)
def test_trouble_is_told_from_an_answer_by_status_and_code(
    status: int, codes: list[str], kind: Unreadable | None
) -> None:
    assert trouble_of(status, codes) is kind


TORN = httpx.Response(200, headers={"Content-Type": "application/json"}, content=b'{"value": [{"id": ')
TROUBLES: list[httpx.Response | Exception] = [
    *(httpx.Response(status) for status in (408, 429, 500, 502, 503, 504)),
    httpx.Response(503, text="<html><title>Gateway</title></html>"),
    httpx.Response(404, json={"error": {"code": "serviceNotAvailable"}}),
    TORN,
    httpx.RemoteProtocolError("disconnected"),
    httpx.ReadError("reset"),
]


@each_of("trouble", TROUBLES)
async def test_trouble_of_a_read_is_asked_again(trouble: httpx.Response | Exception) -> None:
    bench = Bench(one_after_another(trouble, trouble, DONE))

    assert await GraphClient(bench.service(), token).domains() == []
    assert bench.pauses == [0.5, 1.0]


async def test_trouble_that_stays_ends_with_its_kind_and_later_as_the_advice() -> None:
    bench = Bench(one_after_another(httpx.Response(502, text="<html>")))

    with pytest.raises(Refused, match=r"HTTP 502.*Run again later") as caught:
        await GraphClient(bench.service(), token).domains()

    assert caught.value.unreadable is Unreadable.TROUBLE
    assert bench.sent == USUAL.tries


async def test_what_everything_hangs_on_is_asked_with_more_patience() -> None:
    bench = Bench(one_after_another(httpx.Response(500)))
    service = bench.network.service("login", HOST, patience=FIRM)

    with pytest.raises(TokenRefused) as caught:
        await EntraClient(service, "contoso.example").client_credentials("app", Secret("word-of-app"), "s")

    assert caught.value.unreadable is Unreadable.TROUBLE
    assert bench.sent == FIRM.tries
    assert bench.pauses == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0]


async def test_a_first_lost_connection_attempt_costs_nothing_that_everything_hangs_on() -> None:
    refused = httpx.ConnectError("refused")
    bench = Bench(one_after_another(refused, refused, DONE))
    firm = GraphClient(bench.network.service("graph", HOST, patience=FIRM), token)
    assert await firm.domains() == []

    bench = Bench(one_after_another(refused, DONE))
    with pytest.raises(Unreachable):
        await GraphClient(bench.service(), token).domains()


@each_of(
    ("body", "kind"),
    [
        ({"error": "invalid_grant", "error_description": "AADSTS90033: transient"}, Unreadable.TROUBLE),
        ({"error": "server_error", "error_codes": [90041]}, Unreadable.TROUBLE),
        ({"error": "invalid_grant", "error_codes": [50196]}, Unreadable.REFUSED),
        ({"error": "invalid_client", "error_codes": [7000215]}, Unreadable.REFUSED),
    ],
)
async def test_a_token_request_is_asked_again_only_in_trouble(body: object, kind: Unreadable) -> None:
    bench = Bench(one_after_another(httpx.Response(400, json=body)))
    entra = EntraClient(bench.service("login"), "contoso.example")

    with pytest.raises(TokenRefused) as caught:
        await entra.redeem("app", Secret("word-of-app"), Secret("refresh-of-app"), "scope")

    assert caught.value.unreadable is kind
    assert bench.sent == (USUAL.tries if kind is Unreadable.TROUBLE else 1)


@each_of(
    ("code", "status", "kind"),
    [
        ("ErrorMailboxStoreUnavailable", 500, Unreadable.TROUBLE),
        ("ErrorInternalServerTransientError", 200, Unreadable.TROUBLE),
        ("ErrorExceededConnectionCount", 500, Unreadable.THROTTLED),
    ],
)
async def test_a_transient_code_of_exchange_is_no_answer_about_the_mailbox(
    code: str, status: int, kind: Unreadable
) -> None:
    bench = Bench(one_after_another(httpx.Response(status, content=fault(code))))

    with pytest.raises(EwsTrouble, match=code) as caught:
        await EwsClient(bench.service("outlook"), token).get_folder("calendar", "ann@contoso.example")

    assert caught.value.unreadable is kind
    assert bench.sent == USUAL.tries


async def test_a_torn_envelope_is_asked_for_again() -> None:
    whole = fault("ErrorNonExistentMailbox")
    bench = Bench(
        one_after_another(httpx.Response(200, content=whole[:90]), httpx.Response(500, content=whole))
    )

    answer = await EwsClient(bench.service("outlook"), token).get_folder()

    assert (answer.response_code, bench.sent) == ("ErrorNonExistentMailbox", 2)


async def test_a_success_that_is_torn_behind_its_code_is_asked_for_again() -> None:
    whole = fault("NoError").replace(b"Fault", b"GetFolderResponse")
    bench = Bench(
        one_after_another(httpx.Response(200, content=whole[:-20]), httpx.Response(200, content=whole))
    )

    answer = await EwsClient(bench.service("outlook"), token).get_folder()

    assert (answer.ok, bench.sent) == (True, 2)


@each_of("status", [502, 503, 504])
async def test_an_inner_answer_in_trouble_is_asked_for_again(status: int) -> None:
    asked: list[bytes] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request.content)
        first = {"id": "1", "status": status, "body": {"error": {"code": "x"}}}
        inner = [first if len(asked) == 1 else {"id": "1", "status": 200, "body": {"value": []}}]
        return httpx.Response(200, json={"responses": inner})

    bench = Bench(handle)
    assert await GraphClient(bench.service(), token).licences(["u1"]) == {"u1": []}
    assert (len(asked), bench.pauses) == (2, [0.5])


def answer(**headers: str) -> Response:
    named = {name.replace("_", "-").lower(): value for name, value in headers.items()}
    return Response(status_code=503, headers=named, content=b"", line=Line("GET", "https://host.example/"))


@each_of(
    ("response", "seconds"),
    [
        (answer(Retry_After="7"), 7.0),
        (answer(Retry_After=" 12 "), 12.0),
        (answer(Retry_After=formatdate(NOW + 40, usegmt=True)), 40.0),
        (answer(Retry_After=formatdate(940, usegmt=True), Date=formatdate(900, usegmt=True)), 40.0),
        (answer(Retry_After=formatdate(NOW - 40, usegmt=True)), None),
        (answer(X_RateLimit_Reset="10"), 10.0),
        (answer(Retry_After="3", X_RateLimit_Reset="10"), 3.0),
        (answer(Retry_After="-5"), None),
        (answer(Retry_After="٣"), None),
        (answer(Retry_After="soon"), None),
        (answer(Retry_After="0"), None),
        (answer(), None),
    ],
)
def test_the_wait_that_an_answer_asks_for_is_read_in_both_forms(
    response: Response, seconds: float | None
) -> None:
    assert asked_wait(response, NOW) == seconds


def test_a_pause_grows_is_spread_and_is_bounded() -> None:
    assert [backoff(attempt, 1.0) for attempt in range(6)] == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0]
    assert [backoff(attempt, 0.0) for attempt in range(2)] == [0.25, 0.5]


async def test_a_host_that_is_in_trouble_for_good_costs_minutes_and_not_hours() -> None:
    """A hundred requests that are each told to wait a minute, three times, would be five hours."""
    bench = Bench(lambda _request: httpx.Response(503, headers={"Retry-After": "60"}))
    service = bench.service()
    errors: list[ClientError] = []
    for _ in range(100):
        with pytest.raises(Refused) as caught:
            await GraphClient(service, token).domains()
        errors.append(caught.value)

    assert bench.time <= WAITED_AT_MOST_S
    assert bench.sent <= 100 + USUAL.tries
    assert {error.unreadable for error in errors[1:]} == {Unreadable.THROTTLED}
    assert "it asks for 180 s more" in str(errors[-1])


def test_waits_of_many_requests_at_once_count_once_and_answers_earn_more() -> None:
    now = [0.0]
    waits = Waits(lambda: now[0])
    assert all(waits.allow(60) for _ in range(27))
    now[0] = 60
    assert waits.allow(60)
    now[0] = 120
    assert waits.allow(60)
    now[0] = 180
    assert not waits.allow(60)
    for _ in range(int(60 / EARNED_S)):
        waits.answered()
    assert waits.allow(60)


async def test_a_limit_that_was_met_is_not_met_again_and_again() -> None:
    """A server that bears eight at a time, asked by thirty: it turns away few, and all are answered."""
    under_way = turned_away = 0

    class Bearing(httpx.AsyncBaseTransport):
        async def handle_async_request(self, _request: httpx.Request) -> httpx.Response:
            nonlocal under_way, turned_away
            under_way += 1
            try:
                await asyncio.sleep(0)
                await asyncio.sleep(0)
                if under_way > 8:
                    turned_away += 1
                    return httpx.Response(429, headers={"Retry-After": "1"})
                return httpx.Response(200, json={"value": []})
            finally:
                under_way -= 1

    async def sleep(_seconds: float) -> None:
        await asyncio.sleep(0)

    network = Network(allow(READS, {"graph": HOST}), transport=Bearing(), sleep=sleep)
    client = GraphClient(network.service("graph", HOST), token)
    answers = await asyncio.gather(*(client.domains() for _ in range(600)), return_exceptions=True)

    assert answers.count([]) == 600
    assert turned_away < 150


async def test_a_turn_that_was_waited_for_in_vain_is_given_to_the_next() -> None:
    turns = Turns(1)
    order: list[str] = []

    async def take(name: str) -> None:
        async with turns.turn():
            order.append(name)
            await asyncio.sleep(0)

    tasks = [asyncio.create_task(take(name)) for name in "abc"]
    await asyncio.sleep(0)
    tasks[1].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    async with turns.turn():
        assert order == ["a", "c"]


def test_of_many_that_are_turned_away_together_only_the_first_halves_the_limit() -> None:
    turns = Turns(64)
    turns._running = 20  # noqa: SLF001 -- twenty are under way
    sent = turns.halved
    for _ in range(20):
        turns.throttled(sent)
    assert turns.limit == 10
    for _ in range(100):
        turns.answered()
    assert turns.limit == 10
    for _ in range(10_000):
        turns.answered()
    assert 20 < turns.limit <= 64


async def test_a_post_that_connects_is_sent_once_whatever_comes() -> None:
    bench = Bench(one_after_another(httpx.Response(503, headers={"Retry-After": "1"})))
    response = await bench.service("login").send(
        "POST", "/contoso.example/oauth2/v2.0/token", content=b"grant_type=refresh_token"
    )
    assert (response.status_code, bench.sent, bench.pauses) == (503, 1, [])


async def test_json_that_is_torn_to_the_end_is_trouble() -> None:
    bench = Bench(one_after_another(TORN))
    with pytest.raises(Unintelligible, match="truncated") as caught:
        await GraphClient(bench.service(), token).domains()
    assert caught.value.unreadable is Unreadable.TROUBLE


async def test_a_host_that_is_left_alone_meanwhile_is_told_by_how_it_failed() -> None:
    bench = Bench(one_after_another(httpx.ConnectTimeout("silence")))
    firm = GraphClient(bench.network.service("graph", HOST, patience=FIRM), token)

    with pytest.raises(Unreachable, match="no answer in time"):
        await firm.domains()
    with pytest.raises(Unreachable, match="no answer in time"):
        await firm.domains()
    with pytest.raises(Unreachable, match="not asked again"):
        await firm.domains()
    assert bench.sent == 5
