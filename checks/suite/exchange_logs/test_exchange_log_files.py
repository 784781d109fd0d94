"""Exchange's request logs as files: compressed, damaged, in another encoding, or none at all."""

import gzip
import os
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.log_samples import SERVICE_ACCOUNT, front, front_file, read_text
from nylas_readiness.fixtures.exchange_logs import lines
from nylas_readiness.fixtures.exchange_logs.callers import ServiceAccount
from nylas_readiness.fixtures.exchange_logs.lines import UnreadableLogError
from nylas_readiness.fixtures.exchange_logs.reader import LogReader
from nylas_readiness.fixtures.exchange_logs.traffic import View

pytestmark = pytest.mark.offline


def front_of(found: LogReader) -> View:
    return found.views["front end"]


def test_bytes_that_are_no_utf8_are_counted_and_the_row_too(tmp_path: Path) -> None:
    text = front_file(front(GenericErrors="é"), front(), front(GenericErrors="Zugriff verweigert für"))
    data = text.encode().replace("für".encode(), b"f\xfcr")
    found = read_text(tmp_path, data)
    assert (front_of(found).all().requests, found.not_utf8, found.bad) == (3, 1, 0)


@each_of("packed", [True, False])
def test_a_file_is_the_same_with_and_without_gzip(tmp_path: Path, packed: bool) -> None:
    found = read_text(tmp_path, front_file(*[front()] * 5000), packed=packed)
    assert front_of(found).all().requests == 5000


def test_gzip_files_that_were_put_together_are_read_to_the_end(tmp_path: Path) -> None:
    whole = gzip.compress(front_file(front()).encode()) + gzip.compress(f"{front()}\n".encode())
    assert front_of(read_text(tmp_path, whole)).all().requests == 2


@each_of(
    ("damage", "why"),
    [
        (lambda data: data[: len(data) // 2], "is cut off"),
        (lambda data: data[:-4], "is cut off"),
        (lambda data: data[: len(data) // 2] + b"\0" * 40 + data[len(data) // 2 :], "is damaged"),
    ],
)
def test_what_was_read_of_a_damaged_gzip_counts_and_the_rest_is_said(
    tmp_path: Path,
    damage: Callable[[bytes], bytes],
    why: str,
) -> None:
    rows = [front(ClientRequestId=str(number**7)) for number in range(4000)]
    path = tmp_path / "torn.LOG.gz"
    path.write_bytes(damage(gzip.compress(front_file(*rows).encode())))
    found = LogReader(ServiceAccount(SERVICE_ACCOUNT))
    with pytest.raises(UnreadableLogError, match=why):
        found.read(path, path.name)
    assert 1000 < front_of(found).all().requests <= 4000
    assert why == "is damaged" or found.bad <= 1


@each_of(
    ("content", "why"),
    [
        (front_file(front()).encode("utf-16-le"), "not text"),
        (b"\x00\x01\x02", "not text"),
        (b"PK\x03\x04\x00\x00", "a ZIP file or a workbook"),
        (b"ElfFile\x00\x00", "an event log of Windows"),
    ],
)
def test_what_is_no_text_is_refused_with_what_to_do(tmp_path: Path, content: bytes, why: str) -> None:
    with pytest.raises(UnreadableLogError, match=why):
        read_text(tmp_path, content)


@each_of(("encoding", "packed"), [("utf-16", False), ("utf-16", True), ("utf-16-be", False)])
def test_a_log_in_utf16_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str, packed: bool
) -> None:
    """Windows PowerShell 5.1 redirects in UTF-16 with a byte order mark. A block may end inside a letter."""
    monkeypatch.setattr(lines, "_BLOCK", 101)
    rows = [front(GenericErrors="Zugriff für \U0001f6ab"), front()]
    text = front_file(*rows).replace("\n", "\r\n")
    mark = "" if encoding == "utf-16" else "\ufeff"
    found = read_text(tmp_path, f"{mark}{text}".encode(encoding), packed=packed)
    assert (front_of(found).all().requests, found.rows, found.bad, found.not_utf8) == (2, 2, 0, 0)


@each_of("name", ["missing.LOG", "."])
def test_a_file_that_cannot_be_opened_is_said(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnreadableLogError, match="cannot be read"):
        LogReader(ServiceAccount(SERVICE_ACCOUNT)).read(tmp_path / name, name)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pipes among its files")
def test_what_is_no_regular_file_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.LOG"
    os.mkfifo(pipe)
    for path in (pipe, Path("/dev/zero")):
        with pytest.raises(UnreadableLogError, match="no regular file"):
            LogReader(ServiceAccount(SERVICE_ACCOUNT)).read(path, path.name)


def test_an_empty_file_has_no_row(tmp_path: Path) -> None:
    found = read_text(tmp_path, "", b"")
    assert (found.rows, found.bad, found.found) == (0, 0, set())


def test_rows_across_the_ends_of_blocks_are_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "_BLOCK", 100)
    found = read_text(tmp_path, front_file(*[front()] * 50))
    assert (front_of(found).all().requests, found.rows, found.bad) == (50, 50, 0)


def test_a_file_without_line_breaks_fills_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.LOG"
    with gzip.open(path, "wb", 1) as file:
        for _ in range(24):
            file.write(b"a" * (1 << 20))
    found = LogReader(ServiceAccount(SERVICE_ACCOUNT))
    tracemalloc.start()
    try:
        found.read(path, "long.LOG")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (found.rows, found.bad) == (1, 1)
    assert peak < 16 << 20
