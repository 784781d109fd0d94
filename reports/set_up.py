"""What the audit itself lacks, told apart from what is wrong with the tenant."""

from typing import Final

from nylas_readiness.checks.catalogue import catalogue
from nylas_readiness.checks.outcome import NO_FINDING, RuleResult, Status
from nylas_readiness.fixtures.clients.codes import Unreadable

# Why a rule is undecided where whoever runs the audit left something out.
_OF_THE_AUDIT: Final = frozenset(
    {Unreadable.SECTION, Unreadable.SECRET, Unreadable.LIMIT, Unreadable.INTERRUPTED, Unreadable.FILE}
)


def is_of_the_audit(rule: RuleResult) -> bool:
    """Return whether a finding is the audit's own trouble: whoever runs it puts it right."""
    if rule.status in NO_FINDING:
        return False
    own_trouble = catalogue()[rule.id].own_trouble and rule.status is not Status.WAIVED
    return own_trouble or (rule.status is Status.UNKNOWN and rule.code in _OF_THE_AUDIT)


def lacks_permission(rule: RuleResult) -> bool:
    """Return whether a rule is undecided for want of a permission, which an administrator gives."""
    return rule.status is Status.UNKNOWN and rule.code is Unreadable.PERMISSION
