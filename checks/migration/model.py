"""What the way to v3 is made of, as it stands in `results.json`."""

from enum import StrEnum

import msgspec


class NextAction(msgspec.Struct, frozen=True):
    """What to do next about an account, and who."""

    action: str
    owner: str


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
