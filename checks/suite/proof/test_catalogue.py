"""Catalogue and checks hold together: every rule has a check or is planned, and every check has a rule."""

import ast
import re
from collections import defaultdict
from importlib.resources import files
from importlib.resources.abc import Traversable

import pytest

from nylas_readiness.checks.catalogue import Rule, active, catalogue

pytestmark = pytest.mark.offline

# The rules that this product has promised to decide; none may be dropped, a new one is added here too.
PROMISED = {
    "PAY": 22,
    "API": 7,
    "CFG": 5,
    "ENT": 10,
    "USR": 7,
    "ROL": 5,
    "EWS": 5,
    "EAS": 3,
    "ACC": 8,
    "NY2": 6,
    "NY3": 10,
    "MIG": 6,
    "LOG": 5,
}
EXPECTED = tuple(f"{group}-{number:03}" for group, last in PROMISED.items() for number in range(1, last + 1))
RETIRED = {"ROL-004"}

SEVERITIES = {"blocker", "high", "medium", "low", "info"}
OWNERS = {"integrator", "tenant-admin", "nylas-admin", "user"}
SUBJECTS = {"payload", "client", "tenant", "account"}

V2_GROUPS = {"PAY", "ENT", "USR", "ROL", "EWS", "EAS", "NY2", "LOG"}
V2_SINGLE = {"MIG-001", "MIG-002", "MIG-003", "MIG-004", "ACC-002", "ACC-003", "ACC-006", "ACC-008"}
BOTH_SINGLE = {"ACC-001", "ACC-004", "ACC-005", "ACC-007"}

RULE_ID = re.compile(r"[A-Z][A-Z0-9]{2}-\d{3}")


def sides_of(rule_id: str) -> tuple[str, ...]:
    group = rule_id[:3]
    if group in V2_GROUPS or rule_id in V2_SINGLE:
        return ("v2",)
    if group == "NY3" or rule_id == "MIG-005":
        return ("v3",)
    return ("v2", "v3") if group == "CFG" or rule_id in BOTH_SINGLE else ()


def subject_of(rule: Rule) -> set[str]:
    fixed = {
        "PAY": "payload",
        "API": "client",
        "CFG": "tenant",
        "ENT": "tenant",
        "USR": "tenant",
        "ACC": "account",
    }
    return {fixed[rule.id[:3]]} if rule.id[:3] in fixed else {"tenant", "account"}


def test_every_promised_rule_is_in_the_catalogue_once_and_in_order() -> None:
    assert tuple(catalogue()) == EXPECTED


def test_a_rule_takes_its_values_from_the_closed_sets() -> None:
    for rule in catalogue().values():
        assert RULE_ID.fullmatch(rule.id), rule.id
        assert rule.severity in SEVERITIES, rule.id
        assert rule.owner in OWNERS, rule.id
        assert rule.subject in SUBJECTS, rule.id
        assert rule.subject in subject_of(rule), rule.id
        assert rule.deadline is None or re.fullmatch(r"20\d\d-[01]\d-[0-3]\d", rule.deadline), rule.id


def test_only_the_retired_rule_is_retired() -> None:
    assert {rule.id for rule in catalogue().values() if rule.retired} == RETIRED
    assert {rule.id for rule in active()} == set(EXPECTED) - RETIRED


def test_a_rule_counts_for_the_sides_that_the_interface_names() -> None:
    assert {rule.id: rule.side for rule in active()} == {rule.id: sides_of(rule.id) for rule in active()}


def test_a_rule_reads_well_in_a_report() -> None:
    for rule in catalogue().values():
        assert rule.title.isascii(), rule.id
        assert len(rule.title) <= 70, rule.id
        assert rule.statement.endswith("."), rule.id
        assert ("https://" in rule.source) != rule.source.startswith("Project rule: "), rule.id
        action = rule.remedy.splitlines()[0]
        assert action.endswith((".", "…")), rule.id
        assert not action.startswith(" "), rule.id
        assert len(action) <= 130, rule.id


def decided_in() -> dict[str, list[str]]:
    """Return where each rule id is the argument of a `rule` marker, as paths below `checks`."""
    found = defaultdict(list)
    for path, module in modules(files("nylas_readiness.checks"), ""):
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.rule":
                for argument in node.args:
                    if isinstance(argument, ast.Constant):
                        found[str(argument.value)].append(path)
    return found


def modules(folder: Traversable, prefix: str) -> list[tuple[str, Traversable]]:
    found = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found += modules(entry, f"{prefix}{entry.name}/")
        elif entry.name.startswith("test_") and entry.name.endswith(".py"):
            found.append((prefix + entry.name, entry))
    return found


def home_of(rule: Rule) -> str:
    """Return how the path of a module that decides `rule` begins."""
    group, room = rule.id[:3].lower(), "live" if rule.subject in {"tenant", "account"} else "offline"
    return f"{'migration' if rule.id == 'MIG-006' else room}/test_{group}"


def test_every_rule_has_a_check_or_is_planned_and_never_both() -> None:
    assert {rule.id for rule in active() if not rule.planned} == set(decided_in())


def test_no_check_names_an_unknown_or_retired_rule() -> None:
    assert set(decided_in()) <= {rule.id for rule in active()}


def test_the_checks_of_a_rule_are_where_its_group_is() -> None:
    misplaced = {
        rule_id: paths
        for rule_id, paths in decided_in().items()
        if not all(path.startswith(home_of(catalogue()[rule_id])) for path in paths)
    }
    assert misplaced == {}
