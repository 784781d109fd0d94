"""How a vendor's refusal becomes an outcome: the code explained, with its remedy and who must act.

A code that nobody listed is quoted, with where to look it up: it names no owner and no remedy, and fails
nothing. Trouble of the moment says nothing about the subject either.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final

import msgspec

from nylas_readiness.checks.catalogue.explanations import (
    Explanation,
    Table,
    aadsts_code,
    explain,
    explain_text,
    look_up,
)
from nylas_readiness.checks.outcome import Outcome, Undecided, fail, review, unknown
from nylas_readiness.fixtures.clients.codes import Unreadable
from nylas_readiness.fixtures.clients.trouble import trouble_of
from nylas_readiness.fixtures.evidence.model import Refusal
from nylas_readiness.fixtures.evidence.slots import Unread, Vendor

Check = Callable[..., object]

_SIGN_IN: Final = "/oauth2/v2.0/authorize?"
_AGAIN: Final = "Run the audit again later: nothing needs to be changed for this."
UNLISTED: Final = "the suite does not know this code, so it does not say who must act"
_TROUBLE: Final = {Unreadable.TROUBLE, Unreadable.THROTTLED}
# The table in which each vendor's codes are explained.
_TABLES: Final[Mapping[Vendor, Table]] = {
    "entra": "aadsts",
    "graph": "graph",
    "nylas_v2": "nylas_v2",
    "nylas_v3": "nylas_v3",
}
_WORD: Final = re.compile(r"\w+")


def refused(refusal: Refusal, *, sign_in: str = "") -> Outcome:
    """Explain a refusal of the token endpoint by its first listed code.

    `sign_in`: the address at which the service account gets a new refresh token.
    """
    observed = refusal.description or refusal.error
    codes = refusal.codes or list(filter(None, [aadsts_code(refusal.description)]))
    if kind := trouble_of(HTTPStatus.OK, (*codes, refusal.error)):
        return unknown(observed, code=kind, remedy=_AGAIN)
    if (explanation := entra_explanation(codes)) and explanation.status == "unknown":
        return explained(unknown(observed, code=Unreadable.REFUSED), explanation)
    if explanation:
        return explained(fail(observed), explanation, sign_in=sign_in)
    if refusal.error not in observed:
        observed += f"; {refusal.error}"
    return review(observed, reason=UNLISTED, remedy=_look_up("entra", (*codes, refusal.error)))


def conclude(check: Check, arguments: Mapping[str, Any]) -> Outcome:
    """Call one check. A check that returns nothing has decided nothing: TypeError."""
    try:
        outcome = check(**arguments)
    except Undecided as undecided:
        return ends_undecided(undecided)
    if not isinstance(outcome, Outcome):
        raise TypeError(f"{check.__name__} returned no outcome")
    return outcome


def ends_undecided(undecided: Undecided) -> Outcome:
    """Return why a check is undecided, explained by the vendor's code; a cause of its own explains itself."""
    unread, outcome = undecided.unread, undecided.outcome
    if unread is None or unread.cause or unread.vendor is None:
        return outcome
    if explanation := explanation_of(unread):
        return explained(outcome, explanation)
    if unread.code in _TROUBLE:
        return msgspec.structs.replace(outcome, remedy=_AGAIN)
    return msgspec.structs.replace(outcome, remedy=_look_up(unread.vendor, unread.codes))


def _look_up(vendor: Vendor, codes: Iterable[str]) -> str | None:
    """Return where the most telling code is explained that nobody listed; None where the vendor gave none."""
    code = next(filter(None, codes), None)
    if code is None:
        return None
    return look_up("oauth" if vendor == "entra" and not code.isdecimal() else _TABLES[vendor], code)


def explanation_of(unread: Unread) -> Explanation | None:
    """Return what the refusal behind a missing reading means."""
    match unread.vendor:
        case "entra":
            return entra_explanation(unread.codes)
        case "graph":
            return explain("graph", unread.codes[0])
        case "nylas_v2":
            return explain_text("nylas_v2", unread.reason)
        case "nylas_v3":
            return v3_explanation(*unread.codes, text=unread.reason)
        case None:
            return None


def entra_explanation(codes: Iterable[str]) -> Explanation | None:
    """Return what the first listed AADSTS code means. OAuth's `error` alone does not say who must act."""
    return next(filter(None, (explain("aadsts", code) for code in codes)), None)


def v3_explanation(kind: str, provider_code: str = "", *, text: str = "") -> Explanation | None:
    """Return what Nylas's own words mean, else the provider's code behind them, else the error's type."""
    return explain_text("nylas_v3_text", text) or explain("graph", provider_code) or explain("nylas_v3", kind)


def explained(outcome: Outcome, explanation: Explanation | None, *, sign_in: str = "") -> Outcome:
    """Return an outcome with its cause, remedy and owner; `sign_in` is the address for a new refresh token.

    A cause that the vendor's own words say already is not said twice.
    """
    if explanation is None:
        return outcome
    observed = outcome.observed
    if _words(explanation.cause) not in _words(observed):
        observed += f" ({explanation.cause.rstrip('.')})"
    return msgspec.structs.replace(
        outcome,
        observed=observed,
        reason=observed if outcome.reason == outcome.observed else outcome.reason,
        remedy="\n".join((explanation.remedy, *_how(explanation.command or "", sign_in))),
        owner=explanation.owner,
    )


def _how(command: str, sign_in: str) -> Iterator[str]:
    """Yield the lines that follow a remedy: its command, and where to sign in, at once or after that."""
    signs_in = _SIGN_IN in command
    if command and not (sign_in and signs_in):
        yield f"    {command}"
    if sign_in:
        when = "Sign" if signs_in else "If a new refresh token is needed after that, sign"
        yield f"{when} in as the service account at:\n    {sign_in}"


def _words(text: str) -> str:
    """Return a text's words alone, to compare what is said and not how it is written."""
    return f" {' '.join(_WORD.findall(text.casefold()))} "
