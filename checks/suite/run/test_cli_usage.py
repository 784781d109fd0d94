"""What cannot be run is one line, what is wrong and what to do, and exit code 4: no traceback, no secret."""

from importlib.resources import files
from pathlib import Path

import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.command_line import CHECKS, PAYLOADS, Ended, run, run_each

pytestmark = pytest.mark.offline

# Collecting all checks, only to refuse to run them, takes as long as everything else here.
LIVE = CHECKS / "live"
SECRET = "pl4nted-secret-value"
EXAMPLE = files("nylas_readiness.fixtures.tenants").joinpath("example.toml").read_text("utf-8")
TENANTS = {
    "literal": EXAMPLE.replace("env:NYLAS_V2_SECRET", SECRET),
    "stranger": f'{EXAMPLE}\n[endpoints]\nca_file = "missing.pem"\n',
    "listless": f'{EXAMPLE}\n[accounts]\nfile = "missing.csv"\n',
    "contoso": EXAMPLE,
}


# Options, and what the one line says of them.
REFUSED = {
    "no tenant": (["-m", "live"], ["--tenant (the embedded sandbox)", "--tenant NAME for a tenant file"]),
    "two subjects of tenants": (["--tenant", "--fleet", "x"], ["--tenant and --fleet", "give one a run"]),
    "a folder": (["--tenant", "checks/"], ["checks: no tenant file", "put paths of checks before it"]),
    "a path": (
        ["--tenant", "x/test.py"],
        ["'x/test.py' is a path but not a .toml file", "--tenant FILE.toml"],
    ),
    "a share of one": (["--tenant", "--shard", "1/2"], ["--shard is about a fleet", "--tenant FOLDER/"]),
    "processes of nothing": (["--processes", "2"], ["--processes bounds the audit of tenants", "--tenant"]),
    "no share": (["--tenant", "--shard", "3/2"], ["--shard: '3/2'", "1/3"]),
    "one list": (["--tenant", "--tenant", "contoso", "--accounts", "file"], ["NAME.csv", "such a folder"]),
    "unknown tenant": (["--tenant", "contosso"], ["no such tenant", "Did you mean contoso?"]),
    "unknown scenario": (["--tenant", "sandbox:trubled"], ["Did you mean sandbox:troubled?"]),
    "no tenant file": (["--tenant", "missing.toml"], ["missing.toml: the tenant file does not exist"]),
    "literal secret": (["--tenant", "literal"], ["literal.toml, nylas.v2.client_secret: ", "env:NAME"]),
    "no list": (["--tenant", "listless"], ["missing.csv: the accounts file does not exist", "`email`"]),
    "no CA": (["--tenant", "stranger"], ["missing.pem: not a file of PEM certificates", "Correct ca_file"]),
    "no accounts": (["--tenant", "--accounts", "x.csv"], ["x.csv: the accounts file does not exist"]),
    "no folder": (["--tenant", "--report-dir", "file"], ["file: no reports can be written", "--report-dir"]),
    "no date": (["--tenant", "--as-of", "today"], ["--as-of: 'today' is not a date", "2026-11-23"]),
    "a first day": (["--tenant", "--as-of", "0001-01-01"], ["not a date from 2000 to 2100", "2026-11-23"]),
    "a last day": (["--tenant", "--as-of", "9999-12-31"], ["not a date from 2000 to 2100", "2026-11-23"]),
    "no number": (["--tenant", "--concurrency", "x"], ["--concurrency: 'x' is not a number", "at least 1"]),
    "too small": (["--tenant", "--concurrency", "0"], ["--concurrency: '0' is too small", "at least 1"]),
    "two subjects": (["--tenant", "--payload", "file"], ["--tenant and --payload", "one"]),
    "no payload": (["--payload", "x.json"], ["x.json: ", "give a readable file"]),
    "no command": (["--payload", "file"], ["file: no request is in it", "a curl command"]),
    "processes": (["--tenant", "-n", "2"], ["-n does not go with --tenant"]),
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


@pytest.fixture(scope="module")
def ended(folder: Path) -> dict[str, Ended]:
    """Return how each command ended."""
    return run_each(folder, {name: [LIVE, PAYLOADS, *options] for name, (options, _) in REFUSED.items()})


@each_of("name", list(REFUSED))
def test_a_run_that_cannot_start_says_why_in_one_line(
    ended: dict[str, Ended], folder: Path, name: str
) -> None:
    _, parts = REFUSED[name]
    assert ended[name].exit_code == 4, ended[name].output
    assert all(part in ended[name].problem for part in parts), ended[name].problem
    assert SECRET not in ended[name].output
    assert not list(folder.rglob("results.json"))


def test_what_stands_on_the_standard_input_is_read_and_a_wrong_account_beside_it_named(folder: Path) -> None:
    ended = run(folder, PAYLOADS, "--payload", "-", "--service-account", "nylas-svc", stdin="{}")
    assert ended.exit_code == 4
    assert "--service-account: 'nylas-svc' is not one bare e-mail address" in ended.problem
