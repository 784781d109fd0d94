"""What the organisation's EWS switch and its list of apps say: the judgement behind EWS-002 and ROL-005."""

from datetime import date

from nylas_readiness.checks.catalogue.deadlines import deadlines
from nylas_readiness.checks.outcome import Outcome, fail, passed, unknown, warn
from nylas_readiness.fixtures.evidence.model import OrganizationConfig
from nylas_readiness.fixtures.evidence.probes import Probes


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
