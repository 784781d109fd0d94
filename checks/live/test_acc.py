"""ACC: the end-user accounts."""

import pytest

from nylas_readiness.checks import contract
from nylas_readiness.checks.catalogue.explanations import explain
from nylas_readiness.checks.contract.addresses import domain_key, mailbox_key
from nylas_readiness.checks.live.accounts import (
    UNATTENDED,
    addresses_of,
    cause_of_refusal,
    existing_user,
    judge_blocked_sign_in,
    judge_stranger,
    opened_by,
    purpose_of,
)
from nylas_readiness.checks.live.licences import judge_information_protection, judge_mailbox_plan
from nylas_readiness.checks.live.locations import MOVE, customer_server, lost_mailbox
from nylas_readiness.checks.live.refusals import explained
from nylas_readiness.checks.live.service_account import email_of
from nylas_readiness.checks.live.v3_mailboxes import is_read_by_app
from nylas_readiness.checks.outcome import (
    Outcome,
    Status,
    depends_on,
    fail,
    not_applicable,
    passed,
    require,
    review,
    unknown,
    warn,
)
from nylas_readiness.fixtures.evidence.model import AccountEvidence, TenantEvidence
from nylas_readiness.fixtures.evidence.slots import Read

pytestmark = pytest.mark.live


@pytest.mark.rule("ACC-001")
def test_the_address_is_an_enabled_users(account: AccountEvidence) -> Outcome:
    """The address belongs to an existing user, enabled where the mailbox is a person's."""
    user = require(account.user)
    if user is None:
        return judge_stranger(account.holder.value if isinstance(account.holder, Read) else None)
    if user.account_enabled is None:
        return unknown("the directory does not say whether the user is enabled")
    if user.account_enabled:
        return passed("an enabled user")
    if is_read_by_app(account):
        return passed("the user is disabled; the v3 app reads the mailbox, for which nobody signs in")
    return judge_blocked_sign_in(account)


@pytest.mark.rule("ACC-002")
def test_the_address_is_the_primary_one(account: AccountEvidence) -> Outcome:
    """It is the primary address, not an alias; the primary is named."""
    user = existing_user(account)
    primary = next(iter(addresses_of(user)), user.mail)
    if primary is None:
        return unknown("the directory lists no SMTP address of this user")
    if mailbox_key(primary) == mailbox_key(account.email):
        return passed("the primary address")
    return fail(f"alias of {primary}", expected=f"the primary address {primary}")


@pytest.mark.rule("ACC-003")
def test_the_domain_is_the_service_accounts(account: AccountEvidence, tenant: TenantEvidence) -> Outcome:
    """Its domain matches the service account's."""
    own, service = domain_key(account.email), domain_key(email_of(tenant))
    if own == service:
        return passed(f"domain {own}")
    return fail(
        f"is in {own}, the service account in {service}", expected=f"the service account's domain {service}"
    )


@pytest.mark.rule("ACC-004")
def test_it_has_a_working_exchange_plan(account: AccountEvidence, tenant: TenantEvidence) -> Outcome:
    """It has a provisioned mailbox plan of any cloud, or a mailbox that opens; FOUNDATION is no such plan."""
    if tenant.setup.hosting == "on-premises":
        return not_applicable("mailboxes are on-premises: Exchange Online plans say nothing of them")
    existing_user(account)
    if reader := opened_by(account):
        return passed(f"{reader} opens the mailbox, whichever plans the licences have")
    judged = judge_mailbox_plan(require(account.licences))
    if judged.status is not Status.FAIL:
        return judged
    if code := lost_mailbox(account, tenant):
        return depends_on("ACC-005", f"{code}: on the company's own server no plan is needed")
    require(account.mailbox)  # a room, a shared mailbox or equipment needs no plan
    return judged


@pytest.mark.rule("ACC-005")
def test_its_mailbox_is_in_exchange_online(account: AccountEvidence, tenant: TenantEvidence) -> Outcome:
    """Its mailbox is in Exchange Online: not soft-deleted, missing or on-premises."""
    if tenant.setup.hosting == "on-premises":
        return not_applicable("mailboxes are on-premises")
    existing_user(account)
    mailbox = require(account.mailbox)
    if mailbox.missing is None:
        return passed("Graph opens the mailbox")
    observed = f"{mailbox.missing}: {mailbox.message}"
    if server := customer_server(account, tenant):
        return fail(f"the mailbox is on-premises: Autodiscover names {server} ({observed})", remedy=MOVE)
    return explained(fail(observed), explain("graph", mailbox.missing))


@pytest.mark.rule("ACC-006")
def test_business_standard_does_not_meet_information_protection(account: AccountEvidence) -> Outcome:
    """No Business Standard SKU together with an enabled RMS_S_PREMIUM or RMS_S_PREMIUM2 of any licence."""
    existing_user(account)
    return judge_information_protection(require(account.licences))


@pytest.mark.rule("ACC-007")
def test_the_mailbox_is_a_users(account: AccountEvidence, tenant: TenantEvidence) -> Outcome:
    """The mailbox is a user's; shared, room and equipment mailboxes are named."""
    if tenant.setup.hosting == "on-premises":
        return not_applicable("mailboxes are on-premises: Graph does not tell what they are for")
    existing_user(account)
    mailbox = require(account.mailbox)
    if mailbox.missing:
        return depends_on("ACC-005", f"{mailbox.missing}")
    purpose = purpose_of(account)
    if purpose is None:
        return unknown("Graph does not say what the mailbox is for")
    observed = f"the mailbox is of the kind {purpose}"
    if purpose in UNATTENDED:
        return warn(observed, expected="a user's mailbox, or one that is meant to be connected")
    if purpose in {"user", "linked"}:
        return passed(observed)
    return review(observed, reason="whether it is a user's is not known")


@pytest.mark.rule("ACC-008")
def test_the_body_that_would_be_sent_keeps_the_contract(
    account: AccountEvidence, tenant: TenantEvidence
) -> Outcome:
    """The body built from tenant file and directory, which is not sent, breaks no PAY rule."""
    draft, user = require(account.draft), account.user.value if isinstance(account.user, Read) else None
    if draft.body is None:
        cause = cause_of_refusal(account, tenant.setup.service_account)
        return fail(f"no body can be built: {draft.refusal}", cause=cause)
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
        require(account.user)  # whether the address is an alias is not known: no body can pass for that
    return warn(observed) if violations else passed("Nylas would accept the connection request")
