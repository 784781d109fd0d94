"""What is to be copied: placeholders in one style, and inside quotes where a shell would read them."""

import ast
import re
import tomllib
from collections.abc import Iterator
from importlib.resources import files

import pytest

from nylas_readiness.checks.catalogue import catalogue, exports
from nylas_readiness.checks.suite.support.cases import each_of

pytestmark = pytest.mark.offline

PLACEHOLDER = re.compile(r"<([^<>\n]+)>")
STYLE = re.compile(r"[a-z][a-z0-9]*( [a-z0-9]+)*")
COMMAND = re.compile(r"[A-Z][a-z]+-[A-Z]\w+ |(?:curl|pytest|python3) ")
QUOTED = re.compile(r"'[^']*'|\"(?:[^\"\\]|\\.)*\"")


def texts(table: object) -> Iterator[str]:
    """Yield every text of a TOML document."""
    if isinstance(table, str):
        yield table
    elif isinstance(table, dict | list):
        for inner in table.values() if isinstance(table, dict) else table:
            yield from texts(inner)


def said_by_checks() -> Iterator[str]:
    """Yield the texts of several lines, and parts of such, that the live checks have in their code."""
    for module in files("nylas_readiness.checks.live").iterdir():
        if module.name.endswith(".py") and not module.name.startswith("test_"):
            for node in ast.walk(ast.parse(module.read_text("utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield node.value


def remedies() -> Iterator[str]:
    """Yield whatever tells a person what to do."""
    yield from (rule.remedy for rule in catalogue().values())
    yield from (export.command for export in exports().values())
    for name in ("catalogue/explanations.toml", "migration/plan.toml"):
        yield from texts(tomllib.loads(files("nylas_readiness.checks").joinpath(name).read_text("utf-8")))
    yield from said_by_checks()


def commands() -> Iterator[str]:
    """Yield the lines of remedies that a shell is to read, and the commands of explanations."""
    for line in (line.strip() for text in remedies() for line in text.splitlines()):
        if COMMAND.match(line):
            yield line


def unquoted(command: str) -> list[str]:
    """Return the placeholders of a command that stand outside of quotes."""
    return PLACEHOLDER.findall(QUOTED.sub("", command))


def test_every_placeholder_is_lower_case_words_in_angle_brackets() -> None:
    found = {name for text in remedies() for name in PLACEHOLDER.findall(text)}
    assert {"application id", "v2 host", "ids of the list", "who is told when it fails"} <= found
    assert [name for name in sorted(found) if not STYLE.fullmatch(name)] == []


def test_in_a_command_every_placeholder_stands_inside_quotes() -> None:
    found = [command for command in commands() if PLACEHOLDER.search(command)]
    assert {command.split()[0] for command in found} > {"Set-CASMailbox", "Get-Recipient", "curl", "pytest"}
    assert [command for command in found if unquoted(command)] == []


@each_of(
    ("command", "bare"),
    [
        ("Get-Mailbox -Identity <address>", ["address"]),
        ("Get-Mailbox -Identity '<address>' | Format-List", []),
        ("Get-MgUser -Filter \"mail eq '<address>'\" -Property Id", []),
        ("curl 'https://<v2 host>/a' -H \"x: $KEY\" -d <file>", ["file"]),
    ],
)
def test_a_bare_placeholder_is_seen(command: str, bare: list[str]) -> None:
    assert unquoted(command) == bare


def test_no_remedy_takes_one_region_for_granted() -> None:
    """A rule names both regions' hosts, or leaves the region to be filled in."""
    hosts = {
        rule.id: set(re.findall(r"https://((?:[a-z]+\.)?api(?:\.[a-z]+)?\.nylas\.com)", rule.remedy))
        for rule in catalogue().values()
    }
    assert {rule_id: named for rule_id, named in hosts.items() if len(named) == 1} == {}
    assert hosts["NY3-001"] == {"api.us.nylas.com", "api.eu.nylas.com"}
