"""ACC: the end-user accounts."""

import pytest

from nylas_readiness.checks import contract
from nylas_readiness.checks.contract.addresses import domain_of, same_mailbox_name
from nylas_readiness.fixtures.clients.graph import User
from nylas_readiness.fixtures.evidence.model import AccountEvidence, TenantEvidence
from nylas_readiness.fixtures.evidence.slots import Read, Undecided, known
from nylas_readiness.reports.model import Outcome
from nylas_readiness.reports.outcome import fail, not_applicable, passed, review, unknown, warn

pytestmark = pytest.mark.live

# Exchange plans that carry a mailbox. Source: Microsoft, product names and service plan identifiers.
MAILBOX_PLANS = {
    "9aaf7827-d63c-4b61-89c3-182f06f82e5c": "EXCHANGE_S_STANDARD",
    "efb87545-963c-4e0d-99df-69c6916d9eb0": "EXCHANGE_S_ENTERPRISE",
    "4a82b400-a79f-41a4-b4e2-e94f5787b113": "EXCHANGE_S_DESKLESS",
    "1126bef5-da20-4f07-b45e-ad25d2581aa8": "EXCHANGE_S_ESSENTIALS",
}
NO_MAILBOX = "EXCHANGE_S_FOUNDATION"


def existing_user(account: AccountEvidence) -> User:
    """Return the account's user; what hangs on a missing one is undecided."""
    user = known(account.user)
    if user is None:
        raise Undecided(unknown("depends on ACC-001: no user has this address"))
    return user


def addresses_of(user: User) -> list[str]:
    """Return a user's SMTP addresses, the primary one first. Graph marks it with `SMTP:` in capitals."""
    marked = sorted(one for one in user.proxy_addresses or [] if one[:5].upper() == "SMTP:")
    return [one[5:] for one in marked]  # "SMTP:" sorts before "smtp:"


@pytest.mark.rule("ACC-001")
def test_the_address_is_an_enabled_users(account: AccountEvidence) -> Outcome:
    """The address belongs to an existing, enabled user, not to a group, contact or deleted user."""
    user = known(account.user)
    if user is None:
        holder = account.holder.value if isinstance(account.holder, Read) else None
        return fail(f"it is a {holder.kind}'s: {holder.name}" if holder else "no user has this address")
    if user.account_enabled is None:
        return unknown("the directory does not say whether the user is enabled")
    return passed("an enabled user") if user.account_enabled else fail("the user is disabled")


@pytest.mark.rule("ACC-002")
def test_the_address_is_the_primary_one(account: AccountEvidence) -> Outcome:
    """It is the primary address, not an alias; the primary is named."""
    user = existing_user(account)
    primary = next(iter(addresses_of(user)), user.mail)
    if primary is None:
        return unknown("the directory lists no SMTP address of this user")
    if same_mailbox_name(primary, account.email):
        return passed("the primary address")
    return fail(f"alias of {primary}", expected=f"the primary address {primary}")


@pytest.mark.rule("ACC-003")
def test_the_domain_is_the_service_accounts(account: AccountEvidence, tenant: TenantEvidence) -> Outcome:
    """Its domain matches the service account's."""
    own, service = domain_of(account.email), domain_of(tenant.setup.service_account)
    if own == service:
        return passed(f"domain {own}")
    return fail(f"domain {own}", expected=f"the service account's domain {service}")


@pytest.mark.rule("ACC-004")
def test_it_has_a_working_exchange_plan(account: AccountEvidence, tenant: TenantEvidence) -> Outcome:
    """It has a provisioned mailbox plan; EXCHANGE_S_FOUNDATION is none."""
    if tenant.setup.hosting == "on-premises":
        return not_applicable("mailboxes are on-premises: Exchange Online plans say nothing of them")
    existing_user(account)
    plans = [plan for licence in known(account.licences) for plan in licence.service_plans or []]
    exchange = [plan for plan in plans if (plan.service_plan_name or "").startswith("EXCHANGE_")]
    working = [plan for plan in exchange if plan.provisioning_status == "Success"]
    for plan in working:
        if plan.service_plan_id in MAILBOX_PLANS:
            return passed(f"{plan.service_plan_name} is provisioned")
    unlisted = [plan.service_plan_name for plan in working if plan.service_plan_name != NO_MAILBOX]
    if unlisted:
        return review(f"plans {unlisted}", reason="whether these plans carry a mailbox is not known")
    return fail(
        "; ".join(f"{one.service_plan_name}: {one.provisioning_status}" for one in exchange) or "no plan"
    )


@pytest.mark.rule("ACC-008")
def test_the_body_that_would_be_sent_keeps_the_contract(
    account: AccountEvidence, tenant: TenantEvidence
) -> Outcome:
    """The body built from tenant file and directory, which is not sent, passes every PAY rule."""
    draft, user = known(account.draft), account.user.value if isinstance(account.user, Read) else None
    if draft.body is None:
        return fail(f"no body can be built: {draft.refusal}")
    context = contract.Context(
        service_account_email=tenant.setup.service_account,
        aliases=tuple(addresses_of(user)[1:]) if user else None,
        nylas_secret=tenant.nylas_stand_in,
    )
    violations = contract.judge(draft.body, context)
    observed = "; ".join(f"{one.rule} at {one.pointer}: {one.message}" for one in violations)
    if any(one.level == "fail" for one in violations):
        return fail(observed)
    if user is None:
        known(account.user)  # whether the address is an alias is not known: no body can pass for that
    return warn(observed) if violations else passed("the body passes every PAY rule")
