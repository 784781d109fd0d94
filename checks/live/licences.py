"""What an account's licences give it: the judgement behind ACC-004, ACC-006 and EWS-004.

Products and plans are told by their GUIDs: Business Standard is called `O365_BUSINESS_PREMIUM`.
Source: Microsoft, product names and service plan identifiers for licensing.
"""

from datetime import date

from nylas_readiness.checks.catalogue import catalogue
from nylas_readiness.checks.catalogue.exchange_plans import Kind, exchange_plans
from nylas_readiness.checks.live.accounts import opened_by
from nylas_readiness.checks.outcome import Outcome, depends_on, fail, passed, require, review, warn
from nylas_readiness.fixtures.clients.graph import LicenceDetail, ServicePlan
from nylas_readiness.fixtures.evidence.model import AccountEvidence
from nylas_readiness.fixtures.evidence.slots import Read

BUSINESS_STANDARD = {
    "f245ecc8-75af-4f8e-b61f-27d8114de5f3": "O365_BUSINESS_PREMIUM",
    "ac5cef5d-921b-4f97-9ef3-c99076e5470f": "SMB_BUSINESS_PREMIUM",
    "5a1c7b8d-0739-4ca8-bf69-ec87e69133ac": "MICROSOFT_365_BUSINESS_STANDARD_NO_TEAMS",
    "c1f79c29-5d7a-4bec-a2c1-1a76774864c0": "Office_365_w/o_Teams_Bundle_Business_Standard",
}
INFORMATION_PROTECTION = {
    "6c57d4b6-3b23-47a5-9bc9-69f17b4947b3": "RMS_S_PREMIUM",
    "5689bec4-755d-4753-8b61-40975025187c": "RMS_S_PREMIUM2",
}
_LOOK_UP = (
    "Look the plan up in Microsoft's list of service plans, and see whether the account has a mailbox.\n"
    "    Get-EXOMailbox -Identity '<address>' | Format-List RecipientTypeDetails, MailboxPlan"
)


def judge_mailbox_plan(licences: list[LicenceDetail]) -> Outcome:
    """Judge whether a provisioned Exchange plan carries a mailbox, where none was seen to open."""
    exchange = exchange_plans_of(licences)
    for plan in exchange:
        if is_provisioned(plan) and kind_of(plan) not in {None, "none"}:
            return passed(f"{name_of(plan)} is provisioned")
    if unlisted := [plan for plan in exchange if is_unlisted(plan)]:
        names = ", ".join(map(name_of, unlisted))
        reason = "Microsoft's table, as the audit has it, does not say whether these plans carry a mailbox"
        return review(f"plans: {names}", reason=reason, remedy=_LOOK_UP)
    stopped = [plan for plan in exchange if kind_of(plan) != "none"]
    states = "; ".join(f"{name_of(plan)}: {plan.provisioning_status}" for plan in stopped)
    return fail(states or "no mailbox licence")


def judge_ews_plan(account: AccountEvidence, as_of: date) -> Outcome:
    """Judge whether the mailbox has a plan beside Kiosk's, for which Microsoft blocks EWS."""
    working = [plan for plan in exchange_plans_of(require(account.licences)) if is_provisioned(plan)]
    by_kind = {kind_of(plan): name_of(plan) for plan in working}
    if (allowed := by_kind.get("mailbox")) is not None:
        return passed(f"{allowed} is provisioned")
    kiosk = by_kind.get("kiosk") or by_kind.get("kiosk-elsewhere")
    if kiosk is None:
        reader, unseen = opened_by(account), "no plan that is known to carry a mailbox works"
        return passed(f"no Kiosk plan, and {reader} opens it") if reader else depends_on("ACC-004", unseen)
    unlisted = [name_of(plan) for plan in working if is_unlisted(plan)]
    return _judge_kiosk(
        f"its only Exchange plan is {' and '.join((kiosk, *unlisted))}",
        as_of,
        opens=isinstance(account.calendar, Read) and account.calendar.value.ok,
        is_named="kiosk" in by_kind and not unlisted,
    )


def _judge_kiosk(observed: str, as_of: date, *, opens: bool, is_named: bool) -> Outcome:
    """Judge a Kiosk mailbox. `opens`: EWS opened it; `is_named`: Microsoft's announcement names its plan."""
    due = catalogue()["EWS-004"].deadline or ""
    if not is_named:
        reason = "whether Microsoft blocks EWS for that is not known"
        return passed(f"{observed}, and EWS opens it") if opens else review(observed, reason=reason)
    if as_of.isoformat() < due:
        return warn(f"{observed}: from {due}", deadline=due)
    return warn(f"{observed}: EWS opens it, although it was to end on {due}") if opens else fail(observed)


def judge_information_protection(licences: list[LicenceDetail]) -> Outcome:
    """Judge whether Business Standard meets Azure Information Protection, from whichever licence it comes."""
    base = {name for licence in licences if (name := BUSINESS_STANDARD.get((licence.sku_id or "").lower()))}
    enabled = {
        f"{name} (from {licence.sku_part_number})"
        for licence in licences
        for plan in licence.service_plans or ()
        if _status(plan) != "disabled" and (name := INFORMATION_PROTECTION.get(id_of(plan)))
    }
    if base and enabled:
        return fail(f"{', '.join(sorted(base))} together with {', '.join(sorted(enabled))}")
    return passed("no Azure Information Protection is enabled" if base else "not Business Standard")


def exchange_plans_of(licences: list[LicenceDetail]) -> list[ServicePlan]:
    """Return the Exchange plans of all licences: those of the table, and those that are called so."""
    plans = (plan for licence in licences for plan in licence.service_plans or ())
    return [plan for plan in plans if kind_of(plan) or is_unlisted(plan)]


def kind_of(plan: ServicePlan) -> Kind | None:
    """Return what a plan is by Microsoft's table, or None for a plan that the table does not have."""
    listed = exchange_plans().get(id_of(plan))
    return listed.kind if listed else None


def is_unlisted(plan: ServicePlan) -> bool:
    """Return whether a plan is Exchange's by its name, and not in the table."""
    return kind_of(plan) is None and (plan.service_plan_name or "").upper().startswith("EXCHANGE")


def is_provisioned(plan: ServicePlan) -> bool:
    """Return whether a plan works by now."""
    return _status(plan) == "success"


def name_of(plan: ServicePlan) -> str:
    """Return a plan's name in the table, else as it came."""
    listed = exchange_plans().get(id_of(plan))
    return listed.name if listed else plan.service_plan_name or id_of(plan)


def id_of(plan: ServicePlan) -> str:
    """Return a plan's GUID in lower case."""
    return (plan.service_plan_id or "").strip().lower()


def _status(plan: ServicePlan) -> str:
    return (plan.provisioning_status or "").casefold()
