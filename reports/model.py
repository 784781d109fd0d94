"""The result model: what a check concludes, and the one artefact that every view is made from.

`Results` is `results.json`; its JSON Schema is generated from these types (`reports/results.schema.json`).
"""

from enum import StrEnum
from typing import Final

import msgspec

from nylas_readiness.reports.log_model import Logs

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


class Waiver(msgspec.Struct, frozen=True, kw_only=True):
    """Why a finding is `waived`: the status it has without, who accepts it and why, the last day that counts.

    `expires` is an ISO date in UTC.
    """

    status: Status
    owner: str
    reason: str
    expires: str


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a check concludes of its subject. `None` means: as the catalogue says.

    `affected`: how many request bodies have this status; accounts are counted where they are kept.
    `waiver` goes with the status `waived`, which no check gives.
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
    waiver: Waiver | None = None


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
    """One rule's result. `affected`: how many accounts or bodies have this status (0 for a tenant rule).

    `waiver`: of an account rule that is `waived`, the first account's; each finding has its own.
    """

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
    waiver: Waiver | None = None
    side: list[str] = []


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """A rule's result for one account that is neither `pass` nor `not-applicable`."""

    status: Status
    observed: str
    reason: str | None = None
    waiver: Waiver | None = None


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


class Deadline(msgspec.Struct, frozen=True, kw_only=True):
    """A vendor's date: what happens and to whom, and how far it is away as of the run's date.

    `also`: what other sources say, where they differ.
    """

    id: str
    date: str
    state: str
    what: str
    whom: str
    source: str
    read: str
    confidence: str
    also: list[str]


class ServiceBudget(msgspec.Struct, frozen=True):
    """Requests to one service: predicted, sent, answered with 429 or "busy", and seconds waited for that."""

    predicted: int
    sent: int
    throttled: int
    waited_s: float


class ChangeKind(StrEnum):
    """How a finding differs from the baseline's, what asks for attention first."""

    NEW = "new"
    WORSE = "worse"
    GONE = "gone"
    BETTER = "better"
    FIXED = "fixed"


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One finding that is not as it was. A finding is a status other than `pass` and `not-applicable`.

    `new`: none before; `fixed`: none now; `worse`, `better`: another status, by the order of statuses;
    `gone`: its account is no longer audited. `email`: as the later of the runs that have it writes it; null
    for what is not of one account. `before`, `after`: null where there is no finding.
    """

    kind: ChangeKind
    rule: str
    email: str | None
    before: Finding | None
    after: Finding | None


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """What changed since `baseline`, over the rules that both runs decided, the gravest first.

    `counts`: of `changed`, by kind; `waived_since`: how many of them were open in the baseline and are
    accepted now (they are `better`); `accounts_joined`, `accounts_left`: audited in one run only, likewise
    `rules_joined` and `rules_left`, which are compared with nothing; `limits`: sentences on what the
    comparison could not take in.
    """

    baseline: Run
    counts: dict[ChangeKind, int]
    waived_since: int
    accounts_joined: int
    accounts_left: int
    rules_joined: list[str]
    rules_left: list[str]
    limits: list[str]
    changed: list[Change]


class ExceptionState(StrEnum):
    """What became of an exception in this run, what asks for attention first.

    `hides-worsened`: it waives a finding that is worse than in the baseline; `not-judged`: its rule was not
    decided in this run.
    """

    HIDES_WORSENED = "hides-worsened"
    EXPIRED = "expired"
    UNUSED = "unused"
    NOT_JUDGED = "not-judged"
    USED = "used"


class ExceptionUse(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the exceptions file, in its order, and what it did.

    `account`: an address or a pattern, null for all; `expires`: ISO date in UTC, the last day that counts;
    `findings`: how many it waived, or would have if it had not expired; `worsened`: how many of them are
    worse than in the baseline; `examples`: addresses of the first of those (of the first that it waived,
    where none is).
    """

    rule: str
    account: str | None
    owner: str
    reason: str
    expires: str
    state: ExceptionState
    findings: int
    worsened: int
    examples: list[str]


class StepState(StrEnum):
    """How far a step of the plan is: done, to be done now, or blocked by steps before it."""

    DONE = "done"
    TO_DO = "to-do"
    BLOCKED = "blocked"


class PlanStep(msgspec.Struct, frozen=True, kw_only=True):
    """One step of the tenant's way to Nylas v3, in order.

    `unread`: why it is not known whether it is done; null where it is known. `waits_for`: the steps that have
    to be done before, where it is blocked. `deadline`: the rule of the date
    by which it has to be done, `due`: that date; null where it is done or no date bites. `how`: as a remedy.
    """

    id: str
    title: str
    state: StepState
    unread: str | None
    owner: str
    observed: str
    rules: list[str]
    waits_for: list[str]
    deadline: str | None
    due: str | None
    how: str
    source: str


class Granted(StrEnum):
    """Whether the v3 app has a permission, and by what."""

    YES = "yes"
    BY_RBAC = "by-rbac"
    NO = "no"
    UNKNOWN = "unknown"


class ScopeRow(msgspec.Struct, frozen=True, kw_only=True):
    """One scope of v2, and the application permissions of Microsoft Graph that stand for it in v3."""

    scope: str
    feature: str
    read: list[str]
    write: list[str]
    in_use: bool
    granted: Granted


class Matched(msgspec.Struct, frozen=True, kw_only=True):
    """How many addresses something is true of, and the first of them, at most 20."""

    count: int
    examples: list[str]


class Regions(msgspec.Struct, frozen=True, kw_only=True):
    """The region of the v2 application, the one that v3 has to be in, and the one that it is in."""

    v2: str | None
    v3_wanted: str | None
    v3: str | None


class Migration(msgspec.Struct, frozen=True, kw_only=True):
    """What of v2 goes where in v3. `matching`: who is known to which side, null as far as that was not read.

    `changes`: the rule that lists what v3 lacks or changes; null where it is not one for this tenant.
    """

    scopes: list[ScopeRow]
    matching: dict[str, Matched | None] | None
    unread: str | None
    regions: Regions
    changes: str | None


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """The artefact. `tenant`, `verdict`: null in a payload or builder run; `changes`: without a baseline."""

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
    changes: Changes | None = None
    exceptions: list[ExceptionUse] = []
    plan: list[PlanStep] = []
    migration: Migration | None = None
    logs: Logs | None = None
