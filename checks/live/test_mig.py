"""MIG: deadlines and the plan."""

from datetime import date, timedelta
from http import HTTPStatus

import pytest
from msgspec.structs import replace

from nylas_readiness.checks.catalogue.deadlines import deadlines
from nylas_readiness.checks.live.ews_switch import is_about_agents, judge_apps
from nylas_readiness.checks.live.impersonation import cause_of_silence
from nylas_readiness.checks.live.token import token_fault
from nylas_readiness.checks.outcome import (
    Outcome,
    Status,
    depends_on,
    fail,
    not_applicable,
    passed,
    review,
    warn,
)
from nylas_readiness.fixtures.evidence.model import NylasAnswer, TenantEvidence
from nylas_readiness.fixtures.evidence.probes import Probes, recheck_at
from nylas_readiness.fixtures.evidence.slots import Read

pytestmark = pytest.mark.live

NEAR = timedelta(days=180)
# What answers both dates is one move to v3.
_SAME_MOVE = "MIG-003"


def judge_date(rule: str, as_of: date, *, works: bool | None, probe: str, cause: str) -> Outcome:
    """Judge a vendor's date. `works`: whether this run's live probe worked; None: not probed, for `cause`."""
    deadline = deadlines()[rule]
    day, due = f"{deadline.due.day} {deadline.due:%b %Y}", deadline.due.isoformat()
    when = f"since {day}" if deadline.due <= as_of else f"{deadline.state(as_of)}, on {day}"
    observed = f"{when}: {deadline.what}"
    if deadline.due - as_of > NEAR:
        return passed(observed)
    if deadline.due > as_of:
        return warn(observed, deadline=due)
    if works is None:
        return depends_on(cause, f"{probe}; {observed}")
    return warn(f"{observed}; {probe}", deadline=due) if works else fail(f"{observed}; {probe}")


@pytest.mark.rule("MIG-001")
def test_the_impersonation_role_still_works(tenant: TenantEvidence, probes: Probes, as_of: date) -> Outcome:
    """ApplicationImpersonation retirement: in force, or in N days. Probe: any impersonated read."""
    if tenant.setup.hosting == "on-premises":
        return not_applicable("on-premises Exchange keeps the role")
    probe = f"{probes.succeeded} impersonated reads succeeded, {probes.denied} were denied"
    if probes.denial and (cause := token_fault(tenant) or (recheck_at(tenant, probes.denial) and "ROL-002")):
        return judge_date("MIG-001", as_of, works=None, probe=probe, cause=cause)
    works = True if probes.succeeded else False if probes.denied else None
    silence = cause_of_silence(tenant, probes)
    outcome = judge_date("MIG-001", as_of, works=works, probe=probe, cause=silence)
    return replace(outcome, cause=_SAME_MOVE) if outcome.status is Status.WARN else outcome


def judge_ews_date(
    rule: str, tenant: TenantEvidence, probes: Probes, as_of: date, stage: str = ""
) -> Outcome:
    """Judge an EWS date; `stage`: what the tenant's settings say. Probe: any read that Exchange served.

    A refusal of the audit's user agent says nothing about the date.
    """
    if tenant.setup.hosting == "on-premises":
        return not_applicable("on-premises Exchange keeps EWS")
    is_off = bool(probes.policy_refused) and not is_about_agents(tenant, probes)
    works = True if probes.served else False if is_off else None
    counts = f"{probes.served} EWS reads were let in, {probes.policy_refused} were refused by policy"
    probe, cause = "; ".join(filter(None, [stage, counts])), cause_of_silence(tenant, probes)
    return judge_date(rule, as_of, works=works, probe=probe, cause=cause)


@pytest.mark.rule("MIG-002")
def test_ews_is_not_off_by_default_yet(tenant: TenantEvidence, probes: Probes, as_of: date) -> Outcome:
    """EWS default-off in Exchange Online: what the tenant's settings and the reads say of its stage."""
    return judge_ews_date("MIG-002", tenant, probes, as_of, stage_of(tenant, probes, as_of))


def stage_of(tenant: TenantEvidence, probes: Probes, as_of: date) -> str:
    """Return in words how far Microsoft's switching off is here, by the export of the settings."""
    slot = tenant.organization_config
    if not isinstance(slot, Read):
        return "no export of the organisation's settings tells the stage of this tenant"
    return judge_apps(slot.value, tenant, probes, as_of).observed


@pytest.mark.rule("MIG-003")
def test_ews_is_not_shut_down_yet(tenant: TenantEvidence, probes: Probes, as_of: date) -> Outcome:
    """EWS final shutdown: in force, or in N days."""
    return judge_ews_date("MIG-003", tenant, probes, as_of)


@pytest.mark.rule("MIG-004")
def test_nylas_v2_still_answers(tenant: TenantEvidence, as_of: date) -> Outcome:
    """Nylas v2 end of life: in force, or in N days. Probe: the v2 application answers."""
    slot = tenant.nylas_application
    works, probe = answers(slot.value) if isinstance(slot, Read) else (None, slot.reason)
    return judge_date("MIG-004", as_of, works=works, probe=probe, cause="NY2-001")


def answers(answer: NylasAnswer) -> tuple[bool | None, str]:
    """Return whether v2 works or is refused as retired; None where credentials or an outage leave it open."""
    if answer.status == HTTPStatus.OK:
        return True, "the v2 application answers"
    if answer.status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
        return False, f"the v2 host answers {answer.status}"
    return None, f"the v2 application answers HTTP {answer.status}"


@pytest.mark.rule("MIG-005")
def test_what_v3_changes_is_looked_at(tenant: TenantEvidence) -> Outcome:
    """What v3 lacks or changes for users of v2: always for a person to look at, with the list."""
    if "v2" not in tenant.setup.sides:
        return not_applicable("[microsoft] and [nylas.v2] are left out: nobody comes from v2")
    return review(
        "ids, events, webhooks, mail and deletion work otherwise in v3; Exchange on-premises has no service "
        "accounts: the list is in the remedy",
        reason="an audit cannot see whether your application relies on what v3 changes",
    )
