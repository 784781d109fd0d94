"""Fleets made by hand: tenants with the stages, tasks and earlier audits that a test gives them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from msgspec.structs import replace

from nylas_readiness.checks.migration.model import Headline, MoveState, Stage, TodayState
from nylas_readiness.checks.migration.pace import WeekCount, history_of
from nylas_readiness.checks.outcome import Outcome, passed
from nylas_readiness.checks.suite.support.report_samples import audited
from nylas_readiness.fixtures.run.fleet.assemble import write_fleet
from nylas_readiness.fixtures.run.fleet.record import NylasRecord, TenantRecord
from nylas_readiness.reports.model import Results, TenantId
from nylas_readiness.reports.write import Written, encode, write_all

AS_OF = date(2026, 11, 23)
LAST_DAY = "2027-04-01"
MOMENT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def stages(**counts: int) -> dict[Stage, int]:
    """Return the number of accounts in each stage, given as `on_both=3`."""
    given = {Stage(name.replace("_", "-")): count for name, count in counts.items()}
    return {stage: given.get(stage, 0) for stage in Stage}


def tenant(
    name: str,
    counts: Mapping[Stage, int],
    outcomes: Mapping[str, Outcome] | None = None,
    *,
    today: TodayState = TodayState.WORKS,
    move: MoveState = MoveState.NOT_READY,
    earlier: Sequence[WeekCount] = (),
) -> Results:
    """Return the results of a tenant whose accounts are in these stages."""
    slug = "".join(filter(str.isalnum, name.lower())) or "tenant"
    emails = [f"user{number}@{slug}.example" for number in range(sum(counts.values()))]
    places = [stage for stage, count in counts.items() for _ in range(count)]
    results = audited(outcomes or {"ENT-002": passed("redeemed")}, {email: {} for email in emails}, "ACC-002")
    headline = Headline(
        today=today,
        today_text=f"Today of {name}.",
        move=move,
        move_text=f"The move of {name}.",
        last_day=LAST_DAY,
        days_left=(date.fromisoformat(LAST_DAY) - AS_OF).days,
        stages=dict(counts),
    )
    return replace(
        results,
        tenant=TenantId(name, None, "sandbox"),
        headline=headline,
        accounts=[
            replace(account, stage=stage) for account, stage in zip(results.accounts, places, strict=True)
        ],
        history=history_of(earlier, week(AS_OF.isoformat(), counts), LAST_DAY),
    )


def week(as_of: str, counts: Mapping[Stage, int]) -> WeekCount:
    """Return what an audit of this date counted."""
    return WeekCount(as_of=as_of, stages=dict(counts))


def record(
    name: str, folder: str | None = None, problem: str | None = None, exit_code: int | None = 1
) -> TenantRecord:
    """Return how the audit of a tenant ended."""
    file = f"tenants/{name}.toml"
    return TenantRecord(name=name, file=file, folder=folder, problem=problem, exit_code=exit_code)


def written(
    directory: Path,
    tenants: Mapping[str, Results],
    *others: TenantRecord,
    nylas: Sequence[NylasRecord] = (),
    is_whole: bool = True,
) -> Written:
    """Write a fleet whose tenants' results are these, by folder. `is_whole`: with the tenants' own views."""
    for folder, results in tenants.items():
        if is_whole:
            write_all(results, directory / folder)
        else:
            (directory / folder).mkdir(parents=True, exist_ok=True)
            (directory / folder / "results.json").write_bytes(encode(results))
    records = [record(_name(results), folder) for folder, results in tenants.items()]
    return assembled(directory, [*records, *others], nylas)


def assembled(directory: Path, records: Sequence[TenantRecord], nylas: Sequence[NylasRecord] = ()) -> Written:
    """Write a fleet whose tenants' results are in their folders."""
    return write_fleet(
        directory,
        records,
        nylas,
        as_of=AS_OF,
        started=MOMENT,
        finished=MOMENT,
        is_complete=True,
    )


def _name(results: Results) -> str:
    assert results.tenant is not None
    return results.tenant.name
