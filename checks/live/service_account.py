"""The service account's user object, for the rules that hang on it; the judgement behind USR-003."""

from nylas_readiness.checks.contract.addresses import domain_key
from nylas_readiness.checks.outcome import (
    Outcome,
    Undecided,
    depends_on,
    fail,
    not_applicable,
    passed,
    require,
    unknown,
)
from nylas_readiness.fixtures.clients.graph import Domain, User
from nylas_readiness.fixtures.evidence.model import NO_SERVICE_ACCOUNT, TenantEvidence

# Source: Microsoft Graph, domain resource, passwordValidityPeriodInDays: the value that means never, and
# what holds where none is set.
NEVER = 2_147_483_647
DEFAULT_VALIDITY = 90


def email_of(tenant: TenantEvidence) -> str:
    """Return the service account's address; without one, as where v3 alone is audited, no rule applies."""
    if tenant.setup.service_account is None:
        raise Undecided(not_applicable(NO_SERVICE_ACCOUNT.reason))
    return tenant.setup.service_account


def existing_user(tenant: TenantEvidence) -> User:
    """Return the service account's user; what hangs on a missing one is undecided."""
    user = require(tenant.service_user)
    if user is None:
        raise Undecided(depends_on("USR-001", "the directory has no such user"))
    return user


def domain_named(tenant: TenantEvidence, name: str) -> Domain | None:
    """Return the tenant's domain of this name, in any case and in either form of IDN, or None."""
    return next((one for one in require(tenant.domains) if one.id and domain_key(f"@{one.id}") == name), None)


def judge_password(tenant: TenantEvidence) -> Outcome:
    """Judge whether the password expires: by the account's own policy, else by its sign-in domain's."""
    user = existing_user(tenant)
    policies = {policy.strip() for policy in (user.password_policies or "").split(",")}
    if "DisablePasswordExpiration" in policies:
        return passed("DisablePasswordExpiration is set on the account")
    name = domain_key(user.user_principal_name or email_of(tenant))
    domain = domain_named(tenant, name)
    if domain is None:
        return unknown(f"the account says nothing, and its domain {name} is not among the tenant's")
    if domain.authentication_type == "Federated":
        return not_applicable(f"{name} is federated: its passwords are another identity provider's")
    validity = domain.password_validity_period_in_days
    if validity == NEVER:
        return passed(f"passwords of {name} do not expire")
    return fail(f"passwords of {name} expire after {DEFAULT_VALIDITY if validity is None else validity} days")
