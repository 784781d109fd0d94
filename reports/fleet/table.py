"""`fleet.csv`: one tenant a line, what is to be looked at first at the top."""

import csv
import io
from collections.abc import Iterator
from typing import Final

from nylas_readiness.checks.migration.model import Stage
from nylas_readiness.reports.fleet.model import Fleet, NotAudited, TenantSummary
from nylas_readiness.reports.worklist import cell

COLUMNS: Final = (
    "tenant",
    "folder",
    "audited",
    "today",
    "move",
    "accounts",
    *(stage.value.replace("-", "_") for stage in Stage),
    "left",
    "since",
    "fixed",
    "new",
    "worse",
    "first",
    "owner",
    "next_date",
    "accounts_a_week",
    "ends",
    "open_rules",
    "problem",
)


def render(fleet: Fleet) -> str:
    """Return the text of `fleet.csv` (RFC 4180, to be written as UTF-8 without a byte order mark)."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, restval="")
    writer.writeheader()
    for tenant in fleet.tenants:
        writer.writerow({name: cell(value) for name, value in _row(tenant)})
    for missing in fleet.not_audited:
        writer.writerow({name: cell(value) for name, value in _row_without_result(missing)})
    return text.getvalue()


def _row(tenant: TenantSummary) -> Iterator[tuple[str, str]]:
    yield from (("tenant", tenant.name), ("folder", tenant.folder), ("audited", "yes"))
    yield from (("today", tenant.today), ("move", tenant.move), ("accounts", str(tenant.accounts)))
    for stage, count in tenant.stages.items():
        yield stage.value.replace("-", "_"), str(count)
    yield "left", "" if tenant.left is None else str(tenant.left)
    if changes := tenant.changes:
        yield from (("since", changes.since), ("fixed", str(changes.fixed)))
        yield from (("new", str(changes.new)), ("worse", str(changes.worse)))
    if tenant.first:
        yield from (("first", tenant.first.what), ("owner", tenant.first.owner))
    if tenant.next_date:
        yield "next_date", tenant.next_date.date
    if tenant.pace and tenant.pace.per_week is not None:
        yield from (("accounts_a_week", f"{tenant.pace.per_week:g}"), ("ends", tenant.pace.ends or ""))
    yield "open_rules", " ".join([*tenant.tasks, *tenant.lacks, *tenant.shared])


def _row_without_result(missing: NotAudited) -> Iterator[tuple[str, str]]:
    yield from (("tenant", missing.name), ("folder", missing.folder or ""), ("audited", "no"))
    yield "problem", missing.problem
