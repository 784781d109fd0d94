"""Configuration against what Exchange does: the judgement behind ROL-005.

Each comparison is `fail` for a contradiction, `not-applicable` where nothing is configured to compare.
"""

from datetime import date

from nylas_readiness.checks.live.ews_switch import is_about_agents, judge_apps, shuts_out
from nylas_readiness.checks.live.impersonation import (
    cause_of_silence,
    is_listed_by_graph,
    refuse_other_token,
    refuse_untimely,
    scopes_of,
)
from nylas_readiness.checks.live.refusals import conclude
from nylas_readiness.checks.live.role_holders import ROLE, own_assignments, unmatched, why_unmatched
from nylas_readiness.checks.live.token import redeemed
from nylas_readiness.checks.outcome import (
    Outcome,
    Status,
    depends_on,
    fail,
    not_applicable,
    passed,
    require,
    unknown,
)
from nylas_readiness.fixtures.evidence.model import OrganizationConfig, TenantEvidence
from nylas_readiness.fixtures.evidence.probes import Probes
from nylas_readiness.fixtures.evidence.slots import Absent

EXPECTED = "configuration and live result agree; where they differ, believe the live result"


def judge_agreement(tenant: TenantEvidence, probes: Probes, as_of: date) -> Outcome:
    """Compare the role and the EWS switch with the live reads; one contradiction is enough."""
    redeemed(tenant)
    given = {"tenant": tenant, "probes": probes}
    return both(conclude(compare_role, given), conclude(compare_switch, {**given, "as_of": as_of}))


def both(role: Outcome, switch: Outcome) -> Outcome:
    """Return what two comparisons come to: nothing that could not be compared hides a contradiction."""
    outcomes = (role, switch)
    evidence = role.evidence + switch.evidence
    if failed := [one.observed for one in outcomes if one.status is Status.FAIL]:
        return fail("; ".join(failed), *evidence, expected=EXPECTED)
    for one in outcomes:
        if one.status is Status.UNKNOWN:
            return one
    observed = "; ".join(one.observed for one in outcomes)
    if {one.status for one in outcomes} == {Status.NOT_APPLICABLE}:
        return unknown(f"no configuration to compare: {observed}")
    return passed(observed, *evidence)


def compare_role(tenant: TenantEvidence, probes: Probes) -> Outcome:
    """Compare whether the role is listed with whether Exchange lets the service account impersonate."""
    listed, live = is_listed(tenant), probes.denial or probes.success
    if listed is None:
        return not_applicable(f"Graph does not list {ROLE}, and no export says who has it")
    if live is None:
        return depends_on(cause_of_silence(tenant, probes), "no impersonation was tried")
    refuse_other_token(tenant, live)
    if not listed:
        return compare_absence(tenant, probes)
    if probes.denial and ("" in scopes_of(tenant) or not probes.succeeded):
        refuse_untimely(tenant, probes.denial)
        return fail(f"{ROLE} is listed, yet {probes.denied} impersonations were denied", probes.denial)
    return passed(f"{ROLE} is listed and works", live)


def compare_absence(tenant: TenantEvidence, probes: Probes) -> Outcome:
    """Compare an export that does not show the service account: a read that succeeds outranks it."""
    if probes.denial is None or why_unmatched(require(tenant.role_assignments), tenant):
        return not_applicable(unmatched(tenant))
    return passed(f"{ROLE} is neither listed nor in effect", probes.denial)


def is_listed(tenant: TenantEvidence) -> bool | None:
    """Return whether the configuration gives the role; None: nothing says so. Raises `Undecided`."""
    if is_listed_by_graph(tenant):
        return True
    if isinstance(tenant.role_assignments, Absent):
        require(tenant.exchange_roles)
        return None
    return any(own_assignments(require(tenant.role_assignments), tenant))


def compare_switch(tenant: TenantEvidence, probes: Probes, as_of: date) -> Outcome:
    """Compare the exported EWS switch and list with whether Exchange answers the app."""
    if isinstance(tenant.organization_config, Absent):
        return not_applicable(tenant.organization_config.reason)
    config = require(tenant.organization_config)
    by_export = judge_apps(config, tenant, Probes(), as_of)
    if by_export.status is Status.UNKNOWN:
        return not_applicable(by_export.observed)
    if probes.served and contradicts_reads(config, tenant):
        return fail(f"by the export {by_export.observed}, yet Exchange answered {probes.served} EWS reads")
    if not probes.served and (is_about_agents(tenant, probes) or not probes.all_policy_refused):
        return depends_on(cause_of_silence(tenant, probes), "Exchange served no EWS read")
    if probes.all_policy_refused and probes.refusal and by_export.status is Status.PASS:
        observed = f"by the export {by_export.observed}, yet Exchange refuses every read by policy"
        return fail(observed, probes.refusal.trace)
    return passed(
        f"by the export {by_export.observed}, as the reads show"
        if by_export.status is not Status.WARN
        else by_export.observed
    )


def contradicts_reads(config: OrganizationConfig, tenant: TenantEvidence) -> bool:
    """Return whether the export keeps the app out, so that no read could succeed.

    An empty list does not: Microsoft's stage may not have reached the tenant.
    """
    return shuts_out(config, tenant) and (config.ews_enabled is False or config.allowed_app_ids != [])
