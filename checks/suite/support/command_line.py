"""Runs the product as a user does: another process, another folder, its own environment."""

import atexit
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

CHECKS = Path(__file__).parents[2]
# What a run on a tenant collects; a path, for the tests run in another folder.
LIVE = CHECKS
PAYLOADS = CHECKS / "bodies" / "test_payload_files.py"
LONGEST_S = 60
# A plugin that presses Ctrl-C once five accounts are read.
CTRL_C = """
import signal
from nylas_readiness.fixtures.run.progress import Progress

show = Progress.__call__
signal.signal(signal.SIGINT, signal.default_int_handler)

def interrupted(progress, done, total):
    show(progress, done, total)
    if done == 5:
        signal.raise_signal(signal.SIGINT)

Progress.__call__ = interrupted
"""
# In a process that runs pytest again, pytest warns of what it imported before.
_EACH = """
import contextlib, io, json, sys, pytest
ended = {}
for name, arguments in json.load(sys.stdin).items():
    output = io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        code = pytest.main(["-p", "no:cacheprovider", "-W", "ignore:Module already imported", *arguments])
    ended[name] = (code, output.getvalue())
json.dump(ended, sys.stdout)
"""


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a command ended: its exit code, and its output and errors as one text."""

    exit_code: int
    output: str

    @property
    def lines(self) -> list[str]:
        """The output's lines without blank ones."""
        return [line for line in self.output.splitlines() if line.strip()]

    @property
    def problem(self) -> str:
        """The one line that says why nothing was run."""
        assert "Traceback" not in self.output
        assert "INTERNALERROR" not in self.output
        [line] = [line for line in self.lines if line.startswith("ERROR: ")]
        return line.removeprefix("ERROR: ")


def command(*arguments: str | Path) -> list[str]:
    """Return the command line of pytest; warnings are errors in it too."""
    return [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-W", "error", *map(str, arguments)]


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return this process's environment without what the running pytest put there."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    ours = {"PYTHONIOENCODING": "utf-8", "NO_COLOR": "1"} | _bytecode()
    return inherited | ours | dict(more or {})


@cache
def _bytecode() -> dict[str, str]:
    """Let the commands share bytecode in a folder of their own, where Python is told to write none.

    Else each command compiles the whole product again, and pytest rewrites every check's assertions again.
    """
    if not sys.dont_write_bytecode:
        return {}
    folder = TemporaryDirectory(prefix="nylas-readiness-bytecode-")
    atexit.register(folder.cleanup)
    return {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": folder.name}


def run_each(folder: Path, commands: Mapping[str, Sequence[str | Path]]) -> dict[str, Ended]:
    """Run pytest in `folder` for each of several commands, all in one other process: it starts but once."""
    named = {name: list(map(str, arguments)) for name, arguments in commands.items()}
    ended = _start(folder, [sys.executable, "-c", _EACH], json.dumps(named), None)
    assert ended.exit_code == 0, ended.output
    found = json.loads(ended.output)
    return {name: Ended(exit_code=code, output=output) for name, (code, output) in found.items()}


def run(
    folder: Path, *arguments: str | Path, environ: Mapping[str, str] | None = None, stdin: str = ""
) -> Ended:
    """Run pytest in `folder`."""
    return _start(folder, command(*arguments), stdin, environ)


def _start(folder: Path, started: Sequence[str], stdin: str, environ: Mapping[str, str] | None) -> Ended:
    done = subprocess.run(  # noqa: S603 -- this interpreter, with arguments from the tests
        started,
        cwd=folder,
        env=environment(environ),
        input=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        timeout=LONGEST_S,
        check=False,
    )
    return Ended(exit_code=done.returncode, output=done.stdout)
