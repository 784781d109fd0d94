"""Runs to compare, and what a comparison comes to, written for the tests."""

from nylas_readiness.checks.outcome import Outcome, Status, Waiver, fail, passed
from nylas_readiness.checks.suite.support.report_samples import Findings, audited
from nylas_readiness.fixtures.run.changes import Snapshot, changes_since, snapshot
from nylas_readiness.reports.model import Changes, Results

ANN, BEN, CY = "ann@contoso.com", "ben@contoso.com", "cy@contoso.com"
ALIAS = fail("alias of boss@contoso.com")
WAIVER = Waiver(status=Status.FAIL, owner="jane@contoso.com", reason="known", expires="2027-01-31")
WAIVED = Outcome(status=Status.WAIVED, observed="alias of boss@contoso.com", waiver=WAIVER)


def seen(results: Results) -> Snapshot:
    """Return what a comparison keeps of a run."""
    return snapshot(results.run, results.rules, ((one.email, one.findings) for one in results.accounts))


def compared(before: Results, now: Results) -> Changes:
    """Compare two runs."""
    return changes_since(seen(before), now)


def accounts(found: Findings) -> Results:
    """Return a run that found this of accounts, by one rule."""
    return audited({"ENT-002": passed("redeemed")}, found, "ACC-002")
