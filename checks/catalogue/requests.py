"""The requests of the move to Nylas v3, read from `requests.toml`: remedies and the plan print them alike.

A request is printed as a call of curl for a POSIX shell, or as an address to open. A value that is not known
is shown as its placeholder, in <angle brackets>.
"""

import json
import re
import shlex
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Final
from urllib.parse import quote

import msgspec

from nylas_readiness.checks.catalogue import scopes

Known = Mapping[str, str | Sequence[str]]

HOST: Final = "https://api.<region>.nylas.com"
# What tells of a grant, and what a calendar application needs besides. Source: Nylas, webhooks of v3.
EXPIRED: Final = "grant.expired"
GRANT_TRIGGERS: Final = ("grant.created", "grant.updated", "grant.deleted", EXPIRED)
TRIGGERS: Final = (*GRANT_TRIGGERS, "event.created", "event.updated", "event.deleted")
# What v2's webhooks may be told of and v3's may, under the same name; `account.` and `job.` are gone.
_OF_BOTH: Final = ("calendar.", "contact.", "event.", "message.", "thread.")
_PLACEHOLDER: Final = re.compile(r"<([^<>]+)>")
_KEY: Final = '-H "Authorization: Bearer $NYLAS_V3_KEY"'
_JSON: Final = '-H "Content-Type: application/json"'


class Request(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One request. Without `method` it is an address to open in a browser."""

    path: str
    method: str | None = None
    query: dict[str, str] = {}
    body: dict[str, Any] | None = None


def triggers_of_v2(triggers: Sequence[str]) -> list[str]:
    """Return those triggers of v2's webhooks that v3 has, too."""
    return [one for one in triggers if one.startswith(_OF_BOTH)]


@cache
def requests() -> dict[str, Request]:
    """Return every request by its name."""
    document = tomllib.loads(files(__package__).joinpath("requests.toml").read_text("utf-8"))
    return msgspec.convert(document, dict[str, Request])


def printed(name: str, host: str = HOST, known: Known | None = None) -> str:
    """Return a request as it is to be copied, indented as code. `known`: values by their placeholder."""
    request, values = requests()[name], {**_usual(), **(known or {})}
    url = host.rstrip("/") + _in_url(request.path, values)
    if request.query:
        url += "?" + "&".join(f"{key}={_in_url(value, values)}" for key, value in request.query.items())
    if request.method is None:
        return f"    {url}"
    method = "" if request.method == "GET" else f"-X {request.method} "
    lines = [f"    curl {method}{in_shell(url)}", f"      {_KEY}"]
    if request.body is not None:
        lines[-1] += f" {_JSON}"
        lines.append(f"      -d '{in_json(_filled(request.body, values))}'")
    return " \\\n".join(lines)


def body_of(name: str, known: Known | None = None) -> str:
    """Return the body of a request as one word of a POSIX shell."""
    return f"'{in_json(_filled(requests()[name].body, {**_usual(), **(known or {})}))}'"


def in_shell(text: str) -> str:
    """Return a text as one word of a POSIX shell."""
    return shlex.quote(text)


def in_json(value: object) -> str:
    """Return a value as JSON that is fit to stand in single quotes of a shell."""
    return json.dumps(value, ensure_ascii=False).replace("'", "\\u0027")


def _usual() -> dict[str, str | Sequence[str]]:
    needed = scopes.needed()
    return {
        "graph permission": needed,
        "connector scope": needed,
        "trigger": TRIGGERS,
        "trigger of the destination": GRANT_TRIGGERS,
    }


def _in_url(text: str, known: Known) -> str:
    """Return a part of an address; a value is quoted, a placeholder stays readable."""
    if not _PLACEHOLDER.search(text):
        return quote(text, safe="/") if text.startswith("/") else quote(text, safe="")
    return _PLACEHOLDER.sub(
        lambda match: quote(str(known[match[1]]), safe="") if match[1] in known else match[0], text
    )


def _filled(value: Any, known: Known) -> Any:  # noqa: ANN401 -- whatever a body is made of
    """Return a body with the values in it; one in a list that stands for several takes as many places."""
    match value:
        case dict():
            return {key: _filled(one, known) for key, one in value.items()}
        case list():
            return [one for part in value for one in _several(_filled(part, known))]
        case str() if match := _PLACEHOLDER.fullmatch(value):
            return known.get(match[1], value)
    return value


def _several(value: Any) -> Sequence[Any]:  # noqa: ANN401 -- whatever a body is made of
    return value if isinstance(value, list | tuple) else [value]
