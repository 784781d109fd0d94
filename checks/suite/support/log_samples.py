"""Rows of Exchange's request logs, and what good logs come to, written for the tests."""

import gzip
from collections.abc import Sequence
from pathlib import Path

from nylas_readiness.fixtures.evidence.measures import Logs, LogSpan
from nylas_readiness.fixtures.exchange_logs.callers import ServiceAccount
from nylas_readiness.fixtures.exchange_logs.reader import LogReader
from nylas_readiness.fixtures.sandbox.exchange_logs import columns

SERVICE_ACCOUNT = "svc-nylas@contoso.com"
AT = "2026-11-02T09:15:00.047Z"

# An impersonated request that worked, as the front end writes it, and the same as the back end does.
FRONT = {
    "DateTime": AT,
    "Protocol": "Ews",
    "IsAuthenticated": "true",
    "AuthenticatedUser": "CONTOSO\\svc-nylas",
    "AnchorMailbox": "Smtp~ann@contoso.com",
    "UserAgent": "python-requests/2.32 (a  b)",
    "ClientIpAddress": "203.0.113.10",
    "HttpStatus": "200",
    "BackEndStatus": "200",
    "TotalRequestTime": "47",
    "GenericInfo": "CorrelationID=<empty>;'S:AS.ReqStats=AddressCount=1;..;'",
    "RoutingStatus": "CafeV1",
}
BACK = {
    "DateTime": "2026-11-02T09:15:00.044Z",
    "AuthenticatedUser": "svc-nylas@contoso.com",
    "ClientIpAddress": "203.0.113.10",
    "SoapAction": "GetFolder",
    "HttpStatus": "200",
    "ImpersonatedUser": "ann@contoso.com",
    "BeginBudgetSubscriptions": "11 Max",
    "TotalRequestTime": "38",
}


# Two hours in which every request succeeds.
LOGS = Logs(
    files=2,
    problems=[],
    lines=2000,
    bad_lines=0,
    bad_places=[],
    not_utf8=0,
    set_back=0,
    other_protocols=0,
    monitoring=0,
    challenges=0,
    base="front end",
    first="2026-11-02T09:00:00Z",
    last="2026-11-02T10:59:00Z",
    requests=1000,
    failures=0,
    statuses={"200": 1000},
    error_codes={},
    nameless_codes={},
    p50_ms=50,
    p95_ms=400,
    p99_ms=900,
    span_hours=1,
    hours=[
        LogSpan("2026-11-02T09:00:00Z", 600, 0, 50, 400),
        LogSpan("2026-11-02T10:00:00Z", 400, 0, 50, 400),
    ],
    has_back_end=True,
    back_end_requests=1000,
    back_end_first="2026-11-03T08:00:00Z",
    back_end_last="2026-11-03T11:59:00Z",
    impersonated=40,
    unlisted_count=0,
    unlisted=[],
)


def front(**changed: str) -> str:
    """Return a row of the front end's log; a column that is neither given nor usual is empty."""
    return _row(columns()["front"], FRONT | changed)


def back(**changed: str) -> str:
    """Return a row of the back end's log."""
    return _row(columns()["back"], BACK | changed)


def _row(names: Sequence[str], values: dict[str, str]) -> str:
    assert values.keys() <= set(names)
    return ",".join(values.get(name, "") for name in names)


def header(names: Sequence[str], log_type: str = "HttpProxy Logs") -> str:
    """Return a header block."""
    return (
        "#Software: Microsoft Exchange Server\n#Version: 15.02.1544.009\n"
        f"#Log-type: {log_type}\n#Date: 2026-11-02T09:00:00.000Z\n#Fields: {','.join(names)}\n"
    )


def front_file(*rows: str) -> str:
    """Return a file of the front end's log."""
    return header(columns()["front"]) + "".join(f"{row}\n" for row in rows)


def back_file(*rows: str) -> str:
    """Return a file of the back end's log."""
    return header(columns()["back"], "EWS Logs") + "".join(f"{row}\n" for row in rows)


def read_text(folder: Path, *contents: str | bytes, packed: bool = False) -> LogReader:
    """Return what reading files with these contents comes to."""
    reader = LogReader(ServiceAccount(SERVICE_ACCOUNT))
    for number, content in enumerate(contents):
        data = content.encode() if isinstance(content, str) else content
        path = folder / f"{number}.LOG"
        path.write_bytes(gzip.compress(data) if packed else data)
        reader.read(path, path.name)
    return reader
