"""Accounts on their way from v2 to v3, and what the plan measures of them."""

import msgspec

from nylas_readiness.checks.migration.plan import Measure
from nylas_readiness.checks.migration.progress import Progress, measures_of, progress_of
from nylas_readiness.checks.outcome import Finding, Status
from nylas_readiness.checks.suite.support.evidence_samples import (
    account_with,
    read,
    setup_with,
    tenant_with,
    v3_tenant,
)
from nylas_readiness.checks.suite.support.plan_samples import decided
from nylas_readiness.fixtures.evidence.model import (
    AccountEvidence,
    ConnectedAccount,
)
from nylas_readiness.fixtures.evidence.slots import Unread
from nylas_readiness.fixtures.evidence.v3_model import (
    AccountGrant,
    V3Setup,
)

NEEDED = ["Calendars.ReadWrite"]


V3 = V3Setup(client_id="v3-app", region="eu", url="https://api.eu.nylas.com", credential_name="bulk")


BEGUN = msgspec.structs.replace(V3, microsoft_client_id="an-app")
UNREAD = Unread(reason="HTTP 503")


def grant(status: str = "valid", *, blocked: bool = False) -> AccountGrant:
    """Return a grant on record."""
    return AccountGrant(id="g1", provider="microsoft", status=status, blocked=blocked)


def on_v2(*states: str) -> list[ConnectedAccount]:
    """Return v2 accounts in these states; `/` stands before a billing state."""
    pairs = [state.partition("/") for state in states]
    return [
        ConnectedAccount(account_id=f"a{n}", email="x", sync_state=sync, billing_state=billing or None)
        for n, (sync, _, billing) in enumerate(pairs)
    ]


def account(
    email: str, grants: list[AccountGrant] | None = None, connected: tuple[str, ...] = ()
) -> AccountEvidence:
    """Return an account with what was read of it."""
    return account_with(email=email, grants=read(grants or []), connected=read(on_v2(*connected)))


def counted(*accounts: AccountEvidence, broken: dict[str, str] | None = None) -> Progress:
    """Count accounts; `broken`: the rule that an address breaks."""
    findings = {
        email: {rule: Finding(status=Status.FAIL, observed="x")} for email, rule in (broken or {}).items()
    }
    return progress_of(v3_tenant(), accounts, findings)


def measure(step: str, progress: Progress | None = None, **slots: object) -> Measure:
    """Return what the plan measures of a step."""
    rules = decided(NY3_004=Status.PASS) if slots.pop("consented", False) else {}
    setup = setup_with(v3=slots.pop("v3", BEGUN))
    return measures_of(tenant_with(setup=setup, **slots), progress or Progress(), NEEDED, rules)[step]
