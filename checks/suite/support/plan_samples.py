"""Rules, counts and values made by hand, for the checks of the plan."""

from nylas_readiness.checks.migration.commands import Value
from nylas_readiness.checks.migration.plan import Measure, steps
from nylas_readiness.checks.outcome import Outcome, RuleResult, Status
from nylas_readiness.checks.suite.support.report_samples import audited

# The rules that decide steps, and the steps that are counted.
RULES = tuple(rule for step in steps() for rule in step.rules)
COUNTED = ("permissions", "grants", "cut-over", "v2-shutdown")
PLACEHOLDERS = {
    "v2": "v2 host",
    "v3": "v3 host",
    "v3_region": "us or eu",
    "v2_application": "v2 application id",
    "v3_application": "v3 application id",
    "app": "application id of the v3 app",
    "tenant": "tenant id",
    "redirect_uri": "redirect uri of nylas",
    "credential_name": "credential name",
    "credential": "credential id",
    "callback": "callback uri",
    "service_principal": "enterprise app object id",
    "service_account": "service account",
    "address": "address",
    "refused": "address",
    "destination": "destination id",
    "destination_status": "not told",
}
# What a step chooses its words by.
CHOICES = {
    "scope": "warn",
    "rotate": "",
    "connector": "none",
    "lookup": "User.Read.All",
    "destination_kind": "webhook",
    "mending": "webhook-mend",
}
LISTS = {
    "graph permission": ["Calendars.ReadWrite"],
    "connector scope": ["Mail.Read", "Calendars.ReadWrite"],
    "other callbacks": ["http://localhost:3000/cb"],
    "trigger of the destination": ["event.created", "grant.expired"],
}


def decided(**statuses: Status) -> dict[str, RuleResult]:
    """Return results of rules, given as `NY3_001=Status.PASS`."""
    outcomes = {
        name.replace("_", "-"): Outcome(status=status, observed=f"seen of {name}", reason="why")
        for name, status in statuses.items()
    }
    return {rule.id: rule for rule in audited(outcomes).rules}


def all_pass(**others: Status) -> dict[str, RuleResult]:
    """Return every rule that decides a step as passed, but for these."""
    return decided(**{rule.replace("-", "_"): Status.PASS for rule in RULES} | others)


def measured(**is_done: bool | None) -> dict[str, Measure]:
    """Return every count as done, but for these, given as `cut_over=False`."""
    given = dict.fromkeys(COUNTED, True) | {name.replace("_", "-"): done for name, done in is_done.items()}
    return {step: Measure(done, f"counted for {step}") for step, done in given.items()}


def values(**known: str) -> dict[str, str | dict[str, list[str]]]:
    """Return values for the commands; each that is not given is a placeholder, and words to choose by are."""
    found = {name: Value(known.get(name), placeholder) for name, placeholder in PLACEHOLDERS.items()}
    chosen = {name: known.get(name, usual) for name, usual in CHOICES.items()}
    return {**found, **chosen, "lists": {name: list(one) for name, one in LISTS.items()}}
