"""Payload files: what is read from which, and what is said of the rest."""

from collections.abc import Iterable
from io import BufferedReader, BytesIO
from pathlib import Path

import pytest

from nylas_readiness.fixtures.payloads import Item, Request, UnreadablePayloadError
from nylas_readiness.fixtures.payloads.source import read, read_stdin

pytestmark = pytest.mark.offline


def requests(items: Iterable[Item]) -> list[Request]:
    """Return the items, all of which are requests."""
    return [item for item in items if isinstance(item, Request)]


def stdin(data: bytes) -> list[Request]:
    """Return the requests of the standard input that has these bytes."""
    return requests(read_stdin(BufferedReader(BytesIO(data))))


COMMAND = "curl https://api.nylas.com/connect/authorize -d '{}'\n"


def test_a_json_file_is_one_body_as_it_is_written(tmp_path: Path) -> None:
    file = tmp_path / "Body.JSON"
    file.write_bytes('\ufeff{"a":\r\n 1}'.encode())
    [request] = requests(read(file))
    assert (request.body, request.method, request.url) == ('\ufeff{"a":\r\n 1}', None, None)
    assert request.document.name == str(file)
    assert request.place(str(request.body).index("1")) == (2, 2)


@pytest.mark.parametrize("name", ["run.sh", "README.md", "notes"])
def test_any_other_text_file_gives_its_curl_commands(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(f"Some words.\n{COMMAND}More.\n{COMMAND}", "utf-8")
    assert [request.place(0)[0] for request in requests(read(tmp_path / name))] == [2, 4]


def test_data_files_are_relative_to_the_payload_file(tmp_path: Path) -> None:
    (tmp_path / "body.json").write_text("[1]", "utf-8")
    (tmp_path / "run.sh").write_text(COMMAND.replace("'{}'", "@body.json"), "utf-8")
    [request] = requests(read(tmp_path / "run.sh"))
    assert request.body == "[1]"


@pytest.mark.parametrize(
    ("data", "bodies"),
    [
        (b'{"a": "\ncurl x.com/ -d no"}', 1),
        (b"\xef\xbb\xbf \n[1]", 1),
        (f"Do:\n{COMMAND}{COMMAND}".encode(), 2),
    ],
)
def test_the_standard_input_is_json_or_shell(data: bytes, bodies: int) -> None:
    requests = stdin(data)
    assert len(requests) == bodies
    assert all(request.document.name == "stdin" for request in requests)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n", "empty"),
        (b"\xe9", "UTF-8"),
        ("{}".encode("utf-16")[:-1], "UTF-16"),
        (b"no command here", "no request is in it"),
    ],
)
def test_a_payload_without_a_request_is_an_error_that_says_what_to_do(
    tmp_path: Path, data: bytes, told: str
) -> None:
    file = tmp_path / "payload.txt"
    file.write_bytes(data)
    with pytest.raises(UnreadablePayloadError, match=told) as of_file:
        list(read(file))
    with pytest.raises(UnreadablePayloadError, match=told) as of_stdin:
        stdin(data)
    assert str(of_file.value).startswith(f"{file}: ")
    assert str(of_stdin.value).startswith("stdin: ")
    assert len(str(of_file.value).splitlines()) == 1


@pytest.mark.parametrize("name", ["missing.json", "nul\0.json", "nul\0.ndjson"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnreadablePayloadError, match="give a readable file"):
        list(read(tmp_path / name))


def test_a_file_too_large_to_be_a_request_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "huge.json"
    with file.open("wb") as stream:
        stream.truncate(64 * 1024 * 1024 + 1)
    with pytest.raises(UnreadablePayloadError, match="larger than 64 MiB"):
        list(read(file))
