"""What the way to v3 is made of, as it stands in `results.json`."""

from enum import StrEnum

import msgspec

from nylas_readiness.checks.outcome import Status, Waiver


class ActionKind(StrEnum):
    """What kind of thing is to be done next about an account.

    `mend`: what was found is put right; `read`: the audit has to read what it could not; `wait`: it is too
    early; `plan`: the tenant's next step of the plan comes first; `move`: the account itself is moved to v3;
    `none`: nothing is left to do.
    """

    MEND = "mend"
    READ = "read"
    WAIT = "wait"
    PLAN = "plan"
    MOVE = "move"
    NONE = "none"


class NextAction(msgspec.Struct, frozen=True):
    """What to do next about an account, and who. `rule`: whose finding asks for it; `step`: of the plan."""

    action: str
    owner: str
    kind: ActionKind
    rule: str | None = None
    step: str | None = None


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


class Urgency(StrEnum):
    """How urgent a task is, most urgent first."""

    MUST = "must"
    UNDECIDED = "undecided"
    SHOULD = "should"
    ACCEPTED = "accepted"


class Concerned(msgspec.Struct, frozen=True, kw_only=True):
    """Accounts with an equal finding of a rule."""

    status: Status
    observed: str
    waiver: Waiver | None
    emails: list[str]


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that is decided again once a task is done: `accounts` with this status (0: the tenant's own)."""

    rule: str
    status: Status
    accounts: int


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to do: a rule's findings that stand for themselves, with one owner and one remedy.

    `what`: in one line; `why`: what happens as long as nothing is done; `by`: an ISO date; `takes`: how long
    it takes to work; `accounts`: how many have a finding here, `concerned` the first of them, the worst
    first, and `more` that are not named; `frees`: how many accounts are decided again, or work, once it is
    done; `behind`: what waits for it.
    """

    id: str
    rule: str
    urgency: Urgency
    status: Status
    severity: str
    owner: str
    what: str
    why: str
    observed: str
    reason: str | None
    remedy: str
    by: str | None
    takes: str | None
    done_when: str
    accounts: int
    frees: int
    concerned: list[Concerned]
    more: int
    waiver: Waiver | None
    behind: list[Waiting]


class Stage(StrEnum):
    """How far an account is on its way to Nylas v3; each account is in exactly one stage."""

    FINISHED = "finished"
    ON_BOTH = "on-both"
    CAN_MOVE = "can-move"
    BLOCKED = "blocked"
    TO_CLARIFY = "to-clarify"
    NOT_ASSESSED = "not-assessed"


class TodayState(StrEnum):
    """What today's connection through Nylas v2 does."""

    WORKS = "works"
    WORKS_PARTLY = "works-partly"
    DOES_NOT_WORK = "does-not-work"
    UNDECIDED = "undecided"
    NOT_SET_UP = "not-set-up"
    NOT_CHECKED = "not-checked"


class MoveState(StrEnum):
    """How far the tenant's move to Nylas v3 is."""

    FINISHED = "finished"
    READY = "ready"
    NOT_READY = "not-ready"
    NOT_BEGUN = "not-begun"
    UNDECIDED = "undecided"
    NOT_SET_UP = "not-set-up"
    NOT_CHECKED = "not-checked"


class Headline(msgspec.Struct, frozen=True, kw_only=True):
    """What a manager reads first: the connection of today, the move, and the last day.

    `stages`: how many accounts are in each stage; they add up to all accounts.
    """

    today: TodayState
    today_text: str
    move: MoveState
    move_text: str
    last_day: str | None
    days_left: int | None
    stages: dict[Stage, int]
