"""What is left of an account's move to v3 once nothing is in its way: the judgement behind MIG-006."""

from collections.abc import Mapping
from typing import Final

import msgspec

from nylas_readiness.checks.catalogue import catalogue
from nylas_readiness.checks.live.v3_application import credential_of
from nylas_readiness.checks.migration.next_action import PLAN, is_in_the_way
from nylas_readiness.checks.outcome import Finding, Outcome, Status, passed, require, warn
from nylas_readiness.fixtures.evidence.model import AccountEvidence, TenantEvidence
from nylas_readiness.fixtures.evidence.slots import Absent, Read

CREATE: Final = "Create the v3 grant."
CUT_OVER: Final = "Switch your application to the v3 grant, then disconnect the v2 account."
_PLANNED: Final = "the tenant's next step of the plan"


def in_the_way(findings: Mapping[str, Finding], aim: str | None) -> dict[str, Finding]:
    """Return what is open of an account and in the way of the aim; what was accepted is not."""
    return {
        rule: finding
        for rule, finding in findings.items()
        if finding.status is not Status.WAIVED and is_in_the_way(catalogue()[rule], aim, finding.status)
    }


def causes_in_words(findings: Mapping[str, Finding]) -> str:
    """Return what comes first: rules, and the plan where the tenant's own way to v3 is not through yet."""
    causes = {finding.cause or rule for rule, finding in findings.items()}
    of_plan = {one for one in causes if catalogue()[one].way_to_v3}
    return ", ".join((*sorted(causes - of_plan), *([_PLANNED] if of_plan else [])))


def first_cause(findings: Mapping[str, Finding]) -> str:
    """Return the rule that the account's next step waits for: its worst finding's, or that one's cause."""
    worst = min(findings.items(), key=lambda pair: list(Status).index(pair[1].status))
    return worst[1].cause or worst[0]


def judge_move(account: AccountEvidence, tenant: TenantEvidence) -> Outcome:
    """Say what is left to do for an account of which nothing of v3 is open."""
    if not any(grant.is_valid for grant in require(account.grants)):
        outcome = warn("no v3 grant yet", remedy=_how(CREATE))
        if credential_of(tenant) is None:
            reason = "depends on NY3-003: a grant is made with the tenant's credential"
            outcome = msgspec.structs.replace(outcome, cause="NY3-003", reason=reason)
        return msgspec.structs.replace(outcome, owner="nylas-admin")
    if isinstance(account.connected, Absent):
        return passed("has a valid v3 grant; v2 is not audited")
    if isinstance(tenant.nylas_application, Read) and tenant.nylas_application.value.is_gone:
        return passed("has a valid v3 grant; the v2 application is gone")
    if not all(one.is_disconnected for one in require(account.connected)):
        return warn("on v3, and still connected to v2", remedy=_how(CUT_OVER))
    return passed("on v3 alone: nothing is left to do")


def _how(action: str) -> str:
    """Return a remedy that begins with the action; the requests are those of MIG-006's own."""
    return "\n".join((action, *catalogue()[PLAN].remedy.splitlines()[1:]))
