"""What the account rules came to: counted for each rule, kept for each account only where it is a finding.

100,000 accounts times twenty rules are two million outcomes, nearly all of them `pass`. None of those is
kept; equal findings share one object.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

import msgspec

from nylas_readiness.checks.catalogue import Rule, catalogue
from nylas_readiness.reports.causes import cause_of
from nylas_readiness.reports.model import Finding, Outcome, Status, Trace
from nylas_readiness.reports.next_action import Candidate, candidate, is_in_the_way
from nylas_readiness.reports.untrusted import clean
from nylas_readiness.reports.verdict import SIDES, Standing, is_worse, standing

# How many accounts an account rule names in its own result; the accounts' findings name all of them.
_EXAMPLES: Final = 3

_NO_FINDING: Final = frozenset({Status.PASS, Status.NOT_APPLICABLE})


@dataclass(slots=True, kw_only=True)
class AccountRecord:
    """One account and what is open about it. `first`: the finding to act on first, None without one."""

    email: str
    eas_server_host: str | None = None
    findings: dict[str, Finding] = field(default_factory=dict)
    standings: dict[str, Standing] = field(default_factory=lambda: dict.fromkeys(SIDES, Standing()))
    first: Candidate | None = None


@dataclass(slots=True)
class RuleTally:
    """One account rule over all accounts: how many have each status, and the first of the worst."""

    counts: Counter[Status] = field(default_factory=Counter)
    worst: Outcome | None = None
    examples: list[tuple[str, Outcome]] = field(default_factory=list)

    def add(self, email: str, outcome: Outcome) -> None:
        """Count one account's outcome, and keep it as an example if none so far is worse."""
        self.counts[outcome.status] += 1
        if self.worst is None or _outweighs(outcome, self.worst):
            self.worst = outcome
            self.examples = []
        if outcome.status is self.worst.status and len(self.examples) < _EXAMPLES:
            self.examples.append((email, outcome))

    def outcome(self) -> Outcome:
        """Return the rule's outcome over all accounts: the worst status, counts and examples."""
        if self.worst is None:
            reason = "no account was audited"
            return Outcome(status=Status.NOT_APPLICABLE, observed=reason, reason=reason)
        return msgspec.structs.replace(self.worst, observed=self._observed(), evidence=tuple(self._traces()))

    def _observed(self) -> str:
        total = self.counts.total()
        counts = ", ".join(f"{self.counts[status]} {status}" for status in Status if self.counts[status])
        summary = f"{total} {'account' if total == 1 else 'accounts'}: {counts}"
        if self.worst is None or self.worst.status in _NO_FINDING:
            return summary
        return f"{summary}; " + "; ".join(f"{email}: {outcome.observed}" for email, outcome in self.examples)

    def _traces(self) -> Iterator[Trace]:
        for email, outcome in self.examples:
            for trace in outcome.evidence:
                yield Trace(at=trace.at, source=trace.source, what=f"{email}: {trace.what}")


def _outweighs(one: Outcome, other: Outcome) -> bool:
    """Tell whether `one` speaks for its rule: the worse, and among equals the one that is its own cause."""
    if one.status is other.status:
        return cause_of(one.reason) is None and cause_of(other.reason) is not None
    return is_worse(one.status, other.status)


class AccountTally:
    """The outcomes of account rules, taken in one by one in any order.

    `unlisted`: what those of addresses that are not on the list make of each side. `aim`: the side that the
    accounts are to reach, None without one.
    """

    def __init__(self, accounts: Iterable[tuple[str, str | None]], aim: str | None = None) -> None:
        """Begin with the accounts in the order of their list, each `(email, eas_server_host)`."""
        self.aim = aim
        self.accounts = {email: AccountRecord(email=email, eas_server_host=host) for email, host in accounts}
        self.rules: dict[str, RuleTally] = {}
        self.unlisted = dict.fromkeys(SIDES, Standing())
        self._findings: dict[Finding, Finding] = {}

    def record(self, rule_id: str, email: str, outcome: Outcome) -> None:
        """Take in what `rule_id` concludes of one account. Raises KeyError for an unknown rule or account."""
        rule, account = catalogue()[rule_id], self.accounts[email]
        self.begin(rule_id).add(email, outcome)
        for side in rule.side:
            account.standings[side] |= standing(rule, outcome.status, side)
        if outcome.status not in _NO_FINDING:
            self._keep(account, rule, outcome)

    def record_unlisted(self, rule_id: str, email: str, outcome: Outcome) -> None:
        """Take in what `rule_id` concludes of an address that is on no list: only the rule counts it."""
        rule = catalogue()[rule_id]
        self.begin(rule_id).add(email, outcome)
        for side in rule.side:
            self.unlisted[side] |= standing(rule, outcome.status, side)

    def begin(self, rule_id: str) -> RuleTally:
        """Return the rule's tally; a rule that began and saw no account is `not-applicable`."""
        return self.rules.setdefault(rule_id, RuleTally())

    def _keep(self, account: AccountRecord, rule: Rule, outcome: Outcome) -> None:
        account.findings[rule.id] = self._finding(outcome)
        found = candidate(rule, outcome) if is_in_the_way(rule, self.aim, outcome.status) else None
        if found is not None and (account.first is None or found < account.first):
            account.first = found

    def _finding(self, outcome: Outcome) -> Finding:
        finding = Finding(
            status=outcome.status,
            observed=clean(outcome.observed),
            reason=None if outcome.reason is None else clean(outcome.reason),
            waiver=outcome.waiver,
        )
        return self._findings.setdefault(finding, finding)
