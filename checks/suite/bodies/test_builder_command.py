"""`--builder` as a user runs it: exit code, reports, replays; and no secret in any of them."""

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from nylas_readiness.checks.suite.support.command_line import (
    CHECKS,
    LONGEST_S,
    Ended,
    command,
    environment,
    run,
    run_each,
)
from nylas_readiness.checks.suite.support.hostile_builders import GOOD, RIGHT, program

pytestmark = pytest.mark.offline

CHECK = CHECKS / "bodies" / "test_payload_builder.py"
PAYLOADS = CHECKS / "bodies" / "test_payload_files.py"
TEXT_FOR_TRUE = "body = build(given); body['settings']['service_account'] = 'true'; answer(payload=body)"


def judge(folder: Path, spec: str, *more: str) -> Ended:
    return run(folder, CHECK, "--builder", spec, "--report-dir", "out", *more)


def rules_in(folder: Path, report: str = "out") -> dict[str, dict[str, Any]]:
    results = json.loads((folder / report / "results.json").read_text("utf-8"))
    assert results["tenant"] is results["verdict"] is None
    return {rule["id"]: rule for rule in results["rules"]}


def test_the_right_builder_ends_well_over_five_hundred_bodies(tmp_path: Path) -> None:
    ended = judge(tmp_path, program(tmp_path, RIGHT))
    assert ended.exit_code == 0, ended.output
    rules = rules_in(tmp_path)
    assert rules["PAY-003"]["observed"] == "500 bodies of good inputs, no violation"
    assert {rule["status"] for rule in rules.values()} == {"pass", "not-applicable"}
    assert not list((tmp_path / "out").glob("replay-*"))


def test_a_finding_is_replayed_by_its_command_and_judged_alone(tmp_path: Path) -> None:
    body = {"service_account": "true"}
    replay = {
        "replay": 1,
        "rule": "PAY-003",
        "case": 9,
        "fields": [],
        "input": GOOD,
        "payload": {"settings": body},
    }
    (tmp_path / "replay.json").write_text(json.dumps(replay, indent=1), "utf-8")
    wrong, right = program(tmp_path, TEXT_FOR_TRUE), program(tmp_path, RIGHT, "right.py")
    replayed = str(Path("out", "replay-PAY-003.json"))
    commands: dict[str, list[str | Path]] = {
        "out": [CHECK, "--builder", wrong, "--payload", "replay.json"],
        "again": [CHECK, "--builder", wrong, "--payload", replayed],
        "mended": [CHECK, "--builder", right, "--payload", "replay.json"],
        "alone": [PAYLOADS, "--payload", "replay.json"],
    }
    ended = run_each(tmp_path, {name: [*given, "--report-dir", name] for name, given in commands.items()})
    assert ended["out"].exit_code == 1, ended["out"].output
    rules = rules_in(tmp_path)
    assert {rule for rule, one in rules.items() if one["status"] == "fail"} == {"PAY-003"}
    assert rules["PAY-018"]["status"] == "not-applicable"
    assert f"--payload {replayed}" in rules["PAY-003"]["observed"]
    assert ended["again"].exit_code == 1
    assert rules_in(tmp_path, "again")["PAY-003"]["status"] == "fail"
    assert ended["mended"].exit_code == 0, ended["mended"].output
    assert ended["alone"].exit_code == 1
    place = next(
        number for number, line in enumerate(json.dumps(replay, indent=1).splitlines(), 1) if "true" in line
    )
    observed = rules_in(tmp_path, "alone")["PAY-003"]["observed"]
    assert f"/settings/service_account, line {place}, column" in observed


def test_a_builder_that_crashes_fails_with_its_case_and_no_secret_of_its_own(tmp_path: Path) -> None:
    says = "print('token=R3AL-token-of-mine', given['microsoft_client_secret'], file=sys.stderr); sys.exit(3)"
    ended = judge(tmp_path, program(tmp_path, says))
    assert ended.exit_code == 1
    assert "case 1: the builder ended with exit code 3 before it answered" in ended.output
    assert "standard error ends: token=«secret» «secret»" in ended.output
    rules = rules_in(tmp_path)
    assert {rule for rule, one in rules.items() if one["status"] == "fail"} == {"PAY-021"}
    assert rules["PAY-003"]["reason"].startswith("depends on PAY-021")
    written = [path.read_text("utf-8") for path in (tmp_path / "out").iterdir()]
    assert not [text for text in (*written, ended.output) if "R3AL" in text]


REFUSED = {
    "no module": (["--builder", "no_such_module:build"], "no_such_module:build cannot be imported from this"),
    "no program": (["--builder", "no-such-program"], "'no-such-program' cannot be started"),
    "two subjects": (["--builder", "a:b", "--tenant"], "--tenant and --builder are several subjects"),
    "no such part": (
        ["--builder", "a:b", "--builder-leaves", "names"],
        "--builder-leaves: 'names'. Give aliases or domains",
    ),
    "no time": (["--builder", "a:b", "--builder-timeout", "0"], "--builder-timeout: '0'"),
    "no replay": (["--builder", "a:b", "--payload", "body.json"], "body.json: not a replay"),
    "no builder": (["--builder-leaves", "domains"], "give --builder too"),
}


def test_what_cannot_be_run_is_a_usage_error(tmp_path: Path, subtests: pytest.Subtests) -> None:
    (tmp_path / "body.json").write_text("{}", "utf-8")
    ended = run_each(tmp_path, {name: [CHECK, *given] for name, (given, _) in REFUSED.items()})
    for name, (_, told) in REFUSED.items():
        with subtests.test(command=name):
            assert ended[name].exit_code == 4, ended[name].output
            assert told in ended[name].problem


def interrupted(process: "subprocess.Popen[str]") -> str:
    """Press Ctrl-C, again where it was lost: an interrupt that falls into a destructor ends nothing."""
    for _ in range(3):
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            return process.communicate(timeout=LONGEST_S / 4)[0]
    process.kill()
    return process.communicate()[0]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends Ctrl-C to whole consoles only")
def test_ctrl_c_ends_the_builder_too(tmp_path: Path) -> None:
    does = (
        "import socket; connection = socket.create_connection(('127.0.0.1', {}));"
        "connection.sendall(str(os.getpid()).encode()); connection.shutdown(socket.SHUT_WR); time.sleep(600)"
    )
    listening = (
        "import signal, sys, pytest; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "sys.exit(pytest.main(sys.argv[1:]))"
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(LONGEST_S)
        builder = program(tmp_path, does.format(listener.getsockname()[1]))
        _, _, _, *arguments = command(CHECK, "--builder", builder, "--builder-timeout", "600")
        process = subprocess.Popen(  # noqa: S603 -- this interpreter, with arguments from this file
            [sys.executable, "-c", listening, *arguments],
            cwd=tmp_path,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        connection, _ = listener.accept()  # the builder was asked, and says who it is
    with connection, connection.makefile() as told:
        started = int(told.read())
    output = interrupted(process)
    assert process.returncode == 2, output
    assert "interrupted while the builder was asked, so nothing was judged" in output
    with pytest.raises(ProcessLookupError):
        os.kill(started, 0)
