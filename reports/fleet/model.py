"""The fleet's artefact: what stands in its tenants' results, added up once.

`Fleet` is `fleet.json`; its JSON Schema is generated from these types (`fleet.schema.json`).
"""

from typing import Final

import msgspec

from nylas_readiness.checks.migration.model import MoveState, Stage, TodayState
from nylas_readiness.checks.migration.pace import Pace
from nylas_readiness.checks.outcome import Status
from nylas_readiness.checks.verdict import Sides

SCHEMA: Final = "https://nylas-readiness.dev/fleet/1"


class FleetRun(msgspec.Struct, frozen=True, kw_only=True):
    """One run over a fleet. `complete`: every tenant was audited, and every audit is complete."""

    started: str
    finished: str
    as_of: str
    suite_version: str
    complete: bool


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """The fleet in numbers. `stages`, `left`: the sums over the tenants that were audited."""

    tenants: int
    audited: int
    today: dict[TodayState, int]
    move: dict[MoveState, int]
    accounts: int
    stages: dict[Stage, int]
    left: int
    last_day: str | None
    days_left: int | None


class ChangeCounts(msgspec.Struct, frozen=True, kw_only=True):
    """How many findings changed since an earlier audit of the tenant."""

    since: str
    fixed: int
    new: int
    worse: int


class FirstTask(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done first about a tenant, and who does it."""

    rule: str
    owner: str
    what: str


class NextDate(msgspec.Struct, frozen=True, kw_only=True):
    """The next of the vendors' dates that is ahead for a tenant."""

    rule: str
    date: str


class TenantSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One tenant that was audited, as its `results.json` has it.

    `letters`: to whom there is a letter; `left`: null where the move was not checked; `tasks`: the rules of
    its open tasks, most urgent first; `lacks`: those by which its audit is not set up;
    `shared`: those whose cause is told once for several tenants.
    """

    name: str
    id: str | None
    kind: str
    folder: str
    exit_code: int | None
    complete: bool
    letters: list[str]
    verdict: Sides
    today: TodayState
    today_text: str
    move: MoveState
    move_text: str
    accounts: int
    stages: dict[Stage, int]
    left: int | None
    changes: ChangeCounts | None
    first: FirstTask | None
    next_date: NextDate | None
    pace: Pace | None
    tasks: list[str]
    lacks: list[str]
    shared: list[str]
    last_day: str | None


class NotAudited(msgspec.Struct, frozen=True, kw_only=True):
    """One tenant without a result, and why."""

    name: str
    file: str
    folder: str | None
    exit_code: int | None
    problem: str


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """A rule with open tasks: in how many tenants, and of how many accounts.

    `statuses`: how many tenants have which; `names`: the first of the tenants, at most 12.
    """

    rule: str
    title: str
    severity: str
    owner: str
    tenants: int
    accounts: int
    statuses: dict[Status, int]
    names: list[str]


class SharedCause(msgspec.Struct, frozen=True, kw_only=True):
    """A Nylas application that could not be read: one thing to put right for all tenants that share it."""

    version: str
    application: str
    problem: str
    owner: str
    tenants: list[str]


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """A Nylas application that was read once for the fleet. `nobodys`: in domains of no tenant file."""

    version: str
    application: str
    tenants: int
    accounts: int | None
    nobodys: int | None


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """Something that audits were not given, so that they are not whole. `names`: the first, at most 12."""

    rule: str
    what: str
    observed: str
    owner: str
    tenants: int
    names: list[str]


class FleetWeek(msgspec.Struct, frozen=True, kw_only=True):
    """The accounts at the end of a week, by stage. `tenants`: how many had been audited by then."""

    as_of: str
    tenants: int
    stages: dict[Stage, int]
    left: int


class Fleet(msgspec.Struct, frozen=True, kw_only=True):
    """The artefact of a fleet. `weeks`: the burn-down, oldest first; the last one is this run."""

    schema: str = SCHEMA
    run: FleetRun
    totals: Totals
    tenants: list[TenantSummary]
    not_audited: list[NotAudited]
    faults: list[Fault]
    shared_causes: list[SharedCause]
    applications: list[Application]
    gaps: list[Gap]
    weeks: list[FleetWeek]
    pace: Pace
