"""From outcomes to the artefact."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from nylas_readiness.checks.catalogue import Rule, active, catalogue
from nylas_readiness.checks.migration.model import NextAction
from nylas_readiness.checks.migration.next_action import (
    MOVE,
    MOVED,
    PLAN,
    Candidate,
    candidate,
    is_in_the_way,
    order,
    remedy,
)
from nylas_readiness.checks.outcome import Outcome, RuleResult, Status
from nylas_readiness.checks.verdict import (
    SIDES,
    Sides,
    Standing,
    Verdict,
    exit_code,
    side_standing,
    tenant_verdict,
    verdict_rank,
)
from nylas_readiness.fixtures.evidence.measures import Logs, ServiceBudget, Trace, UnlistedAddress
from nylas_readiness.fixtures.run.tally import AccountRecord, AccountTally
from nylas_readiness.fixtures.secrets import clean
from nylas_readiness.reports.model import AccountResult, Deadline, Results, Run, TenantId


def assemble(
    *,
    tenant: TenantId | None,
    run: Run,
    outcomes: Mapping[str, Outcome],
    tally: AccountTally,
    planned: Iterable[str] = (),
    deadlines: Sequence[Deadline] = (),
    budget: Mapping[str, ServiceBudget] | None = None,
    logs: Logs | None = None,
) -> Results:
    """Return the artefact of one run.

    `outcomes`: of payload and tenant rules, by rule id; `tally`: of account rules (empty in a payload run);
    `planned`: rules without a check. Rules of the client (API) are never in a report. Texts are scrubbed of
    secrets and bounded here, whatever a check wrote.
    """
    counted = {**outcomes} | {rule_id: one.outcome() for rule_id, one in tally.rules.items()}
    rules = [_rule_result(rule, counted[rule.id], tally) for rule in _reported(counted)]
    standings = _tenant_standings(outcomes)
    todo = _tenant_candidates(outcomes)
    return Results(
        tenant=tenant,
        run=run,
        verdict=None if tenant is None else _verdict(standings, tally),
        counts=_counts(rules),
        planned=sorted(planned, key=[rule.id for rule in active()].index),
        rules=rules,
        accounts=list(_account_results(tally, standings, todo)),
        deadlines=list(deadlines),
        budget=dict(budget or {}),
        logs=logs and _cleaned(logs),
    )


def exit_code_of(results: Results) -> int:
    """Return the run's exit code, 0 or 1, from its rules and from every verdict, the accounts' too."""
    verdicts = [results.verdict, *(account.verdict for account in results.accounts)]
    return exit_code((rule.status for rule in results.rules), verdicts)


def _reported(outcomes: Mapping[str, Outcome]) -> Iterator[Rule]:
    return (rule for rule in active() if rule.id in outcomes and rule.subject != "client")


def _rule_result(rule: Rule, outcome: Outcome, tally: AccountTally) -> RuleResult:
    counted = tally.rules.get(rule.id)
    return RuleResult(
        id=rule.id,
        title=rule.title,
        subject=rule.subject,
        severity=rule.severity,
        owner=outcome.owner or rule.owner,
        status=outcome.status,
        observed=clean(outcome.observed),
        expected=clean(outcome.expected or rule.statement),
        remedy=remedy(rule, outcome),
        source=rule.source,
        deadline=outcome.deadline or rule.deadline,
        affected=counted.counts[outcome.status] if counted else outcome.affected,
        reason=None if outcome.reason is None else clean(outcome.reason),
        evidence=[_trace(trace) for trace in outcome.evidence],
        waiver=outcome.waiver,
        side=list(rule.side),
    )


def _trace(trace: Trace) -> Trace:
    return Trace(at=trace.at, source=clean(trace.source), what=clean(trace.what))


def _cleaned(logs: Logs) -> Logs:
    """Return the logs with every text of them fit for the artefact: codes, addresses and names of files."""
    return msgspec.structs.replace(
        logs,
        problems=[clean(text) for text in logs.problems],
        bad_places=[clean(text) for text in logs.bad_places],
        error_codes={clean(code): count for code, count in logs.error_codes.items()},
        nameless_codes={clean(code): count for code, count in logs.nameless_codes.items()},
        unlisted=[UnlistedAddress(clean(one.email), one.requests) for one in logs.unlisted],
    )


def _counts(rules: Iterable[RuleResult]) -> dict[Status, int]:
    found = Counter(rule.status for rule in rules)
    return {status: found[status] for status in Status}


def _tenant_standings(outcomes: Mapping[str, Outcome]) -> dict[str, Standing]:
    results = [(rule, outcomes[rule.id].status) for rule in _reported(outcomes)]
    return {side: side_standing(results, side) for side in SIDES}


def _verdict(standings: Mapping[str, Standing], tally: AccountTally) -> Sides:
    accounts = tally.accounts.values()
    return Sides(
        **{
            side: tenant_verdict(
                own | tally.unlisted[side], (own | account.standings[side] for account in accounts)
            )
            for side, own in standings.items()
        }
    )


def _tenant_candidates(outcomes: Mapping[str, Outcome]) -> dict[str, Candidate]:
    """Return what the tenant's own findings ask for, by rule."""
    found = {rule.id: candidate(rule, outcomes[rule.id]) for rule in _reported(outcomes)}
    return {rule_id: one for rule_id, one in found.items() if one is not None}


def _account_results(
    tally: AccountTally, standings: Mapping[str, Standing], todo: Mapping[str, Candidate]
) -> Iterator[AccountResult]:
    """Yield the accounts in the order of their list. `todo`: what the tenant's own findings ask for."""
    blocks = verdict_rank(Verdict.BLOCKED)
    grave = (todo[rule_id] for rule_id in todo if is_in_the_way(catalogue()[rule_id], tally.aim))
    blocking = min((one for one in grave if one.urgency == blocks), default=None)
    firsts = {account.email: _first(account, blocking, todo) for account in tally.accounts.values()}
    places = order(firsts.items())
    for account in tally.accounts.values():
        sides = {side: (own | account.standings[side]).verdict for side, own in standings.items()}
        yield AccountResult(
            email=account.email,
            verdict=Sides(**sides),
            next=_next(firsts[account.email], tally),
            order=places[account.email],
            eas_server_host=account.eas_server_host,
            findings=account.findings,
        )


def _first(
    account: AccountRecord, blocking: Candidate | None, todo: Mapping[str, Candidate]
) -> Candidate | None:
    """Return what to do first about an account: at its cause, where that is a finding of the tenant."""
    first = min((one for one in (account.first, blocking) if one is not None), default=None)
    for _ in todo:  # a chain of causes is no longer than they are many
        if first is None or first.cause not in todo:
            break
        first = todo[first.cause]
    return first


def _next(first: Candidate | None, tally: AccountTally) -> NextAction:
    if first is not None:
        return NextAction(action=first.action, owner=first.owner)
    return MOVED if tally.aim and PLAN in tally.rules else MOVE
