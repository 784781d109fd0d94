"""How a fleet ends before its end: Ctrl-C, kill -9 and crashes; and what goes on with it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.command_line import LONGEST_S, environment, run
from nylas_readiness.checks.suite.support.fleet_tenants import fleet_in

if TYPE_CHECKING:
    from nylas_readiness.fixtures.sandbox.fleet import Fleet

pytestmark = [
    pytest.mark.offline,
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals"),
]

# A plugin that slows the audit of one tenant down in its midst, or ends its process.
STOPPING = """
import multiprocessing, os, signal, time
from pathlib import Path
from nylas_readiness.fixtures.run.progress import Progress

show = Progress.__call__

def held(progress, done, total, *more):
    show(progress, done, total, *more)
    if done >= 3:
        Path("held").write_text(str(os.getpid()))
        time.sleep(1)

def ended(*_):
    os._exit(0)

def killed(*_):
    os.kill(os.getpid(), signal.SIGSEGV)

def pytest_configure(config):
    is_tenants = multiprocessing.parent_process() is not None
    if is_tenants and config.option.tenant[0].endswith("brimstane.toml"):
        Progress.__call__ = globals()[os.environ["HOW"]]
"""
LISTENING_TO_CTRL_C = (
    "import signal, sys, pytest; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "sys.exit(pytest.main(sys.argv[1:]))"
)
FLEET = ("-m", "live", "--tenant", "tenants/", "--processes=1", "-p", "no:cacheprovider")


@contextmanager
def held_fleet(sandbox: "Fleet", *options: str) -> Iterator[tuple["subprocess.Popen[str]", int]]:
    """Run a fleet until one audit is in its midst; give its process, and the number of that audit's."""
    held = sandbox.directory / "held"
    held.unlink(missing_ok=True)
    environ = {**sandbox.secrets, "HOW": "held", "PYTHONPATH": str(sandbox.directory)}
    process = subprocess.Popen(  # noqa: S603 -- this interpreter, with arguments from this file
        [sys.executable, "-c", LISTENING_TO_CTRL_C, *FLEET, "-p", "stopping", *options],
        cwd=sandbox.directory,
        env=environment(environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        wait_for(lambda: held.exists() and held.read_text() != "")
        yield process, int(held.read_text())
    finally:
        process.kill()
        process.communicate(timeout=LONGEST_S)


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONGEST_S
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def is_alive(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture(scope="module", autouse=True)
def _plugin(sandbox: "Fleet") -> None:
    (sandbox.directory / "stopping.py").write_text(STOPPING, "utf-8")


def records_in(folder: Path) -> dict[str, Any]:
    roster = json.loads((folder / "roster.json").read_bytes())
    return {record["name"]: record for record in roster["records"]}


def test_an_interrupted_fleet_goes_on_after_ctrl_c_kill_9_and_sigterm(sandbox: "Fleet") -> None:
    folder = sandbox.directory / "interrupted"
    options = ("--report-dir=interrupted",)
    with held_fleet(sandbox, *options) as (process, _):
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=LONGEST_S)
    assert process.returncode == 2, output
    assert "go on with --resume" in output
    assert "Traceback" not in output
    first = records_in(folder)
    assert first["Alderwick Legal"]["problem"] is None
    assert first["Brimstane Logistics"]["problem"] == "Its audit was interrupted. Go on with --resume"
    finished = (folder / "Alderwick-Legal" / "results.json").read_bytes()

    with held_fleet(sandbox, *options, "--resume") as (process, audit):
        process.send_signal(signal.SIGKILL)
        wait_for(lambda: not is_alive(audit))

    with held_fleet(sandbox, *options, "--resume") as (process, audit):
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=LONGEST_S)
    assert (process.returncode, is_alive(audit)) == (2, False), output

    ended = run(sandbox.directory, *FLEET, *options, "--resume", environ=sandbox.secrets)
    assert ended.exit_code == 1, ended.output
    assert {name: record["problem"] for name, record in records_in(folder).items()} == {
        "Alderwick Legal": None,
        "Brimstane Logistics": None,
    }
    assert (folder / "Alderwick-Legal" / "results.json").read_bytes() == finished
    log = (folder / "logs" / "Brimstane-Logistics.log").read_text("utf-8")
    assert "going on with" in log
    assert json.loads((folder / "Brimstane-Logistics" / "results.json").read_bytes())["run"]["complete"]
    ended = run(sandbox.directory, *FLEET, "--report-dir=uninterrupted", environ=sandbox.secrets)
    assert fleet_in(folder) == fleet_in(sandbox.directory / "uninterrupted"), ended.output


@each_of(("how", "why"), [("ended", "ended with the code 0"), ("killed", "was ended by SIGSEGV")])
def test_a_process_that_crashes_costs_its_own_tenant_only(sandbox: "Fleet", how: str, why: str) -> None:
    environ = {**sandbox.secrets, "HOW": how, "PYTHONPATH": str(sandbox.directory)}
    report = f"--report-dir={how}"
    ended = run(sandbox.directory, *FLEET, "-p", "stopping", report, environ=environ)
    assert ended.exit_code == 3, ended.output
    records = records_in(sandbox.directory / how)
    assert records["Brimstane Logistics"]["problem"] == (
        f"The process of its audit {why}. Go on with --resume"
    )
    assert records["Brimstane Logistics"]["folder"] is None
    assert records["Alderwick Legal"] == {
        "name": "Alderwick Legal",
        "file": "tenants/alderwick.toml",
        "folder": "Alderwick-Legal",
        "exit_code": 0,
        "problem": None,
    }
