"""What an account's licences give it: the judgement behind ACC-004, ACC-006 and EWS-004.

Products and plans are told by their GUIDs: Business Standard is called `O365_BUSINESS_PREMIUM`.
Source: Microsoft, product names and service plan identifiers for licensing.
"""

from datetime import date

from nylas_readiness.checks.catalogue import catalogue
from nylas_readiness.checks.outcome import Outcome, depends_on, fail, passed, review, warn
from nylas_readiness.fixtures.clients.graph import LicenceDetail, ServicePlan

KIOSK = "4a82b400-a79f-41a4-b4e2-e94f5787b113"
# Exchange plans that carry a mailbox.
MAILBOX_PLANS = {
    "9aaf7827-d63c-4b61-89c3-182f06f82e5c": "EXCHANGE_S_STANDARD",
    "efb87545-963c-4e0d-99df-69c6916d9eb0": "EXCHANGE_S_ENTERPRISE",
    KIOSK: "EXCHANGE_S_DESKLESS",
    "1126bef5-da20-4f07-b45e-ad25d2581aa8": "EXCHANGE_S_ESSENTIALS",
}
NO_MAILBOX = "113feb6c-3fe4-4440-bddc-54d774bf0318"  # EXCHANGE_S_FOUNDATION
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


def judge_mailbox_plan(licences: list[LicenceDetail]) -> Outcome:
    """Judge whether a provisioned Exchange plan carries a mailbox."""
    exchange = exchange_plans(licences)
    working = [plan for plan in exchange if is_provisioned(plan)]
    for plan in working:
        if id_of(plan) in MAILBOX_PLANS:
            return passed(f"{plan.service_plan_name} is provisioned")
    if unlisted := [plan for plan in working if id_of(plan) != NO_MAILBOX]:
        names = [plan.service_plan_name for plan in unlisted]
        return review(f"plans {names}", reason="whether these plans carry a mailbox is not known")
    return fail(
        "; ".join(f"{one.service_plan_name}: {one.provisioning_status}" for one in exchange) or "no plan"
    )


def judge_ews_plan(licences: list[LicenceDetail], as_of: date) -> Outcome:
    """Judge whether the mailbox has a plan beside Kiosk's, for which Microsoft blocks EWS."""
    working = {
        id_of(plan): plan.service_plan_name for plan in exchange_plans(licences) if is_provisioned(plan)
    }
    if allowed := [
        name for plan_id, name in MAILBOX_PLANS.items() if plan_id in working and plan_id != KIOSK
    ]:
        return passed(f"{', '.join(allowed)} is provisioned")
    if KIOSK not in working:
        return depends_on("ACC-004", "no plan that is known to carry a mailbox works")
    if unlisted := [name for plan_id, name in working.items() if plan_id not in {KIOSK, NO_MAILBOX}]:
        return review(
            f"EXCHANGE_S_DESKLESS and {unlisted}", reason="whether EWS is blocked then is not known"
        )
    observed, due = "EXCHANGE_S_DESKLESS is its only Exchange plan", catalogue()["EWS-004"].deadline or ""
    return fail(observed) if as_of.isoformat() >= due else warn(f"{observed}: from {due}", deadline=due)


def judge_information_protection(licences: list[LicenceDetail]) -> Outcome:
    """Judge whether Business Standard meets Azure Information Protection, from whichever licence it comes."""
    base = {name for licence in licences if (name := BUSINESS_STANDARD.get((licence.sku_id or "").lower()))}
    enabled = {
        f"{name} (from {licence.sku_part_number})"
        for licence in licences
        for plan in licence.service_plans or ()
        if plan.provisioning_status != "Disabled" and (name := INFORMATION_PROTECTION.get(id_of(plan)))
    }
    if base and enabled:
        return fail(f"{', '.join(sorted(base))} together with {', '.join(sorted(enabled))}")
    return passed("no Azure Information Protection is enabled" if base else "not Business Standard")


def exchange_plans(licences: list[LicenceDetail]) -> list[ServicePlan]:
    """Return the Exchange plans of all licences."""
    plans = (plan for licence in licences for plan in licence.service_plans or ())
    return [plan for plan in plans if (plan.service_plan_name or "").upper().startswith("EXCHANGE_")]


def is_provisioned(plan: ServicePlan) -> bool:
    """Tell whether a plan works by now."""
    return plan.provisioning_status == "Success"


def id_of(plan: ServicePlan) -> str:
    """Return a plan's GUID in lower case."""
    return (plan.service_plan_id or "").lower()
