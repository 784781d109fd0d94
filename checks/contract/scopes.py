"""PAY-006: the scopes."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Final

from nylas_readiness.checks.contract.violation import Context, Violation
from nylas_readiness.checks.contract.wire import Json, kind, quoted

CALENDAR: Final = frozenset({"calendar", "calendar.read_only"})

# The thirteen scopes of v2. Sources: the vendor's page "Authentication scopes", and the enumeration of the
# Java SDK.
KNOWN: Final = CALENDAR | {
    "email",
    "email.modify",
    "email.read_only",
    "email.send",
    "email.folders_and_labels",
    "email.metadata",
    "email.drafts",
    "calendar.free_busy",
    "room_resources.read_only",
    "contacts",
    "contacts.read_only",
}


def scopes(body: Json, _context: Context) -> Iterator[Violation]:
    """PAY-006: `scopes` is one comma-joined string of known v2 scopes, a calendar scope among them."""
    if not isinstance(body, dict):
        return
    if "scopes" not in body:
        yield _warning("scopes is missing; v2 does not say what it then grants; expected calendar")
        return
    value = body["scopes"]
    if isinstance(value, list):
        yield _warning("scopes is an array; the vendor's SDKs send one comma-joined string; expected that")
    names = value.split(",") if isinstance(value, str) else value
    if isinstance(names, list) and all(isinstance(name, str) for name in names):
        yield from _list_violations([str(name) for name in names])
    else:
        yield _failure(f"scopes is {kind(value)}; expected one comma-joined string such as calendar")


def _list_violations(names: list[str]) -> Iterator[Violation]:
    for name in dict.fromkeys(names):
        if problem := _problem(name, names):
            yield _failure(f"scopes {problem}")
    known = KNOWN.intersection(names)
    if not known & CALENDAR:
        yield _failure("scopes has neither calendar nor calendar.read_only; expected one of them")
    elif others := sorted(known - CALENDAR):
        yield _warning(
            f"scopes has {', '.join(others)} beside the calendar; no page of the vendor gives them to a "
            "service account; expected only calendar or calendar.read_only"
        )


def _problem(name: str, names: list[str]) -> str | None:
    if name in KNOWN:
        return f"has {name} more than once; expected it once" if names.count(name) > 1 else None
    if not name:
        return "has an empty scope; expected names joined by single commas"
    if name.strip() in KNOWN:
        return f"has blanks around {name.strip()}; expected none"
    begun = [scope for scope in sorted(KNOWN) if scope.startswith(name.lower())]
    close = begun or get_close_matches(name[:64].lower(), sorted(KNOWN), n=1)
    return f"has {quoted(name)}, not a scope of v2; expected " + (close[0] if close else "only scopes of v2")


def _failure(message: str) -> Violation:
    return Violation(rule="PAY-006", pointer="/scopes", message=message)


def _warning(message: str) -> Violation:
    return Violation(rule="PAY-006", pointer="/scopes", message=message, level="warn")
