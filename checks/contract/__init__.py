"""The contract of `POST /connect/authorize`: pure rules over wire JSON, without I/O and without a clock.

Sources: the vendor page "Office 365 service accounts (v2)", and the v2 pages on native authentication.
"""

from nylas_readiness.checks.contract.judgement import (
    BODY_RULES,
    Judgement,
    Locate,
    is_own_value,
    judge,
    judge_text,
    undecided,
)
from nylas_readiness.checks.contract.request import is_fixed, judge_request
from nylas_readiness.checks.contract.violation import Context, Violation
from nylas_readiness.checks.contract.wire import COMPUTED, Json

__all__ = [
    "BODY_RULES",
    "COMPUTED",
    "Context",
    "Json",
    "Judgement",
    "Locate",
    "Violation",
    "is_fixed",
    "is_own_value",
    "judge",
    "judge_request",
    "judge_text",
    "undecided",
]
