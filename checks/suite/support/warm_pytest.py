"""Runs pytest again and again, each time in a process of its own that has nothing left to import.

Reads commands as lines of JSON, and answers each by a line with its exit code. Every command gets a fork of
this process, which has imported what an audit needs and has done nothing else: no command sees another.
"""

import gc
import json
import os
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final

import pytest

_PRELOADED: Final = (
    "_hypothesis_pytestplugin",
    "anyio.pytest_plugin",
    "email_validator",
    "nylas_readiness.checks.suite.support.harness",
    "nylas_readiness.fixtures.clients.aiohttp_wire",
    "nylas_readiness.fixtures.payloads.builder",
    "nylas_readiness.fixtures.plugin",
    "nylas_readiness.fixtures.run.kinds",
    "nylas_readiness.fixtures.run.progress",
    "nylas_readiness.fixtures.run.run_page",
    "nylas_readiness.fixtures.run.tenant_run",
    "nylas_readiness.reports.html",
    "nylas_readiness.reports.write",
    "pytest_html.plugin",
    "pytest_httpx",
    "xdist.plugin",
)


def main() -> int:
    """Serve commands until there are no more; a fork returns its own exit code."""
    for module in _PRELOADED:
        import_module(module)
    gc.freeze()
    for line in sys.stdin:
        number = os.fork()
        if not number:
            return _run(json.loads(line))
        _, status = os.waitpid(number, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()
    return 0


def _run(wanted: Mapping[str, Any]) -> int:
    os.chdir(wanted["folder"])
    os.environ.clear()
    os.environ.update(wanted["environ"])
    sys.dont_write_bytecode = bool(os.environ.get("PYTHONDONTWRITEBYTECODE"))
    sys.path[:0] = ["", *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    _redirect(wanted["input"], wanted["output"])
    return pytest.main(wanted["arguments"])


def _redirect(given: str, output: str) -> None:
    """Make files the input, the output and the errors, in the encoding that the environment asks for."""
    encoding = os.environ["PYTHONIOENCODING"]
    os.dup2(os.open(given, os.O_RDONLY), 0)
    os.dup2(os.open(output, os.O_WRONLY | os.O_APPEND), 1)
    os.dup2(1, 2)
    sys.stdin = os.fdopen(0, encoding=encoding, closefd=False)
    sys.stdout = os.fdopen(1, "w", encoding=encoding, closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding=encoding, errors="backslashreplace", closefd=False)


if __name__ == "__main__":
    sys.exit(main())
