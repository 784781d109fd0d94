"""`--builder` as a user runs it: exit code, reports, replays; and no secret in any of them."""

import json
import os
import signal
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
)
from nylas_readiness.checks.suite.support.hostile_builders import GOOD, RIGHT, program

pytestmark = pytest.mark.offline

CHECK = CHECKS / "bodies" / "test_payload_builder.py"
PAYLOADS = CHECKS / "bodies" / "test_payload_files.py"
TEXT_FOR_TRUE = "body = build(given); body['settings']['service_account'] = 'true'; answer(payload=body)"


def judge(folder: Path, spec: str, *more: str) -> Ended:
    return run(folder, CHECK, "--builder", spec, "--report-dir", "out", *more)


def rules_in(folder: Path) -> dict[str, dict[str, Any]]:
    results = json.loads((folder / "out" / "results.json").read_text("utf-8"))
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
    spec = program(tmp_path, TEXT_FOR_TRUE)
    with_builder = judge(tmp_path, spec, "--payload", "replay.json")
    assert with_builder.exit_code == 1, with_builder.output
    rules = rules_in(tmp_path)
    assert {rule for rule, one in rules.items() if one["status"] == "fail"} == {"PAY-003"}
    assert rules["PAY-018"]["status"] == "not-applicable"
    assert f"--payload {Path('out', 'replay-PAY-003.json')}" in rules["PAY-003"]["observed"]
    again = judge(tmp_path, spec, "--payload", str(Path("out", "replay-PAY-003.json")))
    assert again.exit_code == 1
    assert rules_in(tmp_path)["PAY-003"]["status"] == "fail"
    mended = judge(tmp_path, program(tmp_path, RIGHT), "--payload", "replay.json")
    assert mended.exit_code == 0, mended.output
    alone = run(tmp_path, PAYLOADS, "--payload", "replay.json", "--report-dir", "out")
    assert alone.exit_code == 1
    place = next(
        number for number, line in enumerate(json.dumps(replay, indent=1).splitlines(), 1) if "true" in line
    )
    assert f"/settings/service_account, line {place}, column" in rules_in(tmp_path)["PAY-003"]["observed"]


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


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--builder", "no_such_module:build"], "no_such_module:build cannot be imported from this folder"),
        (["--builder", "no-such-program"], "'no-such-program' cannot be started"),
        (["--builder", "a:b", "--tenant"], "--tenant and --builder are several subjects"),
        (
            ["--builder", "a:b", "--builder-leaves", "names"],
            "--builder-leaves: 'names'. Give aliases or domains",
        ),
        (["--builder", "a:b", "--builder-timeout", "0"], "--builder-timeout: '0'"),
        (["--builder", "a:b", "--payload", "body.json"], "body.json: not a replay"),
        (["--builder-leaves", "domains"], "give --builder too"),
    ],
)
def test_what_cannot_be_run_is_a_usage_error(tmp_path: Path, arguments: list[str], told: str) -> None:
    (tmp_path / "body.json").write_text("{}", "utf-8")
    ended = run(tmp_path, CHECK, *arguments)
    assert ended.exit_code == 4, ended.output
    assert told in ended.problem


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
    does = "open('started', 'w').write(str(os.getpid())); time.sleep(600)"
    listening = (
        "import signal, sys, pytest; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "sys.exit(pytest.main(sys.argv[1:]))"
    )
    _, _, _, *arguments = command(CHECK, "--builder", program(tmp_path, does), "--builder-timeout", "600")
    process = subprocess.Popen(  # noqa: S603 -- this interpreter, with arguments from this file
        [sys.executable, "-c", listening, *arguments],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    started = tmp_path / "started"
    while not (started.exists() and started.read_text("utf-8")):
        assert process.poll() is None
    output = interrupted(process)
    assert process.returncode == 2, output
    assert "interrupted while the builder was asked, so nothing was judged" in output
    with pytest.raises(ProcessLookupError):
        os.kill(int(started.read_text("utf-8")), 0)
