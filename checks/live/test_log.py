"""LOG: Exchange's own request logs, on-premises or hybrid, given as files."""

import pytest

from nylas_readiness.checks.live.exchange_logs import (
    judge_failures,
    judge_files,
    judge_impersonation,
    judge_latency,
    judge_rate,
    reading_of,
    requests_of,
)
from nylas_readiness.checks.outcome import Outcome, require, warn
from nylas_readiness.fixtures.evidence.measures import UnlistedAddress
from nylas_readiness.fixtures.evidence.model import AccountEvidence, TenantEvidence

pytestmark = pytest.mark.live


@pytest.mark.rule("LOG-001")
def test_the_log_files_parse(tenant: TenantEvidence) -> Outcome:
    """The files parse by `#Fields`; bad lines are counted, never fatal."""
    require(tenant.logs)
    return judge_files(reading_of(tenant))


@pytest.mark.rule("LOG-002")
def test_the_service_accounts_requests_succeed(tenant: TenantEvidence) -> Outcome:
    """The service account's requests succeed: under 99 % is a warning, under 90 % a failure."""
    return judge_rate(reading_of(tenant))


@pytest.mark.rule("LOG-003")
def test_requests_are_answered_in_time(account: AccountEvidence, tenant: TenantEvidence) -> Outcome:
    """An account's p95, or all accounts' where its own is not told, is 30 seconds at most.

    More points to the service account's missing inbox.
    """
    return judge_latency(*requests_of(account, tenant), tenant)


@pytest.mark.rule("LOG-004")
def test_an_accounts_requests_succeed(account: AccountEvidence, tenant: TenantEvidence) -> Outcome:
    """An account's requests succeed: under 99 % is a warning, under 90 % a failure, each with its cause."""
    return judge_failures(*requests_of(account, tenant))


@pytest.mark.rule("LOG-005")
def test_the_impersonated_accounts_are_those_of_the_list(
    account: AccountEvidence | UnlistedAddress, tenant: TenantEvidence
) -> Outcome:
    """No account is impersonated that is not on the list, and none on the list is never impersonated."""
    if isinstance(account, UnlistedAddress):
        return warn(f"impersonated in {account.requests:,} requests, and not on the list")
    return judge_impersonation(account, tenant)
