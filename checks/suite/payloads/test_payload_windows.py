r"""Commands for cmd and PowerShell: which shell reads a text follows from its name and its own signs."""

import json
import re
from pathlib import Path

import pytest

from nylas_readiness.checks.contract import COMPUTED
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.payload_samples import GOOD
from nylas_readiness.fixtures.payloads import Document, Request
from nylas_readiness.fixtures.payloads.dialects import items_in_text

pytestmark = pytest.mark.offline

URL = "https://api.nylas.com/connect/authorize"
BODY = json.dumps(GOOD)
ESCAPED = BODY.replace('"', '\\"')


def requests(name: str, text: str, folder: Path = Path("no such folder")) -> list[Request]:
    items = items_in_text(Document(name, text), folder, is_asked=True)
    return [item for item in items if isinstance(item, Request)]


def request(name: str, text: str) -> Request:
    [only] = requests(name, text)
    return only


def copied(text: str) -> str:
    """Write an argument as Chrome and Edge copy it for cmd."""
    written = text.replace("\\", "\\\\").replace('"', '\\"')
    written = re.sub(r"[^a-zA-Z0-9\s_\-:=+~'/.',?;()*`]", lambda match: "^" + match[0], written)
    return '^"' + re.sub(r"%(?=\w)", "%^", written).replace("\n", "^\n\n") + '^"'


@each_of(
    ("name", "text"),
    [
        ("copy.txt", f"curl {copied(URL)} ^\n  -H {copied('a: b & c')} ^\n  --data-raw {copied(BODY)}\n"),
        (
            "lines.txt",
            f"curl {copied(URL)} ^\n  --data-raw {copied(BODY)} &\ncurl {copied('https://x.example')}\n",
        ),
        ("doubled.txt", f'curl "{URL}" --data-raw "{BODY.replace(chr(34), chr(34) * 2)}"\n'),
        ("run.bat", f'@echo off\r\nrem curl {URL}\r\ncurl -X POST {URL} ^\r\n  -d "{ESCAPED}"\r\n'),
        ("run.CMD", f'if exist x ( curl {URL} -d "{ESCAPED}" ) else echo no\r\n'),
        ("run.ps1", f"curl.exe -X POST `\n  '{URL}' `\n  -d '{ESCAPED}'\n"),
        ("seven.ps1", f"curl.exe {URL} -d '{BODY}'\n"),
        ("ticks.ps1", f'curl.exe {URL} -d "{BODY.replace(chr(34), chr(92) + "`" + chr(34))}"\n'),
        ("here.ps1", f"$b = @'\n{BODY}\n'@\nInvoke-RestMethod {URL} -Method Post -Body $b\n"),
        ("piped.ps1", f"'{BODY}' | Invoke-RestMethod -Uri {URL} -Method POST\n"),
        ("splat.ps1", f"$p = @{{ Uri = '{URL}'; Method = 'Post'; Body = '{BODY}' }}\nirm @p\n"),
        ("bytes.ps1", f"iwr {URL} -Method Post -Body ([Text.Encoding]::UTF8.GetBytes('{BODY}'))\n"),
        ("prompt.md", f"PS C:\\Users\\ann> irm -Method Post -Uri {URL} -Body '{BODY}'\n"),
        ("cmd.md", f'C:\\> curl -X POST {URL} -d "{ESCAPED}"\n'),
        ("fence.md", f'```bat\ncurl {URL} -d "{ESCAPED}"\n```\n'),
    ],
)
def test_the_body_is_what_that_shell_makes_of_it(name: str, text: str) -> None:
    found = requests(name, text)[0]
    assert (found.method, found.url, found.unread) == ("POST", URL, None)
    assert json.loads(str(found.body)) == GOOD
    line, column = found.place(str(found.body).index("FAKE-microsoft-secret"))
    assert text.split("\n")[line - 1][column - 1 :].startswith("FAKE-microsoft-secret")


def test_a_copied_body_of_several_lines_keeps_them() -> None:
    text = json.dumps(GOOD, indent=2)
    assert request("copy.txt", f"curl {copied(URL)} ^\n  --data-raw {copied(text)}\n").body == text


@each_of(
    ("name", "text", "body"),
    [
        ("a.bat", f'curl {URL} -d "[\\"%SECRET%\\"]"\r\n', f'["{COMPUTED}"]'),
        ("b.bat", f'set S=abc\r\nset "T=d e"\r\ncurl {URL} -d "[\\"%S% %T%\\"]"\r\n', '["abc d e"]'),
        ("c.bat", f'curl {URL} -d "[\\"%%X $Y\\"]"\r\n', '["%X $Y"]'),
        ("a.ps1", f"curl.exe {URL} -d '[\\\"$env:S\\\"]'\n", '["$env:S"]'),
        ("b.ps1", f'curl.exe {URL} -d "[\\`"$env:S\\`"]"\n', f'["{COMPUTED}"]'),
        ("c.ps1", f'$s = "abc"\nirm {URL} -Method Post -Body "[`"$s $($x.y)`"]"\n', f'["abc {COMPUTED}"]'),
        ("d.ps1", f"irm {URL} -Method Post -Body ('[' + \"$n\" + ']')\n", f"[{COMPUTED}]"),
    ],
)
def test_a_variable_is_replaced_as_that_shell_replaces_it(name: str, text: str, body: str) -> None:
    assert request(name, text).body == body


def test_a_hashtable_is_written_as_json_with_the_place_of_each_value() -> None:
    text = f"""$s = [ordered]@{{
    service_account = $true   # a flag
    redirect_uri    = 'https://it''s.example/'
}}
$body = @{{ client_id = "a"; 'name' = "Ann $env:X"; settings = $s; list = @('x', 2, $null) }}
$body.provider = 'exchange'
$r = Invoke-RestMethod -Method Post -Uri '{URL}' -Body ($body | ConvertTo-Json -Depth 9)
"""
    found = request("run.ps1", text)
    assert json.loads(str(found.body)) == {
        "client_id": "a",
        "name": f"Ann {COMPUTED}",
        "settings": {"service_account": True, "redirect_uri": "https://it's.example/"},
        "list": ["x", 2, None],
        "provider": "exchange",
    }
    assert found.place(str(found.body).index("exchange"))[0] == 6


@each_of(
    ("text", "told"),
    [
        (f"irm {URL} -Method Post -Body @{{a = 1}}\n", "a hashtable, which is sent as a form"),
        (f"irm {URL} -Method Post -Body $given\n", "computed by PowerShell"),
        (f"irm {URL} -Method Post -InFile b.json\n", "in a file (-InFile)"),
        (f"curl.exe {URL} -d '[1]\n\nirm https://x.example/\n", "line 1, column 53 is never closed"),
    ],
)
def test_a_body_that_powershell_does_not_tell_is_not_read(text: str, told: str) -> None:
    found = requests("run.ps1", text)[0]
    assert found.body is None
    assert told in str(found.unread)


def test_single_quotes_in_a_batch_file_are_a_flaw_that_is_named() -> None:
    found = request("run.bat", f"curl {URL} -d '{BODY}'\r\n")
    assert found.body is None
    assert "is cut at its first blank: the single quote in line 1, column" in str(found.flaw)


@each_of(
    ("name", "text"),
    [
        ("carets.bat", "curl " + "^\n" * 20_000 + "x.example -d 1\n"),
        ("tables.ps1", "@{a=" * 3000 + f"\ncurl.exe {URL} -d '[1]'\n"),
    ],
)
def test_a_hostile_script_ends_soon_and_leaves_a_trace(name: str, text: str) -> None:
    assert list(items_in_text(Document(name, text), Path("no such folder"), is_asked=True))
