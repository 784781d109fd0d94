"""What the PAY rules come to over the request bodies that a user gave with `--payload`."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from nylas_readiness.checks.bodies.request_tally import RequestTally, bounded
from nylas_readiness.checks.catalogue import active
from nylas_readiness.checks.contract import (
    Context,
    Judgement,
    Violation,
    is_fixed,
    judge_request,
    judge_text,
    undecided,
)
from nylas_readiness.checks.outcome import Outcome, depends_on, fail, not_applicable, passed, unknown, warn
from nylas_readiness.fixtures.payloads import Request

RULES: Final = tuple(rule.id for rule in active() if rule.subject == "payload")

_NOT_OF_A_BODY: Final = dict.fromkeys(
    ("PAY-017", "PAY-018", "PAY-020", "PAY-021"), "decided over a builder, not over what it once built"
)
_NO_SERVICE_ACCOUNT: Final = "a body does not name the service account; give it with --service-account"
_NO_MAILBOX: Final = "a body does not tell the mailbox's aliases; a live run decides it with ACC-002"
_FILLED_IN: Final = "PAY-014"
_PLACEHOLDER: Final = "the value is a template placeholder, which PAY-014 finds and this rule does not judge"
_NO_COMMAND: Final = "a bare body does not say where it is sent; give it as a curl command"


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedRequest:
    """One request and all that the contract says of it; `judgement` is None where its body was not read."""

    request: Request
    judgement: Judgement | None
    target: tuple[Violation, ...]

    @property
    def is_clean(self) -> bool:
        """Tell whether every rule was decided and none was broken."""
        body, url = self.judgement, self.request.url
        is_sound = body is not None and body.readable and not body.violations and not self.target
        return is_sound and (url is None or is_fixed(url))


@dataclass(slots=True, kw_only=True)
class Judged:
    """Every request given, judged once and counted. `at` is when they were read, in UTC, ISO 8601."""

    context: Context
    at: str
    tallies: dict[str, RequestTally] = field(default_factory=lambda: {rule: RequestTally() for rule in RULES})
    # What the rules say of a request without a violation: the same of all, but for whether it has a URL.
    _of_clean: dict[bool, dict[str, Outcome]] = field(default_factory=dict)

    def add(self, one: JudgedRequest) -> None:
        """Count what every rule says of one request."""
        outcomes = self._outcomes(one)
        for rule, tally in self.tallies.items():
            tally.add(outcomes[rule], one.request)

    def _outcomes(self, one: JudgedRequest) -> dict[str, Outcome]:
        if not one.is_clean:
            return _outcomes(one, self.context)
        is_bare = one.request.url is None
        if is_bare not in self._of_clean:
            self._of_clean[is_bare] = _outcomes(one, self.context)
        return self._of_clean[is_bare]


def judge_requests(requests: Iterable[Request], context: Context, at: str) -> Judged:
    """Judge each request, as it is read, by every rule that a request decides."""
    judged = Judged(context=context, at=at)
    for request in requests:
        judged.add(_judge(request, context))
    return judged


def _judge(request: Request, context: Context) -> JudgedRequest:
    judgement = None if request.body is None else judge_text(request.body, context, request.place)
    sent = request.method is not None and request.url is not None
    target = judge_request(str(request.method), str(request.url), context) if sent else []
    return JudgedRequest(request=request, judgement=judgement, target=tuple(target))


def outcome_of(rule: str, judged: Judged) -> Outcome:
    """Return what a rule comes to over all requests: the worst of them, the counts, the first as traces."""
    return judged.tallies[rule].outcome(judged.at)


def _outcomes(one: JudgedRequest, context: Context) -> dict[str, Outcome]:
    return {rule: _outcome(rule, one, context) for rule in RULES}


def _outcome(rule: str, one: JudgedRequest, context: Context) -> Outcome:
    if reason := _not_applicable(rule, one, context):
        return not_applicable(reason)
    violations = _violations(rule, one)
    failures = [found for found in violations if found.level == "fail"]
    if failures:
        return fail(_shown(failures))
    if _cause(rule, one) == _FILLED_IN:
        return not_applicable(_PLACEHOLDER)
    if undecided := _undecided(rule, one):
        return undecided
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


def _undecided(rule: str, one: JudgedRequest) -> Outcome | None:
    """Return why the rule cannot be decided for this request; None: it can."""
    if rule == "PAY-022":
        is_told = is_fixed(str(one.request.url))
        return None if is_told else unknown("the URL is computed by the shell; write it out")
    if one.judgement is None:
        return unknown(f"the body was not read: {one.request.unread}")
    cause = _cause(rule, one)
    return depends_on(cause, "it does not hold") if cause else None


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
    return bounded([f"{bounded(at, '; ')}: {message}".removeprefix(": ") for message, at in places.items()])


def _place(violation: Violation) -> str:
    """Say where: the JSON pointer, and line and column in the file."""
    places = [violation.pointer] if violation.pointer else []
    if violation.line is not None:
        places.append(f"line {violation.line}, column {violation.column}")
    return ", ".join(places)
