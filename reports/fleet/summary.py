"""`summary.md` of a fleet: one screen. The page and the terminal begin with the same sentences."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeVar

from nylas_readiness.checks.migration.model import MoveState, Stage, TodayState
from nylas_readiness.reports import markdown, pace_words, words
from nylas_readiness.reports.fleet.model import Fleet, TenantSummary, Totals

State = TypeVar("State", MoveState, TodayState)

# How many tenants, faults and gaps are named.
_TENANTS: Final = 20
_FIRST: Final = 5


def render(fleet: Fleet, files: Sequence[str]) -> str:
    """Return the summary as Markdown. `files`: the names of the reports beside it."""
    return "\n\n".join(_parts(fleet, files)) + "\n"


def _parts(fleet: Fleet, files: Sequence[str]) -> Iterator[str]:
    yield f"# Nylas readiness of {words.plural(fleet.totals.tenants, 'tenant')}, {words.day(fleet.run.as_of)}"
    yield f"**{headline(fleet)}**"
    yield _listed([markdown.plain(line) for line in facts(fleet)])
    if fleet.shared_causes:
        yield "## Shared causes"
        yield _listed(map(markdown.plain, shared_causes(fleet)))
    if fleet.not_audited:
        yield "## Not audited"
        told = [markdown.plain(f"{one.name}: {one.problem}") for one in fleet.not_audited]
        yield _listed(told, _TENANTS)
    if fleet.tenants:
        yield "## Tenants"
        yield "\n".join(_table(fleet.tenants))
    if fleet.faults:
        yield "## Which fault is everywhere"
        yield _listed(map(markdown.plain, faults(fleet)), _FIRST)
    if fleet.gaps:
        yield "## The audit is not set up"
        yield _listed(map(markdown.plain, gaps(fleet)), _FIRST)
    yield "## Files"
    yield _listed(map(markdown.span, files))


def _listed(lines: Iterable[str], most: int | None = None) -> str:
    every = list(lines)
    shown = every[:most]
    more = len(every) - len(shown)
    return "\n".join([*(f"- {line}" for line in shown), *([f"- and {more:,} more"] if more else [])])


def headline(fleet: Fleet) -> str:
    """Return how far the fleet is, the number first."""
    totals = fleet.totals
    if not totals.audited:
        return f"0 of {words.plural(totals.tenants, 'tenant')} could be audited."
    total, blocked = _assessed(totals), totals.stages[Stage.BLOCKED]
    if not total:
        return f"0 of {words.plural(totals.accounts, 'account')}: the move to Nylas v3 has not been checked."
    if not totals.left:
        return f"{total:,} of {words.plural(total, 'account')} {_are(total)} on Nylas v3."
    stuck = f"; {blocked:,} of them {_are(blocked)} blocked" if blocked else ""
    return (
        f"{totals.left:,} of {words.plural(total, 'account')} {_are(totals.left)} not on Nylas v3 yet{stuck}."
    )


def _assessed(totals: Totals) -> int:
    return totals.accounts - totals.stages[Stage.NOT_ASSESSED]


def facts(fleet: Fleet) -> Iterator[str]:
    """Yield what else is to know first: the tenants, today, the last day, the pace, what is missing."""
    totals = fleet.totals
    yield f"Tenants by move: {_states(totals.move, words.MOVE)}."
    yield f"Tenants by today's connection: {_states(totals.today, words.TODAY)}."
    if totals.last_day and totals.days_left is not None:
        days = f", {words.plural(totals.days_left, 'day')} left" if totals.days_left > 0 else ""
        yield f"Last day: {words.day(totals.last_day)}{days}."
    if _assessed(totals):
        yield pace_words.sentence(fleet.pace)
    for application in fleet.applications:
        if application.nobodys:
            told = words.plural(application.nobodys, "account")
            yield (
                f"{told} of the Nylas {application.version} application {application.application} "
                f"{'is' if application.nobodys == 1 else 'are'} in mail domains that no tenant file names."
            )
    if fleet.not_audited:
        count = len(fleet.not_audited)
        yield f"{words.plural(count, 'tenant')} {'was' if count == 1 else 'were'} not audited."
    if not fleet.run.complete:
        yield "This run is incomplete: what is missing here is not passed."


def _states(counts: Mapping[State, int], names: Mapping[State, str]) -> str:
    told = [f"{names[state]} {count:,}" for state, count in counts.items() if count]
    return ", ".join(told) or "not known of any tenant"


def shared_causes(fleet: Fleet) -> Iterator[str]:
    """Yield each shared cause in a line."""
    for cause in fleet.shared_causes:
        yield (
            f"{words.OWNERS[cause.owner]}: the Nylas {cause.version} application {cause.application} of "
            f"{words.plural(len(cause.tenants), 'tenant')} could not be read: {cause.problem}"
        )


def faults(fleet: Fleet) -> Iterator[str]:
    """Yield the rules that are open, a line each."""
    for fault in fleet.faults:
        accounts = f", {words.plural(fault.accounts, 'account')}" if fault.accounts else ""
        yield (
            f"{fault.tenants:,} of {words.plural(fleet.totals.audited, 'tenant')}{accounts}: "
            f"{fault.title} ({fault.rule}, {words.OWNERS[fault.owner]})"
        )


def gaps(fleet: Fleet) -> Iterator[str]:
    """Yield what audits were not given, a line each."""
    for gap in fleet.gaps:
        yield f"{words.plural(gap.tenants, 'tenant')}: {gap.what} ({gap.rule}, {words.OWNERS[gap.owner]})"


def _table(tenants: Sequence[TenantSummary]) -> Iterator[str]:
    yield "| Tenant | Today | Move | Left | Blocked | First |"
    yield "|---|---|---|--:|--:|---|"
    for tenant in tenants[:_TENANTS]:
        cells = (
            markdown.plain(tenant.name),
            words.TODAY[tenant.today],
            words.MOVE[tenant.move],
            "-" if tenant.left is None else f"{tenant.left:,}",
            f"{tenant.stages[Stage.BLOCKED]:,}",
            markdown.prose(first_of(tenant)),
        )
        yield f"| {' | '.join(cells)} |"
    if (more := len(tenants) - _TENANTS) > 0:
        yield f"| and {more:,} more | | | | | |"


def first_of(tenant: TenantSummary) -> str:
    """Return who acts first about a tenant, and what they do."""
    if tenant.first:
        return f"{words.OWNERS[tenant.first.owner]}: {tenant.first.what}"
    if tenant.shared:
        return f"{words.OWNERS['integrator']}: see the shared causes"
    return "nothing is open"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
