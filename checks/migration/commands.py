"""Commands and requests with a tenant's own values in them: each value is quoted for the place it stands in.

A template says where, with a filter: `sh` (POSIX shell), `ps` (PowerShell) and `url` (one part of a path).
`request(NAME)` is a request of `requests.toml` with the values in it, `body(NAME)` its body alone. A value
that is not known, is longer than 256 characters or has one that cannot be seen is left out: a placeholder in
<angle brackets> is shown for it.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final, Self, TypeAlias
from urllib.parse import quote

from jinja2 import Environment, StrictUndefined, Template, pass_context
from jinja2.runtime import Context

from nylas_readiness.checks.catalogue.requests import Known, body_of, in_shell, printed

_LONGEST: Final = 256
# Each of these ends a PowerShell string. Source: Microsoft, PowerShell language specification, 2.3.5.2.
_POWERSHELL_QUOTES: Final = "'\u2018\u2019\u201a\u201b"


# What a template is filled with: values, words to choose by, and under `lists` what stands for several.
Values: TypeAlias = Mapping[str, str | Mapping[str, Sequence[str]]]


class Value(str):
    """A value to be copied, or the placeholder that stands for it."""

    __slots__ = ("is_known", "placeholder")
    is_known: bool
    placeholder: str

    def __new__(cls, text: str | None, placeholder: str) -> Self:
        """Take a value that may not be known; `placeholder`: what stands for it, without the brackets."""
        is_known = text is not None and 0 < len(text) <= _LONGEST and text.isprintable()
        value = super().__new__(cls, text if is_known else f"<{placeholder}>")
        value.is_known, value.placeholder = is_known, placeholder
        return value


def filled(template: str, values: Values) -> str:
    """Return a template with the values in it. Raises `jinja2.UndefinedError` for one that is not given."""
    return _compiled(template).render(values)


def in_powershell(text: str) -> str:
    """Return a text as a PowerShell string that nothing in it is expanded in."""
    return "'" + "".join(char * (1 + (char in _POWERSHELL_QUOTES)) for char in text) + "'"


def in_url(text: str) -> str:
    """Return a text as one part of a query; a placeholder stays readable."""
    return text if isinstance(text, Value) and not text.is_known else quote(text, safe="")


def joined(base: str, path: str, *parts: str) -> str:
    """Return a base URL with a path below it, each `{}` of which is filled with one of the parts."""
    return base.rstrip("/") + path.format(*map(in_url, parts))


@cache
def _compiled(template: str) -> Template:
    """Return a template of the suite's own, compiled once: that takes longer than to fill it."""
    return _environment().from_string(template)


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
        "url": in_url,
        "join_path": joined,
    }
    environment.globals |= {"request": _request, "body": _body}
    return environment


@pass_context
def _request(context: Context, name: str) -> str:
    """Return a request of the plan with the tenant's values in it."""
    return printed(name, context["v3"], _known(context)).lstrip()


@pass_context
def _body(context: Context, name: str) -> str:
    """Return the body of a request with the tenant's values in it."""
    return body_of(name, _known(context))


def _known(context: Context) -> Known:
    """Return the values of a template by what is shown where one is not known; lists by their own names."""
    values = context.get_all().values()
    known = {value.placeholder: str(value) for value in values if isinstance(value, Value) and value.is_known}
    return {**known, **context["lists"]}
