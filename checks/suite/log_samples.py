"""Rows of Exchange's request logs, written for the tests: what is not given is empty."""

import gzip
from collections.abc import Sequence
from pathlib import Path

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


def front(**changed: str) -> str:
    """Return a row of the front end's log."""
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
