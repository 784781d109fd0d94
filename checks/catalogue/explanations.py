"""Vendors' codes explained: cause, owner and remedy, read from `explanations.toml` beside this module.

A code that is not listed gives `None`: the caller then shows it as it came, never guessed.
"""

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Final, Literal

import msgspec

Table = Literal[
    "aadsts",
    "oauth",
    "ews",
    "ews_policy",
    "ews_status",
    "x_ms_diagnostics",
    "graph",
    "activesync",
    "nylas_v2",
    "nylas_v3",
    "nylas_state",
]

_AADSTS: Final = re.compile(r"\bAADSTS(\d+)")


class Explanation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a vendor's code means for the tenant, and who does what about it.

    `command`: PowerShell or a URL, with `<placeholders>`; `source`: the URL of the page that the cause rests
    on, and `confidence` how firmly; `status`: what NY2-003 gives for a Nylas sync state.
    """

    codes: tuple[str, ...]
    cause: str
    owner: Literal["tenant-admin", "integrator", "nylas-admin", "user"]
    remedy: str
    source: str
    command: str | None = None
    confidence: Literal["vendor", "community", "inferred", "recall"] = "vendor"
    status: Literal["pass", "warn", "fail", "wait"] | None = None


def explain(table: Table, code: str | int) -> Explanation | None:
    """Return what `code` means, compared without regard to case; `None` if it is not listed."""
    return _tables()[table].get(str(code).casefold())


def explain_text(table: Table, text: str) -> Explanation | None:
    """Return the entry of the longest listed code that occurs as a whole in `text`; `None` without one.

    For vendors that answer in sentences, such as the messages of Nylas v2.
    """
    entries = _tables()[table]
    found = (code for code in entries if re.search(rf"(?<!\w){re.escape(code)}(?!\w)", text.casefold()))
    code = max(found, key=len, default=None)
    return None if code is None else entries[code]


def aadsts_code(text: str) -> str | None:
    """Return the number of the first `AADSTS…` code in an error description, or `None`."""
    match = _AADSTS.search(text)
    return match[1] if match else None


@cache
def _tables() -> dict[str, dict[str, Explanation]]:
    """Return every entry by table and case-folded code, the names of source and command replaced."""
    document = tomllib.loads(files(__package__).joinpath("explanations.toml").read_text("utf-8"))
    sources, commands = document.pop("sources"), document.pop("commands")
    tables: dict[str, dict[str, Explanation]] = {}
    for table, entries in msgspec.convert(document, dict[str, list[Explanation]]).items():
        spelled = [_spelled_out(entry, sources, commands) for entry in entries]
        tables[table] = {code.casefold(): entry for entry in spelled for code in entry.codes}
    return tables


def _spelled_out(entry: Explanation, sources: dict[str, str], commands: dict[str, str]) -> Explanation:
    command = None if entry.command is None else commands[entry.command]
    return msgspec.structs.replace(entry, source=sources[entry.source], command=command)
