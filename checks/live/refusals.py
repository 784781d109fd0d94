"""How a vendor's refusal becomes an outcome: the code explained, with its remedy and who must act."""

from nylas_readiness.checks.explanations import Explanation, explain
from nylas_readiness.fixtures.clients.ews import EwsAnswer
from nylas_readiness.fixtures.evidence.model import Refusal
from nylas_readiness.reports.model import Outcome, Trace
from nylas_readiness.reports.outcome import fail

NO_REASON = "403 without header"


def refused(refusal: Refusal, *, hint: str = "") -> Outcome:
    """Explain a refusal of the token endpoint by its first listed code; `hint` adds to the remedy."""
    listed = (explain("aadsts", code) for code in refusal.codes)
    explanation = next(filter(None, listed), None) or explain("oauth", refusal.error)
    return explained(refusal.description or refusal.error, explanation, hint=hint)


def ews_refused(answer: EwsAnswer, *evidence: Trace) -> Outcome:
    """Explain what EWS answered by its response code, policy reason or diagnostics."""
    reason = answer.policy_reason or (NO_REASON if answer.http_status == 403 else "")
    explanation = (
        explain("ews", answer.response_code or "")
        or explain("ews_policy", reason)
        or explain("x_ms_diagnostics", (answer.diagnostics or "").partition(";")[0])
    )
    return explained(describe(answer), explanation, *evidence)


def describe(answer: EwsAnswer) -> str:
    """Return what Exchange answered, in one line."""
    parts = (answer.response_code, answer.policy_reason, answer.diagnostics, answer.message)
    said = "; ".join(dict.fromkeys(part for part in parts if part))
    return f"HTTP {answer.http_status}: {said or 'no reason given'}"


def explained(observed: str, explanation: Explanation | None, *evidence: Trace, hint: str = "") -> Outcome:
    """Return the failure with its cause, remedy and owner; one that nobody listed is shown as it came."""
    if explanation is None:
        return fail(observed, *evidence, remedy=hint or None)
    command = f"    {explanation.command}" if explanation.command else ""
    remedy = "\n".join(filter(None, (explanation.remedy, command, hint)))
    return fail(f"{observed} ({explanation.cause})", *evidence, remedy=remedy, owner=explanation.owner)
