r"""What a curl command would send: quoting, options, and the place of every character.

The expectations are what curl 7.88 and bash 5 do with the same commands.
"""

import json
from pathlib import Path

import pytest

from nylas_readiness.checks.contract import COMPUTED
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.fixtures.payloads import Document, Request
from nylas_readiness.fixtures.payloads.dialects import items_in_text

pytestmark = pytest.mark.offline

URL = "https://api.nylas.com/connect/authorize"
FILE = '{"a": 1,\r\n "b": "x"}\n'


def requests(text: str, folder: Path = Path("no such folder")) -> list[Request]:
    items = items_in_text(Document("notes.txt", text), folder, is_asked=True)
    return [item for item in items if isinstance(item, Request)]


def request(text: str, folder: Path = Path("no such folder")) -> Request:
    [only] = requests(text, folder)
    return only


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "body.json").write_bytes(FILE.encode())
    (tmp_path / "latin.json").write_bytes("é".encode("latin-1"))
    return tmp_path


@each_of(
    ("written", "body"),
    [
        ("'{\"a\": 1}'", '{"a": 1}'),
        ('"{\\"a\\": 1}"', '{"a": 1}'),
        ('"{\\"a\\": \\"\\$HOME \\`x\\` \\\\ \\n\\"}"', '{"a": "$HOME `x` \\ \\n"}'),
        ('"{\\"a\\": \\"$HOME `x`\\"}"', f'{{"a": "{COMPUTED} {COMPUTED}"}}'),
        ("$'{\\'a\\': \\x41\\u00e9\\101\\n}'", "{'a': AéA\n}"),
        ('{\\"a\\":1}', '{"a":1}'),
        ("'{'\"'\"'a'\"'\"'}'", "{'a'}"),
        ("'a\\\nb'", "a\\\nb"),
        ('"a\\\nb"', "ab"),
        ('"a\\\r\nb"', "ab"),
        ("a\\\nb", "ab"),
        ("'a # b'", "a # b"),
        ("a#b # not a part", "a#b"),
    ],
)
def test_quoted_data_is_what_the_shell_makes_of_it(written: str, body: str) -> None:
    assert request(f"curl {URL} -d {written}\n").body == body


@each_of("option", ["-d ", "-d", "--data ", "--data-ascii ", "--data-raw ", "--data-binary ", "--json "])
def test_every_data_option_gives_a_posted_body(option: str) -> None:
    found = request(f"curl -s {URL} {option}'{{}}'")
    assert (found.method, found.url, found.body) == ("POST", URL, "{}")


@pytest.mark.parametrize(
    ("options", "body"),
    [
        ("-d @body.json", '{"a": 1, "b": "x"}'),
        ("-d@body.json", '{"a": 1, "b": "x"}'),
        ("--data-ascii @body.json", '{"a": 1, "b": "x"}'),
        ("--data-binary @body.json", FILE),
        ("--json @body.json", FILE),
    ],
)
def test_a_file_keeps_its_line_ends_as_curl_keeps_them(options: str, body: str, folder: Path) -> None:
    assert request(f"curl {URL} {options}", folder).body == body


def test_the_place_of_a_character_from_a_file_is_in_that_file(folder: Path) -> None:
    found = request(f"curl {URL} -d @body.json", folder)
    assert found.document.name == "body.json"
    assert found.place(str(found.body).index('"b"')) == (2, 2)


@pytest.mark.parametrize(
    ("options", "body"),
    [
        ("-d a -d b --data-raw c", "a&b&c"),
        ("--json '{' --json '}'", "{}"),
        ("-d a --json b -d c", "ab&c"),
        ("-d x -d @body.json", 'x&{"a": 1, "b": "x"}'),
    ],
)
def test_several_data_options_are_joined_as_curl_joins_them(options: str, body: str, folder: Path) -> None:
    assert request(f"curl {URL} {options}", folder).body == body


@each_of(
    ("options", "method"),
    [
        ("-d x", "POST"),
        ("-X PUT -d x", "PUT"),
        ("-XPATCH -d x", "PATCH"),
        ("-sSX DELETE", "DELETE"),
        ("--request GET -d x", "GET"),
        ("", "GET"),
        ("-I", "HEAD"),
        ("-T file", "PUT"),
        ("-F a=b", "POST"),
    ],
)
def test_the_method_is_the_one_given_or_implied(options: str, method: str) -> None:
    assert request(f"curl {options} {URL}").method == method


@each_of(
    "line",
    [
        f"curl -u secret: -o out.json -H 'A: b' -w '%{{http_code}}' --max-time 5 --retry 3 {URL} -d x",
        f"curl -kLsS --compressed --url {URL} --data x --cacert ca.pem",
        f"curl.exe -d x '{URL}'",
        f'  curl\t-d x "{URL}"',
        f"\ufeffcurl -d x {URL}",
    ],
)
def test_other_options_are_passed_over_with_their_values(line: str) -> None:
    found = request(line)
    assert (found.url, found.body) == (URL, "x")


@each_of("continued", ["\\\n", "\\\r\n", "^\r\n", "`\r\n"])
def test_a_command_goes_on_over_line_continuations(continued: str) -> None:
    assert request(f"curl -s {continued} {URL} {continued} -d x\n-d y").body == "x"


@each_of("end", ["\n-d y", "; echo -d y", " | tee -d y", " && x -d y", " # -d y"])
def test_a_command_ends_where_the_shell_ends_it(end: str) -> None:
    assert request(f"curl {URL} -d x{end}").body == "x"


def test_data_raw_reads_no_file(folder: Path) -> None:
    sent = request(f"curl {URL} --data-raw @body.json", folder)
    assert (
        sent.flaw
        == f"is the text @body.json in line 1, column {len(URL) + 18}: --data-raw reads no file; write --data"
    )


def test_each_command_that_starts_a_line_is_taken_and_nothing_else() -> None:
    text = f"""Use curl {URL} -d no
curl is a program.
curl {URL} -d '
curl {URL} -d inside
'
curly {URL} -d no
    curl {URL} -d third --next {URL} -d fourth
"""
    assert [found.body for found in requests(text)] == [f"\ncurl {URL} -d inside\n", "third", "fourth"]


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (f"curl {URL}", "no body"),
        (f"curl {URL} -d '{{", "line 1, column 49 is never closed"),
        (f"curl {URL} -d @missing.json", "missing.json"),
        (f"curl {URL} -d @latin.json", "UTF-8"),
        (f"curl {URL} -d @-", "standard input"),
        (f'curl {URL} -d "$BODY"', "computed by the shell"),
        (f'curl {URL} -d "$(make-body)"', "computed by the shell"),
        (f"curl {URL} -d `make-body`", "computed by the shell"),
        (f"curl {URL} --data='{{}}'", "--data=VALUE"),
        (f"curl {URL} -F body=@body.json", "form data"),
        (f"curl {URL} --data-urlencode a=b", "form data"),
        (f"curl -G {URL} -d a=b", "--get"),
    ],
)
def test_a_body_that_cannot_be_read_says_why(command: str, why: str, folder: Path) -> None:
    found = request(command, folder)
    assert found.body is None
    assert why in str(found.unread)


def test_data_of_get_goes_into_the_url() -> None:
    assert request(f"curl -G {URL} -d a=1 -d b=2").url == f"{URL}?a=1&b=2"


def single_quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def double_quoted(text: str) -> str:
    for special in '\\"$`':
        text = text.replace(special, "\\" + special)
    return f'"{text}"'


def test_a_quoted_body_comes_out_as_it_went_in_with_every_place() -> None:
    from nylas_readiness.fixtures.strategies.payloads import JsonObject, payloads
    from nylas_readiness.fixtures.strategies.profile import given, st

    @given(
        payload=payloads(),
        quote=st.sampled_from((single_quoted, double_quoted)),
        before=st.sampled_from(("", "é\n\n", "Do this:\n")),
    )
    def holds(payload: JsonObject, quote: object, before: str) -> None:
        body = json.dumps(payload, indent=1, ensure_ascii=False)
        text = f"{before}curl {URL} -d {quote(body)}\n"  # type: ignore[operator]
        found = request(text)
        assert found.body == body
        lines = text.split("\n")
        for offset in range(0, len(body), 7):
            line, column = found.place(offset)
            assert body[offset] == "\n" or lines[line - 1][column - 1] == body[offset]

    holds()


def test_any_text_is_read_without_an_error() -> None:
    from nylas_readiness.fixtures.strategies.profile import given, st

    @given(text=st.text(st.sampled_from("curl -d'\"\\$@{}\n #|^`x=:/.")).map("curl ".__add__))
    def holds(text: str) -> None:
        for found in requests(text):
            assert (found.body is None) == (found.unread is not None)
            assert all(part >= 1 for part in found.place(0))

    holds()
