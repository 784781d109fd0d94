"""LOG: what Exchange's own logs come to, from hand-made evidence to the rule's result."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from nylas_readiness.checks.catalogue import active
from nylas_readiness.checks.live.exchange_logs import FAIL_BELOW, WARN_BELOW
from nylas_readiness.checks.outcome import Outcome, Status, fail, passed, warn
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.evidence_samples import account_with, decided, read, tenant_with
from nylas_readiness.checks.suite.support.log_samples import LOGS
from nylas_readiness.checks.suite.support.report_samples import RUN, TENANT
from nylas_readiness.fixtures.evidence.journal import Evidence, begin
from nylas_readiness.fixtures.evidence.log_model import NO_LOGS, AccountLog
from nylas_readiness.fixtures.evidence.measures import LogSpan, UnlistedAddress
from nylas_readiness.fixtures.evidence.model import Mailbox
from nylas_readiness.fixtures.evidence.slots import Slot, Unread
from nylas_readiness.fixtures.run.assemble import assemble
from nylas_readiness.fixtures.run.judging import Ledger
from nylas_readiness.fixtures.run.tally import AccountTally

pytestmark = pytest.mark.offline


RULES = [rule.id for rule in active() if rule.group == "LOG"]
ACCOUNT_RULES = [rule.id for rule in active() if rule.group == "LOG" and rule.subject == "account"]
LOST = Unread(reason="http_proxy_logs: no log file is there")
LOG = AccountLog(requests=100, p50_ms=50, p95_ms=400, p99_ms=900, impersonated=100)


def judged(
    rule: str,
    logs: Slot[Any] | None = None,
    log: Slot[Any] | None = None,
    mailbox: Slot[Any] | None = None,
    **tenant: Slot[Any],
) -> Outcome:
    """Return what a rule concludes of these logs."""
    arguments: dict[str, Any] = {"tenant": tenant_with(logs=logs or read(LOGS), **tenant)}
    if rule in ACCOUNT_RULES:
        own = {"mailbox": mailbox} if mailbox else {}
        arguments["account"] = account_with(log=log or read(LOG), **own)
    return decided(rule, **arguments)


def logs_with(**changed: object) -> Slot[Any]:
    return read(msgspec.structs.replace(LOGS, **changed))


def log_with(**changed: object) -> Slot[Any]:
    return read(msgspec.structs.replace(LOG, **changed))


@each_of("rule", RULES)
def test_each_rule_passes_on_good_logs(rule: str) -> None:
    assert judged(rule).status is Status.PASS


@each_of("rule", RULES)
def test_without_logs_nothing_is_judged(rule: str) -> None:
    outcome = judged(rule, NO_LOGS, NO_LOGS)
    assert outcome.status is Status.NOT_APPLICABLE
    assert outcome.reason == "[exchange] gives no http_proxy_logs"


@each_of("rule", RULES)
def test_logs_that_could_not_be_read_decide_nothing(rule: str) -> None:
    outcome = judged(rule, LOST, Unread(reason=LOST.reason, cause="LOG-001"))
    assert outcome.status is Status.UNKNOWN
    assert (outcome.reason or "").startswith("depends on LOG-001: ") is (rule != "LOG-001")


@each_of(
    ("changed", "said"),
    [
        (
            {"bad_lines": 1, "bad_places": ["a.LOG line 7: torn"]},
            "1 line could not be read (first: a.LOG line 7",
        ),
        ({"problems": ["b.LOG: it is in UTF-16"]}, "b.LOG: it is in UTF-16"),
        ({"not_utf8": 3}, "3 lines not in UTF-8"),
        ({"set_back": 2}, "the time goes back 2 times"),
    ],
)
def test_what_is_not_whole_is_a_warning_that_names_it(changed: dict[str, Any], said: str) -> None:
    outcome = judged("LOG-001", logs_with(**changed))
    assert outcome.status is Status.WARN
    assert "2 files, 2,000 lines" in outcome.observed
    assert said in outcome.observed


@each_of(
    ("failures", "status"),
    [(0, "pass"), (10, "pass"), (11, "warn"), (100, "warn"), (101, "fail"), (1000, "fail")],
)
def test_a_rate_under_ninety_nine_percent_is_a_warning_and_under_ninety_a_failure(
    failures: int, status: str
) -> None:
    """The same of the tenant as of an account, of a thousand requests."""
    counted = {"failures": failures, "requests": 1000, "statuses": {"503": failures}}
    assert (WARN_BELOW, FAIL_BELOW) == (99, 90)
    assert judged("LOG-002", logs_with(**counted)).status == status
    assert judged("LOG-004", log=log_with(**counted)).status == status


def test_the_rate_is_said_by_status_code_and_hour() -> None:
    hours = [
        LogSpan("2026-11-02T09:00:00Z", 600, 20, 50, 400),
        LogSpan("2026-11-02T10:00:00Z", 400, 130, 50, 400),
    ]
    outcome = judged(
        "LOG-002",
        logs_with(
            failures=150,
            statuses={"200": 850, "500": 150},
            error_codes={"ErrorNonExistentMailbox": 150},
            hours=hours,
        ),
    )
    assert outcome.status is Status.FAIL
    for part in (
        "150 of 1,000 requests failed (85.0 % succeeded) by the front end",
        "HTTP 200 (850), 500 (150)",
        "ErrorNonExistentMailbox (150)",
        "most of them from 2026-11-02T10:00:00Z: 130 of 400",
    ):
        assert part in outcome.observed


@each_of("challenges", [0, 12])
def test_logs_without_a_request_of_the_service_account_decide_nothing_but_that_they_parse(
    challenges: int,
) -> None:
    logs = logs_with(
        requests=0, failures=0, statuses={}, hours=[], back_end_requests=0, challenges=challenges
    )
    outcome = judged("LOG-002", logs)
    assert outcome.status is Status.UNKNOWN
    assert "log_names" in (outcome.reason or "")
    assert ("12 401s" in (outcome.reason or "")) is bool(challenges)
    assert judged("LOG-001", logs).status is Status.PASS
    for rule in ("LOG-003", "LOG-004"):
        assert (judged(rule, logs, read(AccountLog())).reason or "").startswith("depends on LOG-002")


@each_of("rule", ["LOG-003", "LOG-004"])
def test_an_account_without_a_request_is_not_judged(rule: str) -> None:
    assert judged(rule, log=read(AccountLog())).status is Status.NOT_APPLICABLE


@each_of("own", [AccountLog(), AccountLog(requests=7)])
def test_where_the_logs_tell_no_time_of_an_account_they_are_judged_as_a_whole(own: AccountLog) -> None:
    """An AnchorMailbox may hold an id alone (`Sid~…`), so that no row names a mailbox."""
    slow = judged("LOG-003", logs_with(p50_ms=40_000, p95_ms=45_000, p99_ms=47_000), read(own))
    assert slow.status is Status.WARN
    assert "all accounts: p50 40.0 s, p95 45.0 s, p99 47.0 s" in slow.observed
    assert "the pattern of a service account without an inbox" in slow.observed
    for p95 in (30_000, None):
        fast = judged("LOG-003", logs_with(p95_ms=p95), read(own))
        assert fast.status is Status.NOT_APPLICABLE


@each_of(("p95", "status"), [(400, "pass"), (30_000, "pass"), (30_001, "warn"), (None, "not-applicable")])
def test_a_p95_over_half_a_minute_is_a_warning(p95: int | None, status: str) -> None:
    assert judged("LOG-003", log=log_with(p95_ms=p95)).status == status


@each_of(
    ("inbox", "said"),
    [(read(False), "as USR-004 finds"), (read(True), "if it has one"), (LOST, "if it has one")],
)
def test_slow_requests_name_the_pattern_of_the_missing_inbox(inbox: Slot[Any], said: str) -> None:
    outcome = judged("LOG-003", log=log_with(p95_ms=46_067), service_mailbox=inbox)
    assert "the pattern of a service account without an inbox" in outcome.observed
    assert said in outcome.observed
    assert "p95 46.1 s" in outcome.observed
    assert "all accounts: p50 50 ms, p95 400 ms, p99 900 ms" in outcome.observed


@each_of(
    ("statuses", "codes", "cause", "owner"),
    [
        ({"403": 20}, {}, "EWS is disabled for the mailbox", "tenant-admin"),
        ({"401": 20}, {}, "did not take the sign-in", "tenant-admin"),
        ({"503": 20}, {}, "throttles", "tenant-admin"),
        ({"429": 20}, {}, "throttles", "tenant-admin"),
        ({"500": 20}, {}, "EWS answered with a fault", "tenant-admin"),
        ({"500": 20}, {"ErrorImpersonateUserDenied": 20}, "may not impersonate this mailbox", "tenant-admin"),
        ({"500": 20}, {"ErrorServerBusy": 20}, "throttles the service account", "tenant-admin"),
        ({"500": 20}, {"ErrorInvalidSmtpAddress": 20}, "malformed or unknown", "integrator"),
        ({"500": 20}, {"ErrorMadeUp": 20}, "EWS answered with a fault", "tenant-admin"),
        ({"599": 20}, {}, "HTTP 599 (20)", None),
    ],
)
def test_a_failure_names_its_cause_and_who_mends_it(
    statuses: dict[str, int], codes: dict[str, int], cause: str, owner: str | None
) -> None:
    log = log_with(failures=20, statuses=statuses, error_codes=codes, last_failure="2026-11-02T10:10:00Z")
    outcome = judged("LOG-004", log=log)
    assert outcome.status is Status.FAIL
    assert cause in outcome.observed
    assert outcome.owner == owner
    assert "20 of 100 requests failed" in outcome.observed
    assert "the last one 2026-11-02T10:10:00Z" in outcome.observed


def test_a_refused_impersonation_is_found_where_the_back_end_does_not_say_whose() -> None:
    """The back end leaves ImpersonatedUser empty then; the front end names the mailbox, without a code."""
    logs = logs_with(nameless_codes={"ErrorImpersonateUserDenied": 7})
    outcome = judged("LOG-004", logs, log_with(failures=20, statuses={"500": 20}))
    assert "whose mailbox the back end does not name: ErrorImpersonateUserDenied (7)" in outcome.observed
    assert "ApplicationImpersonation" in (outcome.remedy or "")
    other = judged("LOG-004", logs, log_with(failures=20, statuses={"503": 20}))
    assert "ErrorImpersonateUserDenied" not in other.observed


@each_of(
    ("logs", "log", "mailbox", "status", "said"),
    [
        ({}, {"impersonated": 3}, None, "pass", "impersonated in 3 requests"),
        (
            {},
            {"impersonated": 0},
            None,
            "warn",
            "never impersonated from 2026-11-03T08:00:00Z to 2026-11-03T",
        ),
        ({}, {"impersonated": 0, "requests": 0}, None, "warn", "never impersonated"),
        ({}, {"impersonated": 0}, read(Mailbox(missing="MailboxNotEnabledForRESTAPI")), "warn", "never"),
        ({}, {"impersonated": 0}, read(Mailbox(purpose="user")), "not-applicable", "Exchange Online"),
        ({}, {"impersonated": 0}, LOST, "warn", "never impersonated"),
        ({"has_back_end": False, "back_end_requests": 0}, {}, None, "not-applicable", "no back-end log"),
        ({"back_end_requests": 0}, {"impersonated": 0}, None, "unknown", "no request of the service account"),
    ],
)
def test_an_account_of_the_list_is_impersonated_at_all(
    logs: dict[str, Any], log: dict[str, Any], mailbox: Slot[Any] | None, status: str, said: str
) -> None:
    outcome = judged("LOG-005", logs_with(**logs), log_with(**log), mailbox)
    assert outcome.status == status
    assert said in (outcome.reason or outcome.observed)


def test_an_address_that_is_on_no_list_is_counted_by_its_rule_alone() -> None:
    tally = AccountTally([("ann@contoso.com", None)])
    tally.record("LOG-005", "ann@contoso.com", judged("LOG-005"))
    stranger = decided(
        "LOG-005", account=UnlistedAddress("eve@contoso.com", 7), tenant=tenant_with(logs=read(LOGS))
    )
    tally.record_unlisted("LOG-005", "eve@contoso.com", stranger)
    found = tally.rules["LOG-005"].outcome()
    assert found.status is Status.WARN
    assert found.observed == (
        "2 accounts: 1 warn, 1 pass; eve@contoso.com: impersonated in 7 requests, and not on the list"
    )
    assert list(tally.accounts) == ["ann@contoso.com"]
    assert tally.accounts["ann@contoso.com"].findings == {}


@each_of("outcome", [warn("not on the list"), fail("not on the list")])
def test_an_address_that_is_on_no_list_lowers_the_tenants_verdict_and_no_accounts(
    outcome: Outcome,
) -> None:

    tally = AccountTally([("ann@contoso.com", None)])
    tally.record("LOG-005", "ann@contoso.com", passed("impersonated"))
    tally.record_unlisted("LOG-005", "eve@contoso.com", outcome)
    results = assemble(tenant=TENANT, run=RUN, outcomes={"LOG-001": passed("whole")}, tally=tally)
    assert results.verdict is not None
    assert results.verdict.v2 == "ready-with-warnings"
    assert [(account.email, account.verdict.v2) for account in results.accounts] == [
        ("ann@contoso.com", "ready")
    ]


def test_addresses_beyond_the_named_ones_count_too(tmp_path: Path) -> None:
    from nylas_readiness.checks.suite.support.harness import live_checks

    logs = msgspec.structs.replace(
        LOGS, unlisted=[UnlistedAddress("eve@contoso.com", 7)], unlisted_count=1200
    )
    tenant = tenant_with(logs=read(logs))

    path = tmp_path / "journal"
    with begin(path) as writer:
        writer.tenant(tenant)
        writer.account(account_with(log=read(LOG)))
    ledger = Ledger()
    ledger.open(Evidence(path))
    arguments = {"account": None, "tenant": tenant}
    outcome = ledger.judge("LOG-005", live_checks()["LOG-005"], arguments)
    assert outcome.observed.startswith("1201 accounts: 1200 warn, 1 pass; eve@contoso.com: ")
    assert ledger.tally.rules["LOG-005"].counts[Status.WARN] == 1200
