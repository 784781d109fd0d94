"""Judges a body, or its text, by every rule."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from nylas_readiness.checks.contract.credentials import microsoft_ids, redirect_uri
from nylas_readiness.checks.contract.mailbox import address_syntax, own_address, same_domain
from nylas_readiness.checks.contract.placeholders import no_placeholders
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
from nylas_readiness.checks.contract.wire import (
    REQUIRED_SETTINGS,
    REQUIRED_TEXTS,
    Json,
    Unseen,
    is_computed,
    walk,
)

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

# The members whose value a rule judges. Where that is computed when the request is made, a rule about what is
# the same in every request is unknown, and one about what is the user's own is not applicable.
_FIXED: Final = {
    "PAY-002": ("/provider",),
    "PAY-003": ("/settings/service_account",),
    "PAY-006": ("/scopes",),
}
_OWN: Final = {
    "PAY-005": ("/settings/eas_server_host",),
    **dict.fromkeys(("PAY-009", "PAY-010", "PAY-011"), ("/email_address",)),
    "PAY-012": ("/settings/redirect_uri",),
    "PAY-013": ("/settings/microsoft_client_id", "/settings/microsoft_client_secret"),
}
# Rules that judge the kind of a member alone.
_KINDS: Final = {
    "PAY-001": ("", "/settings", *(f"/{name}" for name in REQUIRED_TEXTS)),
    "PAY-004": tuple(f"/settings/{name}" for name in REQUIRED_SETTINGS),
    "PAY-019": ("/reauth_account_id",),
}
_OF_ANY_VALUE: Final = {*_FIXED, *_OWN, "PAY-014"}

# The offset of a character in the text, from 0, to its line and column, from 1.
Locate: TypeAlias = Callable[[int], tuple[int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What the contract says of one text. `readable`: even if not strict JSON, its body could be judged.

    `computed`: the rules that judge a value which is computed where the request is made, and the names of
    those values. `is_open`: the body's very form is computed.
    """

    violations: tuple[Violation, ...]
    readable: bool
    computed: Mapping[str, str] = field(default_factory=dict)
    is_open: bool = False


def judge(body: Json, context: Context) -> list[Violation]:
    """Judge a decoded body by every rule. Return all violations, in the order of the rules. Never raises."""
    return [violation for rule in BODY_RULES.values() for violation in rule(body, context)]


def judge_text(
    text: str | bytes, context: Context, locate: Locate | None = None, *, has_computed: bool = False
) -> Judgement:
    """Judge the text of a body: PAY-015 over the text, then the other rules over the tolerant reading.

    `locate` maps offsets to places where the text is part of a larger file. Bytes are UTF-8. `has_computed`:
    COMPUTED in the text stands for what is put there later. Never raises.
    """
    if isinstance(text, bytes):
        try:
            text = text.decode()
        except UnicodeDecodeError as error:
            return _not_utf8(error)
    if not has_computed and _is_clean(text, context):
        return _CLEAN
    reading = read(text, has_computed=has_computed)
    place = locate or _lines_of(text)
    strictness = [_at(place(offset), _not_strict(message)) for offset, message in reading.problems]
    if not reading.complete:
        return Judgement(
            violations=() if reading.computed else tuple(strictness), readable=False, is_open=reading.computed
        )
    computed = _computed_in(reading.body) if has_computed else {}
    members = [
        _at(place(_offset(found.pointer, reading)), found)
        for found in judge(reading.body, context)
        if not _is_of_computed(found, computed)
    ]
    return Judgement(
        violations=(*strictness, *members), readable=True, computed=dict(_undecided_by(computed))
    )


def _computed_in(body: Json) -> dict[str, bool]:
    """Return the pointers of computed values, and for each whether not even its kind is known."""
    return {at: isinstance(value, Unseen) for at, value in walk(body) if is_computed(value)}


def _is_of_computed(violation: Violation, computed: Mapping[str, bool]) -> bool:
    """Return whether a violation is of a value, or of something in a value, that is not known."""
    *above, own = _with_ancestors(violation.pointer)
    judges_it = violation.rule in _OF_ANY_VALUE or computed.get(own, False)
    return (own in computed and judges_it) or any(computed.get(one) for one in above)


def _undecided_by(computed: Mapping[str, bool]) -> Iterator[tuple[str, str]]:
    """Yield the rules that computed values keep from being decided, each with the pointers of those."""
    for rule in BODY_RULES:
        judged = [*_FIXED.get(rule, ()), *_OWN.get(rule, ())]
        names = [at for at in judged if at in computed]
        names += [at for at, is_unseen in computed.items() if is_unseen and _judges_kind(rule, at)]
        if names:
            yield rule, ", ".join(dict.fromkeys(names))


def _judges_kind(rule: str, pointer: str) -> bool:
    """Return whether a rule judges of what kind the value is that the pointer names, or what is in it."""
    needed = {at for _, at in _NEEDS.get(rule, ())} | {*_FIXED.get(rule, ()), *_OWN.get(rule, ())}
    return any(pointer in _with_ancestors(at) for at in needed) or pointer in _KINDS.get(rule, ())


def is_own_value(rule: str) -> bool:
    """Return whether a rule judges values that each user has for himself, and not what all requests share."""
    return rule in _OWN


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
