"""Whether the organisation lets the app use EWS: the judgement behind EWS-002, ROL-005 and MIG-002.

Source: Microsoft, "EWS deprecation is here: what this means to you", 1 October 2026. In the worldwide cloud
`EwsEnabled` true needs a list of apps since 10 October 2026. Where it is not set the list has no effect, and
stage 2 sets it to false on a day that the message centre tells seven days ahead.
"""

from datetime import date
from http import HTTPStatus

from msgspec.structs import replace

from nylas_readiness.checks.catalogue import catalogue
from nylas_readiness.checks.catalogue.deadlines import deadlines
from nylas_readiness.checks.live.ews_agents import (
    AUDITS_AGENT,
    MAILBOX_POLICY,
    in_words,
    judge_agents,
    with_remedy,
)
from nylas_readiness.checks.live.ews_refusals import describe, ews_refused, undecided
from nylas_readiness.checks.live.token import token_fault
from nylas_readiness.checks.live.v3_mailboxes import national_cloud
from nylas_readiness.checks.outcome import Outcome, Status, fail, passed, review, unknown, warn
from nylas_readiness.fixtures.clients.ews import EwsAnswer
from nylas_readiness.fixtures.evidence.measures import Trace
from nylas_readiness.fixtures.evidence.model import OrganizationConfig, TenantEvidence
from nylas_readiness.fixtures.evidence.probes import Probes, is_by_policy
from nylas_readiness.fixtures.evidence.slots import Absent, Read

# How the X-EWS-Policy-Reason begins that is about a list: of apps, or of user agents.
_BY_LIST = "ews is blocked by policy"
_EMPTY = "EwsEnabled is true and EwsAllowedAppIDs is empty"
_RETRIEVE = "it takes Get-OrganizationConfig -RetrieveEwsOperationAccessPolicy"


def judge_switch(tenant: TenantEvidence, probes: Probes, as_of: date) -> Outcome:
    """Judge by what Exchange refuses to all accounts, else by the export, else by a read."""
    refusal = probes.refusal or probes.error
    if probes.all_refused and refusal and not is_the_tokens(refusal.value, tenant):
        return judge_refusal(refusal, tenant, probes)
    export = tenant.organization_config
    if isinstance(export, Read):
        return judge_config(export.value, tenant, probes, as_of)
    if probes.success:
        return passed("no export was read, but an EWS read succeeded", probes.success)
    why = export.reason
    return unknown(
        f"{why}; an export of Get-OrganizationConfig decides" if isinstance(export, Absent) else why
    )


def is_the_tokens(answer: EwsAnswer, tenant: TenantEvidence) -> bool:
    """Return whether a refusal is for the token's sake, with which another rule already finds fault."""
    return answer.http_status == HTTPStatus.UNAUTHORIZED and token_fault(tenant) is not None


def judge_refusal(refusal: Read[EwsAnswer], tenant: TenantEvidence, probes: Probes) -> Outcome:
    """Judge what every account got: a policy is the organisation's, a 401 is what its diagnostics say."""
    answer, refused = refusal.value, probes.refused or probes.alike
    many = f"all {refused}" if refused == probes.answered else f"{refused} of {probes.answered}"
    count = f"Exchange refuses {many} EWS reads"
    if is_about_agents(tenant, probes):
        return review_agents(tenant, count, refusal)
    # A 403 that names no policy is of some restriction, and does not tell of which.
    is_untold = answer.http_status == HTTPStatus.FORBIDDEN and not (
        answer.response_code or answer.policy_reason or answer.diagnostics
    )
    slot = tenant.organization_config
    is_by_export = is_untold and isinstance(slot, Read) and shuts_out(slot.value, tenant)
    if is_by_policy(answer) or is_by_export:
        return fail(f"{count} by policy: {describe(answer)}", refusal.trace)
    outcome = (undecided if is_untold else ews_refused)(answer, refusal.trace)
    observed = f"{count} alike: {outcome.observed}"
    reason = observed if outcome.reason == outcome.observed else outcome.reason
    return replace(outcome, observed=observed, reason=reason)


def is_about_agents(tenant: TenantEvidence, probes: Probes) -> bool:
    """Return whether the policy for user agents explains that every read was refused.

    That is so where the export lets the app in, and has such a policy or does not tell.
    """
    slot, refusal = tenant.organization_config, probes.refusal
    if not (isinstance(slot, Read) and refusal and probes.all_policy_refused):
        return False
    config = slot.value
    may_refuse = config.agent_policy is not None or (not config.has_agent_policy and lists(config, tenant))
    return is_by_list(refusal.value) and may_refuse and not shuts_out(config, tenant)


def review_agents(tenant: TenantEvidence, count: str, refusal: Read[EwsAnswer]) -> Outcome:
    """Conclude that the audit's user agent was refused, which says nothing about Nylas's."""
    config = tenant.organization_config
    policy = in_words(config.value) if isinstance(config, Read) else ""
    outcome = review(
        f"{count} by policy; the app itself is let in, and {policy}",
        refusal.trace,
        reason=f"this audit's user agent is {AUDITS_AGENT}, Nylas's is another: compare with the policy",
    )
    return with_remedy(outcome)


def review_mailbox(answer: EwsAnswer, *evidence: Trace) -> Outcome:
    """Conclude that one mailbox refuses the audit's user agent: other reads show that the app is let in."""
    outcome = review(
        f"{describe(answer)}; the app itself is let in, so the mailbox has a policy for user agents",
        *evidence,
        reason=f"this audit's user agent is {AUDITS_AGENT}, Nylas's is another: compare with the policy",
    )
    return with_remedy(outcome, MAILBOX_POLICY)


def is_by_list(answer: EwsAnswer) -> bool:
    """Return whether a refusal is by a list: of apps, or of user agents."""
    return is_by_policy(answer) and (answer.policy_reason or "").lower().startswith(_BY_LIST)


def judge_config(config: OrganizationConfig, tenant: TenantEvidence, probes: Probes, as_of: date) -> Outcome:
    """Judge by the export: the switch with its list of apps, and beside it the policy for user agents."""
    switch, agents = judge_apps(config, tenant, probes, as_of), judge_agents(config)
    if agents.status is Status.PASS or switch.status not in {Status.PASS, Status.WARN}:
        return switch
    return replace(
        agents, observed=f"{switch.observed}; {agents.observed}", remedy=_joined(switch, agents.remedy)
    )


def _joined(switch: Outcome, remedy: str | None) -> str | None:
    """Return the remedy for user agents, with that of the switch where it warns too."""
    if switch.status is Status.PASS:
        return remedy
    return f"{switch.remedy or catalogue()['EWS-002'].remedy}\n{remedy}"


def judge_apps(config: OrganizationConfig, tenant: TenantEvidence, probes: Probes, as_of: date) -> Outcome:
    """Judge EwsEnabled and EwsAllowedAppIDs; what a read shows to work is a warning at most."""
    if why := config.illegible.get("EwsEnabled"):
        return judge_untold_switch(why, probes)
    if config.ews_enabled is False:
        return outranked(fail("EwsEnabled is false: EWS is off for every app"), probes)
    if tenant.setup.hosting == "on-premises":
        return passed("EwsEnabled is not false, and Exchange on-premises has no list of apps")
    if config.ews_enabled is None:
        observed = f"EwsEnabled is not set, so EwsAllowedAppIDs has no effect: {_stage_of(tenant)}"
        return warn(observed, cause="MIG-002")
    return judge_list(config, tenant, probes, as_of)


def _stage_of(tenant: TenantEvidence) -> str:
    """Return when Microsoft switches EWS off where nobody has set it: other clouds have no date yet."""
    if cloud := national_cloud(tenant):
        return f"Microsoft tells of the stages of other clouds, such as {cloud}'s, in notices of their own"
    return "Microsoft sets it to false in stage 2, on a day that the message centre tells seven days ahead"


def judge_untold_switch(why: str, probes: Probes) -> Outcome:
    """Judge where the value of EwsEnabled cannot be read: by a read, as where there is no export."""
    observed = f"the export's EwsEnabled cannot be read ({why})"
    if probes.success:
        return passed(f"{observed}, but an EWS read succeeded", probes.success)
    return unknown(observed)


def judge_list(config: OrganizationConfig, tenant: TenantEvidence, probes: Probes, as_of: date) -> Outcome:
    """Judge EwsAllowedAppIDs beside EwsEnabled true."""
    allowed, client_id = config.allowed_app_ids, tenant.setup.client_id
    needed_from = deadlines()["MIG-002"].due
    if lists(config, tenant):
        return passed(f"EwsEnabled is true and {client_id} is in EwsAllowedAppIDs")
    if allowed is None:
        return judge_untold_list(config, probes, needed_from)
    if allowed:
        return outranked(fail(f"{client_id} is not in EwsAllowedAppIDs ({', '.join(allowed)})"), probes)
    if cloud := national_cloud(tenant):
        return warn(
            f"{_EMPTY}, which blocks every app in the worldwide cloud alone; this one is in {cloud}'s"
        )
    empty = f"{_EMPTY}: that blocks every app from {needed_from}"
    if as_of < needed_from:
        return warn(empty, deadline=needed_from.isoformat())
    return outranked(fail(empty), probes)


def judge_untold_list(config: OrganizationConfig, probes: Probes, needed_from: date) -> Outcome:
    """Judge where the list is null: it was not retrieved, or it is empty and Microsoft's stage is to come."""
    why = config.illegible.get("EwsAllowedAppIDs") or f"null or missing: {_RETRIEVE}"
    observed = f"EwsEnabled is true, and the export does not tell EwsAllowedAppIDs ({why})"
    if not probes.served:
        return unknown(f"{observed}; an empty list blocks every app from {needed_from}")
    return warn(f"{observed}; an empty list blocks every app from {needed_from}, yet {_answered(probes)}")


def outranked(outcome: Outcome, probes: Probes) -> Outcome:
    """Return a failure by the export, or a warning where reads show that EWS lets the app in."""
    if not probes.served:
        return outcome
    late = "the export is older, or not yet in effect"
    return warn(f"by the export {outcome.observed}; yet {_answered(probes)}: {late}")


def _answered(probes: Probes) -> str:
    return f"Exchange answered {probes.served} EWS reads"


def lists(config: OrganizationConfig, tenant: TenantEvidence) -> bool:
    """Return whether the app is in EwsAllowedAppIDs."""
    client_id = (tenant.setup.client_id or "").lower()
    return client_id in {app.lower() for app in config.allowed_app_ids or ()}


def shuts_out(config: OrganizationConfig, tenant: TenantEvidence) -> bool:
    """Return whether the export says that EWS is off, or on for other apps only."""
    if config.ews_enabled is None or tenant.setup.hosting == "on-premises":
        return False
    if not config.ews_enabled or config.allowed_app_ids is None:
        return not config.ews_enabled
    is_empty_elsewhere = not config.allowed_app_ids and national_cloud(tenant) is not None
    return not is_empty_elsewhere and not lists(config, tenant)
