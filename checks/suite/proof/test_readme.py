"""README.md says of the product what the code says."""

import re

import pytest

from nylas_readiness.checks.suite.support.readme import PARTS, README, written

pytestmark = [
    pytest.mark.offline,
    pytest.mark.skipif(not README.is_file(), reason="an installed wheel has no README.md beside it"),
]


def test_the_generated_parts_are_up_to_date() -> None:
    """Run `python -m nylas_readiness.checks.suite.readme` when this fails."""
    text = README.read_text("utf-8")
    assert written(text) == text


def test_every_part_has_its_place() -> None:
    """A part that is generated but stands nowhere, or the reverse, is a mistake."""
    assert sorted(re.findall(r"<!-- generated: (\w+) -->", README.read_text("utf-8"))) == sorted(PARTS)
