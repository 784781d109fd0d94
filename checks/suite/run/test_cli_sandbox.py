"""The standalone sandbox gives another process the audit that the embedded one gives, and stops when told."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from nylas_readiness.checks.suite.support.command_line import LIVE, LONGEST_S, environment, run
from nylas_readiness.fixtures.sandbox.scenarios import scenarios

pytestmark = [
    pytest.mark.offline,
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM that a process can answer"),
]


def line_of(stream: IO[str] | None) -> str:
    assert stream is not None
    return stream.readline().strip()


@contextmanager
def standalone(scenario: str, folder: Path) -> Iterator[dict[str, str]]:
    """Serve a scenario from another process, and give the secrets that it wrote down; it must end well."""
    command = [sys.executable, "-m", "nylas_readiness.fixtures.sandbox", scenario, "--dir", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment()) as process:  # noqa: S603
        try:
            assert line_of(process.stdout) == "ready"
            lines = (folder / "secrets.env").read_text("utf-8").splitlines()
            yield dict(line.split("=", 1) for line in lines)
        finally:
            process.send_signal(signal.SIGTERM)
            exit_code = process.wait(LONGEST_S)
        assert exit_code == 0


@pytest.mark.parametrize("scenario", ["default", "troubled"])
def test_the_standalone_sandbox_gives_the_embedded_ones_audit(scenario: str, tmp_path: Path) -> None:
    from nylas_readiness.checks.suite.support.harness import audit

    with standalone(scenario, tmp_path / "served") as secrets:
        tenant = tmp_path / "served" / "tenant.toml"
        ended = run(tmp_path, LIVE, "--tenant", tenant, "--report-dir", "report", environ=secrets)
    declared = scenarios()[scenario]
    assert ended.exit_code == declared.exit_code
    results = json.loads((tmp_path / "report" / "results.json").read_bytes())
    assert results["verdict"] == declared.verdict | {"v3": "not-assessed"}

    embedded = audit(scenario, tmp_path / "embedded", accounts=40)
    statuses = {rule: outcome.status for rule, outcome in embedded.outcomes.items()}
    statuses |= {rule: tally.outcome().status for rule, tally in embedded.tally.rules.items()}
    assert {rule["id"]: rule["status"] for rule in results["rules"]} == statuses
    found = {one["email"]: set(one["findings"]) for one in results["accounts"]}
    assert found == {email: set(findings) for email, findings in embedded.findings().items()}
