"""The PAY rules over the builder that a user gives with `--builder`: one check a rule."""

import pytest

from nylas_readiness.checks.offline.builder_outcome import JudgedBuilder, builder_outcome
from nylas_readiness.reports.model import Outcome

pytestmark = [pytest.mark.offline, pytest.mark.subject("builder")]


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param("PAY-001", id="PAY-001", marks=pytest.mark.rule("PAY-001")),
        pytest.param("PAY-002", id="PAY-002", marks=pytest.mark.rule("PAY-002")),
        pytest.param("PAY-003", id="PAY-003", marks=pytest.mark.rule("PAY-003")),
        pytest.param("PAY-004", id="PAY-004", marks=pytest.mark.rule("PAY-004")),
        pytest.param("PAY-005", id="PAY-005", marks=pytest.mark.rule("PAY-005")),
        pytest.param("PAY-006", id="PAY-006", marks=pytest.mark.rule("PAY-006")),
        pytest.param("PAY-007", id="PAY-007", marks=pytest.mark.rule("PAY-007")),
        pytest.param("PAY-008", id="PAY-008", marks=pytest.mark.rule("PAY-008")),
        pytest.param("PAY-009", id="PAY-009", marks=pytest.mark.rule("PAY-009")),
        pytest.param("PAY-010", id="PAY-010", marks=pytest.mark.rule("PAY-010")),
        pytest.param("PAY-011", id="PAY-011", marks=pytest.mark.rule("PAY-011")),
        pytest.param("PAY-012", id="PAY-012", marks=pytest.mark.rule("PAY-012")),
        pytest.param("PAY-013", id="PAY-013", marks=pytest.mark.rule("PAY-013")),
        pytest.param("PAY-014", id="PAY-014", marks=pytest.mark.rule("PAY-014")),
        pytest.param("PAY-015", id="PAY-015", marks=pytest.mark.rule("PAY-015")),
        pytest.param("PAY-016", id="PAY-016", marks=pytest.mark.rule("PAY-016")),
        pytest.param("PAY-017", id="PAY-017", marks=pytest.mark.rule("PAY-017")),
        pytest.param("PAY-018", id="PAY-018", marks=pytest.mark.rule("PAY-018")),
        pytest.param("PAY-019", id="PAY-019", marks=pytest.mark.rule("PAY-019")),
        pytest.param("PAY-020", id="PAY-020", marks=pytest.mark.rule("PAY-020")),
        pytest.param("PAY-021", id="PAY-021", marks=pytest.mark.rule("PAY-021")),
        pytest.param("PAY-022", id="PAY-022", marks=pytest.mark.rule("PAY-022")),
    ],
)
def test_the_builder_keeps(rule: str, builder_subject: JudgedBuilder) -> Outcome:
    """The builder, and every body that it built of a generated input, is as the rule states."""
    return builder_outcome(rule, builder_subject)
