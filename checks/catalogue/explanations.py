"""Vendors' codes explained: cause, owner and remedy, read from `explanations.toml` beside this module.

For a code that is not listed the answer is `None`. The caller then quotes the code itself, says where to look
it up, and guesses nothing.
"""

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal, get_args

import msgspec

Table = Literal[
    "aadsts",
    "ews",
    "ews_policy",
    "ews_status",
    "x_ms_diagnostics",
    "graph",
    "activesync",
    "nylas_v2",
    "nylas_v3",
    "nylas_v3_text",
    "nylas_state",
]

_AADSTS: Final = re.compile(r"\bAADSTS(\d+)")


class Explanation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a vendor's code means for the tenant, who acts, and what to do.

    `command`: PowerShell or a URL, with `<placeholders>`; `source`: the URL of the page that explains the
    code; `confidence`: how sure the cause is; `status`: the result of NY2-003 for a Nylas sync state, or
    that of a refusal which says nothing about the tenant.
    """

    codes: tuple[str, ...]
    cause: str
    owner: Literal["tenant-admin", "integrator", "nylas-admin", "user"]
    remedy: str
    source: str
    command: str | None = None
    confidence: Literal["vendor", "community", "inferred", "recall"] = "vendor"
    status: Literal["pass", "warn", "fail", "wait", "unknown"] | None = None


def explain(table: Table, code: str | int) -> Explanation | None:
    """Return what `code` means, or `None` if it is not listed. Upper and lower case are equal."""
    return _tables()[table].get(str(code).casefold())


def look_up(table: Table | Literal["oauth"], code: str) -> str:
    """Return the remedy for a code that is not listed: where its vendor explains it."""
    name = f"AADSTS{code}" if table == "aadsts" else code
    return f"Look {name} up at {_document()['look_up'][table].replace('<code>', code)}"


def explain_text(table: Table, text: str) -> Explanation | None:
    """Return the entry of the longest listed code that `text` contains as whole words, or `None`.

    This is for vendors that answer in sentences, such as Nylas v2.
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
def _document() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("explanations.toml").read_text("utf-8"))


@cache
def _tables() -> dict[str, dict[str, Explanation]]:
    """Return every entry by table and case-folded code, with its source and command in full."""
    document = _document()
    sources, commands = document["sources"], document["commands"]
    listed = {table: document[table] for table in get_args(Table)}
    tables: dict[str, dict[str, Explanation]] = {}
    for table, entries in msgspec.convert(listed, dict[str, list[Explanation]]).items():
        spelled = [_spelled_out(entry, sources, commands) for entry in entries]
        tables[table] = {code.casefold(): entry for entry in spelled for code in entry.codes}
    return tables


def _spelled_out(entry: Explanation, sources: dict[str, str], commands: dict[str, str]) -> Explanation:
    command = None if entry.command is None else commands[entry.command]
    return msgspec.structs.replace(entry, source=sources[entry.source], command=command)
