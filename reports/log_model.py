"""What Exchange's request logs say of the service account, as it stands in `results.json`."""

import msgspec


class LogSpan(msgspec.Struct, frozen=True):
    """Requests of one span of time: its start (UTC, ISO 8601), and latencies in milliseconds.

    A latency is null where no request has one.
    """

    start: str
    requests: int
    failures: int
    p50_ms: int | None
    p95_ms: int | None


class UnlistedAddress(msgspec.Struct, frozen=True):
    """An address that the service account impersonates, in `requests` requests, and that is on no list."""

    email: str
    requests: int


class Logs(msgspec.Struct, frozen=True, kw_only=True):
    r"""The service account's requests by Exchange's own logs, each counted once.

    `base`: the log that rates, statuses, latencies and spans are from: `front end` (HttpProxy\Ews), or
    `back end` where no front end's has its requests. Times are UTC, ISO 8601; latencies are in milliseconds,
    within 5 %, null where none is told. What each member means is in `fields.toml`.
    """

    files: int
    problems: list[str]
    lines: int
    bad_lines: int
    bad_places: list[str]
    not_utf8: int
    set_back: int
    other_protocols: int
    monitoring: int
    challenges: int
    base: str
    first: str | None
    last: str | None
    requests: int
    failures: int
    statuses: dict[str, int]
    error_codes: dict[str, int]
    nameless_codes: dict[str, int]
    p50_ms: int | None
    p95_ms: int | None
    p99_ms: int | None
    span_hours: int
    hours: list[LogSpan]
    has_back_end: bool
    back_end_requests: int
    back_end_first: str | None
    back_end_last: str | None
    impersonated: int
    unlisted_count: int
    unlisted: list[UnlistedAddress]
