"""No secret is in any report nor on the terminal, even where a hostile server sends each one back."""

import base64
import html
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.command_line import LIVE, Ended, run

pytestmark = pytest.mark.offline

# With what a URL, JSON, HTML and Basic credentials each write in their own way.
SECRETS = {
    "SANDBOX_MICROSOFT_SECRET": 'pl4nted~"+s&cret/=<x>.app',
    "SANDBOX_DIRECTORY_SECRET": "pl4nted~directory%20secret",
    "SANDBOX_NYLAS_V2_SECRET": "pl4ntednylassecret",
    "SANDBOX_NYLAS_V3_KEY": "nyk_v0_pl4nted~nylas/v3+key",
    "SANDBOX_V3_MICROSOFT_SECRET": "pl4nted~v3&app'secret",
}
REFRESH_TOKEN = "0.AXpl4nted-refresh_token.of-the-file"
LOUDEST = ["-vv", "-rA", "--tb=long", "--showlocals", "-o", "log_cli=true", "-o", "log_cli_level=DEBUG"]


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Ended]]:
    """Return the reports and the output of an audit of that tenant, with everything shown that pytest can."""
    from nylas_readiness.checks.suite.support.echoing_servers import ECHOING
    from nylas_readiness.fixtures.sandbox.server import Sandbox

    folder = tmp_path_factory.mktemp("hostile")
    with Sandbox(ECHOING, folder, 8) as sandbox:
        text = sandbox.tenant_file.read_text("utf-8")
        sandbox.tenant_file.write_text(
            text.replace("env:SANDBOX_MICROSOFT_REFRESH_TOKEN", "file:token.txt"), "utf-8"
        )
        (folder / "token.txt").write_text(REFRESH_TOKEN, "utf-8")
        places = ["--report-dir", "report", "--junitxml", "report/junit.xml"]
        yield (
            folder / "report",
            run(folder, LIVE, "--tenant", sandbox.tenant_file, *places, *LOUDEST, environ=SECRETS),
        )
        assert not sandbox.errors


def written_forms(secret: str) -> set[str]:
    """Return the ways in which a secret could be found in a text."""
    basic = {base64.b64encode(text.encode()).decode() for text in (f"{secret}:", f":{secret}", secret)}
    plain = {secret, quote(secret), quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1]}
    return plain | basic | {html.escape(secret), html.escape(secret, quote=False)}


def test_the_servers_quoted_the_secrets_and_the_report_says_so_masked(audit: tuple[Path, Ended]) -> None:
    report, ended = audit
    assert ended.exit_code == 1, ended.output
    rules = {rule["id"]: rule for rule in json.loads((report / "results.json").read_bytes())["rules"]}
    for rule in ("ENT-002", "NY2-001", "NY3-001"):
        assert rules[rule]["status"] == "fail"
    for rule in ("NY2-001", "NY3-001"):
        assert "«secret»" in rules[rule]["observed"]
    assert rules["ENT-002"]["observed"] == "AADSTS7000215 (The client secret is wrong)"
    assert "«secret»" in ended.output


@each_of("secret", [*SECRETS.values(), REFRESH_TOKEN])
def test_no_secret_is_in_any_report_nor_on_the_terminal(audit: tuple[Path, Ended], secret: str) -> None:
    report, ended = audit
    files = [path for path in report.rglob("*") if path.is_file()]
    texts = {path.name: path.read_text("utf-8") for path in files} | {"terminal": ended.output}
    assert {"junit.xml", "run.html", "evidence.journal", "readiness.html"} < set(texts)
    shown = {(name, form) for name, text in texts.items() for form in written_forms(secret) if form in text}
    assert not shown
