"""The Nylas v3 client: what it sends, how it reads lists that change, and every kind of error body."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.fixtures.clients.allowed import READS, allow
from nylas_readiness.fixtures.clients.errors import LATER, ClientError, NotAllowed, Stranger, Unintelligible
from nylas_readiness.fixtures.clients.nylas_v3 import NO_PATH_KIND, NylasV3Client, NylasV3Error, texts_of
from nylas_readiness.fixtures.clients.transport import Network
from nylas_readiness.fixtures.evidence.prediction import NYLAS_V3_PAGE
from nylas_readiness.fixtures.evidence.slots import Read, Unread, waits_for
from nylas_readiness.fixtures.evidence.v3 import KEY_IS_GOOD, read_v3
from nylas_readiness.fixtures.secrets import Secret, forgotten_afterwards

pytestmark = [pytest.mark.offline, pytest.mark.anyio]

URL = "https://api.us.nylas.example"
KEY = "nyk_v0_a-key-of-the-test-and-of-nothing-else"

Handler = Callable[[httpx.Request], httpx.Response]


@pytest.fixture(autouse=True)
def _no_secret_outlives_a_test() -> Iterator[None]:
    with forgotten_afterwards():
        yield


async def at_once(_seconds: float) -> None:
    """Wait no time."""


def client(handler: Handler) -> NylasV3Client:
    network = Network(allow(READS, {"nylas_v3": URL}), transport=httpx.MockTransport(handler), sleep=at_once)
    return NylasV3Client(network.service("nylas_v3", URL), Secret(KEY))


def answering(status: int, **body: Any) -> NylasV3Client:  # noqa: ANN401 -- JSON of every type
    return client(lambda _request: httpx.Response(status, json=body))


def grant(number: int, **given: object) -> dict[str, object]:
    return {
        "id": f"g{number}",
        "provider": "microsoft",
        "created_at": number,
        "grant_status": "valid",
    } | given


async def ids_of(nylas: NylasV3Client) -> list[str]:
    """Return the ids of all grants as the client reads them; `none` for an entry that is no grant."""
    return [str(one.id) if one else "none" async for one in nylas.grants()]


class Grants:
    """A list of grants as Nylas pages it; `between`: what happens to it after each page.

    `most`: the greatest page of the server; `tells`: whether its answers have it as `limit`.
    """

    def __init__(self, count: int, *, most: int = 200, tells: bool = True) -> None:
        self.tells = tells
        self.items = [grant(number) for number in range(count)]
        self.between: list[Callable[[], object]] = []
        self.most, self.offsets = most, list[int]()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer with a page, then let the list change."""
        query = {name: values[0] for name, values in parse_qs(request.url.query.decode()).items()}
        assert (query["sort_by"], query["order_by"]) == ("created_at", "asc")
        limit, offset = min(int(query["limit"]), self.most), int(query["offset"])
        self.offsets.append(offset)
        page = self.items[offset : offset + limit]
        body = {"request_id": "r", "data": page} | ({"limit": limit, "offset": offset} if self.tells else {})
        if self.between:
            self.between.pop(0)()
        return httpx.Response(200, json=body)

    async def read(self) -> list[str]:
        """Return the ids of all grants as the client reads them."""
        return await ids_of(client(self))


async def test_each_read_goes_to_its_path_with_the_key_as_bearer() -> None:
    asked: list[tuple[str, str | None]] = []

    def record(request: httpx.Request) -> httpx.Response:
        asked.append((f"{request.method} {request.url.path}", request.headers.get("Authorization")))
        one = request.url.path in {"/v3/applications", "/v3/connectors/microsoft"}
        return httpx.Response(200, json={"request_id": "r", "data": {"provider": "x"} if one else []})

    nylas = client(record)
    assert (await nylas.application()).application_id is None
    assert (await nylas.microsoft_connector()) is not None
    assert await nylas.credentials() == []
    assert [one async for one in nylas.grants()] == []
    lists = ["webhooks", "channels/pubsub", "channels/sns"]
    assert [await nylas.destinations(f"/v3/{path}") for path in lists] == [[], [], []]
    paths = ["applications", "connectors/microsoft", "connectors/microsoft/creds", "grants", *lists]
    assert asked == [(f"GET /v3/{path}", f"Bearer {KEY}") for path in paths]


async def test_additive_members_are_tolerated_and_missing_ones_are_not_told() -> None:
    connector = {"name": "ms", "provider": "microsoft", "scope": None, "settings": {"tenant": "common"}}
    found = await answering(200, data=connector | {"new": 1}, more=[]).microsoft_connector()
    assert found is not None
    assert (found.settings, found.active_credential_id) == ({"tenant": "common"}, None)


@each_of(
    "kind", ["not_found_error", "api.not_found_error", "connector.not_found", "connector.not_found_error"]
)
async def test_nylas_own_word_says_that_there_is_no_connector(kind: str) -> None:
    gone = answering(404, request_id="r", error={"type": kind, "message": "Resource not found"})
    assert await gone.microsoft_connector() is None


@each_of(
    ("status", "content"),
    [
        (404, b"<html>Not here</html>"),
        (404, b""),
        (404, b"{}"),
        (404, b'{"error":{"type":"api.partial_not_found_error"}}'),
        (400, b'{"error":{"type":"api.not_found_error"}}'),
    ],
)
async def test_no_other_answer_says_that_there_is_no_connector(status: int, content: bytes) -> None:
    with pytest.raises((NylasV3Error, Stranger)):
        await client(lambda _request: httpx.Response(status, content=content)).microsoft_connector()


@each_of("count", [0, 1, 199, 200, 201, 398, 399, 1000])
async def test_every_grant_is_read_once_in_as_many_requests_as_predicted(count: int) -> None:
    grants = Grants(count)
    assert await grants.read() == [f"g{number}" for number in range(count)]
    assert len(grants.offsets) == max(1, -(-count // NYLAS_V3_PAGE))


@each_of("most", [1, 2, 50])
async def test_a_server_may_keep_a_smaller_page_than_was_asked_for(most: int) -> None:
    grants = Grants(30, most=most)
    if most == 1:  # pages cannot overlap: rather no list than one with a hole
        with pytest.raises(Unintelligible, match="without an end"):
            await grants.read()
    else:
        assert sorted(await grants.read()) == sorted(f"g{number}" for number in range(30))


@each_of(("most", "count"), [(100, 450), (100, 400), (50, 51), (200, 200), (2, 9), (200, 1), (200, 0)])
async def test_a_server_that_does_not_tell_its_page_size_loses_no_grant(most: int, count: int) -> None:
    grants = Grants(count, most=most, tells=False)
    assert await grants.read() == [f"g{number}" for number in range(count)]


async def test_a_server_that_does_not_tell_its_page_size_loses_none_when_others_go() -> None:
    grants = Grants(450, most=100, tells=False)
    grants.between = [removing(grants, 0), removing(grants, 40), removing(grants, 1, at=300)]
    read = await grants.read()
    assert {str(one["id"]) for one in grants.items} <= set(read)


def removing(grants: Grants, count: int, at: int = 0) -> Callable[[], None]:
    """Return what deletes `count` grants from a place of the list."""

    def remove() -> None:
        del grants.items[at : at + count]

    return remove


@each_of("removed", [1, 2, 150, 199, 200, 201, 650])
async def test_no_grant_is_lost_when_others_go_while_the_list_is_read(removed: int) -> None:
    grants = Grants(1000)
    grants.between = [removing(grants, 0), removing(grants, removed), removing(grants, 1)]
    read = await grants.read()
    assert len(read) == len(set(read))
    assert {str(one["id"]) for one in grants.items} <= set(read)


async def test_a_grant_made_while_the_list_is_read_comes_last_and_none_comes_twice() -> None:
    grants = Grants(400)
    grants.between = [lambda: grants.items.append(grant(999))]
    read = await grants.read()
    assert (len(read), read[-1]) == (401, "g999")


async def test_a_server_that_puts_new_grants_first_loses_none_that_was_there() -> None:
    grants = Grants(450)
    grants.between = [lambda: grants.items.insert(0, grant(999)), lambda: grants.items.insert(0, grant(998))]
    read = await grants.read()
    assert len(read) == len(set(read))
    assert {f"g{number}" for number in range(450)} <= set(read)


async def test_a_list_that_becomes_empty_ends() -> None:
    grants = Grants(500)
    grants.between = [grants.items.clear]
    assert len(await grants.read()) == 200


async def test_a_list_that_never_stands_still_ends_with_an_error() -> None:
    numbers = iter(range(10**6))

    def endless(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"data": [grant(next(numbers)), grant(next(numbers))], "limit": 2})

    with pytest.raises(Unintelligible, match="a list without an end"):
        async for _ in client(endless).grants():
            pass


def error(kind: str, message: str, **more: object) -> dict[str, object]:
    return {"request_id": "r", "error": {"type": kind, "message": message} | more}


GONE = {"code": "MailboxNotEnabledForRESTAPI", "message": "inactive"}


async def test_a_server_that_gives_the_same_page_for_every_offset_ends_with_an_error() -> None:
    asked: list[httpx.Request] = []

    def same(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={"data": [grant(number) for number in range(200)]})

    with pytest.raises(Unintelligible, match="a list without an end: 200 items"):
        async for _ in client(same).grants():
            pass
    assert len(asked) < 20


@each_of(
    ("status", "body", "kind", "said"),
    [
        (401, error("api.authentication_error", "Unauthorized"), "authentication_error", "Unauthorized"),
        (401, error("unauthorized", "No"), "unauthorized", "No"),
        (400, error("token.unauthorized_access", "Invalid API key"), "unauthorized_access", "Invalid API"),
        (404, error("not_found_error", "gone", provider_error=GONE), "not_found_error", GONE["code"]),
        (504, error("provider_error", "m", provider_error="upstream said no"), "provider_error", "upstream"),
        (400, {"type": "invalid_request_error", "message": "top"}, "invalid_request_error", "top"),
        (400, {"error": "invalid_grant", "error_description": "No code"}, "invalid_grant", "No code"),
        (500, [], "", "[]"),
    ],
)
async def test_each_shape_of_an_error_becomes_one_typed_error(
    status: int, body: object, kind: str, said: str
) -> None:
    with pytest.raises(NylasV3Error) as caught:
        await client(lambda _request: httpx.Response(status, json=body)).application()
    assert (caught.value.status, caught.value.kind) == (status, kind)
    assert said in str(caught.value)
    assert str(caught.value).endswith(LATER) is (status >= 500)
    assert KEY not in str(caught.value)


DENIED = {"code": 403, "message": "Access is denied. Check credentials."}


@each_of(
    ("provider", "code", "said"),
    [
        ({"error": DENIED}, "403", "Access is denied"),
        ({"error": "invalid_grant", "provider_error": "Bad Request"}, None, "invalid_grant: Bad Request"),
        (
            {"error": {"error": {"error": {"code": "ErrorAccessDenied", "message": "deep"}}}},
            "ErrorAccessDenied",
            "deep",
        ),
        (
            {"code": "Outer", "message": "m", "innerError": {"code": "Inner", "message": "inner"}},
            "Outer",
            "m: inner",
        ),
        ('{"error": {"code": "InText", "message": "as JSON"}}', "InText", "as JSON"),
        ("Account throttled", None, "Account throttled"),
        ({"code": True, "message": ["not", "text"]}, None, "m"),
        (7, None, "m"),
        ([DENIED], None, "m"),
    ],
)
async def test_the_providers_words_are_kept_at_whatever_depth(
    provider: object, code: str | None, said: str
) -> None:
    body = error("api.provider_error", "m", provider_error=provider)
    with pytest.raises(NylasV3Error) as caught:
        await client(lambda _request: httpx.Response(504, json=body)).credentials()
    assert caught.value.provider_code == code
    assert said in caught.value.message


async def test_a_provider_error_without_an_end_is_cut() -> None:
    nested: dict[str, object] = {"message": "the innermost"}
    for _ in range(200):
        nested = {"error": nested}
    body = error("api.provider_error", "m", provider_error=nested)
    with pytest.raises(NylasV3Error, match="HTTP 504"):
        await client(lambda _request: httpx.Response(504, json=body)).credentials()


NO_PATH = "Unrecognized request URL (GET: /v3/connectors/microsoft). Please see https://developer.nylas.com/"


@each_of(
    "content",
    [
        error("api.not_found_error", NO_PATH),
        {"message": NO_PATH, "type": "invalid_request_error"},
        {"message": NO_PATH.upper()},
        NO_PATH,
    ],
)
async def test_a_path_that_the_gateway_does_not_know_is_no_missing_connector(content: object) -> None:
    given = {"text": content} if isinstance(content, str) else {"json": content}
    with pytest.raises(NylasV3Error) as caught:
        await client(lambda _request: httpx.Response(404, **given)).microsoft_connector()
    assert caught.value.kind == NO_PATH_KIND


@each_of(
    ("told", "words"),
    [
        (None, None),
        ([], []),
        (["Calendars.ReadWrite", 7, None], ["Calendars.ReadWrite", "7"]),
        ("Calendars.Read, Mail.Read offline_access", ["Calendars.Read", "Mail.Read", "offline_access"]),
        ({"odd": 1}, ["{'odd': 1}"]),
    ],
)
async def test_scopes_and_triggers_of_any_shape_are_words(told: object, words: list[str] | None) -> None:
    assert texts_of(told) == words
    connector = await answering(200, data={"settings": {}, "scope": told}).microsoft_connector()
    assert connector is not None
    [one] = await answering(200, data=[{"status": told, "trigger_types": told}]).destinations("/v3/webhooks")
    assert texts_of(one.trigger_types) == words


@each_of(
    "content",
    [b"", b"<html><title>502 Bad Gateway</title></html>", b'{"error":', b"\xff\xfe", b'"x"', b"[" * 9000],
)
async def test_a_body_that_is_no_error_of_nylas_is_a_strangers(content: bytes) -> None:
    with pytest.raises(Stranger, match="a proxy or a portal answered") as caught:
        await client(lambda _request: httpx.Response(403, content=content)).application()
    assert caught.value.status == 403
    assert str(caught.value).startswith(f"GET {URL}/v3/applications: HTTP 403")


@each_of(
    "body",
    [
        {},
        {"data": None},
        {"data": "x"},
        {"data": [{"provider": "microsoft"}]},
        {"data": [{"id": [7]}]},
        {"data": [None]},
    ],
)
async def test_a_list_of_another_shape_is_unintelligible(body: dict[str, object]) -> None:
    with pytest.raises(Unintelligible):
        async for _ in answering(200, **body).grants():
            pass


async def test_an_id_that_is_a_number_is_one_and_what_is_no_grant_costs_itself_only() -> None:
    nylas = answering(200, data=[{"id": 7}, None, {"id": True}, {"email": "x"}, "g", grant(9)], limit=200)
    assert await ids_of(nylas) == ["7", "none", "none", "none", "none", "g9"]
    assert [str(one.id) for one in await answering(200, data=[{"id": 3}]).credentials()] == ["3"]


async def test_entries_that_are_no_grant_move_no_page() -> None:
    grants = Grants(450)
    for place in (0, 199, 200, 398, 449):
        grants.items[place] = {"no id": place}
    read = await grants.read()
    assert (len(read), read.count("none"), len(set(read))) == (450, 5, 446)
    assert len(grants.offsets) == 3


async def test_where_others_went_the_list_is_read_again_from_one_page_ahead() -> None:
    grants = Grants(1000)
    grants.between = [removing(grants, 0), removing(grants, 0), removing(grants, 0), removing(grants, 1)]
    assert len(await grants.read()) >= 999
    assert grants.offsets[:6] == [0, 199, 398, 597, 796, 596]
    assert len(grants.offsets) == 8


@each_of(
    ("status", "data", "why"),
    [
        (200, {"application_id": "V3-APP"}, None),
        (200, {"region": "us"}, None),
        (404, {}, None),
        (200, {"application_id": "b0b"}, "the key is of another application"),
        (401, {}, "the v3 application does not answer"),
    ],
)
async def test_of_another_application_nothing_else_is_read(
    status: int, data: dict[str, str], why: str | None
) -> None:
    asked: set[str] = set()

    def record(request: httpx.Request) -> httpx.Response:
        asked.add(request.url.path)
        of_application = request.url.path == "/v3/applications"
        answer = {"request_id": "r", "data": data}
        return httpx.Response(status, json=answer) if of_application else httpx.Response(500)

    found = await read_v3(client(record), "v3-app")
    others = asked - {"/v3/applications"} - ({"/v3/connectors/microsoft"} if status == 401 else set())
    assert (not others) is (why is not None)
    if why:
        unread = waits_for("NY3-001", why)
        slots = (found.connector, found.credentials, found.webhooks, found.pubsub, found.sns)
        assert (*slots, found.grants.reading) == (unread,) * 6


@each_of("refused", [401, 403])
async def test_a_key_that_may_not_read_the_application_reads_all_else(refused: int) -> None:
    def some(request: httpx.Request) -> httpx.Response:
        error = {"error": {"type": "unauthorized", "message": "no"}, "request_id": "r"}
        if request.url.path == "/v3/applications":
            return httpx.Response(refused, json=error)
        is_connector = request.url.path == "/v3/connectors/microsoft"
        return httpx.Response(200, json={"request_id": "r", "data": {"settings": {}} if is_connector else []})

    found = await read_v3(client(some), "v3-app")
    assert isinstance(found.connector, Read)
    assert isinstance(found.credentials, Read)
    assert isinstance(found.grants.reading, Read)


async def test_the_application_may_come_in_a_list() -> None:
    data = [{"application_id": "a1", "region": "eu"}]
    found = await client(lambda _: httpx.Response(200, json={"request_id": "r", "data": data})).application()
    assert (found.application_id, found.region) == ("a1", "eu")
    nothing = await client(lambda _: httpx.Response(200, json={"request_id": "r", "data": []})).application()
    assert nothing.application_id is None


@each_of("refused", ["/v3/connectors/microsoft/creds", "/v3/channels/sns", "/v3/grants"])
async def test_a_key_that_worked_elsewhere_is_not_the_cause(refused: str) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == refused:
            return httpx.Response(401, json=error("unauthorized", "Unauthorized"))
        one = request.url.path in {"/v3/applications", "/v3/connectors/microsoft"}
        return httpx.Response(
            200, json={"request_id": "r", "data": {"settings": {}, "region": "us"} if one else []}
        )

    found = await read_v3(client(answer), "an-application")
    slots = (found.credentials, found.sns, found.grants.reading)
    [unread] = [slot for slot in slots if isinstance(slot, Unread)]
    assert unread.codes[0] == KEY_IS_GOOD
    everywhere = client(lambda _request: httpx.Response(401, json=error("unauthorized", "Unauthorized")))
    assert (await read_v3(everywhere, "an-application")).credentials != unread


async def test_a_key_that_comes_back_is_not_shown() -> None:
    echo = answering(401, error={"type": "unauthorized", "message": f"no key {KEY}", "provider_error": KEY})
    with pytest.raises(NylasV3Error) as caught:
        await echo.application()
    assert KEY not in repr(caught.value) + str(caught.value)


@each_of(
    ("method", "path"),
    [
        ("POST", "/v3/connect/custom"),
        ("GET", "/v3/connect/auth"),
        ("DELETE", "/v3/grants/g1"),
        ("GET", "/v3/grants/g1/messages"),
        ("PATCH", "/v3/connectors/microsoft"),
        ("POST", "/v3/connectors/microsoft/creds"),
        ("GET", "/v3/connectors/microsoft/../../x"),
    ],
)
async def test_nothing_but_the_reads_may_be_sent(method: str, path: str) -> None:
    def never(_request: httpx.Request) -> httpx.Response:
        pytest.fail("a request was sent")

    network = Network(allow(READS, {"nylas_v3": URL}), transport=httpx.MockTransport(never), sleep=at_once)
    with pytest.raises(NotAllowed):
        await network.service("nylas_v3", URL).send(method, path)


async def test_a_throttled_list_is_read_on_after_the_wait_that_nylas_names() -> None:
    waits: list[float] = []
    answers = [
        httpx.Response(429, headers={"Retry-After": "5"}, json={"error": {"type": "rate_limit_error"}})
    ]
    grants = Grants(3)

    async def wait(seconds: float) -> None:
        waits.append(seconds)

    def throttled(request: httpx.Request) -> httpx.Response:
        return answers.pop() if answers else grants(request)

    network = Network(allow(READS, {"nylas_v3": URL}), transport=httpx.MockTransport(throttled), sleep=wait)
    nylas = NylasV3Client(network.service("nylas_v3", URL), Secret(KEY))
    assert await ids_of(nylas) == ["g0", "g1", "g2"]
    assert waits == [5.0]


async def test_an_endless_429_is_an_error_that_says_to_wait() -> None:
    with pytest.raises(ClientError, match="Run again later"):
        await answering(
            429, error={"type": "nylas_rate_limit_exceeded", "message": "slow down"}
        ).application()
