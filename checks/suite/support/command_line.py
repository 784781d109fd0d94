"""Runs the product as a user does: another process, another folder, its own environment."""

import atexit
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from select import select
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
# In a process that has imported the product, pytest warns that it rewrites no assertions of the product's.
_WARM = ("-p", "no:cacheprovider", "-W", "error", "-W", "ignore:Module already imported")


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
    """Run pytest in `folder` for each of several commands, one after the other."""
    return {name: run(folder, *arguments) for name, arguments in commands.items()}


def run(
    folder: Path, *arguments: str | Path, environ: Mapping[str, str] | None = None, stdin: str = ""
) -> Ended:
    """Run pytest in `folder`; on Linux in a fork that need not import the product."""
    if sys.platform != "linux":
        return run_fresh(folder, *arguments, environ=environ, stdin=stdin)
    return _warm_pytest().run(folder, arguments, environment(environ), stdin)


def run_fresh(
    folder: Path, *arguments: str | Path, environ: Mapping[str, str] | None = None, stdin: str = ""
) -> Ended:
    """Run pytest in `folder` in a new interpreter, for a test of what a run imports."""
    done = subprocess.run(  # noqa: S603 -- this interpreter, with arguments from the tests
        command(*arguments),
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


class _WarmPytest:
    """The process of `warm_pytest`; it ends with this one."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "nylas_readiness.checks.suite.support.warm_pytest"],
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        atexit.register(self.end)

    def run(
        self, folder: Path, arguments: Sequence[str | Path], environ: Mapping[str, str], stdin: str
    ) -> Ended:
        """Run pytest as told, to its end."""
        with TemporaryDirectory() as between:
            given, output = Path(between, "input"), Path(between, "output")
            given.write_text(stdin, "utf-8")
            output.touch()
            exit_code = self._answer(
                folder=str(folder),
                arguments=[*_WARM, *map(str, arguments)],
                environ=environ,
                input=str(given),
                output=str(output),
            )
            return Ended(exit_code=exit_code, output=output.read_text("utf-8"))

    def _answer(self, **wanted: object) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{json.dumps(wanted)}\n")
        self._process.stdin.flush()
        if not select([self._process.stdout], [], [], LONGEST_S)[0]:
            self.end()
            raise TimeoutError(f"{wanted['arguments']} took more than {LONGEST_S} seconds")
        return int(self._process.stdout.readline())

    def end(self) -> None:
        """End the process and what it still runs."""
        _warm_pytest.cache_clear()
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()


@cache
def _warm_pytest() -> _WarmPytest:
    return _WarmPytest()
