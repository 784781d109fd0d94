"""Many payloads: folders and NDJSON are read as they are judged, counted exactly, and shown by examples."""

import gzip
import json
import tracemalloc
from collections.abc import Iterator
from io import BufferedReader, BytesIO
from pathlib import Path

import pytest

from nylas_readiness.checks.bodies.payload_outcome import judge_requests, outcome_of
from nylas_readiness.checks.contract import Context
from nylas_readiness.checks.outcome import Outcome, Status
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.payload_samples import GOOD
from nylas_readiness.fixtures.payloads import Item, Request, UnreadablePayloadError
from nylas_readiness.fixtures.payloads.lines import bodies_in
from nylas_readiness.fixtures.payloads.source import read, read_stdin

pytestmark = pytest.mark.offline

LINE = json.dumps(GOOD).encode() + b"\n"
WRONG = json.dumps({**GOOD, "provider": "office365"}).encode() + b"\n"
BROKEN = LINE[:40] + b"\n"
COMMAND = "curl https://api.nylas.com/connect/authorize -d '{}'\n"


def outcome(rule: str, data: bytes) -> Outcome:
    """Return what a rule comes to over the standard input."""
    return outcome_of(rule, judge_requests(read_stdin(BufferedReader(BytesIO(data))), Context(), "now"))


def names(path: Path) -> list[str]:
    return [item.name for item in read(path) if isinstance(item, Request)]


@pytest.mark.parametrize("name", ["bodies.ndjson", "Bodies.JSONL", "bodies.ndjson.gz", "bodies.jsonl.gz"])
def test_each_line_that_is_not_blank_is_a_body_and_keeps_its_number(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    data = LINE + b"\r\n \n" + WRONG
    file.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    requests = [item for item in read(file) if isinstance(item, Request)]
    assert [request.name for request in requests] == [f"{file}, line 1", f"{file}, line 4"]
    assert [json.loads(str(request.body))["provider"] for request in requests] == ["exchange", "office365"]
    assert requests[1].place(3) == (4, 4)


def test_a_broken_line_fails_with_its_line_and_hides_no_other() -> None:
    data = LINE + BROKEN + WRONG
    strict = outcome("PAY-015", data)
    assert (strict.status, strict.affected) == (Status.FAIL, 1)
    assert strict.observed.startswith("stdin, line 2: line 2, column ")
    wrong = outcome("PAY-002", data)
    assert (wrong.status, wrong.affected) == (Status.FAIL, 1)
    assert "stdin, line 3: /provider, line 3, column " in wrong.observed
    assert [trace.what.partition(":")[0] for trace in wrong.evidence] == ["pass", "unknown", "fail"]


@each_of(
    ("line", "told"),
    [
        (b"\xef\xbb\xbf" + LINE, "byte order mark"),
        (LINE.replace(b"Ann", b"Ann\xff"), "lone surrogate"),
        (b'{"a":"' + b"x" * 9_000_000 + b'"}\n', "is longer than"),
        (b"{}{}\n", 'has "{" where its end is expected'),
    ],
)
def test_a_line_that_is_no_strict_json_says_what_it_has(line: bytes, told: str) -> None:
    strict = outcome("PAY-015", line + LINE)
    assert (strict.status, strict.affected) == (Status.FAIL, 1)
    assert strict.observed.startswith("stdin, line 1: line 1, column ")
    assert told in strict.observed


@each_of(
    ("data", "bodies"),
    [
        (LINE + LINE, 2),
        (b"\n" + LINE + b"\n" + BROKEN, 2),
        (BROKEN + LINE, 2),
        (gzip.compress(LINE + LINE), 2),
        (gzip.compress(LINE), 1),
        (b'{"a":\n{"b": 1}}', 1),
        (b'[\n{"a": 1},\n{"b": 1}]', 1),
        (json.dumps(GOOD, indent=1).encode(), 1),
    ],
)
def test_the_standard_input_is_a_body_or_one_a_line(data: bytes, bodies: int) -> None:
    assert len(list(read_stdin(BufferedReader(BytesIO(data))))) == bodies


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of payloads of every kind, with other files beside them."""
    (tmp_path / "b" / ".hidden").mkdir(parents=True)
    (tmp_path / "b" / "two.ndjson").write_bytes(LINE + LINE)
    (tmp_path / "b" / ".hidden" / "not.json").write_bytes(LINE)
    (tmp_path / "a.json").write_bytes(LINE)
    (tmp_path / "run.sh").write_text(f"#!/bin/sh\n{COMMAND}", "utf-8")
    (tmp_path / "notes.txt").write_text("No command.", "utf-8")
    (tmp_path / "photo.png").write_bytes(b"\x89PNG\xff\xfe")
    return tmp_path


def test_a_folder_gives_what_its_files_hold_in_the_order_of_their_names(folder: Path) -> None:
    two = folder / "b" / "two.ndjson"
    assert names(folder) == [
        str(folder / "a.json"), f"{folder / 'run.sh'}, line 2", f"{two}, line 1", f"{two}, line 2"
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["latin.json", "cut.ndjson.gz", "empty.jsonl"])
def test_a_payload_of_a_folder_that_cannot_be_read_is_unknown_and_not_passed_over(
    folder: Path, name: str
) -> None:
    cut = gzip.compress(LINE)[:-9]
    (folder / name).write_bytes({"latin.json": b"\xff", "cut.ndjson.gz": cut, "empty.jsonl": b""}[name])
    found = outcome_of("PAY-015", judge_requests(read(folder), Context(), "now"))
    assert found.status is Status.UNKNOWN
    assert found.observed.startswith(f"{folder / name}: the body was not read: ")


@each_of(
    ("name", "data", "told"),
    [
        ("empty.ndjson", b"\n\r\n", "empty; give a request body a line"),
        ("cut.ndjson.gz", gzip.compress(LINE * 9)[:-9], "cannot be read after line"),
        ("bent.ndjson.gz", gzip.compress(LINE)[:20] + b"\xff" * 20, "cannot be read after line 0"),
    ],
)
def test_lines_that_cannot_be_read_are_an_error_that_names_the_file(
    tmp_path: Path, name: str, data: bytes, told: str
) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(UnreadablePayloadError, match=told) as error:
        list(read(tmp_path / name))
    assert str(error.value).startswith(f"{tmp_path / name}: ")


def test_a_folder_without_a_payload_is_an_error_that_says_what_to_give(tmp_path: Path) -> None:
    (tmp_path / ".notes.txt").write_text("No command.", "utf-8")
    with pytest.raises(UnreadablePayloadError, match="no file is in this folder"):
        list(read(tmp_path))


def test_all_are_counted_and_the_first_of_the_worst_are_shown() -> None:
    lines = [WRONG if number % 10 == 0 else LINE for number in range(1, 501)]
    found = outcome("PAY-002", b"".join(lines))
    assert (found.status, found.affected) == (Status.FAIL, 50)
    assert found.observed.startswith("500 requests: 50 fail, 450 pass; stdin, line 10: /provider, line 10")
    assert found.observed.endswith(" | and 45 more")
    assert [trace.source for trace in found.evidence] == [f"stdin, line {10 * one}" for one in range(1, 21)]
    assert outcome("PAY-003", b"".join(lines)).affected == 500


def many(count: int) -> Iterator[Item]:
    """Yield bodies a line, one in a hundred of them broken, without holding them."""
    return bodies_in((LINE if number % 100 else BROKEN for number in range(count)), "many")


def peak(count: int) -> int:
    """Return the most bytes held while so many bodies are judged."""
    tracemalloc.start()
    try:
        judged = judge_requests(many(count), Context(), "now")
        assert outcome_of("PAY-015", judged).affected == count // 100
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_ten_times_as_many_bodies_take_no_more_memory() -> None:
    peak(100)  # what is imported and cached at the first use
    assert peak(5000) < peak(500) + 100_000
