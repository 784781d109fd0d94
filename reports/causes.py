"""One cause and what hangs on it, instead of many findings that all say the same.

A finding whose reason begins with `depends on RULE` stands behind that rule as long as that rule is a
finding itself; where it is none, the finding stands for itself. Chains are followed to their first cause.
What a missing permission leaves undecided stands behind CFG-003, which lists all that are missing.
A finding that somebody has accepted is no cause and hangs on none: what is open must not hide behind it.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from nylas_readiness.checks.outcome import Finding, RuleResult, Status
from nylas_readiness.reports.model import AccountResult, Results

_DEPENDS: Final = re.compile(r"depends on ([A-Z0-9]{2,4}-\d{3})\b")
_LACKS: Final = re.compile(r"the permission \S+ would decide it")
_PERMISSIONS: Final = "CFG-003"
_FINE: Final = frozenset({Status.PASS, Status.NOT_APPLICABLE})
_NOT_OPEN: Final = _FINE | {Status.WAIVED}

Reasons = Callable[[str], str | None]


@lru_cache(maxsize=1024)
def cause_of(reason: str | None) -> str | None:
    """Return the rule that `reason` names as the cause, or None."""
    if found := _DEPENDS.match(reason or ""):
        return found[1]
    return _PERMISSIONS if _LACKS.search(reason or "") else None


@dataclass(kw_only=True)
class Causes:
    """The findings of one run by their causes.

    `behind`: for each cause the rules that hang on it, with the statuses of the accounts that do (none: the
    tenant's own finding); `own`: for each account rule the accounts whose finding stands for itself;
    `reasons`: of each rule that is a finding.
    """

    reasons: dict[str, str | None]
    behind: dict[str, dict[str, Counter[Status]]] = field(default_factory=dict)
    own: dict[str, list[tuple[str, Finding]]] = field(default_factory=dict)

    def stand(self, rules: Iterable[RuleResult]) -> list[RuleResult]:
        """Return the rules with a finding that stands for itself; a cause always does."""
        hanging = {rule_id for found in self.behind.values() for rule_id in found}
        hanging -= {*self.own, *self.behind}
        return [rule for rule in rules if rule.status not in _FINE and rule.id not in hanging]

    def hanging(self, rule_id: str) -> Counter[Status]:
        """Return the statuses of the rule's accounts whose finding hangs on a cause, over all causes."""
        found = Counter[Status]()
        for rules in self.behind.values():
            found.update(rules.get(rule_id, {}))
        return found

    def roots(self, account: AccountResult) -> Iterator[tuple[str, Finding, str | None]]:
        """Yield an account's findings, each with its rule and its first cause: None stands for itself."""
        own = {rule_id: one for rule_id, one in account.findings.items() if one.status not in _NOT_OPEN}

        def reason_of(rule_id: str) -> str | None:
            return own[rule_id].reason if rule_id in own else self.reasons.get(rule_id)

        for rule_id, finding in account.findings.items():
            reason = finding.reason if rule_id in own else None
            yield rule_id, finding, _root(reason, lambda one: one in own or one in self.reasons, reason_of)

    def add(self, cause: str, rule_id: str, *accounts: Status) -> None:
        """Count what hangs on `cause`: the tenant's finding, or those of accounts with these statuses."""
        self.behind.setdefault(cause, {}).setdefault(rule_id, Counter()).update(accounts)


def causes_of(results: Results) -> Causes:
    """Return what of a run stands behind what."""
    reasons = {one.id: one.reason for one in results.rules if one.status not in _NOT_OPEN}
    causes = Causes(reasons=reasons)
    for rule in results.rules:
        of_accounts = rule.subject == "account" and results.accounts
        root = None if of_accounts else _root(rule.reason, reasons.__contains__, reasons.get)
        if root and rule.id in reasons:
            causes.add(root, rule.id)
    for account in results.accounts:
        for rule_id, finding, found in causes.roots(account):
            if found:
                causes.add(found, rule_id, finding.status)
            else:
                causes.own.setdefault(rule_id, []).append((account.email, finding))
    return causes


def _root(reason: str | None, is_finding: Callable[[str], bool], reason_of: Reasons) -> str | None:
    """Follow causes as far as they are findings; None where the first is none."""
    found, seen = None, set[str]()
    while (cause := cause_of(reason)) and is_finding(cause) and cause not in seen:
        seen.add(cause)
        found, reason = cause, reason_of(cause)
    return found
