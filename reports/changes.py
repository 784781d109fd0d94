"""What changed between two runs: their findings compared by rule and account, whatever order either has.

Only rules that both runs decided are compared. An account that an incomplete run lacks may only not have
been reached, so nothing is said of it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Final

import msgspec
from msgspec.structs import replace

from nylas_readiness.checks.catalogue import catalogue
from nylas_readiness.checks.contract.addresses import mailbox_key
from nylas_readiness.reports.model import (
    Change,
    ChangeKind,
    Changes,
    Finding,
    Results,
    RuleResult,
    Run,
    Status,
)
from nylas_readiness.reports.untrusted import bounded, clean
from nylas_readiness.reports.verdict import SEVERITIES, consequence, is_worse, verdict_rank

_NO_FINDING: Final = frozenset({Status.PASS, Status.NOT_APPLICABLE})
_NUMBER: Final = re.compile(r"[0-9]{1,9}")
# No id, time or version of a run is longer.
_LONGEST_OF_RUN: Final = 100

Accounts = Iterable[tuple[str, Mapping[str, Finding]]]


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """What a comparison needs of one run.

    `rules`: every rule that the run decided, with what it found of no single account (None: nothing);
    `undecided`: those of accounts that looked at none, so that what they found stands for each of them;
    `accounts`: the addresses as written, by their key; `findings`: of accounts, by rule and key.
    """

    run: Run
    rules: dict[str, Finding | None]
    undecided: set[str]
    accounts: dict[str, str]
    findings: dict[str, dict[str, Finding]]

    def finding(self, rule_id: str, key: str) -> Finding | None:
        """Return what a decided rule found of the audited account with this key."""
        of_all = self.rules[rule_id] if rule_id in self.undecided else None
        return self.findings.get(rule_id, {}).get(key, of_all)

    def status(self, rule_id: str, email: str | None) -> Status | None:
        """Return a status as it was before it was waived, `pass` without a finding; None: not audited."""
        key = email and mailbox_key(email)
        if rule_id not in self.rules or (key is not None and key not in self.accounts):
            return None
        found = self.rules[rule_id] if key is None else self.finding(rule_id, key)
        return unwaived(found) if found else Status.PASS


def snapshot(run: Run, rules: Sequence[RuleResult], accounts: Accounts) -> Snapshot:
    """Take in a run: what it concluded of its rules, and its accounts with their findings by rule."""
    addresses: dict[str, str] = {}
    findings: dict[str, dict[str, Finding]] = {}
    for email, found in accounts:
        key = mailbox_key(email)
        addresses[key] = email
        for rule_id, finding in found.items():
            findings.setdefault(rule_id, {})[key] = finding
    own = {one.id: _of_no_account(one, findings.get(one.id, {}), run) for one in rules}
    undecided = {one.id for one in rules if one.subject == "account" and not one.affected}
    return Snapshot(run=run, rules=own, undecided=undecided, accounts=addresses, findings=findings)


def _of_no_account(rule: RuleResult, accounts: Mapping[str, Finding], run: Run) -> Finding | None:
    """Return a rule's result as a finding; None where it is none, or no more than those of its accounts.

    An account rule affects none where their list could not be read, and more than have a finding where it
    looks at addresses that are not on the list; in an incomplete run those are accounts that it lacks.
    """
    if rule.status in _NO_FINDING:
        return None
    if rule.subject == "account" and rule.affected:
        listed = sum(one.status is rule.status for one in accounts.values())
        if listed == rule.affected or not run.complete:
            return None
    return Finding(status=rule.status, observed=rule.observed, reason=rule.reason, waiver=rule.waiver)


def unwaived(finding: Finding) -> Status:
    """Return the status that a finding has without its waiver."""
    return finding.waiver.status if finding.waiver else finding.status


def changes_since(before: Snapshot, results: Results) -> Changes:
    """Return what changed from an earlier run to this one."""
    accounts = ((one.email, one.findings) for one in results.accounts)
    return compare(before, snapshot(results.run, results.rules, accounts))


def compare(before: Snapshot, now: Snapshot) -> Changes:
    """Return what changed from `before` to `now`."""
    common = before.rules.keys() & now.rules.keys()
    found = [one for rule_id in common for one in _changes_of(rule_id, before, now)]
    changed = sorted(sorted(found, key=lambda one: one.email or ""), key=_gravity)
    counts = Counter(one.kind for one in changed)
    joined, left = now.accounts.keys() - before.accounts.keys(), before.accounts.keys() - now.accounts.keys()
    rules_left, baseline = before.rules.keys() - now.rules.keys(), _cleaned_run(before.run)
    return Changes(
        baseline=baseline,
        counts={kind: counts[kind] for kind in ChangeKind},
        waived_since=sum(map(_is_waived_since, changed)),
        accounts_joined=len(joined) if before.run.complete else 0,
        accounts_left=len(left) if now.run.complete else 0,
        rules_joined=sorted(now.rules.keys() - before.rules.keys()),
        rules_left=sorted(rules_left & catalogue().keys()),
        limits=[
            *_unsaid("the baseline", baseline, len(joined)),
            *_unsaid("this run", now.run, len(left)),
            *_odd_order(baseline, now.run),
            *_unknown_rules(len(rules_left - catalogue().keys())),
        ],
        changed=changed,
    )


def _changes_of(rule_id: str, before: Snapshot, now: Snapshot) -> Iterator[Change]:
    """Yield what changed of one rule: of no single account, and of each account with a finding."""
    if change := _change(rule_id, None, before.rules[rule_id], now.rules[rule_id]):
        yield change
    for key in before.findings.get(rule_id, {}).keys() | now.findings.get(rule_id, {}).keys():
        if change := _account_change(rule_id, key, before, now):
            yield change


def _account_change(rule_id: str, key: str, before: Snapshot, now: Snapshot) -> Change | None:
    """Return what changed of one account that has a finding of this rule in one of the runs at least."""
    if key not in now.accounts:
        email, was = before.accounts[key], before.finding(rule_id, key)
        gone = Change(
            kind=ChangeKind.GONE, rule=rule_id, email=clean(email), before=_cleaned(was), after=None
        )
        return gone if now.run.complete else None
    if key not in before.accounts:
        joined = _change(rule_id, now.accounts[key], None, now.finding(rule_id, key))
        return joined if before.run.complete else None
    return _change(rule_id, now.accounts[key], before.finding(rule_id, key), now.finding(rule_id, key))


def _change(rule_id: str, email: str | None, before: Finding | None, after: Finding | None) -> Change | None:
    kind = _kind(before, after)
    if kind is None:
        return None
    return Change(kind=kind, rule=rule_id, email=email, before=_cleaned(before), after=after)


def _cleaned_run(run: Run) -> Run:
    """Return the baseline's run fit for this artefact: its file may be anyone's."""
    texts = {name: getattr(run, name) for name in run.__struct_fields__ if name != "complete"}
    return replace(run, **{name: bounded(clean(text), _LONGEST_OF_RUN) for name, text in texts.items()})


@lru_cache(maxsize=4096)
def _cleaned(finding: Finding | None) -> Finding | None:
    """Return a finding of the baseline fit for this artefact, as its run is."""
    if finding is None:
        return None
    reason = None if finding.reason is None else clean(finding.reason)
    waiver = finding.waiver and replace(
        finding.waiver,
        owner=clean(finding.waiver.owner),
        reason=clean(finding.waiver.reason),
        expires=clean(finding.waiver.expires),
    )
    return replace(finding, observed=clean(finding.observed), reason=reason, waiver=waiver)


def _kind(before: Finding | None, after: Finding | None) -> ChangeKind | None:
    """Return how two findings of the same subject differ; a waived one counts as `waived`."""
    if before is None or after is None:
        return ChangeKind.NEW if after else ChangeKind.FIXED if before else None
    if before.status is after.status:
        return None
    return ChangeKind.WORSE if is_worse(after.status, before.status) else ChangeKind.BETTER


def _is_waived_since(change: Change) -> bool:
    before, after = change.before, change.after
    if before is None or after is None:
        return False
    return after.status is Status.WAIVED and before.status is not Status.WAIVED


def _gravity(change: Change) -> tuple[int, ...]:
    """Return the place of a change: by its kind, by what the finding makes of a verdict, by its rule."""
    finding, rule = change.after or change.before, catalogue()[change.rule]
    weight = verdict_rank(consequence(rule.severity, finding.status if finding else Status.PASS))
    places = _places()
    return places[change.kind], weight, SEVERITIES.index(rule.severity), places[change.rule]


@cache
def _places() -> dict[str, int]:
    """Return the places of kinds and of rules."""
    return {name: place for names in (ChangeKind, catalogue()) for place, name in enumerate(names)}


def _unsaid(which: str, run: Run, lacking: int) -> Iterator[str]:
    """Say what is not compared where a run is incomplete; `lacking`: accounts that only the other has."""
    if not run.complete:
        accounts = f", nor are accounts that it lacks ({lacking})" if lacking else ""
        yield f"{which} is incomplete: rules that it did not decide are not compared{accounts}"


def _odd_order(before: Run, now: Run) -> Iterator[str]:
    """Say what makes a baseline look later than the run."""
    if before.as_of > now.as_of:
        yield f"the baseline was judged as of {before.as_of}, which is later than {now.as_of}"
    if _version(before.suite_version) > _version(now.suite_version):
        yield (
            f"the baseline was made with nylas-readiness {before.suite_version}, which is newer than "
            f"{now.suite_version}: a rule that decides otherwise since may show as a change"
        )


def _unknown_rules(count: int) -> Iterator[str]:
    """Say how many rules of the baseline are in no release's catalogue up to this one."""
    if count:
        rules = "1 rule of the baseline is" if count == 1 else f"{count} rules of the baseline are"
        yield f"{rules} unknown to this release: not compared"


def _version(text: str) -> list[int]:
    return list(map(int, _NUMBER.findall(text)))
