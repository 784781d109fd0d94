"""MIG-006: the next action of each account, judged after everything else."""

from collections.abc import Mapping

import pytest
from msgspec.structs import replace

from nylas_readiness.checks.migration.move import causes_in_words, first_cause, in_the_way, judge_move
from nylas_readiness.checks.outcome import Finding, Outcome, passed, warn
from nylas_readiness.fixtures.evidence.model import AccountEvidence, TenantEvidence

pytestmark = pytest.mark.live


@pytest.mark.rule("MIG-006")
def test_the_next_action_is_known(
    account: AccountEvidence, tenant: TenantEvidence, findings: Mapping[str, Mapping[str, Finding]]
) -> Outcome:
    """The account's next action is the next step to v3, unless something must be put right before."""
    aim = "v3" if "v3" in tenant.setup.sides else None
    first = in_the_way(findings.get(account.email, {}), aim)
    if first:
        return replace(warn(f"first: {causes_in_words(first)}"), cause=first_cause(first))
    return (
        judge_move(account, tenant)
        if aim
        else passed("nothing is in the way of the move to a Nylas v3 grant")
    )
