"""ROL: the impersonation right."""

from datetime import date

import pytest

from nylas_readiness.checks.live.agreement import judge_agreement
from nylas_readiness.checks.live.impersonation import cause_of_silence, judge_cover, judge_role
from nylas_readiness.checks.live.token import token_fault
from nylas_readiness.checks.outcome import Outcome, Status, depends_on, fail, passed, wait
from nylas_readiness.fixtures.evidence.model import AccountEvidence, TenantEvidence
from nylas_readiness.fixtures.evidence.probes import Probes, recheck_at, role_granted

pytestmark = pytest.mark.live


@pytest.mark.rule("ROL-001")
def test_the_service_account_holds_the_role(tenant: TenantEvidence, probes: Probes) -> Outcome:
    """Graph proves presence only; absence takes the administrator's export or a denied read."""
    return judge_role(tenant, probes)


@pytest.mark.rule("ROL-002")
def test_a_denial_is_not_too_early(tenant: TenantEvidence, probes: Probes) -> Outcome:
    """A denied impersonation within two hours of the grant waits; the time to recheck is named in UTC."""
    if probes.denial is None:
        if probes.succeeded:
            return passed("no impersonation was denied")
        silence = cause_of_silence(tenant, probes)
        return depends_on(silence, "no mailbox was reached, so no impersonation was tried")
    if fault := token_fault(tenant):
        return depends_on(fault, "the reads were denied to another token", probes.denial)
    observed = f"{probes.denied} impersonated reads were denied, the first at {probes.denial.at}"
    if ready := recheck_at(tenant, probes.denial):
        at = f"{ready:%Y-%m-%dT%H:%MZ}"
        return wait(f"recheck at {at}", probes.denial, observed=observed, remedy=f"Run again after {at}.")
    missing = judge_role(tenant, probes).status is Status.FAIL
    cause, reason = ("ROL-001", "the service account does not hold the role") if missing else (None, None)
    if granted := role_granted(tenant):
        observed += f"; the role was given at {granted.isoformat()}"
        return fail(observed, probes.denial, cause=cause, reason=reason)
    remedy = (
        "The role can take up to two hours to work: set role_granted in [service_account] to when it was "
        "given, and run again. If it was given longer ago, Exchange Online has retired it: move to Nylas v3."
    )
    return fail(observed, probes.denial, cause=cause, reason=reason, remedy=remedy)


@pytest.mark.rule("ROL-003")
def test_the_assignment_covers_the_account(
    account: AccountEvidence, tenant: TenantEvidence, probes: Probes
) -> Outcome:
    """A default scope covers everybody; a custom one is decided by the read, never by its filter."""
    return judge_cover(account, tenant, probes)


@pytest.mark.rule("ROL-005")
def test_configuration_and_live_result_agree(tenant: TenantEvidence, probes: Probes, as_of: date) -> Outcome:
    """A contradiction between what is configured and what Exchange does is a finding of its own."""
    return judge_agreement(tenant, probes, as_of)
