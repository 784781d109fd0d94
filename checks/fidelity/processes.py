"""Runs a vendor's client in a process of its own, and listens to what one sends.

A process of its own: the clients read their trust anchors from the environment at start, and change global
state. They inherit no proxy, so that loopback is reached.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import Any, Final

import pytest

HERE: Final = Path(__file__).parent
LONGEST_S: Final = 60
_PROXIES: Final = ("http_proxy", "https_proxy", "all_proxy")


def need(distribution: str) -> None:
    """Skip where a Python client is not installed."""
    if find_spec(distribution) is None:
        pytest.skip(f"{distribution} is not installed: pip install -e '.[fidelity]'")


def need_node() -> None:
    """Skip where there is no node or no npm."""
    missing = [name for name in ("node", "npm") if shutil.which(name) is None]
    if missing:
        pytest.skip(f"{' and '.join(missing)} not found: install Node.js")


def ask_python(script: str, question: dict[str, Any], ca_file: Path) -> Any:  # noqa: ANN401
    """Return what a Python client answers, trusting the sandbox's CA alone."""
    command = [sys.executable, "-P", str(HERE / script)]
    return json.loads(_run(command, HERE, json.dumps(question), REQUESTS_CA_BUNDLE=str(ca_file)))


def ask_node(modules: Path, question: dict[str, Any], ca_file: Path | None = None) -> Any:  # noqa: ANN401
    """Return what Nylas's Node SDK answers, installed in `modules`, trusting the CA beside node's own."""
    trust = {"NODE_EXTRA_CA_CERTS": str(ca_file)} if ca_file else {}
    command = [_which("node"), str(HERE / "client_nylas_node.js")]
    return json.loads(_run(command, HERE, json.dumps(question), NODE_PATH=str(modules), **trust))


def install_node_client(folder: Path) -> Path:
    """Install the locked Node SDK into `folder`; return where node finds it."""
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, folder)
    _run([_which("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder, "")
    return folder / "node_modules"


def _which(program: str) -> str:
    """Return the program's path: on Windows npm is a script, which is found by its full name only."""
    return shutil.which(program) or program


def _run(command: list[str], folder: Path, given: str, **environment: str) -> str:
    inherited = {name: value for name, value in os.environ.items() if name.lower() not in _PROXIES}
    done = subprocess.run(  # noqa: S603 -- this interpreter, node and npm, with arguments from this file
        command,
        cwd=folder,
        env=inherited | environment,
        input=given,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=LONGEST_S,
        check=False,
    )
    assert done.returncode == 0, f"{command[0]} ended with {done.returncode}\n{done.stderr}"
    return done.stdout


class _Recorder(HTTPServer):
    """Answers every POST with a code, and keeps its headers and body."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Keep)
        self.kept: list[tuple[dict[str, str], str]] = []


class _Keep(BaseHTTPRequestHandler):
    server: _Recorder

    def do_POST(self) -> None:
        """Keep the request."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.kept.append(({name.lower(): value for name, value in self.headers.items()}, body))
        answer = b'{"code":"a-code"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def recorder() -> Iterator[tuple[str, list[tuple[dict[str, str], str]]]]:
    """Listen on loopback; yield the URL, and the headers (lower-case names) and body of what was sent."""
    with _Recorder() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", server.kept
        finally:
            server.shutdown()
            thread.join()
