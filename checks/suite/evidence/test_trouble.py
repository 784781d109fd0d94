"""A run in the middle of trouble: what was lost is asked for again, and at the end once more."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest

from nylas_readiness.fixtures.clients.patience import FIRM, USUAL

if TYPE_CHECKING:
    from nylas_readiness.fixtures.evidence.journal import Evidence

pytestmark = pytest.mark.offline

# What it counts are the faults themselves.
COUNTS_FAULTS = {"EWS-005"}
Statuses = dict[tuple[str, str], str]
Faults = list[str | dict[str, Any]]


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    from nylas_readiness.checks.suite.support.harness import book_only
    from nylas_readiness.fixtures.clients.transport import Service

    monkeypatch.setattr(Service, "pause", book_only)


def statuses(folder: Path, faults: Faults, scenario: str, accounts: int) -> Statuses:
    """Audit a sandbox; return the status of each rule, and for each account what is open."""
    (found,) = audited(folder, faults, scenario, accounts)
    return found


def audited(
    folder: Path, faults: Faults, scenario: str, accounts: int, *, resumes: int = 0
) -> Iterator[Statuses]:
    """Audit a sandbox, and go on with that so often; yield what each run concludes."""
    from nylas_readiness.checks.suite.support.harness import read
    from nylas_readiness.fixtures.evidence.collect import Limits, collect
    from nylas_readiness.fixtures.evidence.resumed import InterruptedRun
    from nylas_readiness.fixtures.inputs.tenant import load
    from nylas_readiness.fixtures.run.subject import listed
    from nylas_readiness.fixtures.sandbox.server import start
    from nylas_readiness.fixtures.secrets import forgotten_afterwards

    journal = folder / "evidence.journal"
    with forgotten_afterwards(), start(scenario, folder, accounts=accounts, faults=faults) as sandbox:
        tenant = load(sandbox.tenant_file, sandbox.secrets)
        yield concluded(read(tenant, journal))
        for _ in range(resumes):
            limits, before = Limits(concurrency=8), InterruptedRun(journal)
            yield concluded(collect(tenant, listed(tenant), limits, before, lambda _done, _total: None))
        assert not sandbox.errors


def concluded(evidence: "Evidence") -> Statuses:
    from nylas_readiness.checks.suite.support.harness import judge

    ledger = judge(evidence)
    tally = ledger.tally
    outcomes = ledger.outcomes | {rule: one.outcome() for rule, one in tally.rules.items()}
    found = {(rule, ""): str(outcome.status) for rule, outcome in outcomes.items()}
    for email, account in tally.accounts.items():
        settled = dict.fromkeys(tally.rules, "nothing open")
        findings = {rule: str(finding.status) for rule, finding in account.findings.items()}
        found |= {(rule, email): status for rule, status in (settled | findings).items()}
    return {key: status for key, status in found.items() if key[0] not in COUNTS_FAULTS}


@cache
def without_faults(scenario: str, accounts: int) -> Statuses:
    """Return the statuses of a company where nothing is in trouble."""
    with TemporaryDirectory() as folder:
        return statuses(Path(folder), [], scenario, accounts)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_fifth_of_all_calls_in_trouble_changes_hardly_a_status_and_fails_nothing(
    tmp_path: Path, seed: int
) -> None:
    usual = without_faults("migration-ready", 100)
    faults: Faults = [{"name": "unsteady", "percent": 20, "seed": seed}]
    found = statuses(tmp_path, faults, "migration-ready", 100)

    changed = {key: status for key, status in found.items() if status != usual[key]}
    assert "fail" not in changed.values()
    assert len(changed) < len(usual) * 0.05
    of_rules = [rule for rule, email in changed if not email]
    assert len(of_rules) <= 2, of_rules


@pytest.mark.parametrize(("percent", "resumes"), [(10, 0), (30, 1)], ids=["10 %", "30 %, resumed"])
def test_a_small_company_loses_hardly_a_status_in_trouble(tmp_path: Path, percent: int, resumes: int) -> None:
    """At 10 % in one run, at 30 % when that is gone on with once."""
    usual = without_faults("healthy", 16)
    faults: Faults = [{"name": "unsteady", "percent": percent, "seed": 4}]
    *_, found = audited(tmp_path, faults, "healthy", 16, resumes=resumes)

    changed = {key: status for key, status in found.items() if status != usual[key]}
    assert set(changed.values()) <= {"unknown", "warn"}  # MIG-006 warns of what it then cannot know
    assert found.keys() == usual.keys()
    assert len(changed) <= len(usual) * 0.05


@pytest.mark.parametrize("service", ["login", "graph", "outlook", "nylas_v2", "nylas_v3"])
def test_a_strangers_page_in_a_services_place_fails_nothing(tmp_path: Path, service: str) -> None:
    """By turns each kind of page, so that every request of a service meets several."""
    usual = without_faults("migration-ready", 40)
    kinds = ["html-403", "empty-404", "html-401", "portal", "empty-407", "html-511", "{}", "empty-400"]
    faults: Faults = [{"name": "strangers", "service": service, "answers": kinds}]
    found = statuses(tmp_path, faults, "migration-ready", 40)

    assert [key for key, status in found.items() if status == "fail" != usual[key]] == []
    assert {status for key, status in found.items() if status != usual[key]} <= {"unknown", "warn"}
    assert "unknown" in found.values()


def test_what_was_in_trouble_at_the_start_is_asked_for_once_more_at_the_end(tmp_path: Path) -> None:
    """The directory's token, on which everything of Graph hangs, is refused to a whole patience."""
    usual = without_faults("healthy", 40)
    token = {"name": "in-trouble-at-first", "service": "login", "path": "/token", "answers": 2 * FIRM.tries}
    found = statuses(tmp_path, [token], "healthy", 40)

    assert {key for key, status in found.items() if status != usual[key]} == set()
    assert len((tmp_path / "evidence.journal").read_bytes().splitlines()) == 1 + 1 + 40 + 1


def test_an_account_in_trouble_is_asked_for_once_more_and_no_other(tmp_path: Path) -> None:
    usual = without_faults("healthy", 40)
    faults: Faults = [
        {"name": "in-trouble-at-first", "service": "outlook", "path": "/EWS/", "answers": USUAL.tries}
    ]
    found = statuses(tmp_path, faults, "healthy", 40)

    assert {key for key, status in found.items() if status != usual[key]} == set()


def test_trouble_that_stays_is_unknown_and_the_last_pass_ends(tmp_path: Path) -> None:
    usual = without_faults("healthy", 40)
    path = "/EWS/"
    faults: Faults = [{"name": "unreadable", "service": "outlook", "path": path, "answer": "503"}]
    found = statuses(tmp_path, faults, "healthy", 40)

    changed = {key[0]: status for key, status in found.items() if status != usual[key]}
    assert changed["EWS-003"] == "unknown"
    assert "fail" not in changed.values()
