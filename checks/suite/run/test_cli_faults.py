"""What cannot be reached or resolved is told with its cause and what to do, and the rest is still judged."""

import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from nylas_readiness.checks.outcome import Outcome, Status
from nylas_readiness.fixtures.evidence import collect, vendors
from nylas_readiness.fixtures.inputs.tenant import load
from nylas_readiness.fixtures.secrets import forgotten_afterwards

pytestmark = pytest.mark.offline

Change = Callable[[str], str]


@pytest.fixture
def silent_host() -> Iterator[str]:
    """Return the URL of a host that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"https://127.0.0.1:{server.getsockname()[1]}"


def outcomes(scenario: str, folder: Path, change: Change = str) -> dict[str, Outcome]:
    """Return what each rule comes to in a scenario whose tenant file is changed."""
    from nylas_readiness.checks.suite.support.harness import judge, read
    from nylas_readiness.fixtures.sandbox.server import start

    with forgotten_afterwards(), start(scenario, folder, accounts=8) as sandbox:
        sandbox.tenant_file.write_text(change(sandbox.tenant_file.read_text("utf-8")), "utf-8")
        ledger = judge(read(load(sandbox.tenant_file, sandbox.secrets), folder / "evidence.journal"))
    return ledger.outcomes | {rule: tally.outcome() for rule, tally in ledger.tally.rules.items()}


def assert_unknown(outcome: Outcome, *parts: str) -> None:
    """Assert that the rule could not be told, and why, in one line."""
    assert outcome.status is Status.UNKNOWN
    assert outcome.reason is not None
    assert outcome.reason.isprintable()
    assert all(part in outcome.reason for part in parts), outcome.reason


def test_a_host_that_is_down_leaves_its_own_rules_unknown(tmp_path: Path) -> None:
    found = outcomes("nylas-unreachable", tmp_path)
    assert_unknown(found["NY2-001"], "GET https://127.0.0.1:", "no connection", "Check host and port")
    assert_unknown(found["NY2-003"], "depends on NY2-001")
    assert found["ENT-002"].status is found["EWS-003"].status is Status.PASS


def test_an_untrusted_certificate_is_told_with_the_key_that_names_another_ca(tmp_path: Path) -> None:
    found = outcomes("untrusted-certificate", tmp_path)
    for rule in ("ENT-001", "ENT-002", "NY2-001"):
        assert_unknown(found[rule], "the TLS connection failed", "certificate", "ca_file in [endpoints]")
    assert found["CFG-001"].status is found["ACC-003"].status is Status.PASS


def test_a_token_endpoint_that_answers_html_is_not_a_refused_token(tmp_path: Path) -> None:
    found = outcomes("token-endpoint-html", tmp_path)
    assert_unknown(found["ENT-002"], "POST https://127.0.0.1:", "HTTP 502: 37 bytes", "Run again later")
    assert found["ENT-001"].status is found["NY2-001"].status is Status.PASS


def test_a_host_that_never_answers_is_given_up_and_the_rest_is_judged(
    tmp_path: Path, silent_host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def impatient(*arguments: object) -> object:
        return replace(vendors.wire_of(*arguments), connect_s=0.2, read_s=0.2)  # type: ignore[arg-type]

    monkeypatch.setattr(collect, "wire_of", impatient)

    def silenced(text: str) -> str:
        lines = text.splitlines()
        return "\n".join(f'graph = "{silent_host}"' if line.startswith("graph") else line for line in lines)

    found = outcomes("default", tmp_path, silenced)
    assert_unknown(found["USR-001"], f"POST {silent_host}/v1.0/$batch", "no answer in time", "check the host")
    assert found["ACC-001"].status is Status.UNKNOWN
    assert found["ENT-002"].status is found["EWS-003"].status is found["NY2-001"].status is Status.PASS


def test_references_that_lead_nowhere_fail_one_rule_and_leave_theirs_unknown(tmp_path: Path) -> None:
    def lost(text: str) -> str:
        unset = text.replace("env:SANDBOX_MICROSOFT_REFRESH_TOKEN", "env:NOWHERE_SET")
        return unset.replace("env:SANDBOX_NYLAS_V2_SECRET", "file:missing.txt")

    found = outcomes("default", tmp_path, lost)
    assert found["CFG-001"].status is Status.FAIL
    assert "microsoft.refresh_token: the variable NOWHERE_SET is not set" in found["CFG-001"].observed
    assert "missing.txt does not exist" in found["CFG-001"].observed
    assert_unknown(found["ENT-002"], "depends on CFG-001", "microsoft.refresh_token")
    assert_unknown(found["NY2-001"], "depends on CFG-001", "nylas.v2.client_secret")
    assert found["ENT-001"].status is found["ACC-001"].status is Status.PASS
