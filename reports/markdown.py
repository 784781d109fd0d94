"""Markdown in which a text stays a text: it forges no heading, list, table, link, HTML or command."""

import re
from typing import Final

from nylas_readiness.fixtures.secrets import visible
from nylas_readiness.reports.templates import CODE

# What has a meaning within a line; `://` and `www.` would become links of their own.
_WITHIN: Final = re.compile(r"(?i)[\\`*_\[\]<>|~&#$]|:(?=//)|(?<=www)\.")
# What has one at the beginning of a line: lists, underlines of headings, commands of a CI (`::error::`).
_AT_START: Final = re.compile(r"^(?:(\d+)([.)])|([-+=:]))")
_SHORTEST_FENCE: Final = 3


def plain(text: str) -> str:
    """Return a text as one line of Markdown that shows it and nothing else."""
    line = _escaped(" ".join(visible(text).split()))
    return _AT_START.sub(lambda start: f"{start[1] or ''}\\{start[2] or start[3]}", line)


def prose(text: str) -> str:
    """Return a text as one line of Markdown; what it has in backquotes stays code."""
    first, *parts = CODE.split(" ".join(visible(text).split()))
    pieces = [_escaped(part) if place % 2 else span(part) for place, part in enumerate(parts)]
    return "".join([plain(first) + " " * first.endswith(" "), *pieces])


def _escaped(line: str) -> str:
    return _WITHIN.sub(r"\\\g<0>", line)


def span(text: str) -> str:
    """Return a text as code within a line."""
    line = " ".join(visible(text).split())
    fence = "`" * (_longest_run(line) + 1)
    space = " " * (line[:1] == "`" or line[-1:] == "`")
    return f"{fence}{space}{line}{space}{fence}"


def block(text: str) -> str:
    """Return a text as lines of code; no line of it ends the block."""
    fence = "`" * max(_SHORTEST_FENCE, _longest_run(text) + 1)
    return f"{fence}\n{visible(text)}\n{fence}"


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)
