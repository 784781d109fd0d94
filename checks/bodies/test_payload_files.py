"""The PAY rules over the request bodies that a user gives with `--payload`: one check a rule."""

import pytest

from nylas_readiness.checks.bodies.pay_rules import each_pay_rule
from nylas_readiness.checks.bodies.payload_outcome import Judged, outcome_of
from nylas_readiness.checks.outcome import Outcome

pytestmark = [pytest.mark.offline, pytest.mark.subject("payload")]


@each_pay_rule
def test_request_bodies_keep(rule: str, payload_subject: Judged) -> Outcome:
    """Every request body given is as the rule states, as far as a body can show it."""
    return outcome_of(rule, payload_subject)
