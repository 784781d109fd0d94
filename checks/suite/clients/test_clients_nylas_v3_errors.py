"""Nylas v3's errors: each shape becomes a typed one, and the provider's words are not lost."""

from collections.abc import Iterator

import httpx
import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.nylas_v3_answers import KEY, URL, answering, client, error
from nylas_readiness.fixtures.clients.errors import LATER, Stranger, Unintelligible
from nylas_readiness.fixtures.clients.nylas_v3 import NO_PATH_KIND, NylasV3Error, texts_of
from nylas_readiness.fixtures.secrets import forgotten_afterwards

pytestmark = [pytest.mark.offline, pytest.mark.anyio]


@pytest.fixture(autouse=True)
def _no_secret_outlives_a_test() -> Iterator[None]:
    with forgotten_afterwards():
        yield


GONE = {"code": "MailboxNotEnabledForRESTAPI", "message": "inactive"}


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
