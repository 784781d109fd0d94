"""How a vendor's refusal becomes an outcome: the code explained, with its remedy and who must act.

A code that nobody listed is shown as it came.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import msgspec

from nylas_readiness.checks.catalogue.explanations import Explanation, explain, explain_text
from nylas_readiness.checks.outcome import Outcome, Undecided, fail
from nylas_readiness.fixtures.evidence.model import Refusal
from nylas_readiness.fixtures.evidence.slots import Unread

Check = Callable[..., object]

_SIGN_IN: Final = "/oauth2/v2.0/authorize?"
_WORD: Final = re.compile(r"\w+")


def refused(refusal: Refusal, *, hint: str = "") -> Outcome:
    """Explain a refusal of the token endpoint by its first listed code; `hint` adds to the remedy."""
    outcome = fail(refusal.description or refusal.error)
    return explained(outcome, entra_explanation(refusal.codes, refusal.error), hint=hint)


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
    unread = undecided.unread
    if unread is None or unread.cause:
        return undecided.outcome
    return explained(undecided.outcome, explanation_of(unread))


def explanation_of(unread: Unread) -> Explanation | None:
    """Return what the refusal behind a missing reading means."""
    match unread.vendor:
        case "entra":
            return entra_explanation(unread.codes, unread.codes[-1])
        case "graph":
            return explain("graph", unread.codes[0])
        case "nylas_v2":
            return explain_text("nylas_v2", unread.reason)
        case "nylas_v3":
            return v3_explanation(*unread.codes)
        case None:
            return None


def entra_explanation(codes: Iterable[str], error: str) -> Explanation | None:
    """Return what the first listed AADSTS code means, else OAuth's `error`."""
    listed = (explain("aadsts", code) for code in codes)
    return next(filter(None, listed), None) or explain("oauth", error)


def v3_explanation(kind: str, provider_code: str = "") -> Explanation | None:
    """Return what the provider's code behind Nylas's error means, else the error's own type."""
    return explain("graph", provider_code) or explain("nylas_v3", kind)


def explained(outcome: Outcome, explanation: Explanation | None, *, hint: str = "") -> Outcome:
    """Return an outcome with its cause, remedy and owner; `hint`, where to sign in, adds to the remedy.

    A cause that the vendor's own words say already is not said twice.
    """
    if explanation is None:
        return msgspec.structs.replace(outcome, remedy=hint or outcome.remedy)
    command = explanation.command or ""
    if hint and _SIGN_IN in command:  # the hint has the address filled in
        command = ""
    observed = outcome.observed
    if _words(explanation.cause) not in _words(observed):
        observed += f" ({explanation.cause.rstrip('.')})"
    return msgspec.structs.replace(
        outcome,
        observed=observed,
        reason=observed if outcome.reason == outcome.observed else outcome.reason,
        remedy="\n".join(filter(None, (explanation.remedy, command and f"    {command}", hint))),
        owner=explanation.owner,
    )


def _words(text: str) -> str:
    """Return a text's words alone, to compare what is said and not how it is written."""
    return f" {' '.join(_WORD.findall(text.casefold()))} "
