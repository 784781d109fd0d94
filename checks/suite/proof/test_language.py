"""What the product says to people: none of the phrases that people had to read twice."""

import re
from pathlib import Path
from typing import Final

import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.readme import pages

pytestmark = pytest.mark.offline

ROOT: Final = Path(__file__).parents[3]
# Tests, and the documentation of what vendors name things, may quote.
PLACES: Final = (
    "checks/live",
    "checks/bodies",
    "checks/migration",
    "checks/catalogue",
    "fixtures",
    "reports",
)
KINDS: Final = {".py", ".toml", ".html", ".js", ".md"}
PHRASES: Final = (
    r"Nothing of this side was decided",
    r"\bin force since\b",
    r"address is no user's",
    r"\bthe gravest\b",
    r"take it for something else",
    r"decided again once this is put right",
    r"EXCHANGE_S_FOUNDATION: ",
    r"passes every PAY rule",
    r"not to be read from outside",
)


def texts() -> dict[Path, str]:
    """Return the files that the product's sentences stand in, each on one line."""
    files = [path for place in PLACES for path in (ROOT / place).rglob("*") if path.suffix in KINDS]
    shown = [path for path in (*files, *pages()) if "out" not in path.relative_to(ROOT).parts]
    return {path: " ".join(path.read_text("utf-8").split()) for path in shown}


@each_of("phrase", PHRASES)
def test_a_phrase_that_had_to_be_read_twice_is_nowhere(phrase: str) -> None:
    found = [path.relative_to(ROOT).as_posix() for path, text in texts().items() if re.search(phrase, text)]
    assert found == []


def test_the_files_that_are_looked_through_are_those_of_the_product() -> None:
    names = {path.relative_to(ROOT).as_posix() for path in texts()}
    assert names >= {"README.md", "reports/readiness.html", "checks/catalogue/rules/acc.toml"}
