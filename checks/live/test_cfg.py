"""CFG: preflight."""

from itertools import chain

import pytest
from msgspec.structs import replace

from nylas_readiness.checks.live.ownership import judge_ownership, others_of
from nylas_readiness.checks.live.permissions import judge_permissions
from nylas_readiness.checks.outcome import Outcome, fail, passed, require, unknown, warn
from nylas_readiness.checks.verdict import SIDES
from nylas_readiness.fixtures.evidence.measures import ServiceBudget
from nylas_readiness.fixtures.evidence.model import Setup, TenantEvidence
from nylas_readiness.fixtures.inputs.accounts import ListFormat
from nylas_readiness.fixtures.inputs.sections import sides_served

pytestmark = pytest.mark.live

FARTHEST_S = 300


@pytest.mark.rule("CFG-001")
def test_the_tenant_file_is_well_formed(tenant: TenantEvidence) -> Outcome:
    """Every secret is a reference that resolves; sections left out are named with what they leave open."""
    setup = tenant.setup
    if setup.unresolved:
        served = {key: _sides(key, setup) for key in setup.unresolved}
        outcome = fail(
            "; ".join(f"{why} (for {' and '.join(served[key])})" for key, why in setup.unresolved.items()),
            expected=f"every reference of {setup.tenant_file} resolves",
            remedy="Set " + ", ".join(setup.unresolved) + " as the message says, and run again.",
        )
        return replace(outcome, sides=tuple(side for side in SIDES if side in chain(*served.values())))
    left_out = "; ".join(f"[{section}] is left out: {what}" for section, what in setup.left_out.items())
    return passed(left_out or "well-formed, every section given")


def _sides(key: str, setup: Setup) -> list[str]:
    """Return the sides that the secret at a key serves, of those that are audited."""
    return [side for side in sides_served(key) if side in setup.sides]


@pytest.mark.rule("CFG-002")
def test_the_accounts_file_parses(tenant: TenantEvidence) -> Outcome:
    """Each bad line is reported with its number and costs that line only; duplicates are reported."""
    source, read_as = tenant.list_source, _read_as(tenant.list_format)
    again = [f"{line} (kept once)" for line in tenant.duplicates]
    if tenant.bad_lines:
        return fail(f"{source}: " + "; ".join([*tenant.bad_lines, *again]) + read_as)
    if again:
        return warn(f"{source}: " + "; ".join(again) + read_as)
    if not tenant.account_count:
        require(tenant.inventory)  # without a list the inventory is the list
        return fail(f"{source} has no account{read_as}" + (" of the tenant's" if others_of(tenant) else ""))
    return passed(f"{tenant.account_count} accounts from {source}{read_as}")


def _read_as(read: ListFormat | None) -> str:
    """Say how an accounts file was read; names in an encoding that is only the last resort may be wrong."""
    if read is None:
        return ""
    guessed = ", as it is not UTF-8: names may be misread" if read.encoding == "Windows-1252" else ""
    column = f"addresses from the column {read.column}"
    return f" ({column}; {read.delimiter} between cells; {read.encoding}{guessed})"


@pytest.mark.rule("CFG-003")
def test_the_directory_app_has_the_permissions_that_the_rules_need(tenant: TenantEvidence) -> Outcome:
    """The app's token has each Graph permission that the rules need; the missing ones are listed."""
    return judge_permissions(tenant)


@pytest.mark.rule("CFG-004")
def test_the_clock_agrees_with_the_servers(clocks: dict[str, float]) -> Outcome:
    """This machine's clock is within 5 minutes of the servers' `Date`."""
    if not clocks:
        return unknown("no server told its time")
    observed = "; ".join(f"{service}: {ahead:+.0f} s" for service, ahead in sorted(clocks.items()))
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
        return passed(f"more calls than predicted: {spent}")
    return passed(spent)


@pytest.mark.rule("CFG-006")
def test_only_the_tenants_own_accounts_are_audited(tenant: TenantEvidence) -> Outcome:
    """Whose accounts: the list's, or those in the tenant's own domains; others are counted, never named."""
    return judge_ownership(tenant)
