"""`--explain`: every rule is told whole, fits the terminal, and needs no tenant."""

import re
from pathlib import Path

import pytest

from nylas_readiness.checks.catalogue import Rule, active, catalogue, exports
from nylas_readiness.checks.outcome import Status
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.command_line import Ended, run, run_each
from nylas_readiness.fixtures.inputs.errors import UsageProblem
from nylas_readiness.fixtures.run.explain import MEANINGS, explanation

pytestmark = pytest.mark.offline


def decided() -> list[Rule]:
    """Return the rules that have a check."""
    return [rule for rule in active() if not rule.planned]


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ended]:
    """Return how each command ended, in a folder with no tenant and no checks."""
    commands = {wanted: ["--explain", wanted] for wanted in ("ROL-002", "all", "acc-02", "what", "")}
    return run_each(tmp_path_factory.mktemp("empty"), commands)


def flat(text: str) -> str:
    """Return a text without regard to how it is wrapped."""
    return " ".join(text.split())


def test_every_rule_with_a_check_says_how_it_is_decided(subtests: pytest.Subtests) -> None:
    for rule in decided():
        with subtests.test(rule=rule.id):
            assert rule.how is not None
            assert re.fullmatch(r"\S.{40,}\.", rule.how)
            assert len(re.findall(r"[.:;]\s", rule.how)) <= 6
            named = set(re.findall(r"\b[A-Z][A-Z0-9]{2}-\d{3}\b", rule.how))
            assert named <= set(catalogue())


def test_an_explanation_has_everything_that_the_catalogue_says(subtests: pytest.Subtests) -> None:
    for rule in active():
        with subtests.test(rule=rule.id):
            text = flat(explanation(rule.id))
            assert text.startswith(f"{rule.id} {rule.title}")
            decided = "It has no check yet" if rule.planned else rule.how or "nobody says how"
            parts = (rule.statement, decided, rule.severity, rule.remedy, rule.source)
            assert [part for part in parts if flat(part) not in text] == []
            lists = (*rule.permissions, *rule.optional_permissions, *rule.exports, rule.deadline or "")
            assert [part for part in lists if part not in text] == []
            assert [meaning for meaning in MEANINGS.values() if meaning not in text] == []


def test_every_status_has_a_meaning() -> None:
    assert set(MEANINGS) == set(Status)


@each_of(
    ("rule", "line"),
    [
        ("ENT-002", "fail it is not as the rule states; the tenant is blocked"),
        ("ACC-002", "fail it is not as the rule states; the account is blocked"),
        ("USR-005", "fail it is not as the rule states; the tenant is at best ready-with-warnings"),
        ("ENT-002", "not-applicable the rule does not apply, for the reason given What to do"),
        ("PAY-001", "fail it is not as the rule states unknown it could not be read"),
        ("MIG-006", "fail it is not as the rule states unknown it could not be read"),
    ],
)
def test_a_status_says_what_it_makes_of_the_verdict(rule: str, line: str) -> None:
    assert line in flat(explanation(rule))


def test_a_rule_that_reads_an_export_prints_the_command_that_writes_it(subtests: pytest.Subtests) -> None:
    for rule in filter(lambda rule: rule.exports, active()):
        with subtests.test(rule=rule.id):
            for key in rule.exports:
                assert "Connect-ExchangeOnline" in explanation(rule.id)
                assert flat(exports()[key].command) in flat(explanation(rule.id))


def test_a_command_only_reads_and_writes_no_utf_16() -> None:
    for export in exports().values():
        assert set(re.findall(r"\b([A-Z]\w+)-[A-Z]\w+", export.command)) <= {
            "Get",
            "Select",
            "ConvertTo",
            "Set",
        }
        assert re.findall(r"\bSet-\w+", export.command) == ["Set-Content"]
        assert "-Encoding utf8" in export.command


def test_no_remedy_is_left_with_the_name_of_a_command_in_its_place() -> None:
    left = {rule.id for rule in active() for key in exports() if f"{{{key}}}" in rule.remedy}
    assert left == set()


@each_of("width", [20, 60, 300])
def test_what_is_prose_fits_the_terminal(width: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", str(width))
        lines = explanation("CFG-002").splitlines()
    prose = [line for line in lines if not line.startswith("        ") and "https://" not in line]
    assert max(map(len, prose)) <= max(40, min(100, width))


def test_a_retired_rule_says_so() -> None:
    assert "Retired: the same as MIG-001." in explanation("ROL-004")


def test_a_rule_without_a_check_says_so() -> None:
    planned = [rule.id for rule in active() if rule.planned]
    assert all("It has no check yet" in explanation(rule) for rule in planned)
    assert not any("It has no check yet" in explanation(rule.id) for rule in decided())


@each_of("wanted", ["ent-002", " ENT-002 ", "Ent-002"])
def test_case_and_blanks_do_not_matter(wanted: str) -> None:
    assert explanation(wanted) == explanation("ENT-002")


def test_a_blank_name_is_no_rule_and_runs_nothing(ended: dict[str, Ended]) -> None:
    assert ended[""].exit_code == 4
    assert "no such rule" in ended[""].problem


@each_of("wanted", ["", "ENT", "ENT-002 ENT-003", "\x1b[31m"])
def test_an_unknown_rule_is_a_problem_of_usage(wanted: str) -> None:
    with pytest.raises(UsageProblem, match="no such rule") as problem:
        explanation(wanted)
    assert "\x1b" not in str(problem.value)


def test_a_rule_is_explained_without_a_tenant(ended: dict[str, Ended]) -> None:
    assert ended["ROL-002"].exit_code == 0
    assert ended["ROL-002"].lines[0] == "ROL-002  A fresh role assignment has had two hours to take effect"


def test_all_explains_every_rule_in_order(ended: dict[str, Ended]) -> None:
    assert ended["all"].exit_code == 0
    assert re.findall(r"^([A-Z0-9]{3}-\d{3})  ", ended["all"].output, re.MULTILINE) == list(catalogue())


def test_an_unknown_rule_ends_with_4_and_the_nearest_one(ended: dict[str, Ended]) -> None:
    assert ended["acc-02"].exit_code == ended["what"].exit_code == 4
    assert ended["acc-02"].problem == "--explain acc-02: no such rule. Did you mean ACC-002?"
    assert ended["what"].problem == "--explain what: no such rule. --explain all prints every rule"


def test_a_terminal_that_lacks_characters_is_no_obstacle(tmp_path: Path) -> None:
    told = run(tmp_path, "--explain", "all", environ={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    assert told.exit_code == 0
    assert "PAY-001  The required members" in told.output
