"""What the PAY rules come to over the request bodies that a user gave with `--payload`."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace

from nylas_readiness.checks.contract import (
    Context,
    Judgement,
    Violation,
    is_fixed,
    judge_request,
    judge_text,
    undecided,
)
from nylas_readiness.fixtures.payloads import Request
from nylas_readiness.reports.model import Outcome, Status, Trace
from nylas_readiness.reports.outcome import fail, not_applicable, passed, unknown, warn

_NOT_OF_A_BODY: Final = dict.fromkeys(
    ("PAY-017", "PAY-018", "PAY-020", "PAY-021"), "decided over a builder, not over what it once built"
)
_NO_SERVICE_ACCOUNT: Final = "a body does not name the service account; give it with --service-account"
_NO_MAILBOX: Final = "a body does not tell the mailbox's aliases; a live run decides it with ACC-002"
_FILLED_IN: Final = "PAY-014"
_PLACEHOLDER: Final = "the value is a template placeholder, which PAY-014 finds and this rule does not judge"
_NO_COMMAND: Final = "a bare body does not say where it is sent; give it as a curl command"

# Beyond this, more of the same says nothing new.
_MOST_SHOWN: Final = 5
_WORST_FIRST: Final = tuple(Status)


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedRequest:
    """One request and all that the contract says of it; `judgement` is None where its body was not read."""

    request: Request
    judgement: Judgement | None
    target: tuple[Violation, ...]

    @property
    def name(self) -> str:
        """Say which request it is: the file, and for one of several the line where its body begins."""
        name = self.request.document.name
        return name if self.request.url is None else f"{name}, line {self.request.place(0)[0]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Every request given, judged once. `at` is when they were read, in UTC, ISO 8601."""

    requests: tuple[JudgedRequest, ...]
    context: Context
    at: str


def judge_requests(requests: Iterable[Request], context: Context, at: str) -> Judged:
    """Judge each request by every rule that a request decides."""
    return Judged(requests=tuple(_judge(request, context) for request in requests), context=context, at=at)


def _judge(request: Request, context: Context) -> JudgedRequest:
    judgement = None if request.body is None else judge_text(request.body, context, request.place)
    sent = request.method is not None and request.url is not None
    target = judge_request(str(request.method), str(request.url), context) if sent else []
    return JudgedRequest(request=request, judgement=judgement, target=tuple(target))


def outcome_of(rule: str, judged: Judged) -> Outcome:
    """Return what a rule comes to over all requests: the worst of them, with one trace each."""
    outcomes = [_outcome(rule, one, judged.context) for one in judged.requests]
    names = [one.name for one in judged.requests]
    traces = [
        Trace(judged.at, name, f"{found.status}: {found.observed}")
        for name, found in zip(names, outcomes, strict=True)
    ]
    worst = min(outcomes, key=lambda found: _WORST_FIRST.index(found.status))
    same = [
        f"{name}: {found.observed}"
        for name, found in zip(names, outcomes, strict=True)
        if found.status is worst.status
    ]
    observed = worst.observed if len(outcomes) == 1 else _bounded(same)
    return replace(worst, observed=observed, evidence=tuple(traces))


def _outcome(rule: str, one: JudgedRequest, context: Context) -> Outcome:
    if reason := _not_applicable(rule, one, context):
        return not_applicable(reason)
    violations = _violations(rule, one)
    failures = [found for found in violations if found.level == "fail"]
    if failures:
        return fail(_shown(failures))
    if _cause(rule, one) == _FILLED_IN:
        return not_applicable(_PLACEHOLDER)
    if reason := _unread(rule, one):
        return unknown(reason)
    if violations:
        return warn(_shown(violations))
    return not_applicable(_NO_MAILBOX) if rule == "PAY-011" else passed("no violation")


def _not_applicable(rule: str, one: JudgedRequest, context: Context) -> str | None:
    if rule == "PAY-010" and context.service_account_email is None:
        return _NO_SERVICE_ACCOUNT
    if rule == "PAY-022" and one.request.url is None:
        return _NO_COMMAND
    return _NOT_OF_A_BODY.get(rule)


def _violations(rule: str, one: JudgedRequest) -> list[Violation]:
    of_body = one.judgement.violations if one.judgement else ()
    return [found for found in (*one.target, *of_body) if found.rule == rule]


def _unread(rule: str, one: JudgedRequest) -> str | None:
    """Say why the rule cannot be decided for this request; None: it can."""
    if rule == "PAY-022":
        return None if is_fixed(str(one.request.url)) else "the URL is computed by the shell; write it out"
    if one.judgement is None:
        return f"the body was not read: {one.request.unread}"
    cause = _cause(rule, one)
    return f"depends on {cause}" if cause else None


def _cause(rule: str, one: JudgedRequest) -> str | None:
    """Return the failed rule that keeps this one from being decided over the body."""
    if one.judgement is None or rule in {"PAY-015", "PAY-022"}:
        return None
    return undecided(rule, one.judgement.violations) if one.judgement.readable else "PAY-015"


def _shown(violations: list[Violation]) -> str:
    """Show each message once, with all its places."""
    places: dict[str, list[str]] = {}
    for found in violations:
        places.setdefault(found.message, []).append(_place(found))
    return _bounded([f"{_bounded(at, '; ')}: {message}".removeprefix(": ") for message, at in places.items()])


def _place(violation: Violation) -> str:
    """Say where: the JSON pointer, and line and column in the file."""
    places = [violation.pointer] if violation.pointer else []
    if violation.line is not None:
        places.append(f"line {violation.line}, column {violation.column}")
    return ", ".join(places)


def _bounded(parts: list[str], joint: str = " | ") -> str:
    more = len(parts) - _MOST_SHOWN
    return joint.join(parts[:_MOST_SHOWN] + ([f"and {more} more"] if more > 0 else []))
