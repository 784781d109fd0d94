"""A denial of Graph: whether a permission is lacking, or something at one mailbox denies the app."""

from collections.abc import Callable

import httpx
import msgspec
import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.evidence_samples import read
from nylas_readiness.fixtures.clients.allowed import READS, allow
from nylas_readiness.fixtures.clients.codes import Unreadable
from nylas_readiness.fixtures.clients.graph import GraphClient
from nylas_readiness.fixtures.clients.transport import Network
from nylas_readiness.fixtures.evidence.directory import DirectoryReader
from nylas_readiness.fixtures.evidence.slots import Read, Unread
from nylas_readiness.fixtures.secrets import Secret

pytestmark = [pytest.mark.offline, pytest.mark.anyio]

GRAPH = "https://graph.example"
DENIED = {"error": {"code": "ErrorAccessDenied", "message": "Access is denied. Check credentials."}}
INNER = dict[str, object]


async def token() -> Secret:
    return Secret("an-opaque-graph-token")


async def at_once(_seconds: float) -> None:
    """Wait no time."""


def reader(
    permissions: list[str] | None, handler: Callable[[httpx.Request], httpx.Response]
) -> DirectoryReader:
    """Return a reader whose token has these permissions; None: it is opaque."""
    network = Network(allow(READS, {"graph": GRAPH}), transport=httpx.MockTransport(handler), sleep=at_once)
    return DirectoryReader(GraphClient(network.service("graph", GRAPH), token), read(permissions))


def batch(*denied: str) -> Callable[[httpx.Request], httpx.Response]:
    """Answer a batch: each of these users is denied, the others have a mailbox."""

    def answer(one: dict[str, str]) -> INNER:
        lost = any(user in one["url"] for user in denied)
        body: object = DENIED if lost else {"userPurpose": "user"}
        return {"id": one["id"], "status": 403 if lost else 200, "body": body}

    def handler(request: httpx.Request) -> httpx.Response:
        asked = msgspec.json.decode(request.content)["requests"]
        return httpx.Response(200, json={"responses": [answer(one) for one in asked]})

    return handler


@each_of(
    ("permissions", "lacking"),
    [
        (["MailboxSettings.Read"], False),
        (["MailboxSettings.ReadWrite", "User.Read.All"], False),
        (["User.Read.All"], True),
        (None, False),
    ],
)
async def test_a_mailbox_that_denies_the_app_what_it_has_lacks_no_permission(
    permissions: list[str] | None, lacking: bool
) -> None:
    """Of an opaque token the other mailboxes show that it has the permission."""
    slots = await reader(permissions, batch("u2")).mailboxes(["u1", "u2", "u3"])
    denied = slots["u2"]
    assert isinstance(denied, Unread)
    assert denied.permission == ("MailboxSettings.Read" if lacking else None)
    assert denied.code is (Unreadable.PERMISSION if lacking else Unreadable.REFUSED)
    assert ("the app has MailboxSettings.Read" in denied.reason) is not lacking
    assert denied.codes == ("ErrorAccessDenied",)
    assert isinstance(slots["u1"], Read)


async def test_of_an_opaque_token_that_reads_nothing_the_permission_may_be_lacking() -> None:
    slots = await reader(None, batch("u1", "u2")).mailboxes(["u1", "u2"])
    assert {slot.permission for slot in slots.values() if isinstance(slot, Unread)} == {
        "MailboxSettings.Read"
    }


@each_of(("granted", "lacking"), [(["Policy.Read.All"], False), (["Domain.Read.All"], True)])
async def test_a_list_that_is_denied_says_whether_the_permission_is_lacking(
    granted: list[str], lacking: bool
) -> None:
    body = {"error": {"code": "Authorization_RequestDenied", "message": "Insufficient privileges."}}
    slot = await reader(granted, lambda _: httpx.Response(403, json=body)).access_policies()
    assert isinstance(slot, Unread)
    assert slot.permission == ("Policy.Read.All" if lacking else None)
    assert "Grant" not in slot.reason


@each_of(
    ("status", "code", "mailbox"),
    [
        (404, "ResourceNotFound", False),
        (404, "MailboxNotEnabledForRESTAPI", False),
        (404, "mailboxNotEnabledForRestAPI", False),
        (404, "ErrorItemNotFound", None),
        (403, "ResourceNotFound", None),
    ],
)
async def test_a_code_means_the_same_for_the_service_account_and_for_an_end_user(
    status: int, code: str, mailbox: bool | None
) -> None:
    refused = {"error": {"code": code, "message": "Resource could not be discovered."}}

    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/$batch"):
            inner = msgspec.json.decode(request.content)["requests"][0]
            if "mailboxSettings" in inner["url"]:
                answer: INNER = {"id": inner["id"], "status": status, "body": refused}
            else:
                answer = {"id": inner["id"], "status": 200, "body": {"value": [{"id": "svc"}]}}
            return httpx.Response(200, json={"responses": [answer]})
        if request.url.path.endswith("/mailboxSettings"):
            return httpx.Response(status, json=refused)
        return httpx.Response(200, json={"value": []})

    asked = reader(["MailboxSettings.Read", "User.Read.All"], handler)
    own = (await asked.service_account("svc@contoso.com")).mailbox
    theirs = (await asked.mailboxes(["svc"]))["svc"]
    assert (own.value if isinstance(own, Read) else None) is mailbox
    missing = theirs.value.missing if isinstance(theirs, Read) else None
    assert missing == (code if mailbox is False else None)
