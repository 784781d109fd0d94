"""A user's builder as a process: what it does wrong is told with the case's number; nothing of it is left."""

import os
import sys
import time
from pathlib import Path

import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.hostile_builders import GOOD, MISBEHAVIOUR, RIGHT, program
from nylas_readiness.fixtures.payloads import process
from nylas_readiness.fixtures.payloads.answers import Answer, Built, Refused
from nylas_readiness.fixtures.payloads.errors import BrokenBuilderError, NoBuilderError
from nylas_readiness.fixtures.payloads.process import BuilderProcess, start

pytestmark = pytest.mark.offline

REFERENCE = "nylas_readiness.fixtures.payloads:build"


def three(builder: BuilderProcess) -> list[Answer]:
    with builder:
        answers = [builder.ask(GOOD) for _ in range(3)]
        builder.finish()
        return answers


def is_alive(process: int) -> bool:
    """Return whether a process still runs; one that has ended and waits to be reaped does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_callable_and_a_command_answer_alike(tmp_path: Path) -> None:
    of_callable, of_command = three(start(REFERENCE, 5)), three(start(program(tmp_path, RIGHT), 5))
    assert of_callable == of_command
    assert isinstance(of_callable[0], Built)
    assert '"service_account"' in of_callable[0].text


def test_a_refusal_is_no_breach() -> None:
    with start(REFERENCE, 5) as builder:
        assert builder.ask({}) == Refused(
            field="", message="email_address must be a string that is not blank"
        )


@each_of("name", list(MISBEHAVIOUR))
def test_a_builder_that_misbehaves_is_told_with_the_case_and_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    does, told = MISBEHAVIOUR[name]
    if name == "closed output":  # it never ends: no grace makes it
        monkeypatch.setattr(process, "_GRACE_S", 0.2)
    begun = time.monotonic()
    with pytest.raises(BrokenBuilderError) as broken:
        three(start(program(tmp_path, does), 0.2 if name == "hangs" else 20))
    assert told in str(broken.value)
    assert time.monotonic() - begun < 15


@each_of(
    ("body", "told"),
    [
        ("return [given]", "returned list; expected a dict"),
        ("return {'a': {1, 2}}", "returned a dict that is no JSON"),
        ("return {}['FAKE']", "raised KeyError: 'FAKE'; it refuses by ValueError alone"),
        ("import os; os._exit(7)", "ended with exit code 7"),
        ("raise SystemExit(7)", "raised SystemExit: 7"),
    ],
)
def test_a_callable_that_misbehaves_is_told_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, told: str
) -> None:
    tmp_path.joinpath("mine.py").write_text(f"print('noise')\ndef build(given):\n    print(1); {body}\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BrokenBuilderError, match="case 1") as broken:
        three(start("mine:build", 20))
    assert told in str(broken.value)


@each_of(
    ("spec", "told"),
    [
        ("no_such_program_anywhere --x", "'no_such_program_anywhere' cannot be started: No such file"),
        ("node 'build.js", "is no command line: no closing quotation"),
        ("no_such_module:build", "cannot be imported from this folder: ModuleNotFoundError"),
        ("json:no_such_name", "cannot be imported from this folder: AttributeError"),
        ("json:__name__", "TypeError: __name__ is not callable"),
        ("  ", "it is empty"),
    ],
)
def test_what_cannot_be_started_or_imported_is_told(spec: str, told: str) -> None:
    with pytest.raises(NoBuilderError) as refused:
        start(spec, 5)
    assert told in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks for processes in /proc")
def test_what_a_builder_started_is_ended_with_it(tmp_path: Path) -> None:
    does = "import subprocess; answer(payload={'pid': subprocess.Popen(['sleep', '600']).pid})"
    with start(program(tmp_path, does), 5) as builder:
        answer = builder.ask(GOOD)
        assert isinstance(answer, Built)
        child = int(answer.text.partition(":")[2].strip(" }"))
        assert is_alive(child)
    deadline = time.monotonic() + 5
    while is_alive(child) and time.monotonic() < deadline:
        os.sched_yield()
    assert not is_alive(child)


def test_standard_error_is_read_without_end_and_only_its_end_is_kept(tmp_path: Path) -> None:
    does = "os.write(2, b'x' * 10_000_000); right() if case < 3 else sys.exit('the end')"
    with pytest.raises(BrokenBuilderError) as broken:
        three(start(program(tmp_path, does), 20))
    assert broken.value.stderr.endswith("the end\n")
    assert len(broken.value.stderr) <= 4096
