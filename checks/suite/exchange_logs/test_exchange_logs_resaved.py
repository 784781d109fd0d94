"""Logs that were saved again by PowerShell or a spreadsheet are read like the originals; others are named."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.log_samples import back, front, front_file, header, read_text
from nylas_readiness.fixtures.exchange_logs.lines import UnreadableLogError
from nylas_readiness.fixtures.sandbox.exchange_logs import Log, columns

pytestmark = pytest.mark.offline

TYPE = "#TYPE Selected.System.Management.Automation.PSCustomObject\r\n"
OTHER_PROTOCOL = front(Protocol="Owa")
STRANGER = front(AuthenticatedUser="CONTOSO\\ann")


def resaved(log: Log, rows: Sequence[str], separator: str, *, quote_all: bool = True) -> str:
    out = io.StringIO()
    writer = csv.writer(
        out,
        delimiter=separator,
        quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL,
        lineterminator="\r\n",
    )
    writer.writerows([columns()[log], *(row.split(",") for row in rows)])
    return out.getvalue()


@each_of(
    ("separator", "quote_all", "above"),
    [(",", True, TYPE), (",", False, ""), (";", True, ""), (";", False, TYPE), ("\t", True, TYPE)],
)
def test_a_log_that_was_saved_again_counts_like_the_original(
    tmp_path: Path, separator: str, quote_all: bool, above: str
) -> None:
    rows = [front(), front(HttpStatus="500"), OTHER_PROTOCOL, STRANGER]
    again = [above + resaved("front", rows, separator, quote_all=quote_all)]
    again.append(above + resaved("back", [back()], separator, quote_all=quote_all))
    found = read_text(tmp_path, *again)
    assert dict(found.views["front end"].all().answers) == {(200, ""): 1, (500, ""): 1}
    assert list(found.views["back end"].accounts) == ["ann@contoso.com"]
    assert (found.rows, found.bad, found.other_protocols, found.places) == (5, 0, 1, [])


def test_column_names_count_in_any_case(tmp_path: Path) -> None:
    text = front_file(front()).replace("DateTime", "datetime").replace("HttpStatus", "HTTPSTATUS")
    found = read_text(tmp_path, text.replace("AuthenticatedUser", "authenticateduser"))
    assert (found.views["front end"].all().requests, found.bad) == (1, 0)


def test_a_protocol_counts_in_any_case_and_in_no_other_place(tmp_path: Path) -> None:
    found = read_text(tmp_path, front_file(front(Protocol="EWS"), front(Protocol="EwsNot")))
    assert (found.views["front end"].all().requests, found.other_protocols) == (1, 1)


def test_what_spreadsheets_write_above_a_header_is_no_row(tmp_path: Path) -> None:
    text = 'sep=;\r\n"#Software: Microsoft Exchange Server"\r\n' + resaved("front", [front()], ";")
    found = read_text(tmp_path, text)
    assert (found.views["front end"].all().requests, found.rows, found.bad) == (1, 1, 0)


def test_a_row_without_a_header_is_exchanges_only_if_it_begins_with_a_time(tmp_path: Path) -> None:
    found = read_text(tmp_path, front(DateTime="yesterday", Protocol="Ews") + "\n" + "x," * 73 + "y\n")
    assert (found.found, found.bad, found.other_protocols) == (set(), 2, 0)
    assert "no header says which" in found.places[0]


def test_a_torn_row_of_a_log_that_was_saved_again_costs_that_row(tmp_path: Path) -> None:
    found = read_text(tmp_path, resaved("front", [front(), front()], ";")[:-300])
    assert (found.views["front end"].all().requests, found.rows, found.bad) == (1, 2, 1)


IIS = """#Software: Microsoft Internet Information Services 8.5
#Version: 1.0
#Date: 2026-03-04 00:00:01
#Fields: date time s-ip cs-method cs-uri-stem cs-username c-ip sc-status time-taken
2026-03-04 00:00:09 198.51.100.7 POST /ews/exchange.asmx CONTOSO\\svc-nylas 203.0.113.10 401 15
"""


@each_of(
    ("text", "kind"),
    [
        (IIS, "a log of IIS"),
        (IIS + IIS, "a log of IIS"),
        (IIS.partition("\n")[2], "a W3C log of a web server"),
        ("#Software: Microsoft HTTP API 2.0\n#Fields: date time c-ip\n", "an error log of Windows' HTTP.sys"),
        (
            """#Software: Microsoft Exchange Server
#Log-type: Message Tracking Log
#Fields: date-time,client-ip,recipient-address
2026-03-04T00:00:00.000Z,,ann@contoso.com
""",
            "Exchange's Message Tracking Log",
        ),
        ("#Software: Apache Traffic Server\n#Fields: x y\n", "a log of Apache Traffic Server"),
        ('\n{"DateTime":"2026-03-04T00:00:09Z","Protocol":"Ews"' + ',"c":1' * 72 + "}\n", "JSON"),
        ('[\n  {"DateTime": "2026-03-04T00:00:09Z"}\n]\n', "JSON"),
        ('<Objs Version="1.1.0.1">', "CliXml"),
        ("<!DOCTYPE html><title>Sign in</title>", "XML or a web page"),
        ("DateTime            : 2026-03-04T00:00:09Z\nProtocol            : Ews\n", "a list, as Format-List"),
    ],
)
def test_a_log_of_another_kind_is_called_by_its_name_and_counts_nowhere(
    tmp_path: Path, text: str, kind: str
) -> None:
    for encoded in (text.encode(), text.replace("\n", "\r\n").encode("utf-16")):
        with pytest.raises(UnreadableLogError, match=f"it is {kind}") as refused:
            read_text(tmp_path, encoded)
        assert r"Logging\HttpProxy\Ews" in str(refused.value)
        assert "ann@contoso.com" not in str(refused.value)


@each_of("log_type", ["Ews Protocol Logs", "HttpProxy Logs"])
def test_a_log_with_the_right_columns_is_read_whatever_its_type_is_called(
    tmp_path: Path, log_type: str
) -> None:
    text = header(columns()["front"], log_type) + f"{front()}\n"
    assert read_text(tmp_path, text).views["front end"].all().requests == 1
