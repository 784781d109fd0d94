"""Exchange's request logs are read by their columns; what is not as it should be costs that row only."""

import csv
import random
from pathlib import Path
from typing import Any

import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.log_samples import (
    AT,
    SERVICE_ACCOUNT,
    back,
    back_file,
    front,
    front_file,
    header,
    read_text,
)
from nylas_readiness.fixtures.exchange_logs import reader
from nylas_readiness.fixtures.exchange_logs.callers import Caller, ServiceAccount
from nylas_readiness.fixtures.exchange_logs.counts import MOST_PLACES
from nylas_readiness.fixtures.exchange_logs.layout import HTTP_PROXY
from nylas_readiness.fixtures.exchange_logs.reader import LogReader
from nylas_readiness.fixtures.exchange_logs.traffic import View
from nylas_readiness.fixtures.sandbox.exchange_logs import columns

pytestmark = pytest.mark.offline

FRONT_NAMES = ",".join(columns()["front"])
NO_TIMES = (
    "yesterday",
    "04/11/2026 9:15:00 AM",
    "2026-13-02T09:15:00.047Z",
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:-9Z",
    "1999-12-31T23:59:59Z",
    "2101-01-01T00:00:00Z",
    "9999-12-31T23:59:99Z",
    "2026-11-02T09:15:60Z",
    "2026-11-02T09:15:-5Z",
    "2026-11-02T09+05:00:00Z",
    "2026-11-02T09:15:00Z or so",
)
CHALLENGE = front(
    AuthenticatedUser="", AnchorMailbox="", HttpStatus="401", BackEndStatus="", TotalRequestTime="0"
)
FAULT = front(
    AnchorMailbox="Smtp~Other@contoso.com",
    HttpStatus="500",
    BackEndStatus="500",
    GenericErrors="WebExceptionStatus=ProtocolError;ResponseStatusCode=500;WebException=An error: (500);",
)
REFUSED = back(
    HttpStatus="500", ImpersonatedUser="", ErrorCode="ErrorImpersonateUserDenied", TotalRequestTime="12"
)


def front_of(found: LogReader) -> View:
    return found.views["front end"]


def back_of(found: LogReader) -> View:
    return found.views["back end"]


def test_the_three_rows_of_a_front_end_are_a_success_a_challenge_and_a_fault(tmp_path: Path) -> None:
    found = read_text(tmp_path, front_file(front(), CHALLENGE, FAULT))
    assert dict(front_of(found).all().answers) == {(200, ""): 1, (500, ""): 1}
    assert (found.rows, found.challenges, found.bad) == (3, 1, 0)
    by_account = {name: (one.requests, one.failures) for name, one in front_of(found).accounts.items()}
    assert by_account == {"ann@contoso.com": (1, 0), "other@contoso.com": (1, 1)}


def test_the_back_end_says_who_was_impersonated_and_why_it_was_refused(tmp_path: Path) -> None:
    found = read_text(tmp_path, back_file(back(), REFUSED))
    assert {name: one.requests for name, one in back_of(found).accounts.items()} == {"ann@contoso.com": 1}
    assert dict(back_of(found).nameless.answers) == {(500, "ErrorImpersonateUserDenied"): 1}


def test_a_row_without_a_user_is_a_challenge_only_where_its_answer_is_one(tmp_path: Path) -> None:
    probe = front(AuthenticatedUser="", AnchorMailbox="", HttpStatus="200")
    found = read_text(tmp_path, front_file(front(), CHALLENGE, probe))
    assert (found.rows, found.challenges, front_of(found).all().requests) == (3, 1, 1)


@each_of(
    "time",
    [
        "2000-01-01T00:00:00Z",
        "2100-12-31 23:59:59.9999999+00:00",
        "2026-11-02T09:15:00",
        "2026-11-02T09:15",
        "2026-11-02T09:15:00+05:00",
        "23.11.2026 09:15:00",
        "11/23/2026 9:15:00\u202fAM",
    ],
)
def test_a_time_of_a_century_counts_in_every_common_form(tmp_path: Path, time: str) -> None:
    found = read_text(tmp_path, front_file(front(DateTime=time)))
    assert (front_of(found).all().requests, found.bad, found.undated) == (1, 0, 0)
    assert front_of(found).first is not None


def test_both_logs_are_told_apart_by_their_columns_alone(tmp_path: Path) -> None:
    """Neither a file's name nor its `#Log-type` says which it is."""
    found = read_text(tmp_path, front_file(front()), back_file(back(), back()))
    assert (front_of(found).all().requests, back_of(found).all().requests) == (1, 2)
    assert found.found == {"front end", "back end"}


def test_columns_are_found_by_name_in_any_order(tmp_path: Path) -> None:
    names = columns()["front"]
    shuffled = random.Random(5).sample(names, len(names))  # noqa: S311 -- an order, no secret
    cells = dict(zip(names, front().split(","), strict=True))
    text = header([*shuffled, "Added"]) + ",".join([*(cells[name] for name in shuffled), "x"]) + "\n"
    found = read_text(tmp_path, text)
    assert front_of(found).accounts["ann@contoso.com"].requests == 1
    assert found.bad == 0


@each_of(
    "text",
    [
        f"{FRONT_NAMES}\n{front_file(front())}",  # a bare header before the block
        f"{header(columns()['front'])}{FRONT_NAMES}\n{front()}\n",  # and one after it
        f"{FRONT_NAMES}\n{front()}\n",  # a bare header alone
        f"{front()}\n",  # none at all
        front_file(front()).replace("\n", "\r\n"),
        "\ufeff" + front_file(front()),
        f"\ufeff{front()}\r\n",
        front_file("", front(), "  "),
        front_file(front()).rstrip("\n"),
        front_file(front()).replace("CONTOSO\\svc-nylas", '"CONTOSO\\svc-nylas"'),
        front_file(front()).replace("(a  b)", '(a  b)"').replace("python", '"py,thon'),
    ],
)
def test_a_row_counts_in_every_form_of_a_file(tmp_path: Path, text: str) -> None:
    found = read_text(tmp_path, text)
    assert front_of(found).accounts["ann@contoso.com"].requests == 1
    assert (found.rows, found.bad, found.places) == (1, 0, [])


def test_a_header_may_come_again_with_other_columns(tmp_path: Path) -> None:
    """A server writes on after an update; the rows below a header are read by that header."""
    found = read_text(tmp_path, front_file(front()) + back_file(back()) + front_file(front()))
    assert (front_of(found).all().requests, back_of(found).all().requests, found.bad) == (2, 1, 0)


@each_of("names", [columns()["back"], [*columns()["back"][:73]]])
def test_without_a_header_only_seventy_four_columns_are_known(tmp_path: Path, names: list[str]) -> None:
    found = read_text(tmp_path, ",".join("x" for _ in names) + "\n")
    assert found.found == set()
    assert found.places == [f"0.LOG line 1: {len(names)} columns, and no header says which"]


def test_the_columns_of_a_file_without_header_are_those_of_exchange() -> None:
    assert list(HTTP_PROXY) == columns()["front"]


@each_of(
    ("missing", "log"),
    [
        ("AnchorMailbox", "front"),
        ("Protocol", "front"),
        ("HttpStatus", "front"),
        ("TotalRequestTime", "back"),
    ],
)
def test_a_header_that_lacks_a_column_is_named_once_and_its_rows_are_counted(
    tmp_path: Path,
    missing: str,
    log: Any,  # noqa: ANN401 -- a literal
) -> None:
    names = [name for name in columns()[log] if name != missing]
    row = ",".join("x" for _ in names)
    found = read_text(tmp_path, header(names) + f"{row}\n{row}\n{row}\n")
    assert found.bad == found.rows == 3
    assert found.places == [
        f"0.LOG line 5: no column {missing} in its header: the rows below it are not read"
    ]


def test_a_torn_row_is_counted_and_named_and_the_others_are_read(tmp_path: Path) -> None:
    torn = front()[:120]
    found = read_text(tmp_path, front_file(front(), torn, front()) + torn)
    assert front_of(found).all().requests == 2
    assert (found.rows, found.bad) == (4, 2)
    columns_left = torn.count(",") + 1
    assert found.places == [
        f"0.LOG line {line}: {columns_left} columns where the header has 74" for line in (7, 9)
    ]


@each_of("status", ["OK", "-5", "0", "99", "600", "999999", "2_0"])
def test_a_row_that_says_no_status_is_named(tmp_path: Path, status: str) -> None:
    """Without a status nobody can say whether the request succeeded."""
    found = read_text(tmp_path, front_file(front(HttpStatus=status)))
    assert (front_of(found).all().requests, found.bad) == (0, 1)
    assert found.places == ["0.LOG line 6: its HttpStatus is not from 100 to 599"]


@each_of("time", NO_TIMES)
def test_a_time_that_cannot_be_read_costs_the_hour_and_not_the_request(tmp_path: Path, time: str) -> None:
    found = read_text(tmp_path, front_file(front(), front(DateTime=time, HttpStatus="503")))
    assert (front_of(found).all().requests, front_of(found).all().failures, found.bad) == (2, 1, 0)
    assert [traffic.requests for _, traffic in front_of(found).spans] == [1]
    assert front_of(found).all().last_failure is None
    assert found.undated == 1
    assert found.places == [
        "0.LOG line 7: its DateTime is no time, or might be of two days; the request counts in no hour"
    ]


def test_an_unread_time_of_another_caller_is_nobodys_trouble(tmp_path: Path) -> None:
    found = read_text(tmp_path, front_file(front(DateTime="torn", AuthenticatedUser="CONTOSO\\ann")))
    assert (found.rows, found.bad, found.undated, found.places) == (1, 0, 0, [])


def test_only_the_first_bad_rows_are_named_and_no_row_is_quoted(tmp_path: Path) -> None:
    found = read_text(tmp_path, front_file(*["secret-token,x"] * (MOST_PLACES + 5)))
    assert (found.bad, len(found.places)) == (MOST_PLACES + 5, MOST_PLACES)
    assert "secret-token" not in "".join(found.places)


def test_rows_that_are_no_clients_requests_are_passed_over(tmp_path: Path) -> None:
    found = read_text(
        tmp_path,
        front_file(
            front(Protocol="Owa"),
            front(Protocol="Mapi", AuthenticatedUser="CONTOSO\\ann"),
            front(AuthenticatedUser="CONTOSO\\HealthMailbox1f0c"),
            front(ClientIpAddress="::1"),
            front(ClientIpAddress="127.0.0.1"),
            front(AuthenticatedUser="CONTOSO\\ann"),
            CHALLENGE,
        ),
        back_file(
            back(SoapAction="Sbsc_ConnStatus", HttpStatus=""), back(AuthenticatedUser="CONTOSO\\EX01$")
        ),
    )
    assert front_of(found).all().requests == back_of(found).all().requests == 0
    assert (found.other_protocols, found.monitoring, found.challenges, found.bad) == (2, 4, 1, 0)
    assert found.rows == 9


@each_of(
    ("user", "caller"),
    [
        ("svc-nylas@contoso.com", Caller.SERVICE_ACCOUNT),
        ("SVC-Nylas@CONTOSO.com", Caller.SERVICE_ACCOUNT),
        ("CONTOSO\\svc-nylas", Caller.SERVICE_ACCOUNT),
        ("OTHER\\SVC-NYLAS", Caller.SERVICE_ACCOUNT),
        ("svc-nylas", Caller.SERVICE_ACCOUNT),
        ("CORP\\x1", Caller.SERVICE_ACCOUNT),
        ("x2@corp.local", Caller.SERVICE_ACCOUNT),
        ("svc-nylas@fabrikam.com", Caller.OTHER),
        ("CONTOSO\\svc-nylas2", Caller.OTHER),
        ("x1", Caller.OTHER),
        ("HealthMailbox1f0c@contoso.com", Caller.MONITORING),
        ("", Caller.NOBODY),
        ("  ", Caller.NOBODY),
        ("\udcff", Caller.OTHER),
    ],
)
def test_the_service_account_is_known_under_each_of_its_names(user: str, caller: Caller) -> None:
    service = ServiceAccount(SERVICE_ACCOUNT, ["CORP\\x1", "x2@corp.local"])
    assert service.caller(user.encode("utf-8", "surrogateescape")) is caller


@each_of(
    ("impersonated", "whom"),
    [
        ("ann@contoso.com", "ann@contoso.com"),
        ("Ann@Contoso.com", "ann@contoso.com"),
        ("svc-nylas@contoso.com", None),
        ("SVC-NYLAS@contoso.com", None),
        ("CONTOSO\\svc-nylas", None),
        ("", None),
    ],
)
def test_nobody_is_impersonated_where_the_effective_user_is_the_caller(
    tmp_path: Path, impersonated: str, whom: str | None
) -> None:
    found = read_text(tmp_path, back_file(back(ImpersonatedUser=impersonated)))
    assert list(back_of(found).accounts) == ([whom] if whom else [])
    assert back_of(found).all().requests == 1


@each_of(
    ("anchor", "account"),
    [
        ("Smtp~ann@contoso.com", "ann@contoso.com"),
        ("Smtp-EwsHeader~ann@contoso.com", "ann@contoso.com"),
        ("Sid~S-1-5-21-1-2-3-1107", None),
        ("MailboxGuid~6f3f0b1e-0000-4000-8000-0000000000db", None),
        ("ServerVersion~Version 15.1 (Build 2374.0)", None),
        ("", None),
    ],
)
def test_the_front_end_names_an_account_only_by_its_address(
    tmp_path: Path, anchor: str, account: str | None
) -> None:
    found = read_text(tmp_path, front_file(front(AnchorMailbox=anchor)))
    assert list(front_of(found).accounts) == ([account] if account else [])


@each_of(
    ("row", "p50"),
    [
        ({"TotalRequestTime": "900002"}, None),
        ({"TotalRequestTime": "899000"}, 899_000),
        ({"TotalRequestTime": ""}, None),
        ({"TotalRequestTime": "11 Max"}, None),
        ({"TotalRequestTime": "nan"}, None),
        ({"TotalRequestTime": "-5"}, None),
        ({"TotalRequestTime": "0.0383"}, 1),
        ({"SoapAction": "GetStreamingEvents", "TotalRequestTime": "60002"}, None),
    ],
)
def test_a_request_that_is_held_open_or_not_measured_has_no_latency(
    tmp_path: Path, row: dict[str, str], p50: int | None
) -> None:
    found = back_of(read_text(tmp_path, back_file(back(**row)))).all()
    assert found.requests == 1
    assert found.latency.quantile(0.5) == (None if p50 is None else pytest.approx(p50, rel=0.05))


@each_of(
    ("row", "code"),
    [
        ({"ErrorCode": "ErrorServerBusy"}, "ErrorServerBusy"),
        ({"ErrorCode": "NoError"}, ""),
        ({"GenericErrors": "x;ErrorImpersonateUserDenied;"}, "ErrorImpersonateUserDenied"),
        ({"GenericErrors": "WebExceptionStatus=ProtocolError;Error: no"}, ""),
        ({"ErrorCode": "ErrorAccessDenied", "GenericErrors": "ErrorServerBusy"}, "ErrorAccessDenied"),
    ],
)
def test_the_code_is_in_its_column_or_among_the_errors(
    tmp_path: Path, row: dict[str, str], code: str
) -> None:
    found = read_text(tmp_path, back_file(back(HttpStatus="500", **row)))
    assert list(back_of(found).all().answers) == [(500, code)]


def test_a_clock_that_was_set_back_is_counted_and_its_rows_stay_in_their_hour(tmp_path: Path) -> None:
    times = ["09:15:00", "10:20:00", "10:19:30", "08:00:00", "08:00:05", "10:20:01"]
    rows = [front(DateTime=f"2026-11-02T{time}.000Z") for time in times]
    found = read_text(tmp_path, front_file(*rows))
    assert (found.set_back, found.bad) == (1, 0)
    assert found.places == ["0.LOG line 9: the time goes back; the row counts in the hour that it states"]
    assert [traffic.requests for _, traffic in front_of(found).spans] == [2, 1, 3]


def test_a_file_that_is_older_than_the_one_before_it_is_no_clock_set_back(tmp_path: Path) -> None:
    older = front(DateTime="2026-11-01T09:15:00.000Z")
    assert read_text(tmp_path, front_file(front()), front_file(older)).set_back == 0


def test_the_quick_path_and_a_csv_reader_see_the_same_requests(tmp_path: Path) -> None:
    """Any mixture of rows: what an independent reading of each line by csv says, counts."""
    from nylas_readiness.fixtures.strategies.profile import given, st

    names = columns()["front"]
    users = st.sampled_from(["CONTOSO\\svc-nylas", "CONTOSO\\ann", "", "CONTOSO\\HealthMailbox1"])
    rows = st.builds(
        front,
        Protocol=st.sampled_from(["Ews", "Owa"]),
        AuthenticatedUser=users,
        HttpStatus=st.sampled_from(["200", "401", "500", "503"]),
        UserAgent=st.sampled_from(["x", '"x"', '"x, y"', "x  y", "é"]),
    )

    @given(st.lists(rows | st.sampled_from(["", "torn,row", FRONT_NAMES]), max_size=12))
    def holds(texts: list[str]) -> None:
        expected = [
            dict(zip(names, cells, strict=True)) for cells in csv.reader(texts) if len(cells) == len(names)
        ]
        own = [
            int(one["HttpStatus"])
            for one in expected
            if one["AuthenticatedUser"] == "CONTOSO\\svc-nylas" and one["Protocol"] == "Ews"
        ]
        found = read_text(tmp_path, front_file(*texts))
        assert front_of(found).all().requests == len(own)
        assert front_of(found).all().failures == sum(status >= 400 for status in own)
        assert found.bad == texts.count("torn,row")

    holds()


def test_the_period_is_that_of_the_requests(tmp_path: Path) -> None:
    found = front_of(read_text(tmp_path, front_file(front(DateTime="2026-11-01T08:00:00.000Z"), front())))
    assert found.first is not None
    assert found.last is not None
    assert found.last - found.first == 25 * 3600 + 15 * 60
    assert reader.HELD_OPEN_MS == 900_000
    assert AT.startswith("2026-11-02T09:15")
