"""Each fault is proven once: its scenario, audited by the live checks, ends as it declares."""

import inspect
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from nylas_readiness.checks.catalogue import active, catalogue
from nylas_readiness.fixtures.clients.transport import Service
from nylas_readiness.fixtures.run.assemble import exit_code_of
from nylas_readiness.fixtures.run.results import results_of
from nylas_readiness.fixtures.sandbox.scenarios import FaultEntry, scenarios

pytestmark = pytest.mark.offline

# What a scenario does not declare.
FINE = {"pass", "not-applicable"}


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for no vendor: no scenario's outcome depends on it."""
    from nylas_readiness.checks.suite.support import harness

    monkeypatch.setattr(Service, "pause", harness.book_only)


@pytest.mark.parametrize("name", list(scenarios()))
def test_a_scenario_ends_as_it_declares(name: str, tmp_path: Path) -> None:
    from nylas_readiness.checks.suite.support import harness
    from nylas_readiness.checks.suite.support.sums import assert_sums_agree

    evidence, declared = harness.read_company(name, tmp_path), scenarios()[name]
    unnamed: set[tuple[str, str]] = set()

    def note(rule: str) -> None:
        # An entry that names no slot at all is test_reads.py's to find, once and not in every scenario.
        if named := catalogue()[rule].slots:
            unnamed.update((rule, slot) for slot in evidence.reads - named)
        evidence.reads.clear()

    ledger = harness.judge(evidence, watch=note)
    as_of = evidence.tenant.setup.as_of
    assert as_of is not None
    results = results_of(ledger, as_of, interrupted=False)
    assert results.run.complete
    ended = {rule.id: str(rule.status) for rule in results.rules if rule.status not in FINE}
    assert ended == declared.rules, told(name, ended, declared.rules)
    assert results.verdict is not None
    assert {"v2": results.verdict.v2, "v3": results.verdict.v3} == {"v3": "not-assessed"} | declared.verdict
    assert exit_code_of(results) == declared.exit_code
    assert_sums_agree(results)
    assert unnamed == set(), "add the slot to `consults` of the rule, in checks/catalogue/rules/"


def told(name: str, ended: dict[str, str], declared: dict[str, str]) -> str:
    """Return what to change in a scenario, if the rules are right as they ended."""
    more = [f"{status} += {rule}" for rule, status in ended.items() if declared.get(rule) != status]
    less = [f"{status} -= {rule}" for rule, status in declared.items() if ended.get(rule) != status]
    return f"[{name}] of fixtures/sandbox/scenarios.toml: {'; '.join((*more, *less))}"


def test_each_rule_is_turned_by_a_scenario() -> None:
    """What an option of the command line decides is turned where that option is tested."""
    turned = {rule for scenario in scenarios().values() for rule in scenario.rules}
    wanted = {
        rule.id for rule in active() if rule.is_live and not (rule.only_informs or needs_an_option(rule.id))
    }
    assert wanted - turned == set(), "add a scenario to fixtures/sandbox/scenarios.toml that turns the rule"
    assert turned - wanted == set(), "no rule in force has this id"


def needs_an_option(rule: str) -> bool:
    """Return whether a rule needs `--allow-writes` or `--baseline`."""
    from nylas_readiness.checks.suite.support import harness

    compares = "earlier_hosts" in inspect.signature(harness.live_checks()[rule]).parameters
    return catalogue()[rule].connects or compares


def test_a_rule_fails_in_some_scenario_unless_it_never_fails() -> None:
    failed = {
        rule for each in scenarios().values() for rule, status in each.rules.items() if status == "fail"
    }
    may_fail = {rule.id for rule in active() if rule.is_live and not rule.never_fails}
    assert failed - may_fail == set(), "take never_fails from the rule, in checks/catalogue/rules/"
    never = {rule for rule in may_fail - failed if not needs_an_option(rule)}
    assert never == set(), "add a scenario in which the rule fails, or never_fails to its entry"


def statuses(scenario: str, folder: Path, faults: Sequence[FaultEntry] = ()) -> dict[str, str]:
    from nylas_readiness.checks.suite.support import harness

    ledger = harness.judge(harness.read_company(scenario, folder, faults, writes=True))
    concluded = ledger.outcomes | {rule: one.outcome() for rule, one in ledger.tally.rules.items()}
    return {rule: str(outcome.status) for rule, outcome in concluded.items()}


@cache
def usual() -> dict[str, str]:
    """Return the statuses of a company in which all is well on both sides."""
    with TemporaryDirectory() as folder:
        return statuses("migration-ready", Path(folder))


@pytest.mark.parametrize(
    ("service", "path", "answer"),
    [
        ("login", "openid-configuration", "html"),
        ("login", "oauth2/v2.0/token", "truncated"),
        ("graph", "/users\\?", "truncated"),
        ("graph", "licenseDetails", "403"),
        ("graph", "mailboxSettings", "null"),
        ("graph", "/domains", "truncated"),
        ("graph", "transitiveMemberOf", "null"),
        ("graph", "conditionalAccess", "truncated"),
        ("graph", "/applications", "403"),
        ("graph", "oauth2PermissionGrants", "html"),
        ("graph", "/calendars", "html"),
        ("outlook", "/EWS/", "html"),
        ("outlook", "autodiscover", "null"),
        ("nylas_v2", "^/a/[^/]+$", "html"),
        ("nylas_v2", "/accounts", "truncated"),
        ("nylas_v2", "/connect/authorize", "html"),
        ("nylas_v3", "/v3/applications", "html"),
        ("nylas_v3", "/v3/connectors", "truncated"),
        ("nylas_v3", "/v3/grants", "null"),
    ],
)
def test_an_answer_that_cannot_be_used_fails_and_passes_no_rule(
    service: str, path: str, answer: str, tmp_path: Path
) -> None:
    """It leaves rules unknown; those that count requests or sum up findings may warn."""
    hostile = {"name": "unreadable", "service": service, "path": path, "answer": answer}
    after = statuses("migration-ready", tmp_path, [hostile])
    changed = {rule: status for rule, status in after.items() if status != usual()[rule]}
    assert "unknown" in changed.values()
    others = {rule: status for rule, status in changed.items() if status != "unknown"}
    assert set(others.values()) <= {"warn"}
    assert all(catalogue()[rule].never_fails for rule in others)


def test_the_plan_warns_of_exactly_the_accounts_that_have_something_open(tmp_path: Path) -> None:
    from nylas_readiness.checks.suite.support import harness

    findings = harness.audit("troubled", tmp_path).findings()
    planned = {email for email, rules in findings.items() if "MIG-006" in rules}
    assert planned == {email for email, rules in findings.items() if set(rules) - {"MIG-006"}}
    assert 0 < len(planned) < len(findings)
