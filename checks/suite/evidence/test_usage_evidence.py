"""The reports that the tenant file names are read in any encoding; one that cannot be read is named."""

import os
import sys
import tracemalloc
from pathlib import Path

import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.fixtures.evidence.slots import Absent, Read, Unread
from nylas_readiness.fixtures.evidence.usage import read_usage
from nylas_readiness.fixtures.ews_usage.model import EwsUsage
from nylas_readiness.fixtures.inputs.tenant import Tenant, load

pytestmark = pytest.mark.offline

APP = "1a2b3c4d-0000-4111-8222-333344445555"
TEXT = f'"AppId","SoapAction","CallVolume","LastActivityDate"\r\n"{APP}","GetItem","12","2026-10-16"\r\n'
FILE = """
[tenant]
name = "contoso"
[service_account]
email = "svc@contoso.com"
[nylas.v3]
client_id = "c"
api_key = "env:KEY"
"""


def tenant_in(folder: Path, *entries: str) -> Tenant:
    path = folder / "contoso.toml"
    given = ", ".join(f'"{entry}"' for entry in entries)
    path.write_text(FILE + (f"[exchange]\news_usage = [{given}]\n" if entries else ""), "utf-8")
    return load(path, {})


def usage_in(tenant: Tenant) -> EwsUsage:
    slot = read_usage(tenant)
    assert isinstance(slot, Read), slot
    return slot.value


def test_without_a_report_the_reason_says_what_one_would_show(tmp_path: Path) -> None:
    slot = read_usage(tenant_in(tmp_path))
    assert isinstance(slot, Absent)
    assert "which apps call EWS" in slot.reason


@each_of(
    "data", [TEXT.encode(), TEXT.encode("utf-8-sig"), TEXT.encode("utf-16"), TEXT.encode() + b"\xff\xfe"]
)
def test_a_report_is_read_in_each_encoding(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "usage.csv").write_bytes(data)
    usage = usage_in(tenant_in(tmp_path, "usage.csv"))
    assert usage.app(APP).calls == {"GetItem": 12}
    assert usage.problems == []


def test_folders_and_patterns_name_csv_files_and_each_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("a.csv", "b.CSV", "c.txt"):
        (tmp_path / "in" / name).write_text(TEXT, "utf-8")
    usage = usage_in(tenant_in(tmp_path, "in", "in/*.csv", "none/*.csv"))
    assert [file.name for file in usage.files] == ["in/a.csv", "in/b.CSV"]
    assert usage.problems == ["none/*.csv: no CSV file is there"]


def test_a_file_that_cannot_be_read_does_not_hide_the_others(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(TEXT, "utf-8")
    (tmp_path / "b.csv").write_bytes(b"PK\x03\x04 and so on")
    (tmp_path / "c.csv").write_text("Nom;Volume\nx;1\n", "utf-8")
    usage = usage_in(tenant_in(tmp_path, "*.csv"))
    assert [file.name for file in usage.files] == ["a.csv"]
    assert usage.problems[0] == "b.csv: it is a workbook or a ZIP file: save the table as CSV"
    assert usage.problems[1].startswith("c.csv: no column has the app's id")


def test_a_file_without_line_breaks_fills_no_memory(tmp_path: Path) -> None:
    (tmp_path / "long.csv").write_bytes(b"a" * (32 << 20))
    tenant = tenant_in(tmp_path, "long.csv")
    tracemalloc.start()
    try:
        slot = read_usage(tenant)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert isinstance(slot, Unread)
    assert len(slot.reason) < 300
    assert peak < 16 << 20


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pipes among its files")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    slot = read_usage(tenant_in(tmp_path, "pipe.csv"))
    assert isinstance(slot, Unread)
    assert slot.reason == "ews_usage: pipe.csv is no regular file"


def test_a_report_without_a_row_is_a_report_that_tells_of_no_day(tmp_path: Path) -> None:
    (tmp_path / "usage.csv").write_text(TEXT.splitlines()[0], "utf-8")
    usage = usage_in(tenant_in(tmp_path, "usage.csv"))
    assert (usage.apps, usage.covered, usage.files[0].kind) == ([], [], "EWS usage report")
