"""What Exchange's request logs come to: the judgement behind LOG-001 to LOG-005."""

from collections.abc import Mapping

from nylas_readiness.checks.catalogue.explanations import Explanation, explain
from nylas_readiness.checks.live.refusals import explained
from nylas_readiness.checks.outcome import (
    Outcome,
    Undecided,
    depends_on,
    fail,
    not_applicable,
    passed,
    require,
    unknown,
    warn,
)
from nylas_readiness.fixtures.clients.codes import Unreadable
from nylas_readiness.fixtures.clients.trouble import THROTTLING
from nylas_readiness.fixtures.evidence.log_model import AccountLog
from nylas_readiness.fixtures.evidence.measures import Logs, LogSpan, Trace
from nylas_readiness.fixtures.evidence.model import AccountEvidence, TenantEvidence
from nylas_readiness.fixtures.evidence.slots import Absent, Read, Unread
from nylas_readiness.fixtures.exchange_logs.latency import SLOW_MS

WARN_BELOW, FAIL_BELOW = 99, 90  # percent of requests that succeed
_FAULT = "500"
_NOT_NAMED = "the logs have no request that names this mailbox"


def reading_of(tenant: TenantEvidence) -> Read[Logs]:
    """Return what was read of the logs; what hangs on files that could not be read is undecided."""
    match tenant.logs:
        case Read() as slot:
            return slot
        case Unread(reason=reason, code=code):
            why = "no log file could be read" if code is Unreadable.FILE else reason
            raise Undecided(depends_on("LOG-001", why))
        case Absent(reason=reason):
            raise Undecided(not_applicable(reason))


def requests_of(account: AccountEvidence, tenant: TenantEvidence) -> tuple[AccountLog, Logs]:
    """Return what the logs say of an account, and of all; without any request there is nothing to judge."""
    logs = reading_of(tenant).value
    if not logs.requests:
        raise Undecided(depends_on("LOG-002", "the logs have no request of the service account"))
    return require(account.log), logs


def judge_files(slot: Read[Logs]) -> Outcome:
    """Judge how whole the files are: what could not be read is counted, and the first of it is named."""
    logs = slot.value
    observed = f"{_many(logs.files, 'file')}, {_many(logs.lines, 'line')}"
    complaints = [*logs.problems[:3]]
    if logs.bad_lines:
        complaints.append(f"{_many(logs.bad_lines, 'line')} could not be read")
    if logs.not_utf8:
        complaints.append(f"{_many(logs.not_utf8, 'line')} not in UTF-8, read all the same")
    if logs.undated:
        complaints.append(f"{_many(logs.undated, 'request')} without a time that can be read, in no hour")
    if logs.set_back:
        complaints.append(f"the time goes back {_many(logs.set_back, 'time')}")
    if not complaints:
        return passed(observed, slot.trace)
    first = f" (first: {'; '.join(logs.bad_places[:3])})" if logs.bad_places else ""
    return warn(f"{observed}: {'; '.join(complaints)}{first}", slot.trace)


def judge_rate(slot: Read[Logs]) -> Outcome:
    """Judge how many of the service account's requests succeed."""
    logs = slot.value
    if not logs.requests:
        refused = f"; {_many(logs.challenges, '401')} came before any sign-in" if logs.challenges else ""
        others = f"; {_many(logs.other_protocols, 'row')} of other protocols" if logs.other_protocols else ""
        return unknown(
            f"the logs have no request of the service account{refused}{others}; if Exchange calls it "
            "otherwise, name it in [service_account] log_names"
        )
    codes = f"; codes: {_listed(logs.error_codes)}" if logs.error_codes else ""
    observed = f"{_rate(logs)} by the {logs.base}; HTTP {_listed(logs.statuses)}{codes}{_worst(logs.hours)}"
    explanation = explanation_of(logs.statuses, logs.error_codes)
    return judge_share(logs, observed, explanation, slot.trace)


def judge_share(
    counted: Logs | AccountLog, observed: str, explanation: Explanation | None, *evidence: Trace
) -> Outcome:
    """Judge a rate: under 99 % is a warning, under 90 % a failure, explained by its cause."""
    succeeded = 100 * (counted.requests - counted.failures)
    if succeeded >= WARN_BELOW * counted.requests:
        return passed(observed, *evidence)
    is_failure = succeeded < FAIL_BELOW * counted.requests
    outcome = fail(observed, *evidence) if is_failure else warn(observed, *evidence)
    return explained(outcome, explanation) if explanation else outcome


def judge_failures(log: AccountLog, logs: Logs) -> Outcome:
    """Judge how many requests for an account succeed, and name the cause of those that do not."""
    if not log.requests:
        return not_applicable(_NOT_NAMED)
    if not log.failures:
        return passed(f"{_rate(log)}")
    codes, whose = log.error_codes, ""
    if not codes and _FAULT in log.statuses and logs.nameless_codes:
        # A refused impersonation leaves the back end's column of the mailbox empty.
        codes, whose = logs.nameless_codes, " of requests whose mailbox the back end does not name"
    said = f"; codes{whose}: {_listed(codes)}" if codes else ""
    when = f"; the last one {log.last_failure}" if log.last_failure else ""
    observed = f"{_rate(log)}; HTTP {_listed(log.statuses)}{said}{when}"
    return judge_share(log, observed, explanation_of(log.statuses, codes))


def judge_latency(log: AccountLog, logs: Logs, tenant: TenantEvidence) -> Outcome:
    """Judge how long an account's requests take; where that is not told, how long all of them take."""
    overall = f"all accounts: {_latencies(logs)}"
    if log.p95_ms is not None:
        observed = f"{_latencies(log)} in {_many(log.requests, 'request')} ({overall})"
        return _slow(observed, tenant) if log.p95_ms > SLOW_MS else passed(observed)
    untold = "the logs tell no duration of its requests" if log.requests else _NOT_NAMED
    is_slow = logs.p95_ms is not None and logs.p95_ms > SLOW_MS
    return _slow(f"{untold}; {overall}", tenant) if is_slow else not_applicable(untold)


def _slow(observed: str, tenant: TenantEvidence) -> Outcome:
    """Return a warning: half a minute points to the missing inbox."""
    inbox = tenant.service_mailbox
    has_none = isinstance(inbox, Read) and not inbox.value
    pattern = "as USR-004 finds" if has_none else "if it has one, look at the mailbox server's load"
    return warn(f"{observed}: the pattern of a service account without an inbox, {pattern}")


def judge_impersonation(account: AccountEvidence, tenant: TenantEvidence) -> Outcome:
    """Judge whether a listed account is impersonated at all, by the back-end log."""
    logs, log = reading_of(tenant).value, require(account.log)
    if not logs.has_back_end:
        return not_applicable("no back-end log (Logging\\Ews) is among the files, and no other says it")
    if not logs.back_end_requests:
        return unknown("the back-end log has no request of the service account")
    if log.impersonated:
        return passed(f"impersonated in {_many(log.impersonated, 'request')}")
    if isinstance(account.mailbox, Read) and account.mailbox.value.missing is None:
        return not_applicable("its mailbox is in Exchange Online, of which these logs do not tell")
    return warn(f"on the list, yet never impersonated from {logs.back_end_first} to {logs.back_end_last}")


def explanation_of(statuses: Mapping[str, int], codes: Mapping[str, int]) -> Explanation | None:
    """Return what the most frequent code means, else the most frequent failing status.

    What EWS says to a client that is throttled concerns Nylas here, not this audit: the status says it.
    """
    for code in codes:
        found = explain("ews_status", "503") if code in THROTTLING else explain("ews", code)
        if found:
            return found
    return next(filter(None, (explain("ews_status", status) for status in statuses)), None)


def _rate(counted: Logs | AccountLog) -> str:
    share = 100 * (counted.requests - counted.failures) / counted.requests
    return f"{counted.failures:,} of {_many(counted.requests, 'request')} failed ({share:.1f} % succeeded)"


def _worst(hours: list[LogSpan]) -> str:
    """Name the span with the most failures."""
    worst = max(hours, key=lambda span: span.failures, default=None)
    if worst is None or not worst.failures:
        return ""
    return f"; most of them from {worst.start}: {worst.failures:,} of {worst.requests:,}"


def _listed(counts: Mapping[str, int]) -> str:
    first = [f"{name} ({count:,})" for name, count in [*counts.items()][:5]]
    return ", ".join(first) + (f" and {len(counts) - 5} more" if len(counts) > len(first) else "")


def _latencies(counted: Logs | AccountLog) -> str:
    times = (counted.p50_ms, counted.p95_ms, counted.p99_ms)
    return ", ".join(f"{name} {_seconds(ms)}" for name, ms in zip(("p50", "p95", "p99"), times, strict=True))


def _seconds(ms: int | None) -> str:
    return "-" if ms is None else f"{ms / 1000:.1f} s" if ms >= 1000 else f"{ms} ms"


def _many(count: int, word: str) -> str:
    return f"{count:,} {word}{'s' * (count != 1)}"
