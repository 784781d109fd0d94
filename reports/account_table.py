"""The accounts as the page shows them: what is open about each by itself, and how much hangs on what."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from nylas_readiness.checks.migration.model import Concerned, Task
from nylas_readiness.checks.outcome import Finding
from nylas_readiness.fixtures.secrets import bounded, visible
from nylas_readiness.reports import words
from nylas_readiness.reports.model import AccountResult

# How long one text in a table may be.
LONGEST_TEXT: Final = 600
_WORDS: Final = {
    "glyphs": words.GLYPHS,
    "owners": words.OWNERS,
    "stages": words.STAGES,
    "tones": words.VERDICT_TONES,
    "verdicts": words.VERDICTS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An account: the findings that stand for themselves, and for each cause how many others hang on it."""

    account: AccountResult
    own: list[tuple[str, Finding]]
    hanging: dict[str, int]


def row_of(account: AccountResult) -> Row:
    """Return an account's row."""
    findings = account.findings.items()
    return Row(
        account=account,
        own=[(rule_id, finding) for rule_id, finding in findings if finding.cause is None],
        hanging=dict(Counter(finding.cause for _, finding in findings if finding.cause is not None)),
    )


def embedded(rows: Iterable[Row]) -> str:
    """Return the accounts as JSON that may stand in a script element; what they share is written once.

    `{"texts": [str], "alike": [[domain, stage, v2, v3, action, owner]], "words": {…},
    "rows": [[name, alike, own, hanging]]}`, with `own` as `[rule, status, observed, …]` and `hanging` as
    `[cause, count, …]`. `name` is the address before its `domain`, which begins with `@`. A row's `alike` is
    a place in `alike`; all other members but `count` are places in `texts`. A row's last members are left out
    where they are empty. `words`: what the script calls things.
    """
    texts: dict[str, int] = {}
    alike: dict[tuple[int, ...], int] = {}

    def place(text: str) -> int:
        return texts.setdefault(visible(bounded(text, LONGEST_TEXT)), len(texts))

    def written(row: Row) -> list[object]:
        name, at, domain = row.account.email.rpartition("@")
        shared = (place(at + domain), *map(place, _facts(row.account)))
        own = [place(text) for rule, finding in row.own for text in (rule, finding.status, said(finding))]
        hanging = [number for cause, count in row.hanging.items() for number in (place(cause), count)]
        members = [visible(name), alike.setdefault(shared, len(alike)), own, hanging]
        return members[: 4 if hanging else 3 if own else 2]

    data = {
        "rows": [written(row) for row in rows],
        "texts": list(texts),
        "alike": list(alike),
        "words": _WORDS,
    }
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def _facts(account: AccountResult) -> Iterator[str]:
    yield account.stage
    yield from (account.verdict.v2, account.verdict.v3, account.next.action, account.next.owner)


def said(finding: Finding | Task | Concerned) -> str:
    """Return what was observed; of what a person has settled also its own status, and by whom."""
    waiver = finding.waiver
    return f"{finding.observed} ({waiver.status}, {words.settled(waiver)})" if waiver else finding.observed
