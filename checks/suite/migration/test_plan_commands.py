"""The plan's commands: whatever a tenant's values are, each stays one value, in the place where it stands."""

import json
import re
import shlex
import shutil
import subprocess
from base64 import b64decode
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from jinja2 import UndefinedError

from nylas_readiness.checks.catalogue.requests import in_json, in_shell
from nylas_readiness.checks.migration.commands import Value, filled, in_powershell, in_url
from nylas_readiness.checks.migration.plan import steps
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.plan_samples import PLACEHOLDERS, values
from nylas_readiness.reports.templates import blocks

pytestmark = pytest.mark.offline

HOW = {step.id: step.how for step in steps()}
# Stands in for curl: it says what it was called with.
CURL = "curl() { printf '%s\\0' \"$@\"; }\n"
# Each of these ends a PowerShell string, unless it is there twice.
QUOTES = "'\u2018\u2019\u201a\u201b"
INSIDE = f"(?:[^{QUOTES}]|" + "|".join(f"{quote}{{2}}" for quote in QUOTES) + ")*"
HOSTILE = [
    'Contoso\'s "bulk"',
    "$(touch owned) `touch owned` $HOME",
    "'; touch owned; '",
    "\\' ; touch owned #",
    "{{ 7 * 7 }} {% raw %} }}",
    "\u2019; New-Item owned; \u2018 $env:PATH",
    "a\\u0027b & c | d > owned",
    "日本 <b> é",
]


def commands(step: str, **known: str) -> list[str]:
    """Return what of a step is to be copied, with these values in it."""
    return [block.text for block in blocks(filled(HOW[step], values(**known))) if block.is_code]


def run_in_shell(command: str, folder: Path) -> list[str]:
    """Run a command in a POSIX shell and return the words of its call of curl; it must do nothing else."""
    shell = shutil.which("sh")
    if shell is None:
        pytest.skip("there is no POSIX shell here")
    environment = {"PATH": "/usr/bin:/bin", "NYLAS_V3_KEY": "the-key", "NYLAS_V2_SECRET": "the-secret"}
    done = subprocess.run(  # noqa: S603 -- our own commands, with curl stood in for
        [shell, "-c", CURL + command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=20,
        check=True,
    )
    assert (done.stderr, list(folder.iterdir())) == ("", [])
    return done.stdout.rstrip("\0").split("\0")


@each_of("name", HOSTILE)
def test_a_request_carries_a_hostile_name_as_one_value_and_runs_nothing(name: str, tmp_path: Path) -> None:
    [command] = commands("credential", credential_name=name, v3="https://api.eu.nylas.com", app="an-app")
    method, post, url, *headers, _, body = run_in_shell(command, tmp_path)
    assert (method, post, url) == ("-X", "POST", "https://api.eu.nylas.com/v3/connectors/microsoft/creds")
    assert "Authorization: Bearer the-key" in headers
    sent = json.loads(body)
    assert (sent["name"], sent["credential_type"]) == (name, "adminconsent")
    assert sent["credential_data"] == {
        "client_id": "an-app",
        "client_secret": "<secret value>",
        "tenant": "<tenant id>",
    }


@each_of("name", HOSTILE)
def test_the_secret_is_put_in_by_the_shell_and_a_hostile_id_beside_it_runs_nothing(
    name: str, tmp_path: Path
) -> None:
    command = commands("v3-application", v2_application=name, v3="https://api.us.nylas.com")[1]
    *_, linking = run_in_shell(command, tmp_path)
    assert linking.startswith("BasicV2: ")
    assert b64decode(linking.removeprefix("BasicV2: ")).decode() == f"{name}:the-secret"


def test_every_request_of_the_plan_is_one_call_of_curl(tmp_path: Path) -> None:
    known = dict.fromkeys(PLACEHOLDERS, "it's") | {
        "v3": "https://v3.example/base/",
        "v2": "https://v2.example",
    }
    called = [
        run_in_shell(command, tmp_path)
        for step in HOW
        for command in commands(step, **known)
        if command.startswith("curl")
    ]
    urls = [word for words in called for word in words if word.startswith("https://")]
    assert len(urls) == len(called)
    assert {urlsplit(url).hostname for url in urls} == {"v3.example", "v2.example"}
    assert "https://v3.example/base/v3/connectors" in urls
    assert "https://v2.example/a/it%27s/accounts" in urls
    for words in called:
        if "-d" in words:
            assert json.loads(words[words.index("-d") + 1])


def test_what_is_not_known_of_an_address_stands_inside_its_quotes(tmp_path: Path) -> None:
    [disconnect] = commands("cut-over", v2_application="an-app")
    text = filled(HOW["cut-over"], values(v2_application="an-app"))
    assert text == text.rstrip()
    assert run_in_shell(disconnect, tmp_path)[2] == "<v2 host>/a/an-app/accounts/<v2 account id>/downgrade"


def test_where_v2_is_not_audited_no_request_of_v2_is_handed_out() -> None:
    assert commands("cut-over") == []
    assert "[nylas.v2]" in filled(HOW["cut-over"], values())
    assert not any("curl" in command for command in commands("v2-shutdown"))


@each_of(
    ("refused", "scope", "first", "last"),
    [
        ("ann@contoso.com", "pass", "Let the app read the mailboxes that NY3-006 names", "Add-Distribution"),
        (
            "ann@contoso.com",
            "warn",
            "Let the app read the mailboxes that NY3-006 names",
            "ForEach-Object { Remove-Mg",
        ),
        (None, "warn", "Give the app its roles", "ForEach-Object { Remove-Mg"),
        (None, "unknown", "Give the app its roles", "ForEach-Object { Remove-Mg"),
        (None, "pass", "Give the app its roles", "Test-ServicePrincipal"),
    ],
)
def test_access_is_mended_where_it_is_refused_and_limited_where_it_is_for_all(
    refused: str | None, scope: str, first: str, last: str
) -> None:
    known = {"refused": refused} if refused else {}
    text = filled(HOW["mailbox-access"], values(**known) | {"scope": scope})
    found = [block.text for block in blocks(text) if block.is_code]
    assert text.startswith(first)
    assert found[-1].splitlines()[-1].lstrip().startswith(last)
    assert ("Resource 'ann@contoso.com'" in text) == (refused is not None)


def test_every_step_of_powershell_connects_by_itself() -> None:
    for step in HOW:
        text = "\n".join(commands(step, refused="ann@contoso.com"))
        assert ("Connect-MgGraph -TenantId" in text) == bool(re.search(r"(?<!Connect)-Mg[A-Z]", text)), step
        exchange = re.search(r"-(?:ManagementRole|OrganizationConfig|ServicePrincipal )", text)
        assert ("Connect-ExchangeOnline" in text) == bool(exchange), step


def test_the_consent_address_has_each_value_in_its_place() -> None:
    known = {"v3": "https://api.us.nylas.com", "v3_application": "a&b=c", "credential": "x y#z"}
    [address] = commands("admin-consent", callback="https://app.example/cb?x=1", **known)
    parts = urlsplit(address)
    assert (parts.netloc, parts.path) == ("api.us.nylas.com", "/v3/connect/auth")
    assert parse_qs(parts.query) == {
        "provider": ["microsoft"],
        "client_id": ["a&b=c"],
        "redirect_uri": ["https://app.example/cb?x=1"],
        "credential_id": ["x y#z"],
        "response_type": ["adminconsent"],
        "scope": ["https://graph.microsoft.com/.default"],
    }


@each_of("name", HOSTILE)
def test_powershell_gets_a_hostile_name_as_one_string(name: str) -> None:
    known = {"service_principal": name, "app": name, "refused": name, "tenant": name}
    found = commands("mailbox-access", **known)
    assert len(found) == 4
    for text in found:
        assert in_powershell(name) in text
        assert "owned" not in re.sub(f"'{INSIDE}'", "", text)


def test_whatever_a_value_is_each_quoting_gives_it_back() -> None:
    from nylas_readiness.fixtures.strategies.profile import given, st

    @given(st.text(min_size=1, max_size=300))
    def holds(text: str) -> None:
        value = Value(text, "a value")
        assert value.is_known is (value == text)
        assert shlex.split(in_shell(value)) == [value]
        assert json.loads(shlex.split(f"'{in_json(value)}'")[0]) == value
        quoted = in_powershell(value)[1:-1]
        assert re.fullmatch(INSIDE, quoted)
        assert re.sub(f"([{QUOTES}])\\1", "\\1", quoted) == value
        if value.is_known:
            assert parse_qs(f"x={in_url(value)}", keep_blank_values=True) == {"x": [text]}

    holds()


@each_of(
    ("text", "why"),
    [
        (None, "not known"),
        ("", "empty"),
        ("x" * 257, "too long to be one"),
        ("two\nlines", "it would end the command"),
        ("a\x1b[31m", "a terminal obeys it"),
        ("gnp\u202eexe", "it shows another text than it is"),
    ],
)
def test_a_value_that_is_not_fit_to_be_copied_is_a_placeholder(text: str | None, why: str) -> None:
    value = Value(text, "credential name")
    assert (value, value.is_known) == ("<credential name>", False), why
    assert in_url(value) == "<credential name>"


@each_of("step", list(HOW))
def test_every_step_says_first_what_to_do_and_can_be_filled_with_nothing_known(step: str) -> None:
    text = filled(HOW[step], values())
    assert re.match(r"[A-Z].*\.\n", text), "the first line is the action"
    assert "{{" not in text
    assert "{%" not in text
    assert text == text.rstrip()


def test_an_app_that_is_known_is_mended_and_else_registered() -> None:
    assert "Update-MgApplication" not in filled(HOW["azure-app"], values())
    assert "appId eq ''1-2''" in filled(HOW["azure-app"], values(app="1-2"))


def test_a_value_that_nobody_gives_is_an_error_and_no_blank() -> None:
    with pytest.raises(UndefinedError, match="credential_nam"):
        filled("{{ credential_nam }}", values())
