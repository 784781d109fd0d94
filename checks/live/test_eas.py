"""EAS: ActiveSync, and the host that stands in where Autodiscover fails."""

from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlsplit

import pytest
from msgspec.structs import replace

from nylas_readiness.checks.catalogue.explanations import explain
from nylas_readiness.checks.contract.addresses import mailbox_key
from nylas_readiness.checks.live.locations import judge_location
from nylas_readiness.checks.live.refusals import explained
from nylas_readiness.checks.outcome import Outcome, Status, fail, not_applicable, passed, require, unknown
from nylas_readiness.fixtures.evidence.model import AccountEvidence, TenantEvidence

pytestmark = pytest.mark.live


@pytest.mark.rule("EAS-001")
def test_activesync_is_found_or_configured(account: AccountEvidence, tenant: TenantEvidence) -> Outcome:
    """Autodiscover finds ActiveSync; where it fails, eas_server_host is configured."""
    judged = judge_location(require(account.activesync_endpoint), account, tenant)
    if judged.status is Status.PASS:
        return judged
    if account.eas_server_host:
        return passed(f"{judged.observed}; eas_server_host is {account.eas_server_host}")
    return replace(judged, expected="an ActiveSync endpoint, or eas_server_host configured")


@pytest.mark.rule("EAS-002")
def test_the_configured_host_is_an_activesync_server(account: AccountEvidence) -> Outcome:
    """OPTIONS answers 200 with MS-ASProtocolVersions, or 401 with WWW-Authenticate."""
    answer, host = require(account.activesync_host), account.eas_server_host
    observed, status = f"{host} answers HTTP {answer.http_status}", answer.http_status
    if status == HTTPStatus.OK and answer.protocol_versions:
        return passed(f"{observed}, ActiveSync {answer.protocol_versions}")
    if status == HTTPStatus.UNAUTHORIZED and answer.challenge:
        return passed(f"{observed} and asks for credentials")
    if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return unknown(f"{observed}: what it is cannot be told while it is in trouble")
    if status in {HTTPStatus.OK, HTTPStatus.UNAUTHORIZED}:
        header = "MS-ASProtocolVersions" if status == HTTPStatus.OK else "WWW-Authenticate"
        return fail(f"{observed} without {header}: a web server, but no ActiveSync")
    named = f"; X-MS-Location names {answer.location}" if answer.location else ""
    return explained(fail(observed + named), explain("activesync", status))


@pytest.mark.rule("EAS-003")
def test_the_host_is_the_one_of_the_last_audit(
    account: AccountEvidence, earlier_hosts: Mapping[str, str | None] | None
) -> Outcome:
    """Another host than in the audit given with --baseline makes Nylas create another account_id."""
    if earlier_hosts is None:
        return not_applicable("no earlier audit to compare with: --baseline names one")
    key = mailbox_key(account.email)
    if key not in earlier_hosts:
        return not_applicable("the earlier audit does not have this account")
    return judge_host(account, earlier_hosts[key])


def judge_host(account: AccountEvidence, earlier: str | None) -> Outcome:
    """Compare two configured hosts; where one is not configured, what Autodiscover finds stands for it."""
    now, then = (account.eas_server_host or "").lower(), (earlier or "").lower()
    observed = f"eas_server_host is {now or 'not configured'}, in the earlier audit {then or 'it was not'}"
    if now == then:
        return passed(observed)
    if now and then:
        return fail(observed, expected=then)
    found = (urlsplit(require(account.activesync_endpoint).url or "").hostname or "").lower()
    if found == (now or then):
        return passed(f"{observed}; Autodiscover finds the same host")
    return fail(f"{observed}; Autodiscover finds {found or 'none'}", expected=then or "no eas_server_host")
