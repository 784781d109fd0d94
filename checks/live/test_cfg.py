"""CFG: preflight."""

import pytest

from nylas_readiness.checks.live.permissions import judge_permissions
from nylas_readiness.checks.outcome import Outcome, fail, passed, require, unknown, warn
from nylas_readiness.fixtures.evidence.measures import ServiceBudget
from nylas_readiness.fixtures.evidence.model import TenantEvidence

pytestmark = pytest.mark.live

FARTHEST_S = 300


@pytest.mark.rule("CFG-001")
def test_the_tenant_file_is_well_formed(tenant: TenantEvidence) -> Outcome:
    """Every secret is a reference that resolves; sections left out are named with what they leave open."""
    setup = tenant.setup
    if setup.unresolved:
        return fail(
            "; ".join(setup.unresolved.values()),
            expected=f"every reference of {setup.tenant_file} resolves",
            remedy="Set " + ", ".join(setup.unresolved) + " as the message says, and run again.",
        )
    left_out = "; ".join(f"[{section}] is left out: {what}" for section, what in setup.left_out.items())
    return passed(left_out or "well-formed, every section given")


@pytest.mark.rule("CFG-002")
def test_the_accounts_file_parses(tenant: TenantEvidence) -> Outcome:
    """Each bad line is reported with its number and costs that line only; duplicates are reported."""
    if tenant.bad_lines:
        return fail(f"{tenant.list_source}: " + "; ".join(tenant.bad_lines))
    if tenant.duplicates:
        return warn(f"{tenant.list_source}: " + "; ".join(tenant.duplicates) + " (kept once)")
    if not tenant.account_count:
        require(tenant.inventory)  # without a list the inventory is the list
        return fail(f"{tenant.list_source} has no account")
    return passed(f"{tenant.account_count} accounts from {tenant.list_source}")


@pytest.mark.rule("CFG-003")
def test_the_directory_app_has_the_permissions_that_the_rules_need(tenant: TenantEvidence) -> Outcome:
    """The app's token has each Graph permission that the rules need; the missing ones are listed."""
    return judge_permissions(tenant)


@pytest.mark.rule("CFG-004")
def test_the_clock_agrees_with_the_servers(clocks: dict[str, float]) -> Outcome:
    """This machine's clock is within 5 minutes of the servers' `Date`."""
    if not clocks:
        return unknown("no server told its time")
    observed = "; ".join(f"{service}: {ahead:+.0f} s" for service, ahead in clocks.items())
    far = [service for service, ahead in clocks.items() if abs(ahead) > FARTHEST_S]
    if not far:
        return passed(f"this machine against {observed}")
    if len(far) == len(clocks):
        return fail(f"this machine against {observed}", expected="within 5 minutes")
    remedy = f"Check the host of {far[0]} and what proxy is in between: the others agree with this machine."
    return fail(f"this machine against {observed}", expected="within 5 minutes", remedy=remedy)


@pytest.mark.rule("CFG-005")
def test_the_request_budget_is_kept(budget: dict[str, ServiceBudget]) -> Outcome:
    """More calls than predicted is a warning; 429 answers and waits are named."""
    if not budget:
        return unknown("the audit was interrupted: its requests were not counted")
    spent = "; ".join(
        f"{service}: {use.sent} of {use.predicted} predicted, {use.throttled} throttled, "
        f"{use.waited_s:.1f} s waited"
        for service, use in budget.items()
    )
    if any(use.sent > use.predicted for use in budget.values()):
        return warn(spent, expected="no more calls than predicted")
    return passed(spent)
