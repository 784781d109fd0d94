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
    `back end` where no front end's has its requests; error codes are the back end's, where it has any.
    `files`: those that were read, in whole or in part; `problems`: what could not be read, as sentences;
    `lines`: rows in all; `bad_lines` of them are not as they should be, `bad_places` says of the first where
    and why; `not_utf8`: lines with bytes that are no UTF-8; `set_back`: how often the time goes back.
    `other_protocols`, `monitoring`, `challenges`: rows that are no client's requests over EWS.
    `first`, `last`: the period (UTC, ISO 8601), null without a request. A failure is an HTTP status of 400
    or more. `statuses`, `error_codes`: how many requests have each. Latencies are in milliseconds, within
    5 %, null where none is told. `hours`: in order of time, each as long as `span_hours`.
    `nameless_codes`: codes of failed requests of which the back end does not say whose mailbox they were
    for. `has_back_end`: whether a back-end log is among the files; `back_end_requests`: how many requests
    it has; `impersonated`: how many addresses; `unlisted_count` of them are on no list, and `unlisted` names
    the busiest 1,000.
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
    impersonated: int
    unlisted_count: int
    unlisted: list[UnlistedAddress]
