"""Commands and requests with a tenant's own values in them: each value is quoted for the place it stands in.

A template says where, with a filter: `sh` (POSIX shell), `ps` (PowerShell), `json` (JSON in a body that is in
single quotes of a shell) and `url` (one part of a query). A value that is not known, is longer than 256
characters or has one that cannot be seen is left out: a placeholder in <angle brackets> is shown for it.
"""

import json
import shlex
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final, Self
from urllib.parse import quote

from jinja2 import Environment, StrictUndefined

_LONGEST: Final = 256
# Each of these ends a PowerShell string. Source: Microsoft, PowerShell language specification, 2.3.5.2.
_POWERSHELL_QUOTES: Final = "'\u2018\u2019\u201a\u201b"


class Value(str):
    """A value to be copied, or the placeholder that stands for it."""

    __slots__ = ("is_known",)
    is_known: bool

    def __new__(cls, text: str | None, placeholder: str) -> Self:
        """Take a value that may not be known; `placeholder`: what stands for it, without the brackets."""
        is_known = text is not None and 0 < len(text) <= _LONGEST and text.isprintable()
        value = super().__new__(cls, text if is_known else f"<{placeholder}>")
        value.is_known = is_known
        return value


def filled(template: str, values: Mapping[str, str | Sequence[str]]) -> str:
    """Return a template with the values in it. Raises `jinja2.UndefinedError` for one that is not given."""
    return _environment().from_string(template).render(values)


def in_shell(text: str) -> str:
    """Return a text as one word of a POSIX shell."""
    return shlex.quote(text)


def in_powershell(text: str) -> str:
    """Return a text as a PowerShell string that nothing in it is expanded in."""
    return "'" + "".join(char * (1 + (char in _POWERSHELL_QUOTES)) for char in text) + "'"


def in_json(text: str) -> str:
    """Return a text as a JSON string, fit for a body that stands in single quotes of a shell."""
    return json.dumps(str(text), ensure_ascii=False).replace("'", "\\u0027")


def in_url(text: str) -> str:
    """Return a text as one part of a query; a placeholder stays readable."""
    return text if isinstance(text, Value) and not text.is_known else quote(text, safe="")


def joined(base: str, path: str, *parts: str) -> str:
    """Return a base URL with a path below it, each `{}` of which is filled with one of the parts."""
    return base.rstrip("/") + path.format(*map(in_url, parts))


@cache
def _environment() -> Environment:
    environment = Environment(
        autoescape=False,  # noqa: S701 -- commands, no page: the page escapes what it shows
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "sh": in_shell,
        "ps": in_powershell,
        "json": in_json,
        "url": in_url,
        "join_path": joined,
    }
    return environment
