"""The result model: what a check concludes, and the one artefact that every view is made from.

`Results` is `results.json`; its JSON Schema is generated from these types (`reports/results.schema.json`).
"""

from enum import StrEnum
from typing import Final

import msgspec

SCHEMA: Final = "https://nylas-readiness.dev/results/1"


class Status(StrEnum):
    """The closed set of statuses, worst first: an account rule has the worst of its accounts."""

    FAIL = "fail"
    UNKNOWN = "unknown"
    WAIT = "wait"
    REVIEW = "review"
    WARN = "warn"
    WAIVED = "waived"
    PASS = "pass"  # noqa: S105 -- a status
    NOT_APPLICABLE = "not-applicable"


class Verdict(StrEnum):
    """What the findings of one side come to."""

    BLOCKED = "blocked"
    INCONCLUSIVE = "inconclusive"
    READY_WITH_WARNINGS = "ready-with-warnings"
    READY = "ready"
    NOT_ASSESSED = "not-assessed"


class Trace(msgspec.Struct, frozen=True):
    """Where a reading comes from: when (UTC, ISO 8601), which request or file, and what it said."""

    at: str
    source: str = msgspec.field(name="from")
    what: str


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a check concludes of its subject. `None` means: as the catalogue says.

    `affected`: how many request bodies have this status; accounts are counted where they are kept.
    """

    status: Status
    observed: str = ""
    expected: str | None = None
    reason: str | None = None
    remedy: str | None = None
    owner: str | None = None
    deadline: str | None = None
    affected: int = 0
    evidence: tuple[Trace, ...] = ()


class Sides(msgspec.Struct, frozen=True):
    """A verdict for each side of the migration."""

    v2: Verdict
    v3: Verdict


class TenantId(msgspec.Struct, frozen=True):
    """Which tenant was audited. `kind` is `sandbox` or `live`."""

    name: str
    id: str | None
    kind: str


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One run of the suite. `complete`: every check that could run did, and no account was left out."""

    id: str
    started: str
    finished: str
    as_of: str
    suite_version: str
    complete: bool


class RuleResult(msgspec.Struct, frozen=True, kw_only=True):
    """One rule's result. `affected`: how many accounts or bodies have this status (0 for a tenant rule)."""

    id: str
    title: str
    subject: str
    severity: str
    owner: str
    status: Status
    observed: str
    expected: str
    remedy: str
    source: str
    deadline: str | None
    affected: int
    reason: str | None
    evidence: list[Trace]


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """A rule's result for one account that is neither `pass` nor `not-applicable`."""

    status: Status
    observed: str
    reason: str | None = None


class NextAction(msgspec.Struct, frozen=True):
    """What to do next about an account, and who."""

    action: str
    owner: str


class AccountResult(msgspec.Struct, frozen=True, kw_only=True):
    """One account of the worklist, in the order of the accounts file."""

    email: str
    verdict: Sides
    next: NextAction
    order: int
    eas_server_host: str | None
    findings: dict[str, Finding]


class Deadline(msgspec.Struct, frozen=True):
    """A vendor's date, and how far it is away as of the run's date."""

    id: str
    date: str
    state: str
    source: str


class ServiceBudget(msgspec.Struct, frozen=True):
    """Requests to one service: predicted, sent, answered with 429 or "busy", and seconds waited for that."""

    predicted: int
    sent: int
    throttled: int
    waited_s: float


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """The artefact. `tenant` and `verdict` are null in a payload or builder run."""

    schema: str = SCHEMA
    tenant: TenantId | None
    run: Run
    verdict: Sides | None
    counts: dict[Status, int]
    planned: list[str]
    rules: list[RuleResult]
    accounts: list[AccountResult]
    deadlines: list[Deadline]
    budget: dict[str, ServiceBudget]
