"""The Graph client: batches, pages, lookups by address, and errors in Graph's own words."""

import json
from base64 import b64encode
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import httpx
import msgspec
import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.fixtures.clients.allowed import READS, allow
from nylas_readiness.fixtures.clients.errors import LATER, ClientError, Refused, Unintelligible, Unreachable
from nylas_readiness.fixtures.clients.graph import (
    AssignedLicence,
    BatchAnswer,
    Domain,
    GraphClient,
    HeldRole,
    MailboxSettings,
    Owner,
    RoleAssignment,
    User,
)
from nylas_readiness.fixtures.clients.transport import Network
from nylas_readiness.fixtures.secrets import Secret

pytestmark = [pytest.mark.offline, pytest.mark.anyio]

GRAPH = "https://graph.example"

Answer = dict[str, object]
Inner = Callable[[str], Answer]


class Bench:
    """A Graph client over a handler, with the requests it sent and the pauses it made."""

    def __init__(self, handler: Callable[[httpx.Request], httpx.Response]) -> None:
        self.requests: list[httpx.Request] = []
        self.pauses: list[float] = []

        def record(request: httpx.Request) -> httpx.Response:
            self.requests.append(request)
            return handler(request)

        async def sleep(seconds: float) -> None:
            self.pauses.append(seconds)

        async def token() -> Secret:
            return Secret("graph-token")

        self.network = Network(
            allow(READS, {"graph": GRAPH}), transport=httpx.MockTransport(record), sleep=sleep
        )
        self.client = GraphClient(self.network.service("graph", GRAPH), token)


def batching(inner: Inner) -> Callable[[httpx.Request], httpx.Response]:
    """Return a handler of `$batch` that answers each inner URL, in reverse order."""

    def handle(request: httpx.Request) -> httpx.Response:
        requests = json.loads(request.content)["requests"]
        answers = [{"id": each["id"]} | inner(each["url"]) for each in reversed(requests)]
        return httpx.Response(200, json={"responses": answers})

    return handle


def filtered(url: str) -> str:
    return parse_qs(urlsplit(url).query).get("$filter", [""])[0]


def error(status: int, code: str, message: str = "No.") -> Answer:
    return {"status": status, "body": {"error": {"code": code, "message": message}}}


async def test_a_batch_holds_twenty_reads_and_answers_come_back_by_key() -> None:
    bench = Bench(batching(lambda url: {"status": 200, "body": {"id": url}}))
    urls = {f"key{number}": f"/users/u{number}" for number in range(45)}

    answers = await bench.client.batch(urls)

    sizes = [len(json.loads(request.content)["requests"]) for request in bench.requests]
    assert sizes == [20, 20, 5]
    assert {each["method"] for each in json.loads(bench.requests[0].content)["requests"]} == {"GET"}
    assert bench.requests[0].headers["Authorization"] == "Bearer graph-token"
    assert {key: decoded(answer).id for key, answer in answers.items()} == urls


def decoded(answer: BatchAnswer | ClientError) -> User:
    assert isinstance(answer, BatchAnswer)
    return answer.decode(User)


async def test_what_was_throttled_inside_a_batch_is_asked_again_after_the_longest_pause() -> None:
    asked: list[str] = []

    def inner(url: str) -> Answer:
        asked.append(url)
        throttled = {"/users/a": "7", "/users/b": "11"}
        if url in throttled and asked.count(url) == 1:
            return error(429, "ApplicationThrottled") | {"headers": {"Retry-After": throttled[url]}}
        return {"status": 200, "body": {"id": url}}

    bench = Bench(batching(inner))
    answers = await bench.client.batch({name: f"/users/{name}" for name in "abc"})

    assert {key: decoded(answer).id for key, answer in answers.items()} == {n: f"/users/{n}" for n in "abc"}
    assert bench.pauses == [11.0]
    assert sorted(asked) == ["/users/a", "/users/a", "/users/b", "/users/b", "/users/c"]
    assert bench.network.budgets.of("graph").throttled == 2


async def test_throttling_inside_a_batch_that_does_not_end_is_that_request_s_error() -> None:
    bench = Bench(
        batching(lambda _url: error(429, "ApplicationThrottled") | {"headers": {"retry-after": "x"}})
    )

    answer = (await bench.client.licences(["u1"]))["u1"]

    assert isinstance(answer, Refused)
    assert (answer.status, answer.code) == (429, "ApplicationThrottled")
    assert bench.pauses == [5.0, 5.0, 5.0]


async def test_a_missing_a_double_and_an_odd_answer_cost_their_own_request_only() -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        ids = {each["url"].split("/")[2]: each["id"] for each in json.loads(request.content)["requests"]}
        good = {name: {"id": number, "status": 200, "body": {"value": []}} for name, number in ids.items()}
        answers = [good.get("one"), good.get("double"), good.get("double"), {"id": ids.get("odd")}, 7]
        return httpx.Response(200, json={"responses": [*answers, good.get("four")]})

    licences = await Bench(handle).client.licences(["one", "double", "odd", "four", "missing"])

    assert (licences["one"], licences["four"]) == ([], [])
    for name, count in (("double", 2), ("odd", 0), ("missing", 0)):
        problem = licences[name]
        assert isinstance(problem, Unintelligible)
        assert f"{count} readable answers" in str(problem)
        assert f"GET /v1.0/users/{name}/licenseDetails" in str(problem)


async def test_a_gateway_s_page_inside_a_batch_is_shown_as_text() -> None:
    """What is not JSON comes in Base64 there."""
    page = b64encode(b"<html>Bad gateway</html>").decode()

    answer = (await Bench(batching(lambda _url: {"status": 502, "body": page})).client.licences(["u1"]))["u1"]

    assert isinstance(answer, Refused)
    assert "<html>Bad gateway</html>" in str(answer)
    assert str(answer).endswith(LATER)


async def test_a_batch_that_fails_as_a_whole_is_the_error_of_each_of_its_requests() -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        if b'"/users/u0/' in request.content:
            raise httpx.ConnectError("refused")
        return batching(lambda _url: {"status": 200, "body": {"value": []}})(request)

    licences = await Bench(handle).client.licences([f"u{number}" for number in range(21)])

    assert all(isinstance(licences[f"u{number}"], Unreachable) for number in range(20))
    assert licences["u20"] == []


async def test_pages_are_followed_to_the_end() -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        if "$skiptoken" in str(request.url):
            return httpx.Response(200, json={"value": [{"id": "b.example", "isVerified": None}]})
        link = f"{GRAPH}/v1.0/domains?$skiptoken=2"
        return httpx.Response(200, json={"value": [{"id": "a.example"}], "@odata.nextLink": link})

    assert await Bench(handle).client.domains() == [Domain(id="a.example"), Domain(id="b.example")]


@each_of(
    "link",
    [
        "https://evil.example/v1.0/domains",
        "https://graph.example:444/v1.0/domains",
        "/v1.0/domains",
        "::",
        "http://[",
    ],
)
async def test_a_next_link_to_another_place_is_not_followed(link: str) -> None:
    bench = Bench(lambda _request: httpx.Response(200, json={"value": [], "@odata.nextLink": link}))

    with pytest.raises(Unintelligible, match="on another host"):
        await bench.client.domains()

    assert len(bench.requests) == 1


async def test_pages_that_never_end_are_an_error() -> None:
    endless = {"value": [], "@odata.nextLink": f"{GRAPH}/v1.0/domains"}
    bench = Bench(lambda _request: httpx.Response(200, json=endless))

    with pytest.raises(Unintelligible, match="more than 500 pages"):
        await bench.client.domains()


async def test_a_user_is_read_with_the_members_that_the_rules_need() -> None:
    body: Answer = {
        "id": "u1",
        "userPrincipalName": "svc@contoso.example",
        "proxyAddresses": ["SMTP:svc@contoso.example"],
        "assignedLicenses": [{"skuId": "s1", "disabledPlans": []}],
        "passwordProfile": None,
        "signInSessionsValidFromDateTime": "2026-11-01T08:00:00Z",
        "somethingNew": {},
    }
    bench = Bench(lambda _request: httpx.Response(200, json=body))

    user = await bench.client.user("svc#EXT#/x@contoso.example")

    assert user is not None
    assert (user.user_principal_name, user.account_enabled) == ("svc@contoso.example", None)
    assert user.assigned_licenses == (AssignedLicence(sku_id="s1"),)
    (request,) = bench.requests
    assert request.url.raw_path.startswith(b"/v1.0/users/svc%23EXT%23%2Fx%40contoso.example?")
    selected = request.url.params["$select"].split(",")
    assert {"accountEnabled", "proxyAddresses", "passwordProfile", "signInSessionsValidFromDateTime"} <= set(
        selected
    )
    assert msgspec.json.decode(msgspec.json.encode(user), type=User) == user


async def test_an_unknown_user_is_none_and_a_forbidden_one_an_error_that_says_what_to_do() -> None:
    missing = Bench(
        lambda _request: httpx.Response(404, json={"error": {"code": "Request_ResourceNotFound"}})
    )
    denied = {"error": {"code": "Authorization_RequestDenied", "message": "Insufficient privileges."}}
    forbidden = Bench(lambda _request: httpx.Response(403, json=denied))

    assert await missing.client.user("nobody@contoso.example") is None
    with pytest.raises(
        Refused, match=r"Authorization_RequestDenied: Insufficient privileges\. See CFG-003"
    ) as caught:
        await forbidden.client.user("ann@contoso.example")
    assert (caught.value.status, caught.value.code) == (403, "Authorization_RequestDenied")


async def test_users_are_found_by_any_of_their_addresses() -> None:
    quoted = "o'neil+a@contoso.example"

    def inner(url: str) -> Answer:
        if filtered(url) == "proxyAddresses/any(p:p eq 'smtp:o''neil+a@contoso.example')":
            return {"status": 200, "body": {"value": [{"id": "u1", "mail": quoted}]}}
        if "two%40" in url and "$filter" in url:
            return {"status": 200, "body": {"value": [{"id": "u2"}, {"id": "u3"}]}}
        if url.startswith("/users/upn-only%40"):
            return {"status": 200, "body": {"id": "u4"}}
        if "denied%40" in url:
            return error(403, "Authorization_RequestDenied")
        return (
            {"status": 200, "body": {"value": []}}
            if "$filter" in url
            else error(404, "Request_ResourceNotFound")
        )

    names = ("two", "upn-only", "denied", "nobody")
    found = await Bench(batching(inner)).client.users_by_address(
        [quoted, *(f"{n}@contoso.example" for n in names)]
    )

    assert found[quoted] == User(id="u1", mail=quoted)
    assert found["upn-only@contoso.example"] == User(id="u4")
    assert found["nobody@contoso.example"] is None
    two, denied = found["two@contoso.example"], found["denied@contoso.example"]
    assert isinstance(two, Unintelligible)
    assert "2 users have this address" in str(two)
    assert isinstance(denied, Refused)


async def test_what_else_owns_an_address_is_named_and_a_doubt_stays_a_doubt() -> None:
    owned = {
        "g@x.example": "/groups?",
        "c@x.example": "/contacts?",
        "d@x.example": "/directory/deletedItems/",
    }

    def inner(url: str) -> Answer:
        address = filtered(url).partition("'smtp:")[2].partition("'")[0]
        if url.startswith(owned.get(address, "no such path")):
            return {"status": 200, "body": {"value": [{"displayName": f"Name of {address}"}]}}
        if url.startswith("/contacts?") and address in {"doubt@x.example", "d@x.example"}:
            return error(403, "Authorization_RequestDenied")
        return {"status": 200, "body": {"value": []}}

    addresses = [*owned, "doubt@x.example", "free@x.example"]
    owners = await Bench(batching(inner)).client.owners_of(addresses)

    assert list(owners) == addresses
    assert owners["g@x.example"] == Owner(kind="group", name="Name of g@x.example")
    assert owners["c@x.example"] == Owner(kind="contact", name="Name of c@x.example")
    assert owners["d@x.example"] == Owner(kind="deleted user", name="Name of d@x.example")
    assert isinstance(owners["doubt@x.example"], Refused)
    assert owners["free@x.example"] is None


@pytest.mark.parametrize(
    ("body", "purpose"),
    [
        ({"userPurpose": "shared"}, "shared"),
        ({"userPurpose": {"value": "room"}}, "room"),
        ({"userPurpose": None}, None),
    ],
)
async def test_a_mailbox_s_purpose_is_read_in_both_its_shapes(body: Answer, purpose: str | None) -> None:
    bench = Bench(lambda _request: httpx.Response(200, json=body))

    settings = await bench.client.mailbox_settings("u1")

    assert settings.purpose == purpose
    assert msgspec.json.decode(msgspec.json.encode(settings), type=MailboxSettings) == settings


async def test_exchange_roles_are_those_assigned_to_this_user() -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/roleAssignments"):
            assert request.url.params["$filter"] == "principalId eq '/Users/u1'"
            mine = {"principalId": "/users/U1", "roleDefinitionId": "r1", "directoryScopeId": "/"}
            other = {"principalId": "/Users/u2", "roleDefinitionId": "r2"}
            return httpx.Response(200, json={"value": [mine, other, {"roleDefinitionId": "r3"}]})
        names = {"r1": "ApplicationImpersonation", "r2": "Mail Recipients", "r3": "View-Only"}
        return httpx.Response(
            200, json={"value": [{"id": i, "displayName": name} for i, name in names.items()]}
        )

    roles = await Bench(handle).client.exchange_roles("u1")
    assert roles == [HeldRole(name="ApplicationImpersonation", custom_scope="")]


@each_of(
    ("directory_scope", "app_scope", "custom"),
    [
        ("/", None, ""),
        ("/", "/", ""),
        (None, "scope-1", "scope-1"),
        ("/", "scope-1", "scope-1"),
        ("/administrativeUnits/u1", None, "/administrativeUnits/u1"),
        (None, None, None),
    ],
)
def test_an_assignment_tells_the_scope_that_narrows_it(
    directory_scope: str | None, app_scope: str | None, custom: str | None
) -> None:
    assignment = RoleAssignment(directory_scope_id=directory_scope, app_scope_id=app_scope)
    assert assignment.custom_scope == custom


async def test_mailboxes_come_twenty_in_a_request_each_with_its_own_answer() -> None:
    def inner(url: str) -> Answer:
        if "/u7/" in url:
            return {"status": 404, "body": {"error": {"code": "MailboxNotEnabledForRESTAPI"}}}
        return {"status": 200, "body": {"userPurpose": "shared"}}

    bench = Bench(batching(inner))
    mailboxes = await bench.client.mailboxes(f"u{number}" for number in range(21))

    assert len(bench.requests) == 2
    refused = mailboxes.pop("u7")
    assert isinstance(refused, Refused)
    assert (refused.status, refused.code) == (404, "MailboxNotEnabledForRESTAPI")
    assert set(mailboxes.values()) == {MailboxSettings(user_purpose="shared")}


async def test_without_an_assignment_the_role_names_are_not_asked_for() -> None:
    bench = Bench(lambda _request: httpx.Response(200, json={"value": []}))

    assert await bench.client.exchange_roles("u1") == []
    assert len(bench.requests) == 1
