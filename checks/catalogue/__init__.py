"""The rule catalogue: every rule as data, one file for each group in `rules/`; exports in `exports.toml`.

Ids are never renumbered and never reused. `remedy` is plain text. Its first line says what to do, and is an
account's next action in the worklist. The other lines say how. A line that is indented by four spaces is for
copying: a command, a request or a setting. `{request NAME}` on such a line is one of `requests.toml`.
Lower-case words in <angle brackets> are placeholders for the reader's own values. In a command they are
inside quotes, because PowerShell refuses a bare <, and a shell takes it for a redirection.
"""

import re
import tomllib
from functools import cache
from importlib.resources import files
from textwrap import indent
from typing import Any, Final

import msgspec

from nylas_readiness.checks.catalogue.requests import printed

# A line of a remedy that stands for a request of requests.toml.
_REQUEST: Final = re.compile(r"^    \{request ([a-z-]+)\}$", re.MULTILINE)
# The groups of rules, in the order of a report.
GROUPS: Final = (
    "PAY", "API", "CFG", "ENT", "USR", "ROL", "EWS", "EAS", "ACC", "NY2", "NY3", "USE", "MIG", "LOG"
)  # fmt: skip


class Export(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An administrator's export: its key in `[exchange]`, and the read-only PowerShell command for it."""

    key: str
    command: str


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rule. Ids are stable: never renumbered, never reused.

    `subject`: `payload`, `client`, `tenant` or `account`; `side`: the migration sides whose verdict it
    counts for (`v2`, `v3`); `how`: how its check decides; `exports`: keys of the exports that it reads;
    `deadline`: ISO date from which the rule bites; `takes`: how long its remedy takes to work;
    `planned`: it has no check yet.

    `reads`: the slots of the evidence that its check needs; where one could not be read, the rule is
    `unknown`, or what another slot already shows. `a or b`: either will do. `consults`: slots that it looks
    at too, for a cause or a closer answer, without needing them.

    Traits, each true of few rules. `own_trouble`: what it finds is the audit's own trouble and not the
    subject's. `never_fails`: its check warns at most. `only_informs`: it tells a number,
    which no company of the sandbox makes a finding of. `judged_last`: its check needs
    what all other checks concluded. `connects`: its check needs accounts to be connected, which takes
    `--allow-writes`. `judges_unlisted`: it is also about addresses that only the logs name.
    `describes_account`: it says what an account is, not what a probe of it answered. `of_the_list`: what it
    finds is a wrong line of the accounts file, so neither side can go on. `blocks_cutover`: v3 cannot hold
    the mailbox of an account that breaks it. `way_to_v3`: it is about the tenant's own way to v3, whose
    steps are the plan's. `lists_changes`: its remedy lists what v3 changes.
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
    exports: tuple[str, ...] = ()
    how: str | None = None
    reads: tuple[str, ...] = ()
    consults: tuple[str, ...] = ()
    deadline: str | None = None
    takes: str | None = None
    retired: str | None = None
    planned: bool = False
    own_trouble: bool = False
    never_fails: bool = False
    only_informs: bool = False
    judged_last: bool = False
    connects: bool = False
    judges_unlisted: bool = False
    describes_account: bool = False
    of_the_list: bool = False
    blocks_cutover: bool = False
    way_to_v3: bool = False
    lists_changes: bool = False

    @property
    def group(self) -> str:
        """The group that its id begins with."""
        return self.id.partition("-")[0]

    @property
    def slots(self) -> frozenset[str]:
        """Every slot of the evidence that its check may look at."""
        return frozenset(slot for entry in (*self.reads, *self.consults) for slot in entry.split(" or "))

    @property
    def is_live(self) -> bool:
        """Whether a live run decides it."""
        return self.subject in {"tenant", "account"} and not self.planned


@cache
def catalogue() -> dict[str, Rule]:
    """Return every rule by its id, in the catalogue's order, the retired ones included."""
    documents = (_document(f"rules/{group.lower()}.toml") for group in GROUPS)
    rules = (rule for one in documents for rule in msgspec.convert(one["rule"], list[Rule]))
    return {rule.id: _spelled_out(rule) for rule in rules}


@cache
def exports() -> dict[str, Export]:
    """Return the administrator's exports by their key."""
    found = msgspec.convert(_document("exports.toml")["export"], list[Export])
    return {export.key: export for export in found}


def _document(name: str) -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath(name).read_text("utf-8"))


def _spelled_out(rule: Rule) -> Rule:
    """Return a rule whose remedy has, for each line `{KEY}`, the command of that export or that request."""
    remedy = _REQUEST.sub(lambda match: printed(match[1]), rule.remedy)
    for key in rule.exports:
        remedy = remedy.replace(f"    {{{key}}}", indent(exports()[key].command, "    "))
    return msgspec.structs.replace(rule, remedy=remedy)


def active() -> list[Rule]:
    """Return the rules that are in force, in the catalogue's order."""
    return [rule for rule in catalogue().values() if rule.retired is None]


@cache
def in_judging_order() -> tuple[str, ...]:
    """Return the ids of all rules in the catalogue's order; those that need all other findings come last."""
    return tuple(sorted(catalogue(), key=lambda rule_id: catalogue()[rule_id].judged_last))


@cache
def with_trait(trait: str) -> tuple[str, ...]:
    """Return the ids of the rules in force that have a trait, in the catalogue's order."""
    return tuple(rule.id for rule in active() if getattr(rule, trait))
