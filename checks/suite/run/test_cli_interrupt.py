"""Ctrl-C or SIGTERM while a tenant is read ends the run at once, with one line and exit code 2."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.command_line import LIVE, LONGEST_S, Ended, command, environment

pytestmark = [
    pytest.mark.offline,
    pytest.mark.skipif(sys.platform == "win32", reason="Windows sends Ctrl-C to whole consoles only"),
]

# A shell that starts jobs in the background has them ignore Ctrl-C, and this test may be such a job.
LISTENING_TO_CTRL_C = (
    "import signal, sys, pytest; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "sys.exit(pytest.main(sys.argv[1:]))"
)
TENANT = """
[tenant]
name = "silent"
sandbox = true
[service_account]
email = "nylas-svc@halden.example"
[microsoft]
client_id = "352ea71a-3be5-5ca3-abed-b18ba41ae015"
client_secret = "env:CLIENT_SECRET"
refresh_token = "env:REFRESH_TOKEN"
redirect_uri = "https://app.halden.example/callback"
[endpoints]
login = "{url}"
graph = "{url}"
outlook = "{url}"
"""
SECRETS = {"CLIENT_SECRET": "pl4nted-client-secret", "REFRESH_TOKEN": "pl4nted-refresh-token"}


@pytest.mark.parametrize(
    "number", [pytest.param(signal.SIGINT, id="ctrl-c"), pytest.param(signal.SIGTERM, id="sigterm")]
)
@each_of("terminal", ["terminal", "no:terminal"])
def test_an_interruption_while_reading_ends_with_one_line_and_exit_code_2(
    tmp_path: Path, number: signal.Signals, terminal: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(LONGEST_S)
        url = f"https://127.0.0.1:{silent.getsockname()[1]}"
        (tmp_path / "silent.toml").write_text(TENANT.format(url=url), "utf-8")
        _, _, _, *arguments = command(
            LIVE, "--tenant", "silent.toml", "--report-dir", "report", "-p", terminal
        )
        process = subprocess.Popen(  # noqa: S603 -- this interpreter, with arguments from this file
            [sys.executable, "-c", LISTENING_TO_CTRL_C, *arguments],
            cwd=tmp_path,
            env=environment(SECRETS),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        connection, _ = silent.accept()  # it asked, and waits for an answer
        with connection:
            process.send_signal(number)
            output, _ = process.communicate(timeout=LONGEST_S)
    ended = Ended(exit_code=process.returncode, output=output)
    assert ended.exit_code == 2, output
    assert "interrupted while the tenant was read, so nothing was judged: go on with --resume" in output
    assert "Traceback" not in output
    assert not (tmp_path / "report" / "results.json").exists()
