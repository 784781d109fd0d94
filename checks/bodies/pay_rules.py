"""The PAY rules as parameters of the checks of a subject: one item a rule, with the rule's id and marker."""

import pytest

each_pay_rule = pytest.mark.parametrize(
    "rule",
    [
        pytest.param(rule, id=rule, marks=pytest.mark.rule(rule))
        for rule in (f"PAY-{one:03}" for one in range(1, 23))
    ],
)
