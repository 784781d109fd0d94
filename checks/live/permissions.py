"""What the directory app may read, against what the rules need: the judgement behind CFG-003."""

from collections.abc import Iterable

from nylas_readiness.checks.catalogue import Rule, active
from nylas_readiness.checks.catalogue.permissions import lacks
from nylas_readiness.checks.outcome import Outcome, fail, passed, require, unknown
from nylas_readiness.fixtures.evidence.model import TenantEvidence
from nylas_readiness.fixtures.evidence.slots import Absent

_ADD_AN_APP = """Register an app that reads Graph, and name it as [directory] in the tenant file.
With the permissions that the finding names, admin consent and a client secret, in the Entra admin center:
    App registrations > New registration
    App registrations > <app> > API permissions > Add a permission > Microsoft Graph > Application permissions
Then in the tenant file:
    [directory]
    client_id = "<application id>"
    client_secret = "env:<variable>\""""


def needed(sides: Iterable[str]) -> dict[str, list[str]]:
    """Return each Graph permission that the rules of these sides need, with those rules."""
    found: dict[str, list[str]] = {}
    for rule in filter(lambda rule: _is_run(rule, set(sides)), active()):
        for permission in rule.permissions:
            found.setdefault(permission, []).append(rule.id)
    return found


def _is_run(rule: Rule, sides: set[str]) -> bool:
    return not rule.planned and (not rule.side or bool(sides & set(rule.side)))


def judge_permissions(tenant: TenantEvidence) -> Outcome:
    """Judge the permissions in the directory app's token; a rule may be decided by another source."""
    wanted, slot = needed(tenant.setup.sides), tenant.directory_permissions
    if isinstance(slot, Absent):
        return unknown(
            f"{slot.reason}; needed, each with the rules that need it: {_listed(wanted)}",
            remedy=_ADD_AN_APP,
        )
    granted = require(slot)
    if granted is None:
        return unknown("the directory app's token is opaque: its permissions cannot be read")
    missing = {one: rules for one, rules in wanted.items() if lacks(granted, one)}
    if not missing:
        return passed(f"all {len(wanted)} permissions: {', '.join(wanted)}")
    return fail(
        f"missing, each with the rules that need it: {_listed(missing)}",
        expected=f"all {len(wanted)} permissions",
    )


def _listed(permissions: dict[str, list[str]]) -> str:
    return "; ".join(f"{permission} ({', '.join(rules)})" for permission, rules in permissions.items())
