"""Configuration against what Exchange does: the judgement behind ROL-005.

Each comparison is `fail` for a contradiction, `not-applicable` where nothing is configured to compare.
"""

from datetime import date

from nylas_readiness.checks.live.ews_switch import judge_config
from nylas_readiness.checks.live.impersonation import (
    ROLE,
    cause_of_silence,
    is_listed_by_graph,
    own_assignments,
    refuse_other_token,
    refuse_untimely,
    scopes_of,
)
from nylas_readiness.checks.live.refusals import conclude
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
from nylas_readiness.fixtures.evidence.model import TenantEvidence
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
    if not listed and probes.success:
        observed = (
            f"the export gives {ROLE} to others only, yet {probes.succeeded} impersonated reads succeeded"
        )
        return fail(observed, probes.success)
    if listed and probes.denial and ("" in scopes_of(tenant) or not probes.succeeded):
        refuse_untimely(tenant, probes.denial)
        return fail(f"{ROLE} is listed, yet {probes.denied} impersonations were denied", probes.denial)
    return passed(f"{ROLE} is {'listed and works' if listed else 'neither listed nor in effect'}", live)


def is_listed(tenant: TenantEvidence) -> bool | None:
    """Tell whether the configuration gives the role; None: nothing says so. Raises `Undecided`."""
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
    says = judge_config(require(tenant.organization_config), tenant.setup.client_id or "", Probes(), as_of)
    if says.status is Status.UNKNOWN:
        return not_applicable(says.observed)
    if says.status is Status.FAIL and probes.served:
        return fail(f"by the export {says.observed}, yet Exchange answered {probes.served} EWS reads")
    if says.status is Status.PASS and probes.policy_refusal and probes.all_policy_refused:
        return fail(
            f"by the export {says.observed}, yet Exchange refuses every read by policy", probes.policy_refusal
        )
    if not (probes.served or probes.all_policy_refused):
        return depends_on(cause_of_silence(tenant, probes), "Exchange answered no EWS read")
    return passed(
        f"by the export {says.observed}, as the reads show"
        if says.status is not Status.WARN
        else says.observed
    )
