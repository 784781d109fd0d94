"""What cannot be run is one line, what is wrong and what to do, and exit code 4: no traceback, no secret."""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import pytest

from nylas_readiness.checks.suite.command_line import LIVE, PAYLOADS, run

pytestmark = pytest.mark.offline

SECRET = "pl4nted-secret-value"
EXAMPLE = files("nylas_readiness.fixtures.tenants").joinpath("example.toml").read_text("utf-8")
TENANTS = {
    "literal": EXAMPLE.replace("env:NYLAS_V2_SECRET", SECRET),
    "stranger": f'{EXAMPLE}\n[endpoints]\nca_file = "missing.pem"\n',
    "listless": f'{EXAMPLE}\n[accounts]\nfile = "missing.csv"\n',
    "contoso": EXAMPLE,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with tenant files, and with an empty folder where somebody keeps checks."""
    folder = tmp_path_factory.mktemp("usage")
    for name in ("checks", "tenants"):
        (folder / name).mkdir()
    for name, text in TENANTS.items():
        (folder / "tenants" / f"{name}.toml").write_text(text, "utf-8")
    (folder / "file").write_text("no curl command here", "utf-8")
    return folder


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        (["-m", "live"], ["--tenant (the embedded sandbox)", "--tenant NAME for a tenant file NAME.toml"]),
        (["--tenant", "checks/"], ["'checks/' is a path but not a .toml file", "--tenant FILE.toml"]),
        (["--tenant", "contosso"], ["--tenant contosso: no such tenant", "Did you mean contoso?"]),
        (["--tenant", "sandbox:trubled"], ["no such scenario", "Did you mean sandbox:troubled?"]),
        (["--tenant", "missing.toml"], ["missing.toml: the tenant file does not exist"]),
        (["--tenant", "literal"], ["literal.toml, nylas.v2.client_secret: ", "env:NAME or file:PATH"]),
        (["--tenant", "listless"], ["missing.csv: the accounts file does not exist", "`email`"]),
        (["--tenant", "stranger"], ["missing.pem: not a file of PEM certificates", "Correct ca_file"]),
        (["--tenant", "--accounts", "missing.csv"], ["missing.csv: the accounts file does not exist"]),
        (["--tenant", "--report-dir", "file"], ["file: no reports can be written there", "--report-dir"]),
        (["--tenant", "-n", "2"], ["-n does not go with --tenant"]),
        (["--tenant", "--as-of", "today"], ["--as-of: 'today' is not a date", "2026-11-23"]),
        (["--tenant", "--payload", "file"], ["--tenant and --payload", "one"]),
    ],
    ids=lambda value: "" if value and " " in "".join(value) else None,
)
def test_a_live_run_that_cannot_start_says_why_in_one_line(
    folder: Path, options: Sequence[str], parts: Sequence[str]
) -> None:
    ended = run(folder, LIVE, PAYLOADS, *options)
    assert ended.exit_code == 4
    assert all(part in ended.problem for part in parts), ended.problem
    assert SECRET not in ended.output
    assert not list(folder.rglob("results.json"))


@pytest.mark.parametrize(
    ("options", "stdin", "parts"),
    [
        (["--payload", "missing.json"], "", ["missing.json: ", "give a readable file"]),
        (["--payload", "file"], "", ["file: no line starts with a curl command"]),
        (["--payload", "-", "--service-account", "x"], "{}", ["--service-account: 'x' is not one bare"]),
    ],
)
def test_a_payload_that_cannot_be_read_says_why_in_one_line(
    folder: Path, options: Sequence[str], stdin: str, parts: Sequence[str]
) -> None:
    ended = run(folder, PAYLOADS, "-m", "offline", *options, stdin=stdin)
    assert ended.exit_code == 4
    assert all(part in ended.problem for part in parts), ended.problem
