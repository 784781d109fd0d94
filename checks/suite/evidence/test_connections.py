"""Connecting accounts: only where the run is let, each once, timed, and without a trace of a secret."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.command_line import LIVE, run_each
from nylas_readiness.fixtures.clients.allowed import CONNECTS, READS, allow
from nylas_readiness.fixtures.clients.nylas_v2 import NylasV2Client
from nylas_readiness.fixtures.clients.transport import Network
from nylas_readiness.fixtures.evidence.collect import Limits
from nylas_readiness.fixtures.evidence.connections import Connector
from nylas_readiness.fixtures.evidence.drafts import Drafter
from nylas_readiness.fixtures.evidence.model import Connection
from nylas_readiness.fixtures.evidence.slots import Read, Unread
from nylas_readiness.fixtures.inputs.accounts import Account
from nylas_readiness.fixtures.inputs.tenant import load
from nylas_readiness.fixtures.secrets import Secret, forgotten_afterwards

pytestmark = [pytest.mark.offline, pytest.mark.anyio]

URL = "https://nylas.example"
SECRETS = {
    "MS": "microsoft-secret-value-7Qd",
    "REFRESH": "0.AXMA-refresh-token-value",
    "NYLAS": "nylas-secret-value-4h7",
}
TENANT = """
[tenant]
name = "contoso"
[service_account]
email = "nylas-svc@contoso.com"
[microsoft]
client_id = "7c2e8d1a-0b3f-4e6a-9d5c-2a1b0c9d8e7f"
client_secret = "env:MS"
refresh_token = "env:REFRESH"
redirect_uri = "https://app.contoso.com/callback"
[nylas.v2]
client_id = "app-1"
client_secret = "env:NYLAS"
"""
ANN = Account(email="ann@contoso.com", name="Ann", eas_server_host="eas.contoso.com")
CODE = httpx.Response(200, json={"code": "single-use-code-9f"})
TOKEN = httpx.Response(
    200, json={"access_token": "account-token-value-55", "account_id": "a1", "email_address": ANN.email}
)
Answer = httpx.Response | httpx.TransportError


class Bench:
    """A connector over these answers to authorize and token; each request takes as long as `takes` says."""

    def __init__(self, folder: Path, authorize: Answer, token: Answer = TOKEN, takes: float = 2.5) -> None:
        self.requests: list[httpx.Request] = []
        self.now = 0.0
        answers = {"/connect/authorize": authorize, "/connect/token": token}

        def answer(request: httpx.Request) -> httpx.Response:
            self.requests.append(request)
            self.now += takes
            found = answers[request.url.path]
            if isinstance(found, httpx.Response):
                return found
            raise found

        path = folder / "contoso.toml"
        path.write_text(TENANT, "utf-8")
        routes = {"nylas_v2": READS["nylas_v2"] + CONNECTS["nylas_v2"]}
        network = Network(allow(routes, {"nylas_v2": URL}), transport=httpx.MockTransport(answer))
        client = NylasV2Client(network.service("nylas_v2", URL), "app-1", Secret(SECRETS["NYLAS"]))
        self.connector = Connector(client, Drafter(load(path, SECRETS)), lambda: self.now)

    async def connect(self, account: Account = ANN) -> Any:  # noqa: ANN401 -- a slot
        """Connect an account; no secret may be in what comes of it."""
        slot = await self.connector.connect(account, None)
        written = msgspec.json.encode(slot).decode()
        for secret in (*SECRETS.values(), "single-use-code-9f", "account-token-value-55"):
            assert secret not in written
        return slot


async def test_authorize_sends_the_builders_body_with_the_secrets_and_token_the_code(tmp_path: Path) -> None:
    bench = Bench(tmp_path, CODE)

    slot = await bench.connect()

    assert slot.value == Connection(authorize_s=2.5, account_id="a1")
    assert "--allow-writes" in slot.trace.source
    authorize, token = (msgspec.json.decode(request.content) for request in bench.requests)
    assert authorize["email_address"] == ANN.email
    assert authorize["settings"] == {
        "microsoft_client_id": "7c2e8d1a-0b3f-4e6a-9d5c-2a1b0c9d8e7f",
        "microsoft_client_secret": SECRETS["MS"],
        "microsoft_refresh_token": SECRETS["REFRESH"],
        "redirect_uri": "https://app.contoso.com/callback",
        "service_account": True,
        "eas_server_host": "eas.contoso.com",
    }
    assert token == {"client_id": "app-1", "client_secret": SECRETS["NYLAS"], "code": "single-use-code-9f"}


REFUSAL = {"type": "auth_error", "message": "Invalid credentials", "error": "Impersonation was denied."}


@each_of(
    ("authorize", "token", "sent", "said"),
    [
        (httpx.Response(403, json=REFUSAL), TOKEN, 1, "Invalid credentials; Impersonation was denied."),
        (
            httpx.Response(400, json={"message": "Missing", "missing_fields": ["settings"]}),
            TOKEN,
            1,
            "Missing; missing: settings",
        ),
        (CODE, httpx.Response(401, json={"message": "Could not verify"}), 2, "Could not verify"),
    ],
)
async def test_a_refusal_is_a_reading_with_all_that_nylas_says(
    authorize: Answer, token: Answer, sent: int, said: str, tmp_path: Path
) -> None:
    bench = Bench(tmp_path, authorize, token)
    connection = (await bench.connect()).value
    assert connection.refusal.message == said
    assert (connection.account_id, connection.lost, connection.authorize_s) == (None, None, 2.5)
    assert len(bench.requests) == sent


@each_of(
    ("authorize", "token", "sent"),
    [
        (httpx.ReadTimeout("silence"), TOKEN, 1),
        (httpx.RemoteProtocolError("lost"), TOKEN, 1),
        (httpx.Response(500, text="An unexpected error occurred"), TOKEN, 1),
        (httpx.Response(504), TOKEN, 1),
        (httpx.Response(200, json={"code": None}), TOKEN, 1),
        (httpx.Response(200, text="<html>"), TOKEN, 1),
        (CODE, httpx.ReadTimeout("silence"), 2),
        (CODE, httpx.Response(503), 2),
        (CODE, httpx.Response(200, json={}), 2),
        (CODE, httpx.ConnectError("refused"), 2),
        (CODE, httpx.Response(429), 2),
    ],
)
async def test_an_outcome_that_is_not_known_is_neither_success_nor_failure_and_nothing_is_sent_again(
    authorize: Answer, token: Answer, sent: int, tmp_path: Path
) -> None:
    bench = Bench(tmp_path, authorize, token)
    slot = await bench.connect()
    assert isinstance(slot, Read)
    assert slot.value.lost
    assert (slot.value.account_id, slot.value.refusal, slot.value.authorize_s) == (None, None, 2.5)
    assert len(bench.requests) == sent


@each_of("authorize", [httpx.ConnectError("refused"), httpx.Response(429)])
async def test_what_was_surely_not_carried_out_is_no_reading(authorize: Answer, tmp_path: Path) -> None:
    bench = Bench(tmp_path, authorize)
    assert isinstance(await bench.connect(), Unread)
    assert len(bench.requests) == 1


async def test_an_account_for_which_no_body_can_be_built_is_not_connected(tmp_path: Path) -> None:
    bench = Bench(tmp_path, CODE)
    slot = await bench.connect(Account(email="ann@other.example", name="Ann"))
    assert isinstance(slot, Unread)
    assert slot.cause == "ACC-008"
    assert bench.requests == []


class Slow:
    """A clock that a minute and more passes on between two looks."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Return the seconds that have passed."""
        self.now += 61.5
        return self.now


def audited(
    scenario: str, folder: Path, *, writes: bool, clock: Callable[[], float] = lambda: 0.0
) -> dict[str, Any]:
    """Audit a scenario; return its outcomes by rule, how often each connect path was asked, and the files."""
    from nylas_readiness.checks.suite.support.harness import judge, read
    from nylas_readiness.fixtures.sandbox.server import start

    journal, limits = folder / "evidence.journal", Limits(concurrency=8, allow_writes=writes)
    with forgotten_afterwards(), start(scenario, folder, accounts=8) as sandbox:
        evidence = read(load(sandbox.tenant_file, sandbox.secrets), journal, limits, clock)
        assert not sandbox.errors
        posts = {
            path: n
            for (name, verb, path), n in sandbox.requests.items()
            if (name, verb) == ("nylas_v2", "POST")
        }
        assert not [secret for secret in sandbox.secrets.values() if secret in journal.read_text("utf-8")]
    ledger = judge(evidence)
    outcomes = ledger.outcomes | {rule: tally.outcome() for rule, tally in ledger.tally.rules.items()}
    return {"outcomes": outcomes, "posts": posts, "budget": evidence.budget["nylas_v2"]}


def test_a_run_that_is_not_let_connects_nothing(tmp_path: Path) -> None:
    found = audited("default", tmp_path, writes=False)
    assert found["posts"] == {}
    for rule in ("NY2-005", "NY2-006"):
        assert found["outcomes"][rule].status == "not-applicable"
        assert "--allow-writes" in found["outcomes"][rule].reason


def test_a_run_that_is_let_connects_each_account_once_as_predicted(tmp_path: Path) -> None:
    found = audited("default", tmp_path, writes=True)
    assert found["posts"] == {"/connect/authorize": 8, "/connect/token": 8}
    assert found["outcomes"]["NY2-005"].status == "pass"
    assert found["outcomes"]["NY2-006"].status == "pass"
    assert "slowest of 8" in found["outcomes"]["NY2-006"].observed
    assert found["budget"].sent == found["budget"].predicted


def test_a_slow_authorize_warns_and_names_the_missing_inbox(tmp_path: Path) -> None:
    outcome = audited("troubled", tmp_path, writes=True, clock=Slow())["outcomes"]["NY2-006"]
    assert outcome.status == "warn"
    assert "give it one (USR-004)" in outcome.observed


def test_a_denied_impersonation_is_nylas_refusal_for_each_account(tmp_path: Path) -> None:
    found = audited("role-missing", tmp_path, writes=True)
    assert found["posts"] == {"/connect/authorize": 8}
    assert found["outcomes"]["NY2-005"].status == "fail"
    assert "Impersonation was denied" in found["outcomes"]["NY2-005"].observed


@each_of(
    ("scenario", "said"),
    [("expired-refresh-token", "depends on ENT-002"), ("nylas-wrong-secret", "depends on NY2-001")],
)
def test_nothing_is_connected_where_it_could_not_succeed(scenario: str, said: str, tmp_path: Path) -> None:
    found = audited(scenario, tmp_path, writes=True)
    assert found["posts"] == {}
    for rule in ("NY2-005", "NY2-006"):
        assert found["outcomes"][rule].status == "unknown"
        assert said in found["outcomes"][rule].reason


def test_the_terminal_says_that_accounts_are_connected_and_only_for_the_rules_that_ask(
    tmp_path: Path,
) -> None:
    said = "--allow-writes: every account will be connected"
    writing: list[str | Path] = [
        LIVE / "live" / "test_ny2.py",
        "--tenant",
        "--allow-writes",
        "--report-dir",
        tmp_path / "writing",
    ]
    reading: list[str | Path] = [
        LIVE / "live" / "test_eas.py",
        "--tenant",
        "--allow-writes",
        "--report-dir",
        tmp_path / "reading",
    ]
    ended = run_each(tmp_path, {"writing": writing, "reading": reading})

    assert said in ended["writing"].output
    assert "(--allow-writes)" in (tmp_path / "writing" / "results.json").read_text("utf-8")
    assert said not in ended["reading"].output
    assert b'"writes":false' in (tmp_path / "reading" / "evidence.journal").read_bytes()
