"""The rule catalogue: every rule as data, read from `catalogue.toml` beside this module."""

import tomllib
from functools import cache
from importlib.resources import files

import msgspec


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rule. Ids are stable: never renumbered, never reused.

    `subject`: `payload`, `client`, `tenant` or `account`; `side`: the migration sides whose verdict it
    counts for (`v2`, `v3`); `deadline`: ISO date from which the rule bites; `planned`: it has no check yet.
    """

    id: str
    title: str
    statement: str
    severity: str
    owner: str
    subject: str
    side: tuple[str, ...]
    source: str
    remedy: str
    permissions: tuple[str, ...] = ()
    optional_permissions: tuple[str, ...] = ()
    deadline: str | None = None
    retired: str | None = None
    planned: bool = False


@cache
def catalogue() -> dict[str, Rule]:
    """Return every rule by its id, in the catalogue's order, the retired ones included."""
    text = files(__package__).joinpath("catalogue.toml").read_text("utf-8")
    rules = msgspec.convert(tomllib.loads(text)["rule"], list[Rule])
    return {rule.id: rule for rule in rules}


def active() -> list[Rule]:
    """Return the rules that are in force, in the catalogue's order."""
    return [rule for rule in catalogue().values() if rule.retired is None]
