"""EWS: the mailbox protocol of the connection."""

from datetime import date
from http import HTTPStatus
from urllib.parse import unquote

import pytest

from nylas_readiness.checks.deadlines import deadlines
from nylas_readiness.checks.live.refusals import describe, ews_explanation, ews_refused, explained
from nylas_readiness.checks.live.token import token_fault
from nylas_readiness.fixtures.evidence.model import AccountEvidence, OrganizationConfig, TenantEvidence
from nylas_readiness.fixtures.evidence.probes import Probes, is_denied, recheck_at
from nylas_readiness.fixtures.evidence.slots import Absent, Read, Undecided, known
from nylas_readiness.reports.model import Outcome
from nylas_readiness.reports.outcome import fail, not_applicable, passed, review, unknown, wait, warn

pytestmark = pytest.mark.live

TRANSIENT = {
    "ErrorServerBusy",
    "ErrorExceededConnectionCount",
    "ErrorMailboxMoveInProgress",
    "ErrorMailboxStoreUnavailable",
    "ErrorMailboxFailover",
    "ErrorConnectionFailed",
    "ErrorInternalServerTransientError",
    "ErrorImpersonationFailed",
}


ALL_DENIED = "depends on ROL-002: every impersonation that was tried was denied"
UNAVAILABLE = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}


@pytest.mark.rule("EWS-001")
def test_autodiscover_finds_ews(account: AccountEvidence, tenant: TenantEvidence) -> Outcome:
    """Autodiscover finds the account's EWS endpoint."""
    found = known(account.ews_endpoint)
    if found.url:
        return passed(found.url)
    if found.redirect and account.email.lower() not in unquote(found.redirect).lower():
        observed = f"Autodiscover points to another server: {found.redirect}"
        if tenant.setup.hosting != "online":
            return passed(observed)
        return review(observed, reason="hosting is online, yet the mailbox seems to be elsewhere")
    return fail(f"Autodiscover answers {found.status} {found.error_code or ''}".rstrip())


@pytest.mark.rule("EWS-002")
def test_the_organisation_lets_the_app_use_ews(
    tenant: TenantEvidence, probes: Probes, as_of: date
) -> Outcome:
    """EwsEnabled, and the client id in EwsAllowedAppIDs, by the administrator's export, else by a read."""
    if tenant.setup.client_id is None:
        return not_applicable("[microsoft] is left out: there is no app to judge")
    if probes.all_policy_refused and probes.policy_refusal:
        return fail("Exchange refuses every EWS call by policy", probes.policy_refusal)
    export = tenant.organization_config
    if isinstance(export, Read):
        return judge_config(export.value, tenant.setup.client_id, probes, as_of)
    if probes.success:
        return passed("no export, but an EWS read succeeded", probes.success)
    why = export.reason
    return unknown(
        f"{why}; an export of Get-OrganizationConfig decides" if isinstance(export, Absent) else why
    )


def judge_config(config: OrganizationConfig, client_id: str, probes: Probes, as_of: date) -> Outcome:
    """Decide by the export; a null EwsEnabled flips to false tenant by tenant."""
    off_from = deadlines()["MIG-002"].due
    if config.ews_enabled is False:
        return fail("EwsEnabled is false: EWS is off for every app", expected="EwsEnabled true")
    if config.ews_enabled is None:
        observed = f"EwsEnabled is null: Microsoft sets it to false from {off_from}"
        return warn(observed, deadline=off_from.isoformat())
    if config.allowed_app_ids is not None:
        return judge_list(config.allowed_app_ids, client_id, off_from, as_of)
    if probes.success:
        return passed("EwsEnabled is true, and an EWS read succeeded", probes.success)
    return unknown("the export has no EwsAllowedAppIDs: it takes -RetrieveEwsOperationAccessPolicy")


def judge_list(allowed: list[str], client_id: str, off_from: date, as_of: date) -> Outcome:
    """Decide by EwsAllowedAppIDs; an empty list let every app in until the default-off date."""
    if client_id.lower() in {one.lower() for one in allowed}:
        return passed(f"EwsEnabled is true and {client_id} is in EwsAllowedAppIDs")
    if not allowed and as_of < off_from:
        observed = f"EwsAllowedAppIDs is empty: it blocks every app from {off_from}"
        return warn(observed, deadline=off_from.isoformat())
    return fail(f"{client_id} is not in EwsAllowedAppIDs ({', '.join(allowed) or 'empty'})")


@pytest.mark.rule("EWS-003")
def test_an_impersonated_read_succeeds(
    account: AccountEvidence, tenant: TenantEvidence, probes: Probes
) -> Outcome:
    """An impersonated read of the calendar folder succeeds; otherwise the answer is explained."""
    answer = known(account.calendar)
    trace = account.calendar.trace if isinstance(account.calendar, Read) else None
    if answer.ok:
        return passed("the calendar folder was read")
    if answer.policy_reason and probes.all_policy_refused:
        raise Undecided(unknown(f"depends on EWS-002: {answer.policy_reason}"))
    if (is_denied(answer) or answer.http_status == HTTPStatus.UNAUTHORIZED) and (
        fault := token_fault(tenant)
    ):
        raise Undecided(unknown(f"depends on {fault}: {describe(answer)}"))
    if trace and is_denied(answer) and (ready := recheck_at(tenant, trace)):
        reason = f"depends on ROL-002: recheck at {ready:%Y-%m-%dT%H:%MZ}"
        return wait(reason, trace, observed=describe(answer))
    if answer.response_code in TRANSIENT or answer.http_status in UNAVAILABLE:
        busy = unknown(f"{describe(answer)}: Exchange did not answer in time for this run")
        return explained(busy, ews_explanation(answer))
    cause = ALL_DENIED if is_denied(answer) and not probes.succeeded else None
    return ews_refused(answer, *([trace] if trace else []), reason=cause)
