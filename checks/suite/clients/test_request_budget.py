"""No rule makes a request that another made: an audit sends what CFG-005 predicts, little for an account."""

from pathlib import Path

import pytest

from nylas_readiness.fixtures.evidence.measures import ServiceBudget
from nylas_readiness.fixtures.inputs.tenant import load
from nylas_readiness.fixtures.secrets import forgotten_afterwards

pytestmark = pytest.mark.offline

FEW, MANY = 40, 240

# Requests that one more account may cost each service: Graph is asked in batches of 20 for users, licences
# and mailboxes, and by the v3 app for calendars; Exchange for one calendar and two Autodiscover lookups;
# Nylas lists pages of accounts and of grants.
CEILINGS = {
    "login": 0.0,
    "graph": 3 / 20,
    "graph_v3_app": 1 / 20,
    "ews": 1.0,
    "outlook": 2.0,
    "activesync": 0.0,
    "nylas_v2": 1 / 40,
    "nylas_v3": 1 / 190,
}


def budget(accounts: int, folder: Path, scenario: str = "default") -> dict[str, ServiceBudget]:
    from nylas_readiness.checks.suite.support import harness
    from nylas_readiness.fixtures.sandbox.server import start

    with forgotten_afterwards(), start(scenario, folder, accounts=accounts) as sandbox:
        evidence = harness.read(load(sandbox.tenant_file, sandbox.secrets), folder / "journal")
        sent = sum(sandbox.requests.values())
    assert sum(use.sent for use in evidence.budget.values()) == sent
    return evidence.budget


@pytest.mark.parametrize("scenario", ["default", "migration-ready", "v3-only"])
def test_a_scenario_sends_what_is_predicted(scenario: str, tmp_path: Path) -> None:
    found = budget(FEW, tmp_path, scenario)
    assert {name: (use.sent, use.throttled) for name, use in found.items()} == {
        name: (use.predicted, 0) for name, use in found.items()
    }
    assert ("nylas_v3" in found) == (scenario != "default")


def test_an_account_costs_each_service_no_more_than_its_ceiling(tmp_path: Path) -> None:
    few, many = budget(FEW, tmp_path, "migration-ready"), budget(MANY, tmp_path, "migration-ready")
    grown = {name: (many[name].sent - few[name].sent) / (MANY - FEW) for name in many}
    assert {name: rate for name, rate in grown.items() if rate > CEILINGS[name]} == {}
