"""The examples of builders: right ones pass, and each trap of Nylas's Node SDK is named by its rule."""

import json
import shlex
import shutil
from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from nylas_readiness.checks.fidelity.processes import install_node_client, need_node
from nylas_readiness.checks.suite.support.command_line import CHECKS, Ended, run

pytestmark = pytest.mark.fidelity

TARGET = CHECKS / "bodies" / "test_payload_builder.py"


@pytest.fixture(scope="module")
def examples() -> Iterator[Path]:
    """Return the folder of the examples, as they ship."""
    with as_file(files("nylas_readiness.fixtures.payloads").joinpath("examples")) as folder:
        yield folder


@pytest.fixture(scope="module")
def node(examples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the Node example, with the SDK installed in it."""
    need_node()
    folder = tmp_path_factory.mktemp("builders") / "node"
    shutil.copytree(examples / "node", folder, ignore=shutil.ignore_patterns("node_modules"))
    locked = json.loads((Path(__file__).parent / "package.json").read_text("utf-8"))
    assert json.loads((folder / "package.json").read_text("utf-8"))["dependencies"] == locked["dependencies"]
    install_node_client(folder)
    return folder


def statuses(folder: Path) -> dict[str, str]:
    """Return what each rule came to, by the report in a folder."""
    rules = json.loads((folder / "results.json").read_text("utf-8"))["rules"]
    return {rule["id"]: rule["status"] for rule in rules}


def judge(builder: str, cwd: Path, report: Path) -> tuple[Ended, set[str]]:
    """Judge a builder from its folder; return how that ended, and the rules that failed."""
    ended = run(cwd, TARGET, "-m", "offline", "--builder", builder, f"--report-dir={report}")
    assert (report / "results.json").is_file(), ended.output
    return ended, {rule for rule, status in statuses(report).items() if status == "fail"}


def test_the_python_example_keeps_every_rule(examples: Path, tmp_path: Path) -> None:
    ended, failed = judge("authorize:build", examples / "python", tmp_path)
    assert (ended.exit_code, failed) == (0, set()), ended.output


def test_the_right_use_of_the_node_sdk_keeps_every_rule(node: Path, tmp_path: Path) -> None:
    ended, failed = judge("node right.js", node, tmp_path)
    assert (ended.exit_code, failed) == (0, set()), ended.output


@pytest.mark.parametrize(
    ("trap", "rule"), [("string-scopes", "PAY-006"), ("snake-case", "PAY-001"), ("unknown-scope", "PAY-020")]
)
def test_a_trap_is_named_and_its_replay_shows_it_again(
    node: Path, tmp_path: Path, trap: str, rule: str
) -> None:
    ended, failed = judge(f"node trap.js {trap}", node, tmp_path / "first")
    assert ended.exit_code == 1
    assert rule in failed
    # In a CI pytest's short summary shows it a second time.
    replay = next(line for line in ended.lines if "replay it: " in line and f"-{rule}." in line)
    _, *options = shlex.split(replay.strip().removeprefix("replay it: pytest --pyargs"))
    again = run(node, TARGET, *options, f"--report-dir={tmp_path / 'again'}")
    assert again.exit_code == 1
    assert statuses(tmp_path / "again")[rule] == "fail"
