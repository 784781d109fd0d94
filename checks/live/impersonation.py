"""Who holds the impersonation role and whom it covers: the judgement behind ROL-001, ROL-003 and ROL-005."""

from nylas_readiness.checks.live.role_holders import (
    ROLE,
    is_disabled,
    of_the_role,
    own_assignments,
    unmatched,
    why_unmatched,
)
from nylas_readiness.checks.live.token import token_fault
from nylas_readiness.checks.outcome import (
    Outcome,
    Status,
    Undecided,
    depends_on,
    fail,
    passed,
    require,
    unknown,
)
from nylas_readiness.fixtures.evidence.measures import Trace
from nylas_readiness.fixtures.evidence.model import AccountEvidence, RoleAssignment, TenantEvidence
from nylas_readiness.fixtures.evidence.probes import Probes, is_denied, recheck_at
from nylas_readiness.fixtures.evidence.slots import Read, Unread

_ENABLE = """Enable the assignment on-premises. Exchange Online has retired the role: move to Nylas v3.
    Set-ManagementRoleAssignment '<name of the assignment>' -Enabled $true"""


def judge_role(tenant: TenantEvidence, probes: Probes) -> Outcome:
    """Decide by a read that succeeded, else by what lists the role, else by a denial or other holders."""
    graph, export = tenant.exchange_roles, tenant.role_assignments
    fault, live = token_fault(tenant), probes.denial or probes.success
    if probes.success and not fault:
        observed = f"{probes.succeeded} impersonated reads succeeded, which takes the role"
        return passed("; ".join(filter(None, [observed, unmatched(tenant)])), probes.success)
    if isinstance(graph, Read) and is_listed_by_graph(tenant):
        return passed(f"Graph lists {ROLE}", graph.trace)
    if isinstance(export, Read) and any(own_assignments(export.value, tenant)):
        return passed(f"the export lists {ROLE}", export.trace)
    if isinstance(export, Read) and (fault or live is None):
        return judge_absence(export, tenant)
    if live:
        refuse_untimely(tenant, live)
        return fail("Exchange denied every impersonation that was tried", live)
    missing = f"; {graph.reason}" if isinstance(graph, Unread) else ""
    return unknown(
        f"Graph does not list {ROLE} and no mailbox was read; an export of role assignments decides{missing}"
    )


def is_listed_by_graph(tenant: TenantEvidence) -> bool:
    """Return whether Graph lists the role; where it does not, a role group may still give it."""
    graph = tenant.exchange_roles
    return isinstance(graph, Read) and any(role.name == ROLE for role in graph.value)


def judge_absence(export: Read[list[RoleAssignment]], tenant: TenantEvidence) -> Outcome:
    """Decide by an export that does not show the service account: it has to name all holders."""
    if why_unmatched(export.value, tenant):
        return unknown(f"no read decides, and {unmatched(tenant)}", export.trace)
    if is_disabled(export.value, tenant):
        return fail(unmatched(tenant), export.trace, remedy=_ENABLE)
    holders = {holder for row in of_the_role(export.value) for holder in row.holders}
    return fail(f"the export lists {ROLE} for {', '.join(sorted(holders))}", export.trace)


def scopes_of(tenant: TenantEvidence) -> set[str]:
    """Return what narrows each assignment of the role whose scope is told; empty text: everybody."""
    graph, export = tenant.exchange_roles, tenant.role_assignments
    told: list[str | None] = []
    if isinstance(graph, Read):
        told += [role.custom_scope for role in graph.value if role.name == ROLE]
    if isinstance(export, Read):
        told += [one.custom_scope for one in own_assignments(export.value, tenant)]
    return {scope for scope in told if scope is not None}


def cause_of_silence(tenant: TenantEvidence, probes: Probes) -> str:
    """Return the rule that says why no mailbox server answered a read."""
    return token_fault(tenant) or ("EWS-002" if probes.all_refused else "EWS-003")


def refuse_other_token(tenant: TenantEvidence, live: Trace) -> None:
    """Raise `Undecided` for an answer that says nothing of the role: the token is not what it should be."""
    if fault := token_fault(tenant):
        raise Undecided(depends_on(fault, "the reads were made with another token", live))


def refuse_untimely(tenant: TenantEvidence, denial: Trace) -> None:
    """Raise `Undecided` for a denial that says nothing of the role: another token's, or too early."""
    refuse_other_token(tenant, denial)
    if recheck_at(tenant, denial):
        reason = "the role was given less than two hours before"
        raise Undecided(depends_on("ROL-002", reason, denial))


def judge_cover(account: AccountEvidence, tenant: TenantEvidence, probes: Probes) -> Outcome:
    """Decide whether the role covers an account: by a default scope, else by the impersonated read."""
    scopes = scopes_of(tenant)
    if "" in scopes:
        return passed("an assignment of the role has the default scope, which is everybody")
    if judge_role(tenant, probes).status is Status.FAIL:
        return depends_on("ROL-001", "the service account does not hold the role")
    slot, narrowed = account.calendar, f"the role is assigned with the scope {', '.join(sorted(scopes))}"
    answer, scope = require(slot), narrowed if scopes else "the scope of the assignment is not told"
    trace = slot.trace if isinstance(slot, Read) else None
    evidence = () if trace is None else (trace,)
    if answer.ok:
        return passed(f"{scope}, and Exchange let the account be read", *evidence)
    if not is_denied(answer):
        return depends_on("EWS-003", f"{scope}, and the read that decides did not succeed", *evidence)
    if trace:
        refuse_untimely(tenant, trace)
    return fail(f"{scope}, and Exchange denied the account", *evidence)
