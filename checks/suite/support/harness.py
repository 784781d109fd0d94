"""Runs the live checks on a sandbox scenario without a pytest of its own, for the tests of this suite."""

import inspect
import time
from collections.abc import Callable, Collection, Sequence
from datetime import date
from functools import cache
from importlib import import_module
from importlib.resources import files
from pathlib import Path

from nylas_readiness.checks.catalogue import in_judging_order
from nylas_readiness.checks.live.refusals import Check
from nylas_readiness.checks.suite.support.held_evidence import HeldEvidence, held
from nylas_readiness.fixtures.clients.transport import Service
from nylas_readiness.fixtures.evidence.collect import Limits, collect
from nylas_readiness.fixtures.evidence.journal import Evidence
from nylas_readiness.fixtures.inputs.exceptions import AcceptedFinding
from nylas_readiness.fixtures.inputs.tenant import Tenant, load
from nylas_readiness.fixtures.run.baseline import Baseline
from nylas_readiness.fixtures.run.judging import Ledger
from nylas_readiness.fixtures.run.subject import listed
from nylas_readiness.fixtures.run.waivers import Waivers
from nylas_readiness.fixtures.sandbox.scenarios import FaultEntry
from nylas_readiness.fixtures.sandbox.server import start
from nylas_readiness.fixtures.secrets import forgotten_afterwards

ROOMS = ("nylas_readiness.checks.live", "nylas_readiness.checks.migration")


@cache
def live_checks() -> dict[str, Check]:
    """Return every live check by the rule that it decides, found as pytest finds it: by its marker."""
    names = sorted(
        f"{room}.{path.name.removesuffix('.py')}" for room in ROOMS for path in files(room).iterdir()
    )
    modules = [import_module(name) for name in names if ".test_" in name]
    functions = [one for module in modules for _, one in inspect.getmembers(module, inspect.isfunction)]
    found = {mark.args[0]: one for one in functions for mark in getattr(one, "pytestmark", [])}
    return {rule: found[rule] for rule in in_judging_order() if rule in found}


def read(
    tenant: Tenant,
    journal: Path,
    limits: Limits | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Evidence:
    """Read a tenant as a live run does."""
    limits = limits or Limits(concurrency=8)
    return collect(tenant, listed(tenant), limits, journal, lambda _done, _total: None, clock)


def judge(
    evidence: Evidence,
    as_of: date | None = None,
    baseline: Baseline | None = None,
    accepted: Sequence[AcceptedFinding] = (),
    rules: Collection[str] | None = None,
    watch: Callable[[str], None] | None = None,
) -> Ledger:
    """Judge evidence by the live checks of these rules, or by every one.

    `watch` is told of each rule, which then looks at the accounts in a pass of its own.
    """
    ledger = Ledger()
    ledger.open(evidence)
    date_of = as_of or evidence.tenant.setup.as_of or ledger.started.date()
    ledger.waivers = Waivers(accepted, date_of, baseline.snapshot if baseline else None)
    given = {
        "tenant": evidence.tenant,
        "account": evidence,
        "probes": evidence.probes,
        "budget": evidence.budget,
        "clocks": evidence.clocks,
        "as_of": date_of,
        "earlier_hosts": baseline.hosts if baseline else None,
        "findings": ledger.findings(),
    }
    calls = {
        rule: (check, {name: given[name] for name in inspect.signature(check).parameters})
        for rule, check in live_checks().items()
        if rules is None or rule in rules
    }
    if watch is None:
        ledger.together({rule: call for rule, call in calls.items() if "account" in call[1]})
    for rule, (check, arguments) in calls.items():
        ledger.judge(rule, check, arguments)
        if watch:
            watch(rule)
    return ledger


async def book_only(service: Service, seconds: float) -> None:
    """Book what a vendor asks to wait, and do not wait: in the place of `Service.pause`."""
    service.budget.waited_s += seconds


def read_company(
    scenario: str, folder: Path, faults: Sequence[FaultEntry] = (), *, writes: bool = False
) -> HeldEvidence:
    """Read a scenario's company, a small one, into memory; `faults`: more than the scenario's."""
    limits = Limits(concurrency=8, allow_writes=writes)
    with forgotten_afterwards(), start(scenario, folder, accounts=8, faults=faults) as sandbox:
        evidence = read(load(sandbox.tenant_file, sandbox.secrets), folder / "journal", limits)
        assert not sandbox.errors
    return held(evidence)


def audit(scenario: str, folder: Path, accounts: int = 8) -> Ledger:
    """Run a sandbox scenario, read it and judge it; a small company shows every fault."""
    with forgotten_afterwards(), start(scenario, folder, accounts=accounts) as sandbox:
        evidence = read(load(sandbox.tenant_file, sandbox.secrets), folder / "evidence.journal")
        assert not sandbox.errors
        return judge(evidence)
