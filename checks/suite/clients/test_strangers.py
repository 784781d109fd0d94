"""An answer counts only with the vendor's signature: a page of something in between decides nothing."""

import asyncio
import base64
import json
from http import HTTPStatus

import httpx
import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.client_calls import CALLS, HOST, ask, errors_in
from nylas_readiness.fixtures.clients.codes import Unreadable
from nylas_readiness.fixtures.clients.errors import ClientError, Refused, Stranger

pytestmark = pytest.mark.offline

PAGE = b"<!DOCTYPE html><html><head><title>Blocked by policy</title></head><body>No.</body></html>"
ODD_CHARSETS = ("base64", "zlib", "rot13", "utf-7", "idna", "undefined", "punycode", "hex")
BATCHES = [name for name, (_, good) in CALLS.items() if isinstance(good, dict) and "responses" in good]
# A bare list is how Nylas v2 answers that there is none.
LISTS = {"nylas accounts", "nylas webhooks"}


def problems_of(name: str, response: httpx.Response) -> list[ClientError]:
    """Return the errors that a call comes to; a call without any is a value."""
    try:
        return errors_in(asyncio.run(ask(CALLS[name][0], response)))
    except ClientError as error:
        return [error]


def page(status: int, content: bytes = PAGE, kind: str = "text/html", **headers: str) -> httpx.Response:
    """Return the page of a proxy or a portal."""
    given = {"Content-Type": kind} | {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, headers=given, stream=httpx.ByteStream(content))


REFUSALS = [
    page(status, content)
    for status in (400, 401, 403, 404, 407, 511)
    for content in (PAGE, b"", b"{}", b"[]")
]
PORTALS = [
    page(302, b"", Location="https://portal.example/sign-in?to=https%3A%2F%2Fhost.example%2Fautodiscover"),
    page(307, PAGE, Location="/login"),
    page(200, PAGE),
    page(200, b""),
    page(200, PAGE, "application/json"),
]


@each_of("response", [*REFUSALS, *PORTALS])
def test_no_call_takes_another_machines_page_for_the_vendors_answer(response: httpx.Response) -> None:
    for name in CALLS:
        problems = problems_of(name, response)
        assert problems, name
        assert not any(error.is_answer for error in problems), name


@each_of("content", [b"{}", b"[]", b"null", b'"text"', b'{"unknown": 1}'])
def test_no_call_takes_json_without_the_members_it_needs_for_an_answer(content: bytes) -> None:
    for name in CALLS.keys() - LISTS - {"activesync"}:
        problems = problems_of(name, page(200, content, "application/json"))
        assert problems, name
        assert not any(error.is_answer for error in problems), name


@each_of("name", ["graph domains", "graph permissions", "graph policies", "graph memberships"])
def test_a_well_formed_empty_list_of_graph_is_an_answer(name: str) -> None:
    assert problems_of(name, page(200, b'{"value": []}', "application/json")) == []


@each_of(
    ("name", "content"),
    [("nylas accounts", b"[]"), ("v3 grants", b'{"data": []}'), ("v3 webhooks", b'{"data":[]}')],
)
def test_a_well_formed_empty_list_of_nylas_is_an_answer(name: str, content: bytes) -> None:
    assert problems_of(name, page(200, content, "application/json")) == []


@each_of("name", BATCHES)
def test_a_strangers_page_inside_a_batch_refuses_nothing(name: str) -> None:
    for status in (400, 401, 403, 404):
        inner = [{"id": str(n), "status": status, "body": base64.b64encode(PAGE).decode()} for n in (1, 2)]
        problems = problems_of(name, page(200, json.dumps({"responses": inner}).encode(), "application/json"))
        assert len(problems) == 2
        assert {type(error) for error in problems} == {Stranger}


@each_of("charset", ODD_CHARSETS)
def test_a_charset_that_python_would_run_costs_nothing(charset: str) -> None:
    for status in (200, 403, 502):
        for name in CALLS:
            problems = problems_of(name, page(status, b"\xff" + PAGE, f"text/html; charset={charset}"))
            assert problems, name
            assert not any("defect" in str(error) for error in problems)


@each_of(
    "location",
    [
        "javascript:alert(1)",
        "tel:+4912345",
        "mailto:a@b.example",
        "http://[",
        "https://u:p@[::1",
        "//",
        "\x00",
    ],
)
def test_a_location_is_shown_and_never_followed_nor_understood(location: str) -> None:
    for name in CALLS:
        (problem, *_) = problems_of(name, page(302, b"", Location=location))
        assert problem.unreadable is Unreadable.STRANGER


def test_a_strangers_page_is_named_by_its_title_and_the_next_step() -> None:
    title = "<TITLE id=x>Sign\r\n in &amp; \u202e pay" + "y" * 9000
    (error,) = problems_of("graph domains", page(403, f"<html>{title}</title>".encode()))

    assert isinstance(error, Stranger)
    assert error.status == HTTPStatus.FORBIDDEN
    assert "a page titled “Sign in &amp; pay" in str(error)
    assert str(error).endswith("let this machine reach the host past the proxy, and run again")
    assert len(str(error)) < 700
    assert str(error).isprintable()


@each_of("name", ["entra redeem", "nylas authorize", "nylas token"])
def test_a_page_where_credentials_are_sent_is_told_by_its_length_alone(name: str) -> None:
    """It may echo them, in its title too."""
    for status in (403, 503):
        (error,) = problems_of(name, page(status))
        assert f"{len(PAGE)} bytes" in str(error)
        assert "Blocked" not in str(error)


SIGNED = {
    "graph domains": [
        page(403, b"", request_id="r"),
        page(401, PAGE, WWW_Authenticate='Bearer realm=""'),
        page(400, b'{"error":{"code":"BadRequest"}}', "application/json"),
    ],
    "entra redeem": [
        page(400, b"", x_ms_request_id="r"),
        page(401, b'{"error":"invalid_client","error_codes":[7000215]}', "application/json"),
    ],
    "v3 application": [page(401, b'{"request_id":"r","error":{"type":"unauthorized"}}', "application/json")],
    "nylas application": [page(401, b'{"message":"No","type":"auth_error"}', "application/json")],
}


@each_of(("name", "response"), [(name, response) for name, found in SIGNED.items() for response in found])
def test_a_refusal_with_the_vendors_signature_is_its_answer(name: str, response: httpx.Response) -> None:
    (error,) = problems_of(name, response)
    assert isinstance(error, Refused)
    assert error.is_answer


@each_of(
    "response",
    [page(401), page(401, PAGE, WWW_Authenticate="Basic realm=proxy"), page(403, x_request_id="1")],
)
def test_what_any_proxy_sends_signs_nothing_of_microsofts(response: httpx.Response) -> None:
    for name in ("graph domains", "entra redeem"):
        (error,) = problems_of(name, response)
        assert isinstance(error, Stranger)


@each_of("status", [408, 429, 500, 502, 503, 504, 599])
def test_trouble_is_trouble_whoever_tells_of_it(status: int) -> None:
    for name in CALLS:
        for error in problems_of(name, page(status)):
            assert error.unreadable in {Unreadable.TROUBLE, Unreadable.THROTTLED}, name


def test_a_next_page_with_user_info_is_not_asked_for() -> None:
    link = f"https://graph:word@{HOST.removeprefix('https://')}/v1.0/domains?$skiptoken=1"
    body = {"value": [{"id": "x"}], "@odata.nextLink": link}
    (error,) = problems_of("graph domains", page(200, json.dumps(body).encode(), "application/json"))
    assert "the next page is on another host" in str(error)
    assert "word" not in str(error)
