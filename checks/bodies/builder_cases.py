"""What the PAY rules say of one case: an input, and what a user's builder answered to it."""

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol, TypeAlias

import idna

from nylas_readiness.checks.contract import BODY_RULES, Context, Json, Violation, judge_text, undecided
from nylas_readiness.checks.contract.reader import read
from nylas_readiness.fixtures.payloads.answers import Answer, Broke, Built, Refused
from nylas_readiness.fixtures.secrets import MASK, scrub

Given: TypeAlias = dict[str, Any]

_CARRIED: Final = ("client_id", "name", "email_address")
_CARRIED_SETTINGS: Final = (
    "microsoft_client_id",
    "microsoft_client_secret",
    "microsoft_refresh_token",
    "redirect_uri",
)
_CALENDAR: Final = {"calendar", "calendar.read_only"}


class Builder(Protocol):
    """What is judged: it answers cases, one at a time."""

    @property
    def case(self) -> int:
        """The number of the case asked last."""
        ...

    def ask(self, given: Given) -> Answer:
        """Answer one input. Raises BrokenBuilderError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One input and what the rules say of the answer.

    `fields` are those of which a refusal must name one; of a good input, which must be built, there is none.
    `undecided` has the rules that could not be decided over the answer, with the rule each depends on.
    """

    number: int
    given: Given
    fields: tuple[str, ...]
    answer: Answer | None
    violations: tuple[Violation, ...]
    undecided: dict[str, str]

    def violation_of(self, rule: str) -> Violation | None:
        """Return the worst violation of a rule."""
        found = [one for one in self.violations if one.rule == rule]
        return min(found, key=lambda one: one.level != "fail", default=None)


def judge_case(builder: Builder, given: Given, fields: tuple[str, ...], leaves: Collection[str]) -> Case:
    """Ask the builder one case, and judge the answer. Raises BrokenBuilderError."""
    return _judge_bad(builder, given, fields) if fields else _judge_good(builder, given, leaves)


def broken_case(number: int, given: Given, fields: tuple[str, ...], broke: Broke) -> Case:
    """Return the case over which a builder broke: of a bad input it is no refusal, of a good one no body."""
    rule = "PAY-018" if fields else "PAY-021"
    expected = f"expected a refusal that names {' or '.join(fields)}" if fields else "expected a body"
    return Case(
        number=number,
        given=given,
        fields=fields,
        answer=broke,
        violations=(_violation(rule, f"{broke.reason}; {expected}"),),
        undecided={},
    )


def _judge_bad(builder: Builder, given: Given, fields: tuple[str, ...]) -> Case:
    answer = builder.ask(given)
    if isinstance(answer, Broke):
        return broken_case(builder.case, given, fields, answer)
    return Case(
        number=builder.case,
        given=given,
        fields=fields,
        answer=answer,
        violations=tuple(
            _violation("PAY-018", problem) for problem in _refusal_problems(answer, given, fields)
        ),
        undecided={},
    )


def _refusal_problems(answer: Built | Refused, given: Given, fields: tuple[str, ...]) -> Iterator[str]:
    """PAY-018: a bad input is refused, by the name of its field, and without any secret."""
    if isinstance(answer, Built):
        yield f"a body was built though {fields[0]} is wrong; expected a refusal that names {fields[0]}"
        return
    said = f"{answer.field} {answer.message}"
    if not any(re.search(rf"(?<![A-Za-z0-9_]){field}(?![A-Za-z0-9_])", said) for field in fields):
        yield f"the refusal does not name {fields[0]}, which is wrong; expected {' or '.join(fields)}"
    if any(secret in said for secret in secrets_in(given)):
        yield "the refusal shows a secret of the input; expected the name of the field alone"


def _judge_good(builder: Builder, given: Given, leaves: Collection[str]) -> Case:
    answer = builder.ask(given)
    number = builder.case
    if isinstance(answer, Broke):
        return broken_case(number, given, (), answer)
    if isinstance(answer, Refused):
        problem = _violation(
            "PAY-021", f"a good input was refused: {masked(answer.message, given)}; expected a body"
        )
        return Case(number=number, given=given, fields=(), answer=answer, violations=(problem,), undecided={})
    judgement = judge_text(answer.text, _context(given, leaves))
    violations = [
        _placed(one, answer)
        for one in judgement.violations
        if "scopes" in leaves or not _was_asked_for(one, given, answer)
    ]
    body = _body(answer)
    return Case(
        number=number,
        given=given,
        fields=(),
        answer=answer,
        violations=(*violations, *_not_carried(body, given, leaves), *_impurities(builder, given, answer)),
        undecided=_undecided(violations, body) if judgement.readable else _UNREAD,
    )


_UNREAD: Final = dict.fromkeys((*BODY_RULES, "PAY-020"), "PAY-015")


def _undecided(violations: list[Violation], body: Json) -> dict[str, str]:
    causes = {rule: undecided(rule, violations) for rule in BODY_RULES}
    if not isinstance(body, dict) or not isinstance(body.get("settings"), dict):
        causes["PAY-020"] = "PAY-001"
    return {rule: cause for rule, cause in causes.items() if cause}


def _context(given: Given, leaves: Collection[str]) -> Context:
    return Context(
        service_account_email=None if "domains" in leaves else given["service_account_email"],
        aliases=() if "aliases" in leaves else tuple(given["aliases"]),
    )


def _placed(violation: Violation, answer: Built) -> Violation:
    """Keep line and column of a text alone: the builder did not write the lines of an object."""
    return violation if answer.as_text else replace(violation, line=None, column=None)


def _was_asked_for(violation: Violation, given: Given, answer: Built) -> bool:
    """Return whether a warning is of scopes that the input asks for: the builder only carries them."""
    if violation.rule != "PAY-006" or violation.level != "warn" or set(given["scopes"]) <= _CALENDAR:
        return False
    body = _body(answer)
    return isinstance(body, dict) and isinstance(body.get("scopes"), str)


def _body(answer: Built) -> Json:
    """Decode a body as leniently as the contract read it."""
    return read(answer.text).body


def _not_carried(body: Json, given: Given, leaves: Collection[str]) -> Iterator[Violation]:
    """PAY-020: every input value is in its place, unchanged. What should hold them is PAY-001's to demand."""
    if not isinstance(body, dict):
        return
    for name in _CARRIED:
        if not _is_carried(name, body.get(name), given[name]):
            yield _lost(f"/{name}", name)
    if "scopes" not in leaves and _scopes_of(body) != sorted(given["scopes"]):
        yield _lost("/scopes", "scopes")
    settings = body.get("settings")
    if not isinstance(settings, dict):
        return
    for name in _CARRIED_SETTINGS:
        if settings.get(name) != given[name]:
            yield _lost(f"/settings/{name}", name)
    host = given.get("eas_server_host")
    if "eas_server_host" in leaves:
        return
    if ("eas_server_host" in settings) != (host is not None) or settings.get("eas_server_host") != host:
        yield _lost("/settings/eas_server_host", "eas_server_host")


def _lost(pointer: str, name: str) -> Violation:
    message = f"the input's {name} did not get there unchanged; expected its own value, and none for none"
    return _violation("PAY-020", message, pointer)


def _is_carried(name: str, there: Json, given: str) -> bool:
    """Compare exactly; of the address, the domain may be in another form."""
    if name != "email_address" or not isinstance(there, str):
        return there == given
    return _mailbox(there) == _mailbox(given)


def _mailbox(address: str) -> tuple[str, str]:
    local_part, _, domain = address.rpartition("@")
    try:
        return local_part, idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError:
        return local_part, domain


def _scopes_of(body: dict[str, Json]) -> list[str]:
    scopes = body.get("scopes")
    names = scopes.split(",") if isinstance(scopes, str) else scopes
    return sorted(map(str, names)) if isinstance(names, list) else []


def _impurities(builder: Builder, given: Given, first: Built) -> Iterator[Violation]:
    """PAY-017: the same bytes again, in whatever order the input is written, and the input left as it was."""
    if first.input_changed:
        yield _violation("PAY-017", "the input was changed; expected it left as it was")
    if builder.ask(given) != first:
        yield _violation("PAY-017", "the same input gave another answer; expected the same bytes every time")
        return
    turned = dict(reversed(given.items())) | {"aliases": given["aliases"][::-1]}
    if builder.ask(turned) != first:
        yield _violation(
            "PAY-017", "members or aliases in another order gave another answer; expected the same bytes"
        )


def _violation(rule: str, message: str, pointer: str = "") -> Violation:
    return Violation(rule=rule, pointer=pointer, message=message)


# ---- what may be shown ----

_SECRET_FIELDS: Final = ("microsoft_client_secret", "microsoft_refresh_token")
_SECRET_NAME: Final = re.compile(r"secret|token|password|api_?key|authorization", re.IGNORECASE)
_ASSIGNED: Final = re.compile(
    r"""(?i)((?:secret|token|password|passwd|api_?key|authorization)[\w-]*["']?\s*[=:]\s*["']?)[^\s"',]+"""
)
_OPAQUE: Final = re.compile(r"(?<![\w/.-])(?=[\w~+=-]*\d)(?=[\w~+=-]*[A-Za-z])[\w~+=-]{20,}")


def secrets_in(given: Given) -> list[str]:
    """Return the secrets of an input. They are fakes, but a builder does not know that."""
    return [value for name in _SECRET_FIELDS if isinstance(value := given.get(name), str) and value.strip()]


def masked(text: str, given: Given) -> str:
    """Return what a builder wrote for people, without what is, or looks like, a secret."""
    for secret in secrets_in(given):
        text = text.replace(secret, MASK)
    return _OPAQUE.sub(MASK, _ASSIGNED.sub(rf"\1{MASK}", scrub(text)))


def shown_body(answer: Built, given: Given) -> str:
    """Return a built body for a report; a secret that is none of the input's fakes is the builder's own."""
    fakes = set(secrets_in(given))

    def shown(value: Json, name: str) -> Json:
        if isinstance(value, dict):
            return {inner: shown(member, inner) for inner, member in value.items()}
        if isinstance(value, list):
            return [shown(element, name) for element in value]
        own = isinstance(value, str) and value not in fakes and _SECRET_NAME.search(name)
        return MASK if own and value else value

    body = _body(answer)
    return masked(answer.text, {}) if body is None else json.dumps(shown(body, ""), ensure_ascii=False)
