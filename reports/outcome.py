"""How a check says what it concludes; one function for each status that a check can give."""

from nylas_readiness.reports.model import Outcome, Status, Trace


def passed(observed: str, *evidence: Trace) -> Outcome:
    """Conclude that the subject is as the rule states."""
    return Outcome(status=Status.PASS, observed=observed, evidence=evidence)


def fail(
    observed: str,
    *evidence: Trace,
    expected: str | None = None,
    reason: str | None = None,
    remedy: str | None = None,
    owner: str | None = None,
) -> Outcome:
    """Conclude that the subject is not as the rule states; `reason` may name the rule that is its cause."""
    return Outcome(
        status=Status.FAIL,
        observed=observed,
        expected=expected,
        reason=reason,
        remedy=remedy,
        owner=owner,
        evidence=evidence,
    )


def warn(
    observed: str,
    *evidence: Trace,
    expected: str | None = None,
    remedy: str | None = None,
    deadline: str | None = None,
) -> Outcome:
    """Conclude that it works, but will break by a date, or is advised against."""
    return Outcome(
        status=Status.WARN,
        observed=observed,
        expected=expected,
        remedy=remedy,
        deadline=deadline,
        evidence=evidence,
    )


def unknown(reason: str, *evidence: Trace, observed: str = "", remedy: str | None = None) -> Outcome:
    """Conclude that the subject could not be read; `reason` says why and what would decide it."""
    return Outcome(
        status=Status.UNKNOWN, observed=observed or reason, reason=reason, remedy=remedy, evidence=evidence
    )


def wait(reason: str, *evidence: Trace, observed: str, remedy: str | None = None) -> Outcome:
    """Conclude that it is too early to tell; `reason` names the time to recheck."""
    return Outcome(status=Status.WAIT, observed=observed, reason=reason, remedy=remedy, evidence=evidence)


def review(observed: str, *evidence: Trace, reason: str, remedy: str | None = None) -> Outcome:
    """Conclude that a person must look."""
    return Outcome(status=Status.REVIEW, observed=observed, reason=reason, remedy=remedy, evidence=evidence)


def not_applicable(reason: str, *evidence: Trace, owner: str | None = None) -> Outcome:
    """Conclude that the rule does not apply to this subject, for this reason; `owner` may act elsewhere."""
    return Outcome(
        status=Status.NOT_APPLICABLE, observed=reason, reason=reason, owner=owner, evidence=evidence
    )
