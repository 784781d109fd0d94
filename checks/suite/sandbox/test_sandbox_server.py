"""The sandbox starts, writes its files, serves in parallel, and stops without a trace."""

import signal
import ssl
import stat
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx
import pytest

from nylas_readiness.checks.suite.support.sandbox_visitor import visit

pytestmark = pytest.mark.offline

COMMAND = [sys.executable, "-W", "error", "-m", "nylas_readiness.fixtures.sandbox"]
FILES = {
    *("tenant.toml", "ca.pem", "secrets.env", "accounts.csv"),
    *("exports/organization-config.json", "exports/role-assignments.json"),
}


def written(directory: Path) -> set[str]:
    return {path.relative_to(directory).as_posix() for path in directory.rglob("*") if path.is_file()}


def test_the_files_are_those_of_a_tenant(tmp_path: Path) -> None:
    with visit("default", tmp_path / "new" / "folder") as visitor:
        assert written(visitor.directory) == FILES
        assert visitor.tenant["tenant"]["sandbox"] is True
        assert visitor.tenant["tenant"]["name"] == "sandbox:default"
        assert visitor.tenant["tenant"]["as_of"] == date(2026, 11, 23)
        assert all(
            visitor.endpoints[name].startswith("https://127.0.0.1:") for name in ("login", "graph", "outlook")
        )
        assert (
            (visitor.directory / "accounts.csv").read_text("utf-8").startswith("email,name,eas_server_host\n")
        )


def test_only_the_secrets_file_has_secrets_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    with visit("default", tmp_path) as visitor:
        path = tmp_path / "secrets.env"
        lines = path.read_text("utf-8").splitlines()
        assert dict(line.split("=", 1) for line in lines) == visitor.secrets
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        others = "".join((tmp_path / name).read_text("utf-8") for name in FILES - {"secrets.env"})
        assert not [secret for secret in visitor.secrets.values() if secret in others]


def test_a_second_start_overwrites_the_files_of_the_first(tmp_path: Path) -> None:
    with visit("troubled", tmp_path) as first, visit("default", tmp_path) as second:
        assert first.endpoints != second.endpoints
        assert tomllib.loads((tmp_path / "tenant.toml").read_text("utf-8")) == second.tenant
        assert second.redeem().status_code == 200


def test_a_company_can_be_large(tmp_path: Path) -> None:
    with visit("default", tmp_path, accounts=1000) as visitor:
        rows = (tmp_path / "accounts.csv").read_text("utf-8").splitlines()[1:]
        assert len({row.partition(",")[0] for row in rows}) == len(rows) == 1000
        last = rows[-1].partition(",")[0]
        assert visitor.graph(f"/v1.0/users/{last}").json()["mail"] == last


def test_requests_are_counted_by_service_method_and_path(tmp_path: Path) -> None:
    from nylas_readiness.fixtures.sandbox.server import start

    with (
        start("default", tmp_path) as sandbox,
        httpx.Client(verify=trusting(tmp_path), trust_env=False) as http,
    ):
        http.get(f"{sandbox.endpoints['nylas_v2']}/account")
        http.get(f"{sandbox.endpoints['nylas_v2']}/account")
        assert sandbox.requests == {("nylas_v2", "GET", "/account"): 2}


def trusting(directory: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(directory / "ca.pem"))


def test_the_servers_serve_in_parallel_and_tell_the_time(tmp_path: Path) -> None:
    with visit("default", tmp_path) as visitor, ThreadPoolExecutor(8) as pool:
        urls = [visitor.endpoints[name] + "/none" for name in ("login", "graph", "outlook", "nylas_v2")] * 10
        answers = list(pool.map(visitor.http.get, urls))
    assert {answer.status_code for answer in answers} == {401, 404}
    assert parsedate_to_datetime(answers[0].headers["Date"]).tzinfo is not None


def test_a_defect_of_the_sandbox_is_kept_and_answered_with_500(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nylas_readiness.fixtures.sandbox import nylas_v2
    from nylas_readiness.fixtures.sandbox.server import start

    monkeypatch.delattr(nylas_v2, "unauthorized")
    with (
        start("default", tmp_path) as sandbox,
        httpx.Client(verify=trusting(tmp_path), trust_env=False) as http,
    ):
        answer = http.get(f"{sandbox.endpoints['nylas_v2']}/account")
    assert answer.status_code == 500
    assert [type(error) for error in sandbox.errors] == [NameError]


def test_a_folder_that_cannot_be_made_leaves_no_socket_open(tmp_path: Path) -> None:
    from nylas_readiness.fixtures.sandbox.server import start

    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(NotADirectoryError), start("default", tmp_path / "file" / "below"):
        pytest.fail("the sandbox started")


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_the_command_says_ready_serves_and_ends_with_0(tmp_path: Path, end: signal.Signals) -> None:
    directory = tmp_path / "made"
    with subprocess.Popen(  # noqa: S603 - our own command
        [*COMMAND, "--dir", str(directory)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        tenant = tomllib.loads((directory / "tenant.toml").read_text("utf-8"))
        with httpx.Client(verify=trusting(directory), trust_env=False) as http:
            assert http.get(f"{tenant['endpoints']['nylas_v2']}/account").status_code == 401
            process.send_signal(end)
            rest, errors = process.communicate(timeout=10)
    assert (process.returncode, rest, errors) == (0, "", "")


def test_the_command_serves_a_fleet(tmp_path: Path) -> None:
    command = [*COMMAND, "fleet", "--dir", str(tmp_path), "--customers", "2"]
    with subprocess.Popen(  # noqa: S603
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        files = {"_defaults.toml", "synthetic-0001.toml", "synthetic-0002.toml"}
        assert {path.name for path in (tmp_path / "tenants").glob("*.toml")} == files
        tenant = tomllib.loads((tmp_path / "tenants" / "synthetic-0002.toml").read_text("utf-8"))
        with httpx.Client(verify=trusting(tmp_path), trust_env=False) as http:
            assert http.get(f"{tenant['endpoints']['graph']}/v1.0/users").status_code == 401
        process.send_signal(signal.SIGTERM)
        rest, errors = process.communicate(timeout=10)
    assert (process.returncode, rest, errors) == (0, "", "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["trobled", "--dir", "x"], "Did you mean 'troubled'? See pytest --tenant list"),
        (["default"], "--dir"),
        (["default", "--dir", "{file}/x"], "Choose a folder that can be written to."),
    ],
)
def test_the_command_explains_a_usage_error_and_ends_with_2(
    tmp_path: Path, arguments: list[str], message: str
) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    given = [each.replace("{file}", str(tmp_path / "file")) for each in arguments]
    done = subprocess.run(  # noqa: S603 - our own command
        [*COMMAND, *given], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_the_commands_help_lists_the_scenarios() -> None:
    done = subprocess.run([*COMMAND, "--help"], capture_output=True, text=True, check=True)  # noqa: S603
    assert "expired-refresh-token" in done.stdout
    assert "pytest -m live --tenant DIR/tenant.toml" in done.stdout
