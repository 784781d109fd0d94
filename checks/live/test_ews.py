"""EWS: the mailbox protocol of the connection."""

from collections.abc import Mapping
from datetime import date
from http import HTTPStatus

import pytest
from msgspec.structs import replace

from nylas_readiness.checks.catalogue import catalogue
from nylas_readiness.checks.live.accounts import (
    UNATTENDED,
    alias_of,
    existing_user,
    is_opened_by_graph,
    purpose_of,
)
from nylas_readiness.checks.live.ews_refusals import describe, ews_explanation, ews_refused
from nylas_readiness.checks.live.ews_switch import is_by_list, judge_switch, review_mailbox
from nylas_readiness.checks.live.impersonation import cause_of_silence
from nylas_readiness.checks.live.licences import judge_ews_plan
from nylas_readiness.checks.live.locations import (
    customer_server,
    judge_location,
    lost_mailbox,
    missing_mailbox,
    without_mailbox,
)
from nylas_readiness.checks.live.refusals import explained
from nylas_readiness.checks.live.token import redeemed, token_fault
from nylas_readiness.checks.outcome import (
    Outcome,
    Status,
    Undecided,
    depends_on,
    fail,
    not_applicable,
    passed,
    require,
    unknown,
    wait,
    warn,
)
from nylas_readiness.fixtures.clients.ews import EwsAnswer
from nylas_readiness.fixtures.evidence.measures import ServiceBudget, Trace
from nylas_readiness.fixtures.evidence.model import AccountEvidence, TenantEvidence
from nylas_readiness.fixtures.evidence.probes import Probes, is_denied, is_refused, recheck_at, trouble_in
from nylas_readiness.fixtures.evidence.slots import Read, Unread

pytestmark = pytest.mark.live

NO_MAILBOX = "ErrorNonExistentMailbox"
SIGN_IN_BLOCKED = "ErrorAccountDisabled"
STAYS_BLOCKED = "Leave the sign-in blocked, and ask Microsoft's support why EWS does not open this mailbox."
ASK_EXCHANGE = """See what Exchange has under this address, and ask Microsoft's support why EWS finds nothing.
    Get-Recipient -Identity '<address>' | Format-List RecipientTypeDetails,EmailAddresses"""
ALL_DENIED = "every impersonation that was tried was denied"


@pytest.mark.rule("EWS-001")
def test_autodiscover_finds_ews(account: AccountEvidence, tenant: TenantEvidence) -> Outcome:
    """Autodiscover finds the account's EWS endpoint."""
    return judge_location(require(account.ews_endpoint), account, tenant)


@pytest.mark.rule("EWS-002")
def test_the_organisation_lets_the_app_use_ews(
    tenant: TenantEvidence, probes: Probes, as_of: date
) -> Outcome:
    """EwsEnabled, and the client id in EwsAllowedAppIDs, by the administrator's export, else by a read."""
    client_id = tenant.setup.client_id
    if client_id is None:
        return not_applicable("[microsoft] is left out: there is no app to judge")
    outcome = judge_switch(tenant, probes, as_of)
    if outcome.status not in {Status.FAIL, Status.WARN}:
        return outcome
    remedy = outcome.remedy or catalogue()["EWS-002"].remedy
    return replace(outcome, remedy=remedy.replace("<application id>", client_id))


@pytest.mark.rule("EWS-003")
def test_an_impersonated_read_succeeds(
    account: AccountEvidence, tenant: TenantEvidence, probes: Probes
) -> Outcome:
    """An impersonated read of the calendar folder succeeds; otherwise the answer is explained."""
    answer = calendar_of(account, tenant)
    evidence = [account.calendar.trace] if isinstance(account.calendar, Read) else []
    if answer.ok:
        return passed("the calendar folder was read")
    is_callers = is_refused(answer) or probes.all_alike
    if is_callers and (cause := cause_of_refusal(answer, tenant, probes)):
        return depends_on(cause, f"Exchange turned the caller away, here with HTTP {answer.http_status}")
    if is_denied(answer) and not customer_server(account, tenant):
        return judge_denial(answer, tenant, probes, *evidence)
    if trouble := trouble_in(answer):
        busy = unknown(f"{describe(answer)}: Exchange did not answer in time for this run", code=trouble)
        return explained(busy, ews_explanation(answer))
    return judge_refusal(answer, account, tenant, probes, *evidence)


def calendar_of(account: AccountEvidence, tenant: TenantEvidence) -> EwsAnswer:
    """Return what EWS answered; a mailbox on the company's own server is why it was not read there."""
    slot, server = account.calendar, customer_server(account, tenant)
    if server and isinstance(slot, Unread) and slot.cause is None:
        raise Undecided(depends_on("ACC-005", f"the mailbox is on the company's own server {server}"))
    return require(slot)


def judge_refusal(
    answer: EwsAnswer, account: AccountEvidence, tenant: TenantEvidence, probes: Probes, *evidence: Trace
) -> Outcome:
    """Judge one mailbox's refusal by what is known of the mailbox, else by Exchange's code."""
    is_missing = answer.response_code == NO_MAILBOX and missing_mailbox(account, tenant)
    if is_missing or customer_server(account, tenant):
        return without_mailbox(describe(answer), *evidence)
    if answer.response_code == NO_MAILBOX and is_opened_by_graph(account):
        return judge_unfound(answer, account, *evidence)
    if answer.response_code == SIGN_IN_BLOCKED and purpose_of(account) in UNATTENDED:
        return fail(describe(answer), *evidence, remedy=STAYS_BLOCKED)
    if is_by_list(answer) and probes.succeeded:
        return review_mailbox(answer, *evidence)
    return ews_refused(answer, *evidence)


def judge_unfound(answer: EwsAnswer, account: AccountEvidence, *evidence: Trace) -> Outcome:
    """Judge a mailbox that EWS does not find and Graph opens: not its licence is why, but maybe its alias."""
    observed = f"{describe(answer)}; Graph opens the mailbox, so it is there"
    if primary := alias_of(account):
        return fail(f"{observed}, as {primary}", *evidence, cause="ACC-002")
    return fail(observed, *evidence, remedy=ASK_EXCHANGE)


def judge_denial(answer: EwsAnswer, tenant: TenantEvidence, probes: Probes, *evidence: Trace) -> Outcome:
    """Judge a denied impersonation: another token's, one that is too early, everybody's, or this one's."""
    if fault := token_fault(tenant):
        return depends_on(fault, describe(answer))
    for trace in evidence:
        if ready := recheck_at(tenant, trace):
            reason = f"recheck at {ready:%Y-%m-%dT%H:%MZ}"
            return wait(reason, trace, observed=describe(answer), cause="ROL-002")
    if not probes.succeeded:
        return ews_refused(answer, *evidence, cause="ROL-002", reason=ALL_DENIED)
    return ews_refused(answer, *evidence)


def cause_of_refusal(answer: EwsAnswer, tenant: TenantEvidence, probes: Probes) -> str | None:
    """Return the tenant's rule behind a refusal; None: others were let in, so it is this account's own."""
    if answer.http_status == HTTPStatus.UNAUTHORIZED and (fault := token_fault(tenant)):
        return fault
    return "EWS-002" if probes.all_refused else None


@pytest.mark.rule("EWS-004")
def test_a_licence_still_allows_ews(account: AccountEvidence, tenant: TenantEvidence, as_of: date) -> Outcome:
    """It has an Exchange plan other than EXCHANGE_S_DESKLESS, for which Microsoft blocks EWS."""
    if tenant.setup.hosting == "on-premises":
        return not_applicable("mailboxes are on-premises: Exchange Online plans say nothing of them")
    existing_user(account)
    judged = judge_ews_plan(account, as_of)
    if judged.status is not Status.PASS and (code := lost_mailbox(account, tenant)):
        return depends_on("ACC-005", f"{code}: on the company's own server no licence blocks EWS")
    return judged


@pytest.mark.rule("EWS-005")
def test_exchange_does_not_throttle(
    tenant: TenantEvidence, probes: Probes, budget: Mapping[str, ServiceBudget]
) -> Outcome:
    """The service account is not throttled at the concurrency of this run, which is the intended one."""
    redeemed(tenant)
    use = budget.get("ews")
    if use is None:
        return unknown("the audit was interrupted: its requests were not counted")
    spent = (
        f"with {tenant.concurrency} accounts at a time {use.throttled} of {use.sent} requests were turned "
        f"away as too many, and {use.waited_s:.1f} s were waited"
    )
    if probes.busy:
        return fail(f"{spent}; {probes.busy} accounts could not be read for it")
    if not probes.served:
        cause = cause_of_silence(tenant, probes)
        return depends_on(cause, "no mailbox server answered, so none could throttle")
    return warn(spent) if use.throttled else passed(spent)
