"""`fleet.html`: one page over all tenants, made from `fleet.json` alone.

The page needs no network and no script. Names of tenants and texts of vendors are escaped.
"""

from collections.abc import Iterator
from textwrap import shorten
from typing import Final
from urllib.parse import quote

from nylas_readiness.checks.migration.model import Stage
from nylas_readiness.checks.outcome import Status
from nylas_readiness.reports import words
from nylas_readiness.reports.burn_down import Picture, Week, burn_down
from nylas_readiness.reports.fleet import summary
from nylas_readiness.reports.fleet.model import ChangeCounts, Fleet
from nylas_readiness.reports.templates import asset, digest, environment, page_header

# A table of more tenants than this scrolls in a frame of its own.
LONGEST_TABLE: Final = 30
# How many rules, gaps and tenants without a result are listed before the rest is folded.
LISTED: Final = 12
# How many tenants a rule names.
NAMED: Final = 3
# How much of a task stands in the row of its tenant.
LONGEST_TASK: Final = 90
_SIZE: Final = (660, 220)


def render(fleet: Fleet, checksum: str = "") -> str:
    """Return the whole page. `checksum`: the SHA-256 of `fleet.json`, to be named as its source."""
    head = f"{words.plural(fleet.totals.tenants, 'tenant')} · Nylas readiness, {words.day(fleet.run.as_of)}"
    style = asset("readiness.css") + asset("fleet/fleet.css") + page_header(head)
    script = asset("fleet/fleet.js")
    return (
        environment()
        .get_template("fleet/fleet.html")
        .render(
            fleet=fleet,
            totals=fleet.totals,
            tone=_tone(fleet),
            headline=summary.headline(fleet),
            facts=list(summary.facts(fleet)),
            picture=picture_of(fleet),
            titles={fault.rule: fault.title for fault in fleet.faults},
            changed=changed,
            brief=brief,
            path=quote,
            first_of=summary.first_of,
            is_long=len(fleet.tenants) > LONGEST_TABLE,
            listed=LISTED,
            named=NAMED,
            checksum=checksum,
            style=style,
            script=script,
            hashes={"style": digest(style), "script": digest(script)},
        )
    )


def _tone(fleet: Fleet) -> Status:
    """Return the tone of the headline: the worst of the tenants' moves."""
    if not fleet.totals.audited:
        return Status.UNKNOWN
    if fleet.totals.stages[Stage.BLOCKED]:
        return Status.FAIL
    if fleet.totals.left or fleet.not_audited:
        return Status.WARN
    return Status.PASS


def brief(text: str) -> str:
    """Return as many words of a task as its tenant's row has room for."""
    return shorten(text, LONGEST_TASK, placeholder=" …")


def changed(changes: ChangeCounts) -> str:
    """Return what changed since the last audit in a few words."""
    counts = {"new": changes.new, "worse": changes.worse, "fixed": changes.fixed}
    return ", ".join(f"{count:,} {kind}" for kind, count in counts.items() if count) or "nothing"


def picture_of(fleet: Fleet) -> Picture | None:
    """Return the burn-down; None where no account is known."""
    weeks = list(_weeks(fleet))
    return burn_down(weeks, fleet.pace, _SIZE) if any(week.left for week in weeks) else None


def _weeks(fleet: Fleet) -> Iterator[Week]:
    for week in fleet.weeks:
        yield Week(week.as_of, week.left, week.stages[Stage.BLOCKED])
