"""Requests inside of other files: collections, recordings, logs, workflows, pages. Each has its place."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from nylas_readiness.checks.contract import COMPUTED
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.payload_samples import GOOD
from nylas_readiness.fixtures.payloads import Document, Item, OtherThing, Request
from nylas_readiness.fixtures.payloads.dialects import items_in_text

pytestmark = pytest.mark.offline

URL = "https://api.nylas.com/connect/authorize"
BODY = json.dumps(GOOD)
SECRET = "FAKE-microsoft-secret"


def items(name: str, text: str, folder: Path = Path("no such folder")) -> list[Item]:
    return list(items_in_text(Document(name, text), folder, is_asked=True))


def requests(name: str, text: str, folder: Path = Path("no such folder")) -> list[Request]:
    return [item for item in items(name, text, folder) if isinstance(item, Request)]


def postman(*requests: dict[str, Any], **more: object) -> str:
    listed = [{"name": "folder", "item": [{"name": "one", "request": one} for one in requests]}]
    return json.dumps({"info": {"name": "c", "schema": "…/v2.1.0/"}, "item": listed, **more}, indent=1)


def har(*requests: dict[str, Any]) -> str:
    return json.dumps(
        {"log": {"version": "1.2", "entries": [{"request": one} for one in requests]}}, indent=1
    )


INDENTED = "\n".join("        " + line for line in json.dumps(GOOD, indent=1).splitlines())
ITEMS = [
    *(f"{name}='{value}'" for name, value in GOOD.items() if isinstance(value, str)),
    *(f"'settings[{name}]={value}'" for name, value in GOOD["settings"].items() if isinstance(value, str)),
    "'settings[service_account]:=true'",
]
BOMB = "a: &a [x]\n" + "".join(f"{b}: &{b} [*{a}, *{a}]\n" for a, b in pairwise("abcdefghijklmnopqrst"))
HOLDERS = {
    "c.json": postman({"method": "POST", "url": {"raw": URL}, "body": {"mode": "raw", "raw": BODY}}),
    "api.har": har(
        {"method": "POST", "url": URL, "postData": {"mimeType": "application/json", "text": BODY}}
    ),
    "i4.json": json.dumps(
        {
            "_type": "export",
            "__export_format": 4,
            "resources": [{"_type": "request", "method": "POST", "url": URL, "body": {"text": BODY}}],
        }
    ),
    "i5.yaml": (
        "type: collection.insomnia.rest/5.0\ncollection:\n  - url: '{{ _.base }}/connect/authorize'\n"
        f"    method: POST\n    body:\n      mimeType: application/json\n      text: |-\n{INDENTED}\n"
        "environments:\n  data:\n    base: https://api.nylas.com\n"
    ),
    "api.http": f"@h = api.nylas.com\n\nPOST https://{{{{h}}}}/connect/authorize\nA: b\n\n{BODY}\n\n###\n",
    "raw.txt": f"POST /connect/authorize HTTP/1.1\nHost: api.nylas.com\n\n{BODY}\n\nHTTP/1.1 400\n",
    "ecs.log": json.dumps(
        {"@timestamp": "t", "http": {"request": {"method": "POST", "body": {"content": BODY}}}}
    ),
    "proxy.json": json.dumps(
        {"time": 1, "request": "POST /connect/authorize HTTP/1.1", "request_body": BODY}
    ),
    "app.log": f"12:00 INFO sending {BODY} to Nylas\n12:01 INFO done\n",
    "wrapped.json": json.dumps({"sent": [{"payload": GOOD}]}, indent=2),
    "texts.json": json.dumps([BODY]),
    "copy.txt": f'fetch("{URL}", {{"body": {json.dumps(BODY)}, "method": "POST"}});',
    "job.yml": f"steps:\n  - run: |\n      set -e\n      curl {URL} \\\n        -d '{BODY}'\n",
    "folded.yml": f"script:\n  - >-\n    curl {URL}\n    -d '{BODY}'\n",
    "quoted.yml": f"script:\n  - 'curl {URL} -d @-'\n".replace("@-'", f"''{BODY}'''"),
    "play.yml": (
        f"- builtin.uri:\n    url: {URL}\n    method: POST\n    body: {BODY.replace(': true', ': yes')}\n"
    ),
    "Makefile": f"AT = {URL}\nrun:\n\t@curl $(AT) \\\n\t  -d '{BODY}'\n",
    "Dockerfile": f"FROM x\nRUN apt-get install -y curl\nRUN curl {URL} -d '{BODY}'\n",
    "fence.md": f"Don't.\n\n```bash\nB='{BODY}'\ncurl {URL} -d \"$B\"\n```\n",
    "inline.md": f"Use curl, it's easy: `curl {URL} -d '{BODY}'`.\n",
    "console.md": f"```\nann@host:~$ curl {URL} \\\n>   -d '{BODY}'\n{{}}\n```\n",
    "list.md": f"1. $ curl {URL} -d '{BODY}'\n2. Look.\n",
    "json.md": f"The body:\n\n```json\n{json.dumps(GOOD, indent=2)}\n```\n",
    "page.rst": f"Run::\n\n   curl {URL} \\\n     -d '{BODY}'\n\nIt's done.\n",
    "run.sh": f"http POST {URL} {' '.join(ITEMS)}",
    "get.sh": f"wget -qO- --post-data='{BODY}' {URL}\n",
    "input.sh": f"echo '{BODY}' | xh POST {URL}\n",
    "a.curlrc": f'url = "{URL}"\n# why\ndata = {json.dumps(BODY)}\n',
}


@pytest.mark.parametrize("name", HOLDERS)
def test_the_request_is_found_with_the_place_of_each_character(name: str) -> None:
    text = HOLDERS[name]
    [found] = requests(name, text)
    assert json.loads(str(found.body)) == GOOD
    assert (found.method, found.url) in {("POST", URL), (None, None)}
    line, column = found.place(str(found.body).index(SECRET))
    assert text.split("\n")[line - 1][column - 1 :].startswith(SECRET)


def test_variables_of_a_collection_have_its_values_and_others_are_computed() -> None:
    body = BODY.replace("fake7nylas", "{{id}}").replace("FAKE-refresh-token", "{{ token }}")
    text = postman(
        {"method": "POST", "url": "{{base}}/connect/authorize", "body": {"mode": "raw", "raw": body}},
        variable=[{"key": "base", "value": "https://{{host}}"}, {"key": "id", "value": "abc"},
                  {"key": "host", "value": "api.nylas.com"}],
    )  # fmt: skip
    [found] = requests("c.json", text)
    assert found.url == URL
    read = json.loads(str(found.body))
    assert (read["client_id"], read["settings"]["microsoft_refresh_token"]) == ("abc", COMPUTED)


def test_the_one_environment_beside_a_collection_has_its_values(tmp_path: Path) -> None:
    environment = {
        "name": "e",
        "values": [{"key": "id", "value": "abc"}],
        "_postman_variable_scope": "environment",
    }
    (tmp_path / "e.postman_environment.json").write_text(json.dumps(environment), "utf-8")
    text = postman({"method": "POST", "url": URL, "body": {"mode": "raw", "raw": '{"client_id": "{{id}}"}'}})
    [found] = requests("c.json", text, tmp_path)
    assert found.body == '{"client_id": "abc"}'


def test_what_a_workflow_puts_in_is_computed() -> None:
    text = f"steps:\n- run: curl {URL} -d '[\"${{{{ secrets.MS }}}}\"]'\n"
    assert [found.body for found in requests("job.yml", text)] == [f'["{COMPUTED}"]']


def test_a_variable_of_make_and_one_of_the_shell_are_told_apart() -> None:
    text = f'S = abc\nrun:\n\tcurl {URL} -d "[\\"$(S) $(T) $$U\\"]"\n'
    assert [found.body for found in requests("Makefile", text)] == [f'["abc {COMPUTED} {COMPUTED}"]']


@each_of(
    ("name", "text", "what"),
    [
        (
            "c.json",
            postman({"method": "GET", "url": "https://api.us.nylas.com/v3/grants"}),
            "a Nylas v3 request",
        ),
        ("a.har", har({"method": "OPTIONS", "url": URL}), "a preflight request of a browser (OPTIONS)"),
        ("a.har", har({"method": "GET", "url": "https://cdn.example/x.js"}), "a request to another service"),
        ("c.json", postman(), "a collection without a request"),
        (
            "e.json",
            '{"name": "e", "values": [], "_postman_variable_scope": "environment"}',
            "a Postman environment",
        ),
        ("package.json", '{"name": "x", "dependencies": {}}', "a package.json"),
        ("tsconfig.json", '{\n  // strict\n  "compilerOptions": {}\n}', "a configuration file with comments"),
        ("answer.json", '{"code": "x"}', "an answer of the authorize request"),
        ("t.json", '{"grant_type": "refresh_token"}', "a token request"),
        ("g.json", json.dumps({**GOOD, "provider": "imap", "settings": {}}), "a request for provider imap"),
        ("v3.json", '{"provider": "google", "settings": {"refresh_token": "x"}}', "a Nylas v3 request"),
        (
            "a.sh",
            "curl https://login.microsoftonline.com/x/oauth2/v2.0/token -d a=b",
            "a Microsoft token request",
        ),
        ("a.sh", "curl $API/connect/token -d '{}'", "a Nylas v2 token request"),
        ("a.sh", "curl https://api.nylas.com/account", "another Nylas v2 request (/account)"),
        ("a.sh", "curl -s https://graph.microsoft.com/v1.0/me", "a Microsoft Graph request"),
        ("a.sh", 'curl "$URL"', "a GET request to a computed address"),
        ("lib.go", "package main\n", "Go code"),
    ],
)
def test_another_thing_is_named_and_not_judged(name: str, text: str, what: str) -> None:
    [found] = items(name, text)
    assert isinstance(found, OtherThing)
    assert found.what.startswith(what)


@each_of(
    ("name", "text", "told"),
    [
        ("a.py", "requests.post('https://api.nylas.com/connect/authorize', json=b)", "Python code"),
        ("a.bru", "meta {\n  name: a\n}\npost {\n  url: x/connect/authorize\n}\n", "a request of Bruno"),
        ("a.jmx", '<?xml version="1.0"?><jmeterTestPlan>/connect/authorize', "a plan of JMeter"),
        ("a.yaml", "provider: exchange\nsettings:\n  a: b\n", "a body as YAML"),
        ("a.yaml", "a: [\nb: curl\n", "no YAML that can be read (line 3"),
        ("f.json", postman({"method": "POST", "url": URL, "body": {"mode": "urlencoded"}}), "form data"),
        ("a.sh", f"curl {URL} -d @../b.json", "outside of the folder"),
        ("a.sh", f"curl {URL} -d @/etc/hosts", "outside of the folder"),
        ("a.sh", f"curl {URL} --expand-data '{{{{X}}}}'", "curl itself computes it"),
        ("a.sh", f"make-body | curl {URL} -d @-", "another command writes it"),
        ("a.sh", "curl -K none.conf", "its options are in none.conf"),
    ],
)
def test_what_is_recognised_and_not_read_has_its_name_and_a_way_out(name: str, text: str, told: str) -> None:
    [found] = requests(name, text)
    assert found.body is None
    assert told in str(found.unread)


def test_a_configuration_that_names_itself_is_followed_a_few_times_only(tmp_path: Path) -> None:
    (tmp_path / "me.conf").write_text(f"url = {URL}\nconfig = me.conf\n", "utf-8")
    [found] = requests("a.sh", "curl -K me.conf", tmp_path)
    assert "without end" in str(found.unread)


def test_a_link_that_leads_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "secret.json").write_text("{}", "utf-8")
    (tmp_path / "in" / "b.json").symlink_to(tmp_path / "secret.json")
    [found] = requests("a.sh", f"curl {URL} -d @b.json", tmp_path / "in")
    assert "outside of the folder" in str(found.unread)


@each_of(
    ("text", "told"),
    [
        (f"curl {URL} -d \u201c{{}}\u201d", "typographic quote \u201c"),
        (f"curl \u2018{URL}\u2019 -d '{{}}'", "typographic quote \u2018"),
        (f'curl {URL} -d "{{"a": 1}}"', "has lost its quotes"),
    ],
)
def test_a_flaw_that_a_person_sees_is_named(text: str, told: str) -> None:
    [found] = requests("page.txt", text)
    assert told in str(found.flaw)


@each_of(
    ("name", "text"),
    [
        ("deep.json", "[" * 100_000),
        ("deep.json", "[" * 50_000 + "]" * 50_000),
        ("deep.yaml", "a: " + "[" * 50_000),
        ("bomb.yaml", BOMB + f"r: curl {URL}\n"),
        ("many.json", postman(*[{"method": "POST", "url": URL, "body": {"raw": BODY}}] * 2000)),
        ("fences.md", "```\n" * 20_000 + f"`curl {URL}`"),
        ("objects.md", '"provider": "settings": {"' * 10_000 + f"\ncurl {URL}\n"),
        ("prompts.md", ("> " * 50 + f"curl {URL}\n") * 100),
    ],
)  # fmt: skip
def test_hostile_material_ends_soon_and_leaves_a_trace(name: str, text: str) -> None:
    assert items(name, text)
