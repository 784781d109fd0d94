"""`doctor` says what is missing, and which rules an audit leaves undecided for it: as the audit then says."""

import json
import time
from importlib import resources
from pathlib import Path

import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.console_script import run
from nylas_readiness.fixtures import tenants
from nylas_readiness.fixtures.inputs.missing import command_to_set, how_to_set
from nylas_readiness.fixtures.secrets import forgotten_afterwards

pytestmark = pytest.mark.offline

# Companies whose set-up is not whole, with a word of the finding that says so.
COMPANIES = {
    "healthy": "",
    "migration-ready": "",
    "secret-unset": "not set: ",
    "no-directory": "[directory] is left out",
    "directory-permission-withheld": "missing: ",
    "directory-wrong-secret": "AADSTS7000215",
    "expired-refresh-token": "AADSTS700082",
    "wrong-microsoft-secret": "microsoft.client_secret",
    "wrong-tenant": "Entra ID does not know",
    "applications-hidden": "Application.Read.All",
    "licences-hidden": "LicenseAssignment.Read.All",
    "nylas-wrong-secret": "HTTP 401",
    "nylas-unreachable": "Check host and port in [endpoints]",
    "untrusted-certificate": "ca_file in [endpoints]",
    "clock-wrong": "Set this machine's clock",
    "v3-wrong-key": "HTTP 401",
}
# Why an audit does not decide a rule where the set-up is not whole, and nothing else is wrong.
OF_THE_SET_UP = {"secret", "section", "permission", "unreachable"}
# Decided all the same: by their date, by what else is there, or as not applicable without a baseline.
LESS_SURE = {"MIG-003", "MIG-006", "EAS-003"}


@each_of("name", list(COMPANIES))
def test_what_an_audit_cannot_decide_the_doctor_says_before_and_in_time(tmp_path: Path, name: str) -> None:
    from nylas_readiness.checks.suite.support import harness
    from nylas_readiness.fixtures.inputs.tenant import load
    from nylas_readiness.fixtures.sandbox.server import start
    from nylas_readiness.fixtures.setup.doctor import lines_of, report_on

    with forgotten_afterwards(), start(name, tmp_path, accounts=8) as sandbox:
        tenant = load(sandbox.tenant_file, sandbox.secrets)
        began = time.monotonic()
        report = report_on(tenant)
        assert time.monotonic() - began < 10
        asked = [path for service, _, path in sandbox.requests]
        ledger = harness.judge(harness.read(tenant, tmp_path / "journal"))
    concluded = ledger.outcomes | {rule: one.outcome() for rule, one in ledger.tally.rules.items()}
    unknown = {rule for rule, outcome in concluded.items() if outcome.status == "unknown"}
    assert set(report.undecided) <= unknown | LESS_SURE
    assert {rule for rule in unknown if concluded[rule].code in OF_THE_SET_UP} <= set(report.undecided)
    assert COMPANIES[name] in "\n".join(lines_of(report))
    assert report.exit_code == bool(COMPANIES[name])
    assert not [path for path in asked if path.endswith(("/accounts", "/users", "/grants", "$batch"))]


@each_of(
    ("scenario", "told"),
    [
        ("healthy", "token of nylas-svc@"),
        ("token-of-another-user", ", and [service_account] email is nylas-svc@"),
    ],
)
def test_the_doctor_tells_whose_refresh_token_it_is(tmp_path: Path, scenario: str, told: str) -> None:
    from nylas_readiness.fixtures.inputs.tenant import load
    from nylas_readiness.fixtures.sandbox.server import start
    from nylas_readiness.fixtures.setup.doctor import report_on

    with forgotten_afterwards(), start(scenario, tmp_path, accounts=8) as sandbox:
        report = report_on(load(sandbox.tenant_file, sandbox.secrets))
    (text,) = [finding.text for finding in report.findings if finding.part == "refresh token"]
    assert told in text
    assert ("compare" in text) == (scenario != "healthy")


def test_the_command_names_each_variable_once_and_no_secret(tmp_path: Path) -> None:
    from nylas_readiness.fixtures.sandbox.server import start

    with start("healthy", tmp_path, accounts=8) as sandbox:
        ended = run(tmp_path, "doctor", "tenant.toml")
    assert ended.exit_code == 1
    names = [name for name in sandbox.secrets if name in ended.output]
    assert names == list(sandbox.secrets)
    assert command_to_set(names, windows=False) in ended.output
    assert "$env:" not in ended.output


@pytest.mark.parametrize(
    ("windows", "command"),
    [
        (False, "set -a; . '{path}'; set +a"),
        (True, "Get-Content '{path}' | Where-Object"),
    ],
)
def test_a_secrets_file_that_is_there_is_where_secrets_are_written(
    tmp_path: Path, windows: bool, command: str
) -> None:
    from nylas_readiness.fixtures.inputs.tenant import load

    file = tmp_path / "our tenants" / "contoso.toml"
    file.parent.mkdir()
    file.write_text(resources.files(tenants).joinpath("example.toml").read_text("utf-8"), "utf-8")
    tenant = load(file, {})
    assert how_to_set(tenant, ["A"], windows=windows) == command_to_set(["A"], windows=windows)
    path = file.with_suffix("") / "secrets.env"
    path.parent.mkdir()
    path.write_text("A=''", "utf-8")
    assert command.format(path=path) in how_to_set(tenant, ["A"], windows=windows)


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        pytest.param(["doctor", "contosso"], "no such tenant", id="an unknown name"),
        pytest.param(["doctor", "sandbox:healthy"], "needs no preparation", id="the sandbox"),
        pytest.param(["doctor", "missing.toml"], "does not exist", id="no file"),
    ],
)
def test_a_tenant_that_is_none_ends_with_what_to_do(tmp_path: Path, arguments: list[str], part: str) -> None:
    ended = run(tmp_path, *arguments)
    assert ended.exit_code == 4
    assert part in ended.problem


def test_the_variables_of_windows_are_set_as_powershell_does() -> None:
    assert command_to_set(["A", "B"], windows=True) == "$env:A = '…'; $env:B = '…'"


def test_an_audit_names_missing_variables_first_and_says_in_its_headline_what_it_leaves_out(
    tmp_path: Path,
) -> None:
    from nylas_readiness.checks.suite.support import command_line
    from nylas_readiness.fixtures.sandbox.server import start

    with start("healthy", tmp_path, accounts=8) as sandbox:
        there = {name: value for name, value in sandbox.secrets.items() if "DIRECTORY" not in name}
        ended = command_line.run(tmp_path, "--tenant", "tenant.toml", "--report-dir", "report", environ=there)
    told = [line for line in ended.lines if line.startswith("1 of 4 secrets are not there")]
    assert len(told) == 1
    assert ended.output.index(told[0]) < ended.output.index("reading the tenant")
    assert command_to_set(["SANDBOX_DIRECTORY_SECRET"]) in ended.output
    results = json.loads((tmp_path / "report" / "results.json").read_text("utf-8"))
    assert "The audit's own set-up is not whole: it leaves out" in results["headline"]["today_text"]
