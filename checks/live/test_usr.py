"""USR: the service account's user object."""

import pytest

from nylas_readiness.checks.contract.addresses import domain_key
from nylas_readiness.checks.live.roles import judge_roles
from nylas_readiness.checks.live.service_account import domain_named, email_of, existing_user, judge_password
from nylas_readiness.checks.outcome import Outcome, depends_on, fail, passed, require, unknown, warn
from nylas_readiness.fixtures.evidence.model import TenantEvidence
from nylas_readiness.fixtures.evidence.slots import Read

pytestmark = pytest.mark.live


@pytest.mark.rule("USR-001")
def test_the_service_account_is_an_enabled_member(tenant: TenantEvidence) -> Outcome:
    """The account exists, is a member, is enabled."""
    user, email = require(tenant.service_user), email_of(tenant)
    if user is None:
        return fail(f"the directory has no user {email}")
    if user.account_enabled is False:
        return fail(f"{email} is disabled")
    if user.user_type not in {"Member", None}:
        return fail(f"{email} is a {user.user_type}", expected="a Member")
    if user.account_enabled is None:
        return unknown("the directory does not say whether the account is enabled")
    return passed(f"{email} is an enabled member")


@pytest.mark.rule("USR-002")
def test_no_password_change_is_due(tenant: TenantEvidence) -> Outcome:
    """It is not required to change its password at next sign-in."""
    profile = existing_user(tenant).password_profile
    due = profile.force_change_password_next_sign_in if profile else None
    if due:
        return fail("the account must change its password at next sign-in")
    if due is False:
        return passed("no password change is due")
    redemption = tenant.redemption
    if isinstance(redemption, Read) and redemption.value.refusal is None:
        return passed("the directory says nothing, and the refresh token redeems")
    return depends_on("ENT-002", "the directory says nothing, and the refresh token was not redeemed")


@pytest.mark.rule("USR-003")
def test_its_password_does_not_expire(tenant: TenantEvidence) -> Outcome:
    """Its password does not expire."""
    return judge_password(tenant)


@pytest.mark.rule("USR-004")
def test_the_service_account_has_an_inbox(tenant: TenantEvidence) -> Outcome:
    """It has an inbox: without one, authenticating every account can take very long."""
    if require(tenant.service_mailbox):
        return passed("it has a mailbox")
    return fail("it has no mailbox: authenticating every account can take very long")


@pytest.mark.rule("USR-005")
def test_a_licence_is_optional(tenant: TenantEvidence) -> Outcome:
    """A licence on it is optional: none is a warning with that sentence, never a failure."""
    licences = require(tenant.service_licences)
    if not licences:
        return warn("no licence: it needs none as long as each linked account has one")
    return passed("licences: " + ", ".join(one.sku_part_number or one.sku_id or "?" for one in licences))


@pytest.mark.rule("USR-006")
def test_its_domain_is_verified_for_mail(tenant: TenantEvidence) -> Outcome:
    """Its SMTP domain is verified in the tenant and supports e-mail."""
    own = domain_key(email_of(tenant))
    domain = domain_named(tenant, own)
    if domain is None:
        return fail(f"{own} is not a domain of the tenant")
    if not domain.is_verified:
        return fail(f"{own} is not verified")
    services = domain.supported_services or ()
    if "Email" not in services:
        supported = f"only {', '.join(services)}" if services else "no service"
        return fail(f"{own} does not support e-mail: it supports {supported}")
    return passed(f"{own} is verified and supports e-mail")


@pytest.mark.rule("USR-007")
def test_it_holds_no_administrator_role(tenant: TenantEvidence) -> Outcome:
    """It holds no directory administrator role."""
    existing_user(tenant)
    memberships = require(tenant.memberships)
    return judge_roles(memberships)
