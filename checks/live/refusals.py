"""How a vendor's refusal becomes an outcome: the code explained, with its remedy and who must act."""

from nylas_readiness.checks.explanations import explain
from nylas_readiness.fixtures.evidence.model import Refusal
from nylas_readiness.reports.model import Outcome, Trace
from nylas_readiness.reports.outcome import fail


def refused(refusal: Refusal, *evidence: Trace, hint: str = "") -> Outcome:
    """Explain the refusal of Entra's token endpoint by its first code that is listed.

    A code that nobody listed is shown as it came. `hint` is added to the remedy.
    """
    known = [found for code in refusal.codes if (found := explain("aadsts", code))]
    explanation = known[0] if known else explain("oauth", refusal.error)
    observed = refusal.description or refusal.error
    if explanation is None:
        return fail(observed, *evidence, remedy=hint or None)
    remedy = " ".join(filter(None, (explanation.remedy, explanation.command, hint)))
    return fail(f"{observed} ({explanation.cause})", *evidence, remedy=remedy, owner=explanation.owner)
