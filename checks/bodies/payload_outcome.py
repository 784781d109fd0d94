"""What the PAY rules come to over the request bodies that a user gave with `--payload`."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from nylas_readiness.checks.bodies.material import MaterialTally
from nylas_readiness.checks.bodies.request_tally import EXAMPLES, RequestTally, bounded
from nylas_readiness.checks.bodies.violation_log import ViolationLog
from nylas_readiness.checks.catalogue import active
from nylas_readiness.checks.contract import (
    Context,
    Judgement,
    Violation,
    is_fixed,
    is_own_value,
    judge_request,
    judge_text,
    undecided,
)
from nylas_readiness.checks.outcome import Outcome, depends_on, fail, not_applicable, passed, unknown, warn
from nylas_readiness.fixtures.payloads import Item, OtherThing, Request

RULES: Final = tuple(rule.id for rule in active() if rule.subject == "payload")

_NOT_OF_A_BODY: Final = dict.fromkeys(
    ("PAY-017", "PAY-018", "PAY-020", "PAY-021"), "decided over a builder, not over what it once built"
)
_NO_SERVICE_ACCOUNT: Final = "a body does not name the service account; give it with --service-account"
_NO_MAILBOX: Final = "a body does not tell the mailbox's aliases; a live run decides it with ACC-002"
_FILLED_IN: Final = "PAY-014"
_PLACEHOLDER: Final = "the value is a template placeholder, which PAY-014 finds and this rule does not judge"
_NO_COMMAND: Final = "a bare body does not say where it is sent; give it as a curl command"
_OPEN: Final = "its very form is computed when the request is made; write the body out"
_NO_REQUEST: Final = "no authorize request is in what was given; what is in it is listed"


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedRequest:
    """One request and all that the contract says of it; `judgement` is None where its body was not read."""

    request: Request
    judgement: Judgement | None
    target: tuple[Violation, ...]

    @property
    def violations(self) -> tuple[Violation, ...]:
        """All that was found, of the request and of its body."""
        return (*self.target, *(self.judgement.violations if self.judgement else ()))

    @property
    def unread(self) -> str | None:
        """Why the body was not read; None: it was, or what a person sees of it tells enough."""
        if self.judgement is None:
            return None if self.request.flaw else self.request.unread
        return _OPEN if self.judgement.is_open else None

    @property
    def is_clean(self) -> bool:
        """Return whether every rule was decided and none was broken."""
        body, url = self.judgement, self.request.url
        is_sound = body is not None and body.readable and not body.violations and not self.target
        is_sound = is_sound and body is not None and not body.computed
        return is_sound and (url is None or is_fixed(url))


@dataclass(slots=True, kw_only=True)
class Judged:
    """Every request given, judged once and counted. `at` is when they were read, in UTC, ISO 8601."""

    context: Context
    at: str
    log: ViolationLog | None = None
    material: MaterialTally = field(default_factory=MaterialTally)
    tallies: dict[str, RequestTally] = field(default_factory=lambda: {rule: RequestTally() for rule in RULES})
    # What the rules say of a request without a violation: the same of all, but for whether it has a URL.
    _of_clean: dict[bool, dict[str, Outcome]] = field(default_factory=dict)
    # How many such there are beyond the examples.
    _more_clean: dict[bool, int] = field(default_factory=lambda: {True: 0, False: 0})
    _clean: int = 0

    def add(self, item: Item) -> None:
        """Count what every rule says of a request; of another thing, what it is."""
        if isinstance(item, OtherThing):
            self.material.other(item)
            return
        one = _judge(item, self.context)
        if not one.is_clean:
            self._note(one)
            self._count(_outcomes(one, self.context), item)
            return
        self.material.judged(item)
        outcomes = self._outcomes_of_clean(one)
        if self._clean < EXAMPLES:
            self._clean += 1
            self._count(outcomes, item)
        else:
            self._more_clean[item.url is None] += 1

    def _note(self, one: JudgedRequest) -> None:
        """Write down what became of a request, and its violations."""
        reason = one.unread
        if reason is None:
            self.material.judged(one.request)
        else:
            self.material.unread(one.request, reason)
        if self.log and reason:
            self.log.add_unread(one.request, reason)
        if self.log and one.violations:
            self.log.add(one.request, one.violations)

    def _count(self, outcomes: dict[str, Outcome], request: Request) -> None:
        for rule, tally in self.tallies.items():
            tally.add(outcomes[rule], request)

    def _outcomes_of_clean(self, one: JudgedRequest) -> dict[str, Outcome]:
        is_bare = one.request.url is None
        if is_bare not in self._of_clean:
            self._of_clean[is_bare] = _outcomes(one, self.context)
        return self._of_clean[is_bare]

    def outcome(self, rule: str) -> Outcome:
        """Return what a rule comes to over all requests."""
        more = {
            outcomes[rule].status: self._more_clean[is_bare] for is_bare, outcomes in self._of_clean.items()
        }
        return self.tallies[rule].outcome(self.at, more) or not_applicable(
            _NOT_OF_A_BODY.get(rule, _NO_REQUEST)
        )


def judge_requests(
    items: Iterable[Item], context: Context, at: str, log: ViolationLog | None = None
) -> Judged:
    """Judge each request, as it is read, by every rule that a request decides."""
    judged = Judged(context=context, at=at, log=log)
    for item in items:
        judged.add(item)
    return judged


def _judge(request: Request, context: Context) -> JudgedRequest:
    if request.dialect:
        context = replace(context, shell=request.dialect)
    judgement = (
        None
        if request.body is None
        else judge_text(request.body, context, request.place, has_computed=request.has_computed)
    )
    sent = request.method is not None and request.url
    target = judge_request(str(request.method), str(request.url), context) if sent else []
    flaw = [_flaw(request)] if request.flaw else []
    return JudgedRequest(request=request, judgement=judgement, target=(*target, *flaw))


def _flaw(request: Request) -> Violation:
    line, column = request.place(0)
    return Violation(rule="PAY-015", pointer="", message=f"the body {request.flaw}", line=line, column=column)


def outcome_of(rule: str, judged: Judged) -> Outcome:
    """Return what a rule comes to over all requests: the worst of them, the counts, the first as traces."""
    return judged.outcome(rule)


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
    return [violation for violation in one.violations if violation.rule == rule]


def _undecided(rule: str, one: JudgedRequest) -> Outcome | None:
    """Return why the rule cannot be decided for this request; None: it can."""
    if rule == "PAY-022":
        open_parts = [
            part
            for part, text in (("method", one.request.method), ("URL", one.request.url))
            if not text or not is_fixed(text)
        ]
        names = " and ".join(open_parts)
        computed = f"the {names} {'is' if len(open_parts) == 1 else 'are'} computed when the request is made"
        return unknown(f"{computed}; write it out") if open_parts else None
    if rule == "PAY-015" and one.unread:
        return unknown(f"the body was not read: {one.unread}")
    if cause := _cause(rule, one):
        return depends_on(cause, "it does not hold" if one.judgement else "the body was not read")
    if one.judgement and (members := one.judgement.computed.get(rule)):
        reason = f"{members}: the value is computed when the request is made"
        return not_applicable(reason) if is_own_value(rule) else unknown(f"{reason}; write it out")
    return None


def _cause(rule: str, one: JudgedRequest) -> str | None:
    """Return the failed rule that keeps this one from being decided over the body."""
    if rule in {"PAY-015", "PAY-022"}:
        return None
    is_readable = one.judgement is not None and one.judgement.readable
    return undecided(rule, one.violations) if is_readable else "PAY-015"


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
