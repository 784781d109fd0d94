"""The logs that a tenant file names, as evidence: which files are meant, and what they say of whom."""

import gzip
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.log_samples import back, back_file, front, front_file
from nylas_readiness.fixtures.evidence import logs
from nylas_readiness.fixtures.evidence.log_model import NO_LOGS, AccountLog
from nylas_readiness.fixtures.evidence.logs import LogReadings, read_logs
from nylas_readiness.fixtures.evidence.measures import Logs, UnlistedAddress
from nylas_readiness.fixtures.evidence.slots import Read, Unread
from nylas_readiness.fixtures.exchange_logs import batches, traffic
from nylas_readiness.fixtures.exchange_logs.batches import LogsRead
from nylas_readiness.fixtures.exchange_logs.counts import LogCounts
from nylas_readiness.fixtures.exchange_logs.sources import sources_of
from nylas_readiness.fixtures.inputs.tenant import load

pytestmark = pytest.mark.offline

FILE = """
[tenant]
name = "contoso"
[service_account]
email = "svc-nylas@contoso.com"
log_names = {names}
[nylas.v3]
client_id = "c"
api_key = "env:KEY"
[exchange]
hosting = "hybrid"
http_proxy_logs = {entries}
"""
ANN, BEN = "ann@contoso.com", "ben@contoso.com"


def given(
    folder: Path,
    *entries: str,
    names: tuple[str, ...] = (),
    said: list[str] | None = None,
    processes: int | None = None,
) -> LogReadings:
    """Return what the logs of a tenant file with these entries come to; `said`: takes what is shown."""
    path = folder / "contoso.toml"
    path.write_text(FILE.format(entries=json.dumps(entries), names=json.dumps(names)), "utf-8")
    shown: list[str] = [] if said is None else said
    return read_logs(load(path, {}), shown.append, processes)


def written(folder: Path, **files: str) -> LogReadings:
    """Return what these files come to, each named without its suffix."""
    for name, content in files.items():
        (folder / f"{name}.LOG").write_text(content, "utf-8")
    return given(folder, "*.LOG")


def logs_in(readings: LogReadings, *listed: str) -> Logs:
    slot = readings.of_tenant(listed)
    assert isinstance(slot, Read)
    return slot.value


def account_in(readings: LogReadings, email: str) -> AccountLog:
    slot = readings.of_account(email)
    assert isinstance(slot, Read)
    return slot.value


@each_of(
    ("entries", "shown"),
    [
        (["a.LOG"], ["a.LOG"]),
        (["*.LOG"], ["a.LOG"]),
        (["."], ["a.LOG", "ews/b.log", "ews/deep/c.LOG.GZ"]),
        (["ews"], ["ews/b.log", "ews/deep/c.LOG.GZ"]),
        (["e*"], ["ews/b.log", "ews/deep/c.LOG.GZ"]),
        (["**/*.LOG*"], ["a.LOG", "ews/deep/c.LOG.GZ"]),
        (["a.LOG", "./a.LOG", "*.LOG", "ews/../a.LOG"], ["a.LOG"]),
        (["ews/notes.txt"], ["ews/notes.txt"]),
    ],
)
def test_an_entry_is_a_file_a_folder_or_a_pattern(
    tmp_path: Path, entries: list[str], shown: list[str]
) -> None:
    for name in ("a.LOG", "ews/b.log", "ews/deep/c.LOG.GZ", "ews/notes.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found, problems = sources_of(tmp_path, entries)
    assert [source.path.resolve().relative_to(tmp_path).as_posix() for source in found] == shown
    assert problems == []


def test_a_name_with_brackets_is_a_name_where_there_is_such_a_file(tmp_path: Path) -> None:
    (tmp_path / "[x].LOG").touch()
    (tmp_path / "x.LOG").touch()
    for entry, shown in (("[x].LOG", "[x].LOG"), ("[xy].LOG", "x.LOG")):
        assert [source.shown for source in sources_of(tmp_path, [entry])[0]] == [shown]


@each_of(
    ("entries", "shown", "left_out"),
    [
        (["."], ["a.LOG", "b.LOG.gz", "old/a.LOG.gz"], ["a.LOG.gz"]),
        (["a.LOG.gz", "a.LOG"], ["a.LOG"], ["a.LOG.gz"]),
        (["a.LOG*", "a.LOG.gz"], ["a.LOG"], ["a.LOG.gz"]),
        (["a.LOG.gz", "b.LOG.gz"], ["a.LOG.gz", "b.LOG.gz"], []),
    ],
)
def test_a_log_beside_its_own_gzip_is_read_once_and_said(
    tmp_path: Path, entries: list[str], shown: list[str], left_out: list[str]
) -> None:
    (tmp_path / "old").mkdir(exist_ok=True)
    for name in ("a.LOG", "a.LOG.gz", "b.LOG.gz", "old/a.LOG.gz"):
        (tmp_path / name).touch()
    found, problems = sources_of(tmp_path, entries)
    assert [source.shown for source in found] == shown
    assert problems == [f"{name}: left out, a.LOG beside it is the same log" for name in left_out]


def test_of_a_log_and_its_own_gzip_each_request_is_counted_once(tmp_path: Path) -> None:
    (tmp_path / "a.LOG").write_text(front_file(front()), "utf-8")
    (tmp_path / "a.LOG.gz").write_bytes(gzip.compress(front_file(front()).encode()))
    found = logs_in(given(tmp_path, "*.LOG*"))
    assert (found.files, found.requests) == (1, 1)
    assert found.problems == ["a.LOG.gz: left out, a.LOG beside it is the same log"]


def test_an_absolute_pattern_is_taken_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "a.LOG").touch()
    found, _ = sources_of(tmp_path / "elsewhere", [f"{tmp_path}/*.LOG"])
    assert [source.path for source in found] == [tmp_path / "a.LOG"]


@each_of("entry", ["missing.LOG", "none/*.LOG", "empty", "x\0y", "x" * 5000])
def test_an_entry_that_means_no_file_is_said(tmp_path: Path, entry: str) -> None:
    (tmp_path / "empty").mkdir(exist_ok=True)
    assert sources_of(tmp_path, [entry]) == ([], [f"{entry}: no log file is there"])


def test_how_much_is_to_be_read_is_said_before(tmp_path: Path) -> None:
    (tmp_path / "a.LOG").write_bytes(b"x" * 2_400_000)
    (tmp_path / "b.LOG").touch()
    said: list[str] = []
    given(tmp_path, "*.LOG", said=said)
    given(tmp_path, "b.LOG", said=said)
    given(tmp_path, "c.LOG", said=said)
    given(tmp_path, said=said)
    assert said == ["reading logs: 3 MB in 2 files", "reading logs: 0 MB in 1 file"]


def test_large_logs_say_how_far_they_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "BATCH_BYTES", 2_000_000)
    monkeypatch.setattr(logs, "cores", lambda: 1)
    for name in ("a.LOG", "b.LOG", "c.LOG"):
        (tmp_path / name).write_bytes(b"x" * 2_000_000)
    said: list[str] = []
    given(tmp_path, "*.LOG", said=said)
    assert said == ["reading logs: 6 MB in 3 files", "read 2 MB of 6 MB of logs", "read 4 MB of 6 MB of logs"]


@each_of(("cores", "bound", "readers"), [(8, None, 8), (8, 2, 2), (2, 8, 2)])
def test_no_more_processes_read_than_there_are_cores_and_than_the_run_may_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cores: int, bound: int | None, readers: int
) -> None:
    asked: list[int] = []

    def read(*arguments: Any) -> LogsRead:  # noqa: ANN401 -- those of `read_in_batches`
        asked.append(arguments[-1])
        return LogsRead(LogCounts(), 0, [])

    monkeypatch.setattr(logs, "cores", lambda: cores)
    monkeypatch.setattr(logs, "read_in_batches", read)
    (tmp_path / "a.LOG").touch()
    given(tmp_path, "a.LOG", processes=bound)
    assert asked == [readers]


def test_without_an_entry_nothing_is_read(tmp_path: Path) -> None:
    readings = given(tmp_path)
    assert readings.of_tenant([ANN]) is readings.of_account(ANN) is NO_LOGS


def test_what_could_not_be_read_at_all_leaves_everything_undecided(tmp_path: Path) -> None:
    (tmp_path / "a.LOG").write_text("nothing of a log\n", "utf-8")
    readings = given(tmp_path, "a.LOG", "b/*.LOG")
    slot, own = readings.of_tenant([ANN]), readings.of_account(ANN)
    assert isinstance(slot, Unread)
    assert isinstance(own, Unread)
    assert slot.reason.startswith("http_proxy_logs: b/*.LOG: no log file is there; a.LOG line 1: 1 columns")
    assert own.cause == "LOG-001"


def test_files_without_a_line_are_counted_as_one_says_it(tmp_path: Path) -> None:
    assert unread(given(tmp_path, "no.LOG")) == "no.LOG: no log file is there"
    assert unread(written(tmp_path, a="")) == "1 file without a line"
    assert unread(written(tmp_path, b="")) == "2 files without a line"


def unread(readings: LogReadings) -> str:
    slot = readings.of_tenant([ANN])
    assert isinstance(slot, Unread)
    return slot.reason.removeprefix("http_proxy_logs: ")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pipes among its files")
def test_a_pipe_among_the_logs_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.LOG")
    logs = logs_in(written(tmp_path, a=front_file(front())), ANN)
    assert (logs.requests, logs.files) == (1, 1)
    assert logs.problems == ["pipe.LOG: it cannot be read (it is no regular file)"]


NO_TEXT = "it is not text: give the .LOG file itself, or that file in gzip"


def test_a_file_that_cannot_be_read_does_not_hide_the_others(tmp_path: Path) -> None:
    (tmp_path / "a.LOG").write_bytes(front_file(front()).encode("utf-16-le"))
    (tmp_path / "b.LOG").write_text(front_file(front()), "utf-8")
    found = logs_in(given(tmp_path, "*.LOG", "c.LOG"))
    assert (found.files, found.requests) == (1, 1)
    assert found.problems == ["c.LOG: no log file is there", f"a.LOG: {NO_TEXT}"]


def test_a_request_that_both_logs_have_is_counted_once(tmp_path: Path) -> None:
    slow = back(TotalRequestTime="9000", HttpStatus="500", ErrorCode="ErrorServerBusy")
    readings = written(tmp_path, f=front_file(front(), front()), b=back_file(back(), slow))
    found = logs_in(readings, ANN)
    assert (found.base, found.requests, found.failures, found.back_end_requests) == ("front end", 2, 0, 2)
    assert found.p99_ms == pytest.approx(47, rel=0.05)
    assert found.statuses == {"200": 2}
    assert found.error_codes == {"ErrorServerBusy": 1}
    log = account_in(readings, ANN)
    assert (log.requests, log.failures, log.impersonated) == (2, 0, 2)
    assert log.error_codes == {"ErrorServerBusy": 1}


def test_the_back_end_is_the_base_where_the_front_end_tells_nothing(tmp_path: Path) -> None:
    nameless = front(AnchorMailbox="Sid~S-1-5-21-1-2-3-1107", TotalRequestTime="99")
    readings = written(tmp_path, f=front_file(nameless), b=back_file(back(), back()))
    assert logs_in(readings).base == "front end"
    log = account_in(readings, ANN)
    assert log.requests == 2
    assert log.p50_ms == pytest.approx(38, abs=2.4)
    (tmp_path / "f.LOG").unlink()
    alone = logs_in(given(tmp_path, "*.LOG"))
    assert (alone.base, alone.requests) == ("back end", 2)


def test_impersonated_addresses_that_are_on_no_list_are_named_the_busiest_first(tmp_path: Path) -> None:
    names = (BEN, "eve@contoso.com", "Eve@Contoso.com", "ANN@contoso.com")
    rows = [back(ImpersonatedUser=name) for name in names]
    found = logs_in(written(tmp_path, b=back_file(*rows)), "Ann@CONTOSO.com")
    assert (found.impersonated, found.unlisted_count) == (3, 2)
    assert found.unlisted == [UnlistedAddress("eve@contoso.com", 2), UnlistedAddress(BEN, 1)]


def test_all_unlisted_addresses_are_counted_and_so_many_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "MOST_NAMED", 5)
    rows = [back(ImpersonatedUser=f"user{number}@contoso.com") for number in range(12)]
    found = logs_in(written(tmp_path, b=back_file(*rows)))
    assert (found.unlisted_count, len(found.unlisted)) == (12, 5)


def test_one_address_in_two_spellings_of_its_domain_is_one_account(tmp_path: Path) -> None:
    rows = [back(ImpersonatedUser=name) for name in ("ann@bücher.example", "ANN@xn--bcher-kva.example")]
    readings = written(tmp_path, b=back_file(*rows))
    assert logs_in(readings, "ann@Bücher.example").unlisted == []
    assert account_in(readings, "ann@BÜCHER.example").impersonated == 2


def test_the_back_end_has_its_own_first_and_last_request(tmp_path: Path) -> None:
    later = back(DateTime="2026-11-02T11:30:00.000Z")
    found = logs_in(written(tmp_path, f=front_file(front()), b=back_file(back(), later)))
    assert (found.first, found.last) == ("2026-11-02T09:15:00Z", "2026-11-02T09:15:00Z")
    assert (found.back_end_first, found.back_end_last) == ("2026-11-02T09:15:00Z", "2026-11-02T11:30:00Z")


def test_an_account_that_the_logs_do_not_name_has_no_request(tmp_path: Path) -> None:
    assert account_in(written(tmp_path, b=back_file(back())), BEN) == AccountLog()


def test_an_account_beyond_the_bound_is_not_told_to_have_no_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(traffic, "MOST_ACCOUNTS", 1)
    rows = [back(), back(ImpersonatedUser=BEN)]
    readings = written(tmp_path, b=back_file(*rows))
    assert account_in(readings, ANN).impersonated == 1
    assert isinstance(readings.of_account(BEN), Unread)


def test_hours_and_times_are_utc(tmp_path: Path) -> None:
    rows = [front(DateTime=f"2026-11-02T{hour}:59:59.999Z", HttpStatus="503") for hour in ("09", "23")]
    readings = written(tmp_path, f=front_file(*rows))
    found = logs_in(readings)
    assert (found.first, found.last) == ("2026-11-02T09:59:59Z", "2026-11-02T23:59:59Z")
    assert [(span.start, span.requests, span.failures) for span in found.hours] == [
        ("2026-11-02T09:00:00Z", 1, 1),
        ("2026-11-02T23:00:00Z", 1, 1),
    ]
    assert account_in(readings, ANN).last_failure == "2026-11-02T23:59:59Z"


def test_a_name_that_only_people_know_is_given_in_the_tenant_file(tmp_path: Path) -> None:
    (tmp_path / "f.LOG").write_text(front_file(front(AuthenticatedUser="CORP\\x1")), "utf-8")
    assert logs_in(given(tmp_path, "f.LOG")).requests == 0
    assert logs_in(given(tmp_path, "f.LOG", names=("corp\\X1",))).requests == 1
