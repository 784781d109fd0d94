"""The sandbox's Nylas v2: native authentication, the application and its accounts."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.sandbox_visitor import Visitor, visit

pytestmark = pytest.mark.offline

UNCONNECTED = "bjorn.dahl@halden.example"


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    with visit("default", tmp_path_factory.mktemp("sandbox")) as visitor:
        yield visitor


def body(visitor: Visitor, email: str = UNCONNECTED, **settings: object) -> dict[str, Any]:
    app = visitor.tenant["microsoft"]
    return {
        "client_id": visitor.v2["client_id"],
        "name": "Bjørn Dahl",
        "email_address": email,
        "provider": "exchange",
        "scopes": "calendar",
        "settings": {
            "microsoft_client_id": app["client_id"],
            "microsoft_client_secret": visitor.secret(app["client_secret"]),
            "microsoft_refresh_token": visitor.secret(app["refresh_token"]),
            "redirect_uri": app["redirect_uri"],
            "service_account": True,
        }
        | settings,
    }


def authorize(visitor: Visitor, payload: object, kind: str = "application/json") -> httpx.Response:
    url = f"{visitor.endpoints['nylas_v2']}/connect/authorize"
    return visitor.http.post(url, content=json.dumps(payload), headers={"Content-Type": kind})


def exchange(visitor: Visitor, code: object, **changed: str) -> httpx.Response:
    secret = visitor.secret(visitor.v2["client_secret"])
    sent = {"client_id": visitor.v2["client_id"], "client_secret": secret, "code": code} | changed
    return visitor.http.post(f"{visitor.endpoints['nylas_v2']}/connect/token", json=sent)


@pytest.mark.parametrize("kind", ["application/json", "text/plain;charset=UTF-8"])
def test_a_code_is_exchanged_for_the_account_once(visitor: Visitor, kind: str) -> None:
    code = authorize(visitor, body(visitor), kind).json()["code"]
    account = exchange(visitor, code).json()
    assert (account["email_address"], account["object"]) == (UNCONNECTED, "account")
    assert account["linked_at"] > 1_500_000_000
    again = exchange(visitor, code)
    assert (again.status_code, again.json()["type"]) == (400, "api_error")


def test_a_connected_account_is_listed_and_known_by_its_token(visitor: Visitor) -> None:
    account = exchange(visitor, authorize(visitor, body(visitor)).json()["code"]).json()
    base = f"/a/{visitor.v2['client_id']}/accounts"
    assert account["id"] in [each["id"] for each in visitor.nylas(base).json()]
    assert visitor.nylas(f"{base}/{account['id']}").json()["email"] == UNCONNECTED
    url = f"{visitor.endpoints['nylas_v2']}/account"
    by_token = visitor.http.get(url, headers={"Authorization": f"Bearer {account['access_token']}"}).json()
    assert (by_token["email_address"], "access_token" in by_token) == (UNCONNECTED, False)
    assert visitor.http.get(url, auth=(account["access_token"], "")).json() == by_token
    assert visitor.http.get(url).status_code == 401


def test_the_application_asks_what_a_token_of_an_account_may(visitor: Visitor) -> None:
    account = exchange(visitor, authorize(visitor, body(visitor)).json()["code"]).json()
    base = f"{visitor.endpoints['nylas_v2']}/a/{visitor.v2['client_id']}/accounts"

    def token_info(account_id: str, token: str, secret: str | None = None) -> httpx.Response:
        auth = (secret or visitor.secret(visitor.v2["client_secret"]), "")
        url = f"{base}/{account_id}/token-info"
        return visitor.http.post(url, json={"access_token": token}, auth=auth)

    info = token_info(account["id"], account["access_token"]).json()
    assert (info["scopes"], info["state"]) == ("calendar", "valid")
    assert token_info(account["id"], "another").status_code == 400
    assert token_info("nobody", account["access_token"]).status_code == 404
    assert token_info(account["id"], account["access_token"], "wrong").status_code == 401


@each_of("member", ["client_id", "name", "email_address", "provider", "settings"])
def test_a_body_without_a_member_is_told_which(visitor: Visitor, member: str) -> None:
    payload = body(visitor)
    del payload[member]
    answer = authorize(visitor, payload)
    assert (answer.status_code, answer.json()["missing_fields"]) == (400, [member])


@each_of("value", ["true", 1, False, None])
def test_service_account_is_the_literal_true(visitor: Visitor, value: object) -> None:
    answer = authorize(visitor, body(visitor, service_account=value))
    assert (answer.status_code, answer.json()["type"]) == (400, "invalid_request_error")


@each_of(
    ("email", "settings"),
    [
        (UNCONNECTED, {"microsoft_refresh_token": "0.Other"}),
        (UNCONNECTED, {"microsoft_client_secret": "other"}),
        ("tomek@halden.example", {}),
        ("nobody@halden.example", {}),
        ("lars.eide@halden-marine.example", {}),
    ],
)
def test_what_microsoft_would_refuse_is_an_auth_error(
    visitor: Visitor, email: str, settings: dict[str, str]
) -> None:
    answer = authorize(visitor, body(visitor, email, **settings))
    assert (answer.status_code, answer.json()["type"]) == (403, "auth_error")
    assert "error" in answer.json()


@each_of("payload", [[], "text", {"settings": []}, {"client_id": 1}])
def test_a_body_that_is_no_request_is_400(visitor: Visitor, payload: object) -> None:
    assert authorize(visitor, payload).status_code == 400


@pytest.mark.parametrize("changed", [{"client_secret": "other"}, {"client_id": "other"}])
def test_a_code_is_not_exchanged_for_another_application(visitor: Visitor, changed: dict[str, str]) -> None:
    assert exchange(visitor, "any", **changed).status_code == 401


def test_the_application_answers_basic_with_its_secret_alone(visitor: Visitor) -> None:
    path = f"/a/{visitor.v2['client_id']}"
    assert visitor.nylas(path).json()["redirect_uris"] == [visitor.tenant["microsoft"]["redirect_uri"]]
    url, secret = visitor.endpoints["nylas_v2"] + path, visitor.secret(visitor.v2["client_secret"])
    for refused in [None, ("other", ""), (secret, "password")]:
        assert visitor.http.get(url, auth=refused).status_code == 401
    assert visitor.http.get(url, headers={"Authorization": f"Bearer {secret}"}).status_code == 401
    assert visitor.nylas("/a/another").status_code == 401


@pytest.mark.parametrize("size", [5, 50])
def test_pages_bring_every_account_once(tmp_path: Path, size: int) -> None:
    found: list[str] = []
    with visit("nylas-small-pages", tmp_path) as visitor:
        path = f"/a/{visitor.v2['client_id']}/accounts"
        while page := visitor.nylas(path, limit=size, offset=len(found)).json():
            assert len(page) <= min(size, 7)
            found += [account["email"] for account in page]
    assert len(found) == len(set(found)) == 36


def test_a_page_that_makes_no_sense_is_400(visitor: Visitor) -> None:
    assert visitor.nylas(f"/a/{visitor.v2['client_id']}/accounts", offset=-1).status_code == 400


def test_a_throttled_answer_says_in_how_many_seconds_to_come_back(tmp_path: Path) -> None:
    with visit("throttled", tmp_path) as visitor:
        answers = [visitor.nylas(f"/a/{visitor.v2['client_id']}") for _ in range(2)]
    assert [each.status_code for each in answers] == [429, 200]
    assert answers[0].headers["X-RateLimit-Reset"] == "1"
    assert "Retry-After" not in answers[0].headers


@each_of(
    ("fault", "reason"),
    [
        ("ews-off", "EWS is disabled for this user or tenant"),
        ("role-dead", "Impersonation was denied."),
        ({"name": "role-scoped", "leaves_out": ["Bjørn Dahl"]}, "Impersonation was denied."),
        (
            {
                "name": "mailbox-elsewhere",
                "account": "Bjørn Dahl",
                "code": "MailboxNotEnabledForRESTAPI",
            },
            "The mailbox was not found.",
        ),
    ],
)
def test_what_exchange_refuses_nylas_refuses(
    fault: str | dict[str, Any], reason: str, tmp_path: Path
) -> None:
    with visit("default", tmp_path, faults=[fault]) as visitor:
        answer = authorize(visitor, body(visitor))
    assert (answer.status_code, answer.json()["error"]) == (403, reason)


def test_another_server_host_is_another_account(visitor: Visitor) -> None:
    bodies = [body(visitor, eas_server_host=host) for host in ("a.halden.example", "b.halden.example")]
    ids = [
        exchange(visitor, authorize(visitor, each).json()["code"]).json()["id"] for each in [*bodies, *bodies]
    ]
    assert ids[:2] == ids[2:]
    assert len(set(ids)) == 2


def test_one_address_can_have_two_accounts(tmp_path: Path) -> None:
    with visit("nylas-account-twice", tmp_path) as visitor:
        listed = visitor.nylas(f"/a/{visitor.v2['client_id']}/accounts").json()
    twice = [each for each in listed if each["email"] == "omar.haddad@halden.example"]
    assert len({each["id"] for each in twice}) == len(twice) == 2


def test_the_redirect_uri_can_be_missing_from_the_application(tmp_path: Path) -> None:
    with visit("nylas-redirect-uri-unregistered", tmp_path) as visitor:
        found = visitor.nylas(f"/a/{visitor.v2['client_id']}").json()["redirect_uris"]
        assert found
        assert visitor.tenant["microsoft"]["redirect_uri"] not in found


def test_authorize_takes_as_long_as_the_fault_says(tmp_path: Path) -> None:
    slow = {"name": "nylas-authorize-slow", "seconds": 0.2}
    with visit("default", tmp_path, faults=[slow]) as visitor:
        assert authorize(visitor, body(visitor)).elapsed.total_seconds() >= 0.2
        assert visitor.nylas(f"/a/{visitor.v2['client_id']}").elapsed.total_seconds() < 0.2


def test_the_triggers_of_its_webhook_are_read(tmp_path: Path) -> None:
    fault = {"name": "nylas-webhook", "triggers": ["event.created", "account.invalid"]}
    with visit("default", tmp_path, faults=[fault]) as there:
        url = f"{there.endpoints['nylas_v2']}/a/{there.v2['client_id']}/webhooks"
        refused = there.http.get(url)
        secret = there.secret(there.v2["client_secret"])
        [hook] = there.http.get(url, auth=(secret, "")).json()
    assert refused.status_code == 401
    assert (hook["state"], hook["triggers"]) == ("active", fault["triggers"])
