"""Nylas's Node SDK for API v2 connects an account of the sandbox; what its traps send breaks PAY rules."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nylas_readiness.checks.contract import Context, judge_text
from nylas_readiness.checks.fidelity.processes import ask_node, install_node_client, need_node, recorder
from nylas_readiness.checks.suite.support.sandbox_visitor import Visitor, visit

pytestmark = pytest.mark.fidelity

UNCONNECTED = "bjorn.dahl@halden.example"

# What Connect.authorize is given, beside or instead of the right input; None leaves a member out.
Change = dict[str, object]
SNAKE_CASE: Change = {"emailAddress": None, "email_address": UNCONNECTED}


@pytest.fixture(scope="session")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the SDK is installed."""
    need_node()
    return install_node_client(tmp_path_factory.mktemp("node"))


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    with visit("default", tmp_path_factory.mktemp("sandbox")) as visitor:
        yield visitor


def right(visitor: Visitor, **changed: object) -> dict[str, Any]:
    """Return the input that connects an account, with changes; None leaves a member out."""
    app = visitor.tenant["microsoft"]
    settings = {
        "microsoft_client_id": app["client_id"],
        "microsoft_client_secret": visitor.secret(app["client_secret"]),
        "microsoft_refresh_token": visitor.secret(app["refresh_token"]),
        "redirect_uri": app["redirect_uri"],
        "service_account": True,
    }
    given = {
        "name": "Bjørn Dahl",
        "emailAddress": UNCONNECTED,
        "provider": "exchange",
        "scopes": ["calendar"],
        "settings": settings,
    }
    return {name: value for name, value in (given | changed).items() if value is not None}


def ask(modules: Path, visitor: Visitor, server: str, *inputs: object, exchange: bool = False) -> list[Any]:
    """Return what the SDK answers to each input of Connect.authorize."""
    question = {
        "server": server,
        "client_id": visitor.v2["client_id"],
        "client_secret": visitor.secret(visitor.v2["client_secret"]),
        "inputs": inputs,
        "exchange": exchange,
    }
    answers = ask_node(modules, question, visitor.directory / "ca.pem")
    assert isinstance(answers, list)
    return answers


def sent(modules: Path, visitor: Visitor, given: dict[str, Any]) -> tuple[dict[str, str], str]:
    """Return the headers and the body that the SDK puts on the wire for an input."""
    with recorder() as (server, kept):
        [answer] = ask(modules, visitor, server, given)
        assert answer == {"code": "a-code"}
    [request] = kept
    return request


def failed(body: str) -> set[str]:
    """Return the rules that a body fails."""
    found = judge_text(body, Context(service_account_email="nylas-svc@halden.example")).violations
    return {violation.rule for violation in found if violation.level == "fail"}


def test_an_account_is_connected_and_its_code_exchanged(modules: Path, visitor: Visitor) -> None:
    [account] = ask(modules, visitor, visitor.endpoints["nylas_v2"], right(visitor), exchange=True)
    assert (account["email_address"], account["object"]) == (UNCONNECTED, "account")
    assert account["access_token"]


def test_the_right_input_becomes_a_body_that_keeps_every_rule(modules: Path, visitor: Visitor) -> None:
    settings = {**right(visitor)["settings"], "eas_server_host": "outlook.office365.com"}
    _, body = sent(modules, visitor, right(visitor, settings=settings))
    assert judge_text(body, Context(service_account_email="nylas-svc@halden.example")).violations == ()
    assert json.loads(body)["settings"] == settings


def test_json_goes_out_as_plain_text_with_the_secret_as_user_name(modules: Path, visitor: Visitor) -> None:
    headers, _ = sent(modules, visitor, right(visitor))
    assert headers["content-type"] == "text/plain;charset=UTF-8"
    secret = visitor.secret(visitor.v2["client_secret"])
    assert base64.b64decode(headers["authorization"].removeprefix("Basic ")).decode() == f"{secret}:"


@pytest.mark.parametrize(
    ("change", "member", "lost", "rules"),
    [
        pytest.param({"scopes": "calendar"}, "scopes", "", {"PAY-006"}, id="scopes as a string"),
        pytest.param({"scopes": None}, "scopes", "", {"PAY-006"}, id="no scopes"),
        pytest.param({"scopes": ["calendar.free_busy"]}, "scopes", "", {"PAY-006"}, id="a scope it lacks"),
        pytest.param(SNAKE_CASE, "email_address", "", {"PAY-001"}, id="the wire's own name"),
        pytest.param({"provider": None}, "provider", "nylas", {"PAY-002"}, id="no provider"),
    ],
)
def test_a_trap_breaks_a_rule(
    modules: Path, visitor: Visitor, change: Change, member: str, lost: str, rules: set[str]
) -> None:
    _, body = sent(modules, visitor, right(visitor, **change))
    assert json.loads(body)[member] == lost
    assert failed(body) >= rules


def test_a_scope_it_lacks_is_dropped_among_others_without_a_word(modules: Path, visitor: Visitor) -> None:
    _, body = sent(modules, visitor, right(visitor, scopes=["calendar", "calendar.free_busy"]))
    assert json.loads(body)["scopes"] == "calendar"


def test_the_account_to_reauthenticate_is_dropped_without_a_word(modules: Path, visitor: Visitor) -> None:
    _, body = sent(modules, visitor, right(visitor, reauthAccountId="awa6ltos76vz5hvphkp8k17nt"))
    assert "reauth_account_id" not in json.loads(body)


def test_a_refusal_says_which_member_is_missing(modules: Path, visitor: Visitor) -> None:
    [answer] = ask(modules, visitor, visitor.endpoints["nylas_v2"], right(visitor, **SNAKE_CASE))
    assert (answer["raised"], answer["statusCode"]) == ("Bad Request", 400)
    assert (answer["type"], answer["missingFields"]) == ("invalid_request_error", ["email_address"])


def test_a_provider_that_it_lacks_is_never_sent(modules: Path, visitor: Visitor) -> None:
    with recorder() as (server, kept):
        [answer] = ask(modules, visitor, server, right(visitor, provider="graph"))
    assert (answer["raised"], kept) == ("TypeError", [])


def test_a_wrong_secret_is_an_error_of_its_status(modules: Path, tmp_path: Path) -> None:
    with visit("nylas-wrong-secret", tmp_path) as visitor:
        [answer] = ask(modules, visitor, visitor.endpoints["nylas_v2"], right(visitor), exchange=True)
    assert (answer["raised"], answer["statusCode"]) == ("Unauthorized", 401)
