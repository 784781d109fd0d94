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
    """Return the accounts as JSON that may stand in a script element; equal texts are written once.

    `{"texts": [str], "rows": [[email, stage, v2, v3, action, owner, own, hanging]], "words": {…}}`, with
    `own` as `[rule, status, observed, …]` and `hanging` as `[cause, count, …]`; all but `email` and `count`
    are places in `texts`. `words`: what the script calls things.
    """
    places: dict[str, int] = {}

    def place(text: str) -> int:
        return places.setdefault(visible(bounded(text, LONGEST_TEXT)), len(places))

    written = [
        [
            visible(row.account.email),
            *map(place, _facts(row.account)),
            [
                place(text)
                for rule_id, finding in row.own
                for text in (rule_id, finding.status, said(finding))
            ],
            [number for cause, count in row.hanging.items() for number in (place(cause), count)],
        ]
        for row in rows
    ]
    data = {"texts": list(places), "rows": written, "words": _WORDS}
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def _facts(account: AccountResult) -> Iterator[str]:
    yield account.stage
    yield from (account.verdict.v2, account.verdict.v3, account.next.action, account.next.owner)


def said(finding: Finding | Task | Concerned) -> str:
    """Return what was observed; of what a person has settled also its own status, and by whom."""
    waiver = finding.waiver
    return f"{finding.observed} ({waiver.status}, {words.settled(waiver)})" if waiver else finding.observed
