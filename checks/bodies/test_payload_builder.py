"""The PAY rules over the builder that a user gives with `--builder`: one check a rule."""

import pytest

from nylas_readiness.checks.bodies.builder_outcome import JudgedBuilder, builder_outcome
from nylas_readiness.checks.bodies.pay_rules import each_pay_rule
from nylas_readiness.checks.outcome import Outcome

pytestmark = [pytest.mark.offline, pytest.mark.subject("builder")]


@each_pay_rule
def test_the_builder_keeps(rule: str, builder_subject: JudgedBuilder) -> Outcome:
    """The builder, and every body that it built of a generated input, is as the rule states."""
    return builder_outcome(rule, builder_subject)
