"""Catalogue and checks hold together: every rule has a check or is planned, and every check has a rule."""

import ast
import re
from collections import defaultdict
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

import msgspec
import pytest

from nylas_readiness.checks.catalogue import GROUPS, Rule, active, catalogue, with_trait

pytestmark = pytest.mark.offline

SEVERITIES = {"blocker", "high", "medium", "low", "info"}
OWNERS = {"integrator", "tenant-admin", "nylas-admin", "user"}
SUBJECTS = {"payload", "client", "tenant", "account"}

SIDES = {"v2", "v3"}
# Which rules a trait can be true of.
TRAITS = {
    "own_trouble": {"tenant"},
    "never_fails": {"tenant", "account"},
    "judged_last": {"account"},
    "connects": {"tenant", "account"},
    "judges_unlisted": {"account"},
    "describes_account": {"account"},
    "of_the_list": {"account"},
    "blocks_cutover": {"account"},
    "way_to_v3": {"tenant"},
    "lists_changes": {"tenant"},
    "only_informs": {"tenant"},
}

RULE_ID = re.compile(r"[A-Z][A-Z0-9]{2}-\d{3}")


def test_no_rule_of_the_catalogue_is_lost() -> None:
    """Ids are never renumbered and never reused: within a group they run from 001 without a gap."""
    for group in GROUPS:
        ids = [rule.id for rule in catalogue().values() if rule.group == group]
        wanted = [f"{group}-{number:03}" for number in range(1, len(ids) + 1)]
        assert ids == wanted, f"number the rules of {group.lower()}.toml without a gap; keep retired ones"


def test_a_rule_takes_its_values_from_the_closed_sets() -> None:
    for rule in catalogue().values():
        assert RULE_ID.fullmatch(rule.id), rule.id
        assert rule.severity in SEVERITIES, rule.id
        assert rule.owner in OWNERS, rule.id
        assert rule.subject in SUBJECTS, rule.id
        assert set(rule.side) <= SIDES, rule.id
        assert rule.deadline is None or re.fullmatch(r"20\d\d-[01]\d-[0-3]\d", rule.deadline), rule.id


def test_a_retired_rule_says_what_took_its_place() -> None:
    retired = [rule for rule in catalogue().values() if rule.retired is not None]
    assert retired
    assert all(any(other in str(rule.retired) for other in catalogue()) for rule in retired)


def test_a_trait_is_true_of_rules_that_it_can_be_true_of() -> None:
    subjects = {trait: {catalogue()[rule].subject for rule in with_trait(trait)} for trait in TRAITS}
    assert all(subjects.values()), "a trait that is true of no rule can go"
    assert {trait: found - TRAITS[trait] for trait, found in subjects.items() if found - TRAITS[trait]} == {}
    assert {field.name for field in msgspec.structs.fields(Rule) if field.type is bool} == {
        *TRAITS,
        "planned",
    }


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


@cache
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
    room = "live" if rule.subject in {"tenant", "account"} else "offline"
    return f"{'migration' if rule.judged_last else room}/test_{rule.group.lower()}"


def test_every_rule_has_a_check_or_is_planned_and_never_both() -> None:
    missing = [
        f'mark its check in checks/{home_of(rule)}*.py with @pytest.mark.rule("{rule.id}")'
        for rule in active()
        if not rule.planned and rule.id not in decided_in()
    ]
    assert missing == []
    assert [
        f"take planned from {rule.id}" for rule in active() if rule.planned and rule.id in decided_in()
    ] == []


def test_no_check_names_an_unknown_or_retired_rule() -> None:
    unknown = sorted(decided_in().keys() - {rule.id for rule in active()})
    assert [
        f"add {rule_id} to checks/catalogue/rules/, or correct {decided_in()[rule_id]}" for rule_id in unknown
    ] == []


def test_the_checks_of_a_rule_are_where_its_group_is() -> None:
    misplaced = {
        rule_id: paths
        for rule_id, paths in decided_in().items()
        if not all(path.startswith(home_of(catalogue()[rule_id])) for path in paths)
    }
    assert misplaced == {}
