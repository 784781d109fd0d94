"""`accounts.csv`: the worklist, one account a line, what is to be done first at the top."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

from nylas_readiness.checks.outcome import Finding
from nylas_readiness.fixtures.secrets import visible
from nylas_readiness.reports import words
from nylas_readiness.reports.model import AccountResult, Results

COLUMNS: Final = (
    "email",
    "v2",
    "v3",
    "next_action",
    "owner",
    "order",
    "stage",
    "eas_server_host",
    "open_rules",
    "findings",
    "changed",
)

# What makes a spreadsheet read a cell as a formula (OWASP, CSV injection), the full-width forms included.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def render(results: Results) -> str:
    """Return the text of `accounts.csv` (RFC 4180, to be written as UTF-8 without a byte order mark).

    The column `changed` says what is not as in the baseline; without one it is empty.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    changed = _changed(results)
    for account in sorted(results.accounts, key=lambda one: one.order):
        writer.writerow([cell(value) for value in (*_row(account), "; ".join(changed[account.email]))])
    return text.getvalue()


def cell(value: str) -> str:
    """Return `value` on one line, marked as text where a spreadsheet would compute it."""
    marked = f"'{value}" if value.lstrip(" ").startswith(_FORMULA) else value
    return " ".join(visible(marked).splitlines())


def _changed(results: Results) -> Mapping[str, list[str]]:
    """Return what changed of each account."""
    found = defaultdict[str, list[str]](list)
    for one in results.changes.changed if results.changes else ():
        if one.email is not None:
            found[one.email].append(f"{one.rule} {one.kind}")
    return found


def _row(account: AccountResult) -> Iterator[str]:
    findings = account.findings.items()
    yield account.email
    yield account.verdict.v2
    yield account.verdict.v3
    yield account.next.action
    yield account.next.owner
    yield str(account.order)
    yield account.stage.value
    yield account.eas_server_host or ""
    yield " ".join(account.findings)
    yield "; ".join(f"{rule_id} {_status(finding)}: {finding.observed}" for rule_id, finding in findings)


def _status(finding: Finding) -> str:
    """Return a status; of what a person has settled also the one that it has without."""
    waiver = finding.waiver
    if waiver is None:
        return finding.status
    if waiver.is_attested:
        return f"{finding.status} ({waiver.status}, {words.settled(waiver)})"
    return f"{finding.status} ({waiver.status} until {waiver.expires})"
