"""Request material of many tools: each request is read at its place, and none is left out in silence."""

import base64
import json
from pathlib import Path

import pytest

from nylas_readiness.checks.contract import COMPUTED, Context, judge_text
from nylas_readiness.checks.suite.support.payload_samples import GOOD
from nylas_readiness.fixtures.payloads import Document, Item, OtherThing, Request, read
from nylas_readiness.fixtures.payloads.dialects import items_in_text

pytestmark = pytest.mark.offline

URL = "https://api.nylas.com/connect/authorize"
BODY = json.dumps({**GOOD, "name": "O. Lind"}, separators=(",", ":"))
ESCAPED = BODY.replace('"', '\\"')
COMMENTED = json.dumps(GOOD, indent=1).replace('"name"', '// who\n "name"')


def requests(name: str, text: str) -> list[Request]:
    return [item for item in items(name, text) if isinstance(item, Request)]


def items(name: str, text: str, *, folder: Path = Path("no such folder")) -> list[Item]:
    return list(items_in_text(Document(name, text), folder, is_asked=True))


def har(text: str, **more: object) -> str:
    request = {
        "method": "POST",
        "url": URL,
        "postData": {"mimeType": "application/json", "text": text, **more},
    }
    answer = {"status": 200, "content": {"text": BODY}}
    return json.dumps({"log": {"entries": [{"request": request, "response": answer}]}})


READ = {
    "function of a script": (
        "a.sh",
        f'send() {{\n  local to=$1; shift\n  curl "$to" "$@"\n}}\nsend {URL} -d \'{BODY}\'\n',
    ),
    "function with a keyword": ("a.sh", f"function go {{ curl {URL} -d \"${{1}}\"; }}\ngo '{BODY}'\n"),
    "functions within one another": (
        "a.sh",
        f'a() {{ b "$@"; }}\nb() {{ curl {URL} "$@"; }}\na -d \'{BODY}\'\n',
    ),
    "function that nothing calls": ("a.sh", f"go() {{\n  curl {URL} -d '{BODY}'\n}}\n"),
    "method in small letters": ("a.sh", f"xh post {URL} --raw '{BODY}'\n"),
    "called by its path": ("a.ps1", f"& 'C:\\tools\\curl.exe' {URL} -d '{ESCAPED}'\n"),
    "called by a variable": ("a.ps1", f"$curl = 'curl.exe'\n& $curl {URL} -d '{ESCAPED}'\n"),
    "arguments in an array": ("a.ps1", f"$given = @('-d', '{ESCAPED}')\ncurl.exe {URL} @given\n"),
    "started": ("a.ps1", f"Start-Process -FilePath curl.exe -ArgumentList '{URL}', '-d', '{ESCAPED}'\n"),
    "verbatim": ("a.ps1", f'curl.exe --% {URL} -d "{ESCAPED}"\n'),
    "recipe in the rule's line": ("Makefile", f"connect: ; curl {URL} -d '{BODY}'\n"),
    "variable of several lines": (
        "Makefile",
        f'define B\n{BODY}\nendef\nexport B\ngo:\n\tcurl {URL} -d "$$B"\n',
    ),
    "RUN of a Dockerfile": (
        "Dockerfile",
        f"FROM a\nRUN --mount=type=cache true && \\\n  curl {URL} -d '{BODY}'\n",
    ),
    "CMD of a Dockerfile": ("app.Dockerfile", f'FROM a\nCMD ["curl", "{URL}", "-d", "{ESCAPED}"]\n'),
    "block scalar": ("a.yaml", f"data:\n  b.json: |\n    {BODY}\n"),
    "container": ("a.yaml", f"command: [curl]\nargs: ['{URL}', '-d', '{BODY}']\n"),
    "image of curl": ("a.yaml", f"image: curlimages/curl:8\nargs: ['{URL}', '-d', '{BODY}']\n"),
    "action of a workflow": (
        "a.yml",
        f"steps:\n- with:\n    url: {URL}\n    method: POST\n    data: '{BODY}'\n",
    ),
    "cassette": (
        "a.yml",
        f"- request:\n    body:\n      string: '{BODY}'\n    method: POST\n    uri: {URL}\n",
    ),
    "Hurl": ("a.hurl", f"POST {URL}\nAccept: */*\n{BODY}\nHTTP 200\n"),
    "base64 in a HAR": ("a.har", har(base64.b64encode(BODY.encode()).decode(), encoding="base64")),
    "Postman 1": ("a.json", json.dumps({"requests": [{"method": "POST", "url": URL, "rawModeData": BODY}]})),
    "URL in parts": (
        "a.json",
        json.dumps(
            {
                "info": {},
                "item": [
                    {
                        "request": {
                            "method": "POST",
                            "url": {"host": ["api", "nylas", "com"], "path": ["connect", "authorize"]},
                            "body": {"raw": BODY},
                        }
                    }
                ],
            }
        ),
    ),
    "n8n": (
        "a.json",
        json.dumps({"nodes": [{"parameters": {"method": "POST", "url": URL, "myJson": BODY}}]}),
    ),
    "text around it in a string": (
        "a.ndjson",
        json.dumps({"log": f"POST {URL} {BODY}\n", "stream": "stdout"}) + "\n{}\n",
    ),
    "JSON within JSON within JSON": ("a.json", json.dumps({"m": json.dumps({"r": {"b": BODY}})})),
    "script of a package": (
        "package.json",
        json.dumps({"name": "x", "scripts": {"c": f"curl {URL} -d '{BODY}'"}}),
    ),
    "several, one after another": ("a.json", f"{BODY}\n{BODY}\n"),
    "several with commas": ("a.txt", f"{BODY},\n{BODY}\n"),
    "variable that no command takes": ("a.env", f"X=1\nNYLAS_BODY='{BODY}'\n"),
    "macro of a wiki": ("a.txt", f"{{code:bash}}\ncurl {URL} -d '{BODY}'\n{{code}}\n"),
}


@pytest.mark.parametrize(("name", "text"), [pytest.param(*value, id=key) for key, value in READ.items()])
def test_the_body_is_read_where_it_stands(name: str, text: str) -> None:
    found = requests(name, text)
    assert found
    for one in found:
        assert one.body is not None, one.unread
        assert json.loads(one.body) == json.loads(BODY)
        assert one.url in {URL, None}


UNREAD = {
    "blank behind the backslash": ("a.sh", f"curl {URL} \\ \n  -d '{BODY}'\n", "ends before line 2"),
    "comment between": ("a.sh", f"curl {URL} \\\n  # the body\n  -d '{BODY}'\n", "ends before line 3"),
    "blank behind the caret": ("a.bat", f'curl {URL} ^ \r\n  -d "{ESCAPED}"\r\n', "with ^ and nothing"),
    "another program": ("a.sh", f"curlie post {URL} name=x\n", "by curlie"),
    "alias": ("a.sh", f"alias c='curl -s'\nc {URL} -d '{BODY}'\ncurl https://x.co/\n", "by c,"),
    "shell in a shell": ("a.bat", f'pwsh -c "irm {URL} -Method Post"\r\n', "by pwsh"),
    "command in a string": ("a.tf", f'command = "curl {URL} -d @body.json"\n', "within another text"),
    "SDK": ("a.ts", "nylas.connect.authorize({ provider: 'exchange' })\n", "JavaScript code"),
    "literal of a log": (
        "a.log",
        "x payload={'provider': 'exchange', 'settings': {}}\n",
        "a form that is not read",
    ),
    "cells of a table": ("a.csv", 'n,b\n1,"' + BODY.replace('"', '""') + '"\n', "a form that is not read"),
    "trace": (
        "a.log",
        "0000: POST /connect/authorize HTTP/1.1\n=> Send data\n0000: " + BODY,
        "trace of curl",
    ),
    "chunks": ("a.txt", f"POST {URL} HTTP/1.1\nTransfer-Encoding: chunked\n\n1a\n{BODY}\n0\n", "in chunks"),
    "recording that is cut off": ("a.har", har(BODY)[:-30], "cut off"),
    "base64 that is none": ("a.har", har("{}!", encoding="base64"), "base64"),
    "wholly a variable": (
        "a.json",
        json.dumps(
            {"info": {}, "item": [{"request": {"method": "POST", "url": URL, "body": {"raw": "{{b}}"}}}]}
        ),
        "put in when",
    ),
}


@pytest.mark.parametrize(
    ("name", "text", "reason"), [pytest.param(*value, id=key) for key, value in UNREAD.items()]
)
def test_what_cannot_be_read_is_named(name: str, text: str, reason: str) -> None:
    found = requests(name, text)
    assert [one.body for one in found] == [None]
    assert reason in str(found[0].unread)


NO_REQUEST = {
    "account of v2": {
        "object": "account",
        "provider": "exchange",
        "email_address": "a@b.co",
        "sync_state": "running",
    },
    "accounts of v2": [{"account_id": "x", "provider": "eas", "email": "a@b.co", "sync_state": "running"}],
}


@pytest.mark.parametrize("value", [pytest.param(value, id=key) for key, value in NO_REQUEST.items()])
def test_an_account_is_no_request(value: object) -> None:
    (found,) = items("a.json", json.dumps(value))
    assert isinstance(found, OtherThing)
    assert "account as Nylas answers it" in found.what


def test_a_list_of_accounts_and_the_settings_of_an_app_are_not_judged(tmp_path: Path) -> None:
    people = [{"email_address": "a@b.co", "name": "A", "provider": "exchange"}]
    app = {"nylas": {"client_id": "x"}, "ms": {"microsoft_client_id": "y", "microsoft_refresh_token": "z"}}
    for name, value in (("people.json", people), ("app.json", app)):
        (tmp_path / name).write_text(json.dumps(value), "utf-8")
    assert all(isinstance(item, OtherThing) for item in read(tmp_path))


def test_an_example_with_comments_is_judged_as_a_whole() -> None:
    (found,) = requests("a.md", f"```json\n{COMMENTED}\n```\n")
    rules = [one.rule for one in judge_text(found.body or "", Context(), found.place).violations]
    assert rules == ["PAY-015"]


def test_members_that_are_set_later_are_taken() -> None:
    script = f"""$b = @{{}}
$b.settings = @{{}}
$b.settings.service_account = $true
$b['provider'] = 'exchange'
$b.Add('name', 'Lind')
Invoke-RestMethod {URL} -Method Post -Body ($b | ConvertTo-Json)
"""
    (found,) = requests("a.ps1", script)
    expected = {"settings": {"service_account": True}, "provider": "exchange", "name": "Lind"}
    assert json.loads(found.body or "") == expected


def test_variables_of_hoppscotch_are_put_in_later() -> None:
    body = {**GOOD, "client_id": "<<nylas>>"}
    request = {"method": "POST", "endpoint": "<<base>>/connect/authorize", "body": {"body": json.dumps(body)}}
    (found,) = requests("a.json", json.dumps({"v": 1, "folders": [], "requests": [request]}))
    assert json.loads(found.body or "")["client_id"] == COMPUTED


def test_an_answer_is_no_request() -> None:
    assert len(requests("a.har", har(BODY))) == 1


def test_a_dash_of_a_wiki_is_named() -> None:
    (found,) = requests("a.txt", f"curl \u2013X POST {URL} \u2014data '{BODY}'\n")
    assert found.url == URL
    assert "typographic dash \u2013" in str(found.flaw)


def test_curl_takes_http_where_no_scheme_is_written() -> None:
    (found,) = requests("a.sh", f"curl {URL.removeprefix('https://')} -d '{BODY}'\n")
    assert found.url == URL.replace("https", "http")


def test_functions_that_call_others_twice_end() -> None:
    doubling = "".join(f"f{step}() {{ f{step + 1}; f{step + 1}; }}\n" for step in range(40))
    assert len(requests("a.sh", f"{doubling}f40() {{ curl {URL} -d '{BODY}'; }}\nf0\n")) <= 1000
    (found,) = requests("a.sh", f"f() {{ f; curl {URL} -d '{BODY}'; }}\nf\n")
    assert found.body == BODY


def test_a_file_beside_the_script_is_found_by_the_folder_of_the_script(tmp_path: Path) -> None:
    (tmp_path / "b.json").write_text(BODY, "utf-8")
    for name, text in (
        ("a.ps1", f'irm {URL} -Method Post -Body (Get-Content -Raw "$PSScriptRoot/b.json")\n'),
        ("a.bat", f"curl {URL} -d @%~dp0b.json\r\n"),
        ("a.sh", f'curl {URL} -d "$(<b.json)"\n'),
        ("a.sh", f"jq -c . b.json | curl {URL} -d @-\n"),
    ):
        (found,) = items(name, text, folder=tmp_path)
        assert isinstance(found, Request)
        assert found.body == BODY
