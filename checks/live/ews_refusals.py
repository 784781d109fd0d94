"""Why Exchange turned an EWS request away: its response code, policy reason or diagnostics explained."""

import re
from http import HTTPStatus
from typing import Final

from nylas_readiness.checks.catalogue.explanations import Explanation, explain
from nylas_readiness.checks.live.refusals import UNLISTED, explained
from nylas_readiness.checks.outcome import Outcome, fail, review, unknown
from nylas_readiness.fixtures.clients.codes import Unreadable
from nylas_readiness.fixtures.clients.ews import EwsAnswer
from nylas_readiness.fixtures.evidence.measures import Trace

NO_REASON: Final = "403 without header"
_NUMBER: Final = re.compile(r"\s*(\d+)")
_CATEGORY: Final = re.compile(r'error_category="([^"]*)"')
_CODES_URL: Final = "https://learn.microsoft.com/exchange/client-developer/web-service-reference/responsecode"
_LOOK_UP_CODE: Final = f"Look the code up in Microsoft's list of EWS response codes:\n    {_CODES_URL}"
_LOOK_UP_REASON: Final = (
    "Microsoft lists two values of X-EWS-Policy-Reason, and this is neither: see what else controls EWS:\n"
    "    https://learn.microsoft.com/exchange/client-developer/exchange-web-services/"
    "how-to-control-access-to-ews-in-exchange"
)
_LOOK_UP_NUMBER: Final = (
    "Microsoft publishes no list of the numbers of x-ms-diagnostics: search for this one with its reason, "
    "and open a case with Microsoft if it stays. A 401 is about the token, the app or the network, and never "
    "about the impersonation role."
)
_NO_NUMBER: Final = (
    "Run the audit again. If it stays, read the service account's sign-ins in Entra ID, and its policy for "
    "authentication in Exchange. A 401 is about the token, the app or the network, and never about the "
    "impersonation role."
)


def ews_refused(
    answer: EwsAnswer, *evidence: Trace, cause: str | None = None, reason: str | None = None
) -> Outcome:
    """Conclude by what EWS answered instead of reading a mailbox. A code that no table has fails nothing."""
    explanation = ews_explanation(answer)
    if not is_decided(answer, explanation):
        return undecided(answer, *evidence)
    if explanation is None:
        return review(describe(answer), *evidence, reason=UNLISTED, remedy=_look_up(answer))
    return explained(fail(describe(answer), *evidence, cause=cause, reason=reason), explanation)


def _look_up(answer: EwsAnswer) -> str:
    """Return where to look up what no table has, by what Exchange names."""
    if answer.response_code:
        return _LOOK_UP_CODE
    if answer.policy_reason:
        return _LOOK_UP_REASON
    return _LOOK_UP_NUMBER if answer.diagnostics else _LOOK_UP_CODE


def undecided(answer: EwsAnswer, *evidence: Trace) -> Outcome:
    """Conclude that an answer says no, and not why, or that the way to Exchange is the reason."""
    remedy = _LOOK_UP_NUMBER if answer.diagnostics else _NO_NUMBER
    outcome = unknown(describe(answer), *evidence, code=Unreadable.REFUSED, remedy=remedy)
    return explained(outcome, ews_explanation(answer))


def is_decided(answer: EwsAnswer, explanation: Explanation | None) -> bool:
    """Return whether an answer says something about the subject: a 401 does so by its diagnostics alone."""
    if explanation:
        return explanation.status != "unknown"
    return answer.http_status != HTTPStatus.UNAUTHORIZED


def describe(answer: EwsAnswer) -> str:
    """Return what Exchange answered, in one line."""
    parts = (answer.response_code, answer.policy_reason, answer.diagnostics, answer.message)
    told = "; ".join(dict.fromkeys(part for part in parts if part))
    return f"HTTP {answer.http_status}: {told or 'no reason given'}"


def ews_explanation(answer: EwsAnswer) -> Explanation | None:
    """Return what EWS's response code means, else the policy reason, else the diagnostics.

    A 403 without any of them has a meaning of its own; one that names what nobody lists has not.
    """
    named = answer.response_code or answer.policy_reason or answer.diagnostics
    is_bare = answer.http_status == HTTPStatus.FORBIDDEN and not named
    return (
        explain("ews", answer.response_code or "")
        or explain("ews_policy", NO_REASON if is_bare else answer.policy_reason or "")
        or explain("x_ms_diagnostics", diagnosis(answer.diagnostics or ""))
    )


def diagnosis(diagnostics: str) -> str:
    """Return the number that x-ms-diagnostics begins with; the error's category where it has none.

    Numbers of one category have different causes, so an unknown number is not explained by its category.
    """
    if number := _NUMBER.match(diagnostics):
        return number[1]
    category = _CATEGORY.search(diagnostics)
    return category[1] if category else ""
