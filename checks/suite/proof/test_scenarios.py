"""Each sandbox scenario, audited by the live checks, ends with the statuses and verdict that it declares."""

from pathlib import Path

import pytest

from nylas_readiness.fixtures.clients.transport import Service
from nylas_readiness.fixtures.run.assemble import exit_code_of
from nylas_readiness.fixtures.run.results import results_of
from nylas_readiness.fixtures.sandbox.scenarios import scenarios

pytestmark = pytest.mark.offline

# What a scenario does not declare.
FINE = {"pass", "not-applicable"}


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for no vendor: no scenario's outcome depends on it."""
    from nylas_readiness.checks.suite.support.harness import book_only

    monkeypatch.setattr(Service, "pause", book_only)


@pytest.mark.parametrize("name", list(scenarios()))
def test_a_scenario_ends_as_it_declares(name: str, tmp_path: Path) -> None:
    from nylas_readiness.checks.suite.support.harness import audit
    from nylas_readiness.checks.suite.support.sums import assert_sums_agree

    ledger, declared = audit(name, tmp_path), scenarios()[name]
    assert ledger.evidence is not None
    as_of = ledger.evidence.tenant.setup.as_of
    assert as_of is not None
    results = results_of(ledger, as_of, interrupted=False)
    assert results.run.complete
    assert {rule.id: rule.status for rule in results.rules if rule.status not in FINE} == declared.rules
    assert results.verdict is not None
    assert {"v2": results.verdict.v2, "v3": results.verdict.v3} == {"v3": "not-assessed"} | declared.verdict
    assert exit_code_of(results) == declared.exit_code
    assert_sums_agree(results)


def test_the_plan_warns_of_exactly_the_accounts_that_have_something_open(tmp_path: Path) -> None:
    from nylas_readiness.checks.suite.support.harness import audit

    findings = audit("troubled", tmp_path).findings()
    planned = {email for email, rules in findings.items() if "MIG-006" in rules}
    assert planned == {email for email, rules in findings.items() if set(rules) - {"MIG-006"}}
    assert 0 < len(planned) < len(findings)
