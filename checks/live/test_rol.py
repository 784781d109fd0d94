"""ROL: the impersonation right."""

import pytest

from nylas_readiness.checks.contract.addresses import domain_of
from nylas_readiness.checks.live.token import token_fault
from nylas_readiness.fixtures.evidence.model import RoleAssignment, TenantEvidence
from nylas_readiness.fixtures.evidence.probes import Probes, recheck_at, role_granted
from nylas_readiness.fixtures.evidence.slots import Read, Undecided, Unread
from nylas_readiness.reports.model import Outcome, Status
from nylas_readiness.reports.outcome import fail, passed, unknown, wait

pytestmark = pytest.mark.live

ROLE = "ApplicationImpersonation"


@pytest.mark.rule("ROL-001")
def test_the_service_account_holds_the_role(tenant: TenantEvidence, probes: Probes) -> Outcome:
    """Graph proves presence only; absence takes the administrator's export or a denied read."""
    return judge_role(tenant, probes)


def judge_role(tenant: TenantEvidence, probes: Probes) -> Outcome:
    """Decide by Graph where it lists the role, else by the export, else by the live reads."""
    graph, export = tenant.exchange_roles, tenant.role_assignments
    if isinstance(graph, Read) and ROLE in graph.value:
        return passed(f"Graph lists {ROLE}", graph.trace)
    if isinstance(export, Read):
        return judge_export(export, tenant)
    if probes.success:
        return passed("an impersonated read succeeded, which takes the role", probes.success)
    if probes.denial:
        if fault := token_fault(tenant):
            return unknown(f"depends on {fault}: the reads were denied to another token", probes.denial)
        if recheck_at(tenant, probes.denial):
            raise Undecided(
                unknown("depends on ROL-002: the role was given less than two hours before", probes.denial)
            )
        return fail("Exchange denied every impersonation that was tried", probes.denial)
    missing = f"; {graph.reason}" if isinstance(graph, Unread) else ""
    return unknown(
        f"Graph does not list {ROLE} and no mailbox was read; an export of role assignments decides{missing}"
    )


def judge_export(export: Read[list[RoleAssignment]], tenant: TenantEvidence) -> Outcome:
    """Decide by the export: it lists every holder, so a missing one has no role."""
    holders = [holder for one in export.value if one.role in {ROLE, ""} for holder in one.holders]
    if names_of(tenant) & {holder.lower() for holder in holders}:
        return passed(f"the export lists {ROLE}", export.trace)
    return fail(f"the export lists {ROLE} for {', '.join(sorted(holders)) or 'nobody'}", export.trace)


def names_of(tenant: TenantEvidence) -> set[str]:
    """Return the names under which Exchange may list the service account, in lower case."""
    email = tenant.setup.service_account
    names = {email, email.partition("@")[0], f"{email.partition('@')[0]}@{domain_of(email)}"}
    user = tenant.service_user
    if isinstance(user, Read) and user.value:
        names |= {name for name in (user.value.display_name, user.value.user_principal_name) if name}
    return {name.lower() for name in names}


@pytest.mark.rule("ROL-002")
def test_a_denial_is_not_too_early(tenant: TenantEvidence, probes: Probes) -> Outcome:
    """A denied impersonation within two hours of the grant waits; the time to recheck is named in UTC."""
    if probes.denial is None:
        if probes.succeeded:
            return passed("no impersonation was denied")
        return unknown("depends on EWS-003: no mailbox was reached, so no impersonation was tried")
    if fault := token_fault(tenant):
        return unknown(f"depends on {fault}: the reads were denied to another token", probes.denial)
    observed = f"{probes.denied} impersonated reads were denied, the first at {probes.denial.at}"
    if ready := recheck_at(tenant, probes.denial):
        at = f"{ready:%Y-%m-%dT%H:%MZ}"
        return wait(f"recheck at {at}", probes.denial, observed=observed, remedy=f"Run again after {at}.")
    missing = judge_role(tenant, probes).status is Status.FAIL
    reason = "depends on ROL-001: the service account does not hold the role" if missing else None
    if granted := role_granted(tenant):
        observed += f"; the role was given at {granted.isoformat()}"
        return fail(observed, probes.denial, reason=reason)
    remedy = (
        "The role can take up to two hours to work: set role_granted in [service_account] to when it was "
        "given, and run again. If it was given longer ago, Exchange Online has retired it: move to Nylas v3."
    )
    return fail(observed, probes.denial, reason=reason, remedy=remedy)
