"""Judges a body, or its text, by every rule."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from nylas_readiness.checks.contract.credentials import microsoft_ids, no_placeholders, redirect_uri
from nylas_readiness.checks.contract.mailbox import address_syntax, own_address, same_domain
from nylas_readiness.checks.contract.reader import Reading, read, value_of
from nylas_readiness.checks.contract.scopes import scopes
from nylas_readiness.checks.contract.secrecy import secrets_in_place
from nylas_readiness.checks.contract.service_account import eas_server_host, provider, service_account_flag
from nylas_readiness.checks.contract.shape import (
    known_members,
    no_password_credentials,
    reauthentication,
    required_members,
    required_settings,
)
from nylas_readiness.checks.contract.violation import Context, Rule, Violation
from nylas_readiness.checks.contract.wire import Json

BODY_RULES: Final[dict[str, Rule]] = {
    "PAY-001": required_members,
    "PAY-002": provider,
    "PAY-003": service_account_flag,
    "PAY-004": required_settings,
    "PAY-005": eas_server_host,
    "PAY-006": scopes,
    "PAY-007": no_password_credentials,
    "PAY-008": known_members,
    "PAY-009": address_syntax,
    "PAY-010": same_domain,
    "PAY-011": own_address,
    "PAY-012": redirect_uri,
    "PAY-013": microsoft_ids,
    "PAY-014": no_placeholders,
    "PAY-016": secrets_in_place,
    "PAY-019": reauthentication,
}

# What a rule needs: a member, and another rule that has passed it. If the other rule failed for the member,
# or for an object around it, the rule is undecided. Example: without a provider (PAY-001), PAY-002 is
# undecided.
_SETTINGS: Final = (("PAY-001", "/settings"),)
_ADDRESS: Final = (("PAY-001", "/email_address"), ("PAY-009", "/email_address"))
_NEEDS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "PAY-002": (("PAY-001", "/provider"),),
    "PAY-003": _SETTINGS,
    "PAY-004": _SETTINGS,
    "PAY-005": _SETTINGS,
    "PAY-006": (("PAY-001", ""),),
    "PAY-007": _SETTINGS,
    "PAY-008": _SETTINGS,
    "PAY-009": _ADDRESS[:1],
    "PAY-010": _ADDRESS,
    "PAY-011": _ADDRESS,
    "PAY-012": (
        *_SETTINGS,
        ("PAY-004", "/settings/redirect_uri"),
        ("PAY-014", "/settings/redirect_uri"),
    ),
    "PAY-013": (
        *_SETTINGS,
        ("PAY-004", "/settings/microsoft_client_id"),
        ("PAY-014", "/settings/microsoft_client_id"),
        ("PAY-004", "/settings/microsoft_client_secret"),
        ("PAY-014", "/settings/microsoft_client_secret"),
    ),
    "PAY-019": (("PAY-001", ""),),
}

# The offset of a character in the text, from 0, to its line and column, from 1.
Locate: TypeAlias = Callable[[int], tuple[int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What the contract says of one text. `readable`: even if not strict JSON, its body could be judged."""

    violations: tuple[Violation, ...]
    readable: bool


def judge(body: Json, context: Context) -> list[Violation]:
    """Judge a decoded body by every rule. Return all violations, in the order of the rules. Never raises."""
    return [violation for rule in BODY_RULES.values() for violation in rule(body, context)]


def judge_text(text: str | bytes, context: Context, locate: Locate | None = None) -> Judgement:
    """Judge the text of a body: PAY-015 over the text, then the other rules over the tolerant reading.

    `locate` maps offsets to places where the text is part of a larger file. Bytes are UTF-8. Never raises.
    """
    if isinstance(text, bytes):
        try:
            text = text.decode()
        except UnicodeDecodeError as error:
            return _not_utf8(error)
    if _is_clean(text, context):
        return _CLEAN
    reading = read(text)
    place = locate or _lines_of(text)
    strictness = [_at(place(offset), _not_strict(message)) for offset, message in reading.problems]
    if not reading.complete:
        return Judgement(violations=tuple(strictness), readable=False)
    members = [_at(place(_offset(found.pointer, reading)), found) for found in judge(reading.body, context)]
    return Judgement(violations=(*strictness, *members), readable=True)


_CLEAN: Final = Judgement(violations=(), readable=True)


def _is_clean(text: str, context: Context) -> bool:
    """Return whether nothing is wrong. Then nobody asks for lines and columns."""
    try:
        body = value_of(text)
    except ValueError:
        return False
    return not judge(body, context)


def undecided(rule: str, violations: Iterable[Violation]) -> str | None:
    """Return the id of the failed rule because of which `rule` is undecided; None if it is decided."""
    failed = {(found.rule, found.pointer) for found in violations if found.level == "fail"}
    for cause, needed in _NEEDS.get(rule, ()):
        if any((cause, above) in failed for above in _with_ancestors(needed)):
            return cause
    return None


def _with_ancestors(pointer: str) -> list[str]:
    steps = pointer.split("/")
    return ["/".join(steps[:count]) for count in range(1, len(steps) + 1)]


def _not_strict(message: str) -> Violation:
    return Violation(rule="PAY-015", pointer="", message=f"the text {message}")


def _not_utf8(error: UnicodeDecodeError) -> Judgement:
    before = error.object[: error.start].decode()
    place = _lines_of(before)(len(before))
    violation = _not_strict("is not UTF-8 from here on; expected JSON in UTF-8")
    return Judgement(violations=(_at(place, violation),), readable=False)


def _at(place: tuple[int, int], violation: Violation) -> Violation:
    line, column = place
    return replace(violation, line=line, column=column)


def _offset(pointer: str, reading: Reading) -> int:
    """Return where the pointer's value begins. For a missing member, return where its object begins."""
    return next(
        reading.offsets[above] for above in reversed(_with_ancestors(pointer)) if above in reading.offsets
    )


def _lines_of(text: str) -> Locate:
    starts = [0, *(newline.end() for newline in re.finditer("\n", text))]

    def locate(offset: int) -> tuple[int, int]:
        line = bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    return locate
