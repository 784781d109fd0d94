"""The company half-way to v3 with reports of EWS usage: each state of USE-002 and of the last step."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from nylas_readiness.checks.migration.model import StepState
from nylas_readiness.checks.outcome import Status
from nylas_readiness.fixtures.run.results import results_of
from nylas_readiness.reports.model import Results

pytestmark = pytest.mark.offline

LEFT = {"name": "nylas-v2-left"}
AUDITED = date(2026, 11, 23)


def report(**given: Any) -> dict[str, Any]:  # noqa: ANN401 -- arguments of the fault
    return {"name": "ews-usage-report", "exported": date(2026, 11, 20), **given}


def audited(folder: Path, *faults: dict[str, Any]) -> Results:
    from nylas_readiness.checks.suite.support import harness

    ledger = harness.judge(harness.read_company("migration", folder, faults))
    return results_of(ledger, AUDITED, interrupted=False)


CASES = {
    "no report": ([], Status.NOT_APPLICABLE, "would show which apps call EWS"),
    "use before the cut-over": ([report(used=date(2026, 11, 9))], Status.WARN, "SyncFolderItems (91,877)"),
    "no use before it": ([report(period=90)], Status.NOT_APPLICABLE, "the cut-over is ahead"),
    "no use after it": (
        [LEFT, report(used=date(2026, 10, 1), as_page=True)],
        Status.PASS,
        "from 2026-10-02 to 2026-11-10",
    ),
    "use after it": ([LEFT, report(used=date(2026, 11, 9))], Status.WARN, "v2 has 0 connected accounts"),
    "too few days": (
        [LEFT, report(others=[date(2026, 11, 5)])],
        Status.WAIT,
        "from 2026-11-05 to 2026-11-10",
    ),
    "no certain day": ([LEFT, report()], Status.UNKNOWN, "tells of certain days"),
}


@pytest.mark.parametrize("case", list(CASES))
def test_a_company_shows_each_state_of_the_use_of_ews(case: str, tmp_path: Path) -> None:
    faults, status, said = CASES[case]
    results = audited(tmp_path, *faults)
    rule = next(rule for rule in results.rules if rule.id == "USE-002")
    assert (rule.status, said in rule.observed) == (status, True), rule.observed
    assert results.plan is not None
    step = results.plan[-1]
    assert step.id == "v2-shutdown"
    assert "USE-002: " in step.observed
    is_done = status in {Status.PASS, Status.NOT_APPLICABLE} and LEFT in faults
    assert (step.state is StepState.DONE) == is_done
