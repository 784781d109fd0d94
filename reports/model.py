"""The result model: what a check concludes, and the one artefact that every view is made from.

`Results` is `results.json`; its JSON Schema is generated from these types (`reports/results.schema.json`).
"""

from enum import StrEnum
from typing import Final

import msgspec

from nylas_readiness.checks.migration.model import Headline, Migration, NextAction, PlanStep, Stage, Task
from nylas_readiness.checks.migration.pace import History
from nylas_readiness.checks.outcome import Finding, RuleResult, Status, WaiverKind
from nylas_readiness.checks.verdict import Sides
from nylas_readiness.fixtures.evidence.measures import Logs, Material, ServiceBudget

SCHEMA: Final = "https://nylas-readiness.dev/results/2"


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


class AccountResult(msgspec.Struct, frozen=True, kw_only=True):
    """One account of the worklist, in the order of the accounts file."""

    email: str
    verdict: Sides
    next: NextAction
    order: int
    stage: Stage = Stage.NOT_ASSESSED
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
    """What changed since `baseline`, over the rules that both runs decided, most urgent first.

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

    `hides-worsened`: it waives a finding that is worse than in the baseline; `not-yet`: it was attested on a
    later day than the one judged by; `not-judged`: its rule was not decided in this run.
    """

    HIDES_WORSENED = "hides-worsened"
    EXPIRED = "expired"
    NOT_YET = "not-yet"
    UNUSED = "unused"
    NOT_JUDGED = "not-judged"
    USED = "used"


class ExceptionUse(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the exceptions file, in its order, and what it did.

    `kind`, `owner`, `reason`, `when`: as of a waiver; `account`: an address or a pattern, null for all;
    `expires`: ISO date in UTC, the last day that counts; `findings`: how many it waived, or would have if it
    had not expired; `worsened`: how many of them are worse than in the baseline; `examples`: addresses of the
    first of those (of the first that it waived, where none is).
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
    kind: WaiverKind = WaiverKind.ACCEPTED
    when: str | None = None


class DecidedAccounts(msgspec.Struct, frozen=True, kw_only=True):
    """Of how many accounts one side is decided."""

    decided: int
    accounts: int


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """How many accounts stand behind each side's verdict."""

    v2: DecidedAccounts
    v3: DecidedAccounts


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """The artefact. `tenant`, `verdict`: null in a payload or builder run; `changes`: without a baseline."""

    schema: str = SCHEMA
    tenant: TenantId | None
    run: Run
    verdict: Sides | None
    decided: Decided | None = None
    counts: dict[Status, int]
    planned: list[str]
    rules: list[RuleResult]
    accounts: list[AccountResult]
    deadlines: list[Deadline]
    budget: dict[str, ServiceBudget]
    changes: Changes | None = None
    exceptions: list[ExceptionUse] = []
    headline: Headline | None = None
    tasks: list[Task] = []
    plan: list[PlanStep] = []
    migration: Migration | None = None
    history: History | None = None
    logs: Logs | None = None
    material: list[Material] = []
