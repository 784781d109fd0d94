"""What exported reports say of the use of EWS: the judgement behind USE-001 to USE-003."""

from datetime import date, timedelta
from typing import Final

from nylas_readiness.checks.catalogue.deadlines import deadlines
from nylas_readiness.checks.outcome import (
    Outcome,
    Status,
    Undecided,
    depends_on,
    not_applicable,
    passed,
    require,
    unknown,
    wait,
    warn,
)
from nylas_readiness.fixtures.clients.codes import Unreadable
from nylas_readiness.fixtures.evidence.model import TenantEvidence
from nylas_readiness.fixtures.evidence.slots import Absent, Read, Slot, Unread
from nylas_readiness.fixtures.ews_usage.model import AppUsage, EwsUsage, UsageFile, Window, gaps_of
from nylas_readiness.fixtures.ews_usage.windows import DELAY

# Nylas synchronises all day: an app that it still used would be seen on many of these days.
QUIET_DAYS: Final = 14
_MOST_SHOWN: Final = 10
# How Find-EwsApps ends the names of Microsoft's own apps, which Microsoft moves.
_MICROSOFTS: Final = "(MSFT)"
_SHARED: Final = "whatever else uses this app counts too"


def usage_of(tenant: TenantEvidence) -> Read[EwsUsage]:
    """Return what was read; what hangs on files that could not be read is undecided."""
    match tenant.ews_usage:
        case Read() as slot:
            return slot
        case Unread(reason=reason, code=code):
            why = "no file of ews_usage could be read" if code is Unreadable.FILE else reason
            raise Undecided(depends_on("USE-001", why))
        case Absent(reason=reason):
            raise Undecided(not_applicable(reason))


def judge_files(slot: Slot[EwsUsage]) -> Outcome:
    """Say which days each file tells of. What could not be read is a warning."""
    usage = require(slot)
    told = "; ".join(_told(file) for file in usage.files[:_MOST_SHOWN])
    more = len(usage.files) - _MOST_SHOWN
    observed = told + (f"; and {more} more files" if more > 0 else "")
    complaints = [*usage.problems[:3], *_complaints(usage)]
    trace = [slot.trace] if isinstance(slot, Read) else []
    return (
        warn(f"{observed}. But: {'; '.join(complaints)}", *trace) if complaints else passed(observed, *trace)
    )


def _told(file: UsageFile) -> str:
    return f"{file.name} ({file.kind}) {file.window or 'tells of no certain day'}"


def _complaints(usage: EwsUsage) -> list[str]:
    gaps = [f"no usage report tells of the days {gap}" for gap in gaps_of(usage.covered)]
    own = [f"{file.name}: {complaint}" for file in usage.files for complaint in file.complaints]
    none = [] if usage.reports else ["none of them is the admin center's report of EWS usage"]
    return [*none, *gaps[:3], *own[:_MOST_SHOWN]]


def judge_v2_use(tenant: TenantEvidence, as_of: date) -> Outcome:
    """Judge whether the app of v2 is quiet since the cut-over, as long as it takes to be sure."""
    slot = usage_of(tenant)
    client_id = tenant.setup.client_id
    if client_id is None:
        return not_applicable("[microsoft] is left out: the app that v2 uses is not known")
    app = slot.value.app(client_id)
    silence = slot.value.silence_of(app)
    if app.sources and not _is_quiet(slot.value, silence):
        return warn(_seen(app, tenant), slot.trace)
    connected = connected_to_v2(tenant)
    if isinstance(connected, int) and connected:
        return not_applicable(f"the cut-over is ahead: v2 has {_many(connected, 'connected account')}")
    quiet = _judge_silence(slot, app, silence, as_of)
    if quiet.status is Status.PASS and isinstance(connected, str):
        return unknown(f"{quiet.observed}; it is not known whether that is after the cut-over: {connected}")
    return quiet


def _is_quiet(usage: EwsUsage, silence: Window | None) -> bool:
    """Return whether the use that was seen is long ago: in none of the last days that reports tell of."""
    if silence is None:
        return False
    return silence.days >= QUIET_DAYS or silence.first == usage.covered[-1].first


def _judge_silence(slot: Read[EwsUsage], app: AppUsage, silence: Window | None, as_of: date) -> Outcome:
    """Judge the days without a use; there may be use that no report tells of."""
    usage = slot.value
    if silence is None:
        return unknown(f"no report of EWS usage tells of certain days, which it takes{_signed_in(app)}")
    if usage.nameless:
        return unknown(f"{_many(usage.nameless, 'row')} of the reports name no app: it may be that of v2")
    before = f"; its last use was on {app.last_use}" if app.last_use else ""
    names = ", ".join(file.name for file in usage.reports_of(silence)[:3])
    quiet = f"no EWS use by {app.app_id} seen {silence} by {names}{before}{_signed_in(app)}"
    if silence.days < QUIET_DAYS:
        return _too_few_days(quiet, silence, as_of)
    return passed(quiet, slot.trace)


def _too_few_days(quiet: str, silence: Window, as_of: date) -> Outcome:
    """Wait for the day on which a report tells of enough days, or ask for one of a longer period."""
    takes = f"it takes {QUIET_DAYS} days without use: export a report of 30 days or more"
    enough = silence.first + timedelta(days=QUIET_DAYS - 1) + DELAY
    if enough <= as_of:
        return unknown(f"{quiet}; {takes}")
    return wait(f"{takes} on {enough} or later", observed=quiet)


def connected_to_v2(tenant: TenantEvidence) -> int | str:
    """Return how many accounts v2 still has, or why that is not known."""
    application, inventory = tenant.nylas_application, tenant.nylas_inventory
    if isinstance(application, Read) and application.value.is_gone:
        return 0
    if isinstance(inventory, Read):
        return inventory.value.total - inventory.value.disconnected
    return inventory.reason


def _seen(app: AppUsage, tenant: TenantEvidence) -> str:
    """Say what calls, and what may stand behind the app's id."""
    v3, connected = tenant.setup.v3, connected_to_v2(tenant)
    others = _many(app.other_users, "user")
    notes = [
        f"by {', '.join(app.agents)}" if app.agents else "",
        _SHARED,
        f"{others} beside the service account sign in with it" if app.other_users else "",
        "v3 has the same app" if v3 and (v3.microsoft_client_id or "").lower() == app.app_id else "",
        f"v2 has {_many(connected, 'connected account')}" if isinstance(connected, int) else "",
    ]
    return f"the app of v2 uses EWS: {described(app)}; {'; '.join(filter(None, notes))}"


def _signed_in(app: AppUsage) -> str:
    """Say when the app last signed in, which does not show what it called."""
    return f"; it last signed in on {app.last_sign_in}, to whatever service" if app.last_sign_in else ""


def judge_other_apps(tenant: TenantEvidence) -> Outcome:
    """Name the other apps that use EWS, which nobody can after the shutdown."""
    slot, own = usage_of(tenant), (tenant.setup.client_id or "").lower()
    usage, due = slot.value, deadlines()["MIG-003"].due
    apps = [app for app in usage.apps if app.sources and app.app_id != own]
    others = [app for app in apps if not (app.name or "").endswith(_MICROSOFTS)]
    if others:
        return warn(_listed(others, due), slot.trace, deadline=due.isoformat())
    if usage.nameless:
        return unknown(f"{_many(usage.nameless, 'row')} of the reports name no app")
    if not usage.covered:
        return unknown("no report of EWS usage tells of certain days, which it takes")
    beside = f", beside {_many(len(apps), 'app')} of Microsoft's own" if apps else ""
    return passed(f"no EWS use by another app seen {', '.join(map(str, usage.covered))}{beside}", slot.trace)


def _listed(apps: list[AppUsage], due: date) -> str:
    first = sorted(apps, key=lambda app: (-app.called, app.app_id))[:_MOST_SHOWN]
    more = f"; and {len(apps) - len(first)} more" if len(apps) > len(first) else ""
    listed = "; ".join(f"{app.name or 'no name'} ({app.app_id}): {described(app)}" for app in first)
    return f"{_many(len(apps), 'other app')} used EWS, which ends on {due}: {listed}{more}"


def described(app: AppUsage) -> str:
    """Say what an app calls, and when it did last."""
    calls = ", ".join(f"{action} ({count:,})" for action, count in [*app.calls.items()][:3] if count)
    when = f"last on {app.last_use}" if app.last_use else "on days that cannot be read"
    return f"{calls + ', ' if calls else ''}{when}, by the {' and the '.join(app.sources)}"


def _many(count: int, word: str) -> str:
    return f"{count:,} {word}{'s' * (count != 1)}"
