"""Nylas's Python SDK for API v2 reads the application and its accounts from the sandbox, and its errors."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nylas_readiness.checks.fidelity.processes import ask_python, need
from nylas_readiness.checks.suite.support.sandbox_visitor import Visitor, visit

pytestmark = pytest.mark.fidelity

UNCONNECTED = "bjorn.dahl@halden.example"


@pytest.fixture(autouse=True)
def _nylas_legacy() -> None:
    need("nylas_legacy")


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    with visit("default", tmp_path_factory.mktemp("sandbox")) as visitor:
        yield visitor


def ask(visitor: Visitor, call: str, **more: object) -> dict[str, Any]:
    """Let the SDK make a call with the credentials of the tenant file."""
    question = {
        "api_server": visitor.endpoints["nylas_v2"],
        "client_id": visitor.v2["client_id"],
        "client_secret": visitor.secret(visitor.v2["client_secret"]),
        "call": call,
    }
    answer = ask_python("client_nylas_legacy.py", question | more, visitor.directory / "ca.pem")
    assert isinstance(answer, dict)
    return answer


def emails(visitor: Visitor) -> list[str]:
    return [account["email"] for account in visitor.nylas(f"/a/{visitor.v2['client_id']}/accounts").json()]


def test_every_account_is_listed_with_its_state(visitor: Visitor) -> None:
    listed = ask(visitor, "accounts")["returned"]
    assert [account["email"] for account in listed] == emails(visitor)
    assert {account["provider"] for account in listed} == {"eas"}
    assert all(account["sync_state"] and account["account_id"] == account["id"] for account in listed)


def test_pages_smaller_than_it_asks_for_are_no_end(tmp_path: Path) -> None:
    with visit("nylas-small-pages", tmp_path) as visitor:
        listed = [account["email"] for account in ask(visitor, "accounts")["returned"]]
        first = emails(visitor)
    assert listed[: len(first)] == first
    assert len(set(listed)) == len(listed) > len(first)


def test_one_account_is_read_by_its_id(visitor: Visitor) -> None:
    [first, *_] = ask(visitor, "accounts")["returned"]
    assert ask(visitor, "account", account_id=first["id"])["returned"] == first


def test_the_application_is_read(visitor: Visitor) -> None:
    details = ask(visitor, "application")["returned"]
    assert details["redirect_uris"] == [visitor.tenant["microsoft"]["redirect_uri"]]


def test_an_account_is_connected_and_reads_itself_by_its_token(visitor: Visitor) -> None:
    app = visitor.tenant["microsoft"]
    payload = {
        "client_id": visitor.v2["client_id"],
        "name": "Bjørn Dahl",
        "email_address": UNCONNECTED,
        "provider": "exchange",
        "scopes": "calendar",
        "settings": {
            "microsoft_client_id": app["client_id"],
            "microsoft_client_secret": visitor.secret(app["client_secret"]),
            "microsoft_refresh_token": visitor.secret(app["refresh_token"]),
            "redirect_uri": app["redirect_uri"],
            "service_account": True,
        },
    }
    connected = ask(visitor, "connect", payload=payload)["returned"]
    assert connected["account"]["email_address"] == UNCONNECTED
    assert connected["account"]["linked_at"] > 1_500_000_000
    assert (connected["token_info"]["scopes"], connected["token_info"]["state"]) == ("calendar", "valid")


def test_an_unknown_account_is_an_error_with_its_type(visitor: Visitor) -> None:
    answer = ask(visitor, "account", account_id="x" * 25)
    assert (answer["raised"], answer["status"]) == ("NylasApiError", 404)
    assert "Nylas Error Type: api_error" in answer["message"]


@pytest.mark.parametrize("call", ["accounts", "application"])
def test_a_wrong_secret_is_an_error_with_its_reason(tmp_path: Path, call: str) -> None:
    with visit("nylas-wrong-secret", tmp_path) as visitor:
        answer = ask(visitor, call)
    assert (answer["raised"], answer["status"]) == ("NylasApiError", 401)
    assert answer["message"].startswith("401 Unauthorized. Reason: ")
