"""The README pages, and their parts that code owns.

A part stands between `<!-- generated: NAME -->` and `<!-- end -->`. This writes every part again:
`python -m nylas_readiness.checks.suite.support.readme`.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Self, cast

import pytest

from nylas_readiness.checks.catalogue import active, exports
from nylas_readiness.checks.catalogue.deadlines import deadlines
from nylas_readiness.fixtures.run.explain import CONNECT, MEANINGS, OWNERS
from nylas_readiness.fixtures.run.options import add_options
from nylas_readiness.fixtures.sandbox.scenarios import scenarios
from nylas_readiness.reports.worklist import COLUMNS

ROOT = Path(__file__).parents[3]
README = ROOT / "README.md"
# Not `**`: the Node packages of the fidelity tests bring pages of their own.
PLACES = ("checks", "reports", "fixtures/*", "fixtures/run/fleet", "fixtures/payloads/examples/*")
PART = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def pages() -> list[Path]:
    """Return the pages: README.md, and one beside each thing that has a page of its own."""
    return [README, *(page for place in PLACES for page in sorted(ROOT.glob(f"{place}/README.md")))]


def written(text: str) -> str:
    """Return a page with every generated part as the code has it now."""
    return PART.sub(lambda part: f"{part[1]}{PARTS[part[2]]()}\n{part[3]}", text)


def table(header: str, rows: Iterable[tuple[str, ...]]) -> str:
    """Return a Markdown table; `header` is its first line."""
    rule = "|".join("---" for _ in header.split("|"))
    lines = ("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows)
    return "\n".join([f"| {header} |", f"|{rule}|", *lines])


def permissions() -> str:
    """Return the Graph permissions and the rules that need them."""
    needed, helpful = defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
    for rule in active():
        for permission in rule.permissions:
            needed[permission].append(rule.id)
        for permission in rule.optional_permissions:
            helpful[permission].append(rule.id)
    rows = [(f"`{permission}`", ", ".join(rules)) for permission, rules in sorted(needed.items())]
    rows += [
        (f"`{permission}` (optional)", f"says more in {', '.join(rules)}")
        for permission, rules in sorted(helpful.items())
        if permission not in needed
    ]
    return table("application permission of Microsoft Graph | rules that need it", rows)


def export_commands() -> str:
    """Return the read-only PowerShell that writes the administrator's exports."""
    return "\n".join(["```powershell", CONNECT, *(export.command for export in exports().values()), "```"])


def deadline_rows() -> str:
    """Return the vendors' dates with their sources."""
    rows = (
        (each.id, str(each.due), each.what, each.whom, f"[source]({each.source})")
        for each in deadlines().values()
    )
    return table("rule | date | what happens | to whom | source", rows)


class Recorder:
    """Stands in for pytest's parser: it keeps what is added."""

    def __init__(self) -> None:
        """Begin without options."""
        self.rows: list[tuple[str, str]] = []

    def getgroup(self, *_names: str) -> Self:
        """Be the group too."""
        return self

    def addoption(self, name: str, **facts: Any) -> None:  # noqa: ANN401 -- as argparse takes them
        """Keep one option as a row."""
        metavar = facts.get("metavar", "")  # a flag has none
        value = f"[{metavar}]" if facts.get("nargs") == "?" else metavar
        meaning = facts["help"].replace("%(default)s", str(facts.get("default")))
        self.rows.append((f"`{f'{name} {value}'.strip()}`", meaning))


def options() -> str:
    """Return the command line's options."""
    recorder = Recorder()
    add_options(cast("pytest.Parser", recorder))
    return table("option | meaning", recorder.rows)


def folded(summary: str, rows: str) -> str:
    """Return a long table that the reader opens with a click."""
    return f"<details><summary>{summary}</summary>\n\n{rows}\n\n</details>"


def scenario_rows() -> str:
    """Return the sandbox's scenarios."""
    rows = ((f"`{name}`", each.description, str(each.exit_code)) for name, each in scenarios().items())
    return folded("All scenarios", table("`--tenant sandbox:` | the company | exit code", rows))


def rule_rows() -> str:
    """Return the rules that are in force."""
    rows = ((rule.id, rule.title, rule.severity, OWNERS.get(rule.owner, rule.owner)) for rule in active())
    return folded(f"All {len(active())} rules", table("rule | title | severity | who acts", rows))


def statuses() -> str:
    """Return the closed set of statuses with what each means."""
    return table("status | means", ((f"`{status}`", meaning) for status, meaning in MEANINGS.items()))


def columns() -> str:
    """Return the header of `accounts.csv`."""
    return "\n".join(["```", ",".join(COLUMNS), "```"])


PARTS: dict[str, Callable[[], str]] = {
    "permissions": permissions,
    "exports": export_commands,
    "deadlines": deadline_rows,
    "options": options,
    "scenarios": scenario_rows,
    "rules": rule_rows,
    "statuses": statuses,
    "columns": columns,
}

if __name__ == "__main__":
    for page in pages():
        page.write_text(written(page.read_text("utf-8")), "utf-8")
