"""Small artefacts for the checks of the reports."""

from collections.abc import Mapping
from pathlib import Path

from nylas_readiness.checks.outcome import Outcome, passed
from nylas_readiness.fixtures.evidence.measures import ServiceBudget
from nylas_readiness.fixtures.run.assemble import assemble
from nylas_readiness.fixtures.run.baseline import Baseline
from nylas_readiness.fixtures.run.changes import snapshot
from nylas_readiness.fixtures.run.tally import AccountTally
from nylas_readiness.reports.model import Deadline, Results, Run, TenantId

RUN = Run(
    id="7d0c4f3e-0000-4000-8000-000000000001",
    started="2026-11-23T09:00:00Z",
    finished="2026-11-23T09:00:04Z",
    as_of="2026-11-23",
    suite_version="0.1.0",
    complete=True,
)
TENANT = TenantId("contoso", "8f0c0000-0000-4000-8000-000000000000", "sandbox")
DEADLINE = Deadline(
    id="MIG-003",
    date="2027-04-01",
    state="in 129 days",
    what="Exchange Online shuts EWS down for good",
    whom="every tenant on Exchange Online",
    source="https://techcommunity.microsoft.com/ews",
    read="2026-11-01",
    confidence="vendor, quoted by third parties",
    also=["2027-05: one headline"],
)

Findings = Mapping[str, Mapping[str, Outcome]]


def tallied(findings: Findings, *rules: str) -> AccountTally:
    """Return the tally of `{email: {rule: outcome}}`; an account passes those of `rules` it leaves out."""
    tally = AccountTally((email, None) for email in findings)
    for rule in rules:
        tally.begin(rule)
    for email, outcomes in findings.items():
        for rule in dict.fromkeys((*rules, *outcomes)):
            tally.record(rule, email, outcomes.get(rule, passed("fine")))
    return tally


def audited(outcomes: Mapping[str, Outcome], findings: Findings | None = None, *rules: str) -> Results:
    """Return the artefact of a sandbox audit."""
    return assemble(
        tenant=TENANT,
        run=RUN,
        outcomes=outcomes,
        tally=tallied(findings or {}, *rules),
        deadlines=[DEADLINE],
        budget={"graph": ServiceBudget(predicted=5, sent=4, throttled=0, waited_s=0.0)},
    )


def judged_bodies(outcomes: Mapping[str, Outcome]) -> Results:
    """Return the artefact of a payload run."""
    return assemble(tenant=None, run=RUN, outcomes=outcomes, tally=tallied({}))


def earlier_hosts(hosts: Mapping[str, str | None]) -> Baseline:
    """Return the baseline of an audit that found nothing, with `eas_server_host` by address."""
    seen = snapshot(RUN, [], ((email, {}) for email in hosts))
    return Baseline(path=Path("earlier.json"), tenant=TENANT, hosts={**hosts}, snapshot=seen)
