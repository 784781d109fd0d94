"""The JSON of `POST /connect/authorize`: the names of its members, and functions that read any JSON.

Sources of the names: the vendor's page "Office 365 service accounts (v2)" for the settings, and the vendor's
page on native authentication (v2) for the body.
"""

import json
from collections.abc import Iterator
from typing import Final, TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
JsonObject: TypeAlias = dict[str, Json]

REQUIRED_TEXTS: Final = ("client_id", "name", "email_address", "provider")
MEMBERS: Final = (*REQUIRED_TEXTS, "settings", "scopes", "reauth_account_id")

REQUIRED_SETTINGS: Final = (
    "microsoft_client_id",
    "microsoft_client_secret",
    "microsoft_refresh_token",
    "redirect_uri",
)
SETTINGS: Final = (*REQUIRED_SETTINGS, "service_account", "eas_server_host")

PASSWORD_CREDENTIALS: Final = ("username", "password")

_LONGEST_QUOTE: Final = 60

# Stands in a text for what a shell or a template puts there. It is a noncharacter: no text to be sent has it.
COMPUTED: Final = "\ufdd0"


class Unseen(str):
    """A computed value of which not even the kind is known, as of `"scopes": $SCOPES`."""

    __slots__ = ()


def is_computed(value: Json) -> bool:
    """Return whether a value, or a part of it, is computed where the request is made."""
    return isinstance(value, str) and COMPUTED in value


def object_of(body: Json) -> JsonObject:
    """Return the body, or an empty object if it is not an object. PAY-001 reports that."""
    return body if isinstance(body, dict) else {}


def settings_of(body: Json) -> JsonObject:
    """Return the body's `settings`, or an empty object without them. PAY-001 reports that."""
    return object_of(object_of(body).get("settings"))


def has_settings(body: Json) -> bool:
    """Return whether the body has a `settings` object, so that its members can be judged."""
    return isinstance(object_of(body).get("settings"), dict)


def is_text(value: Json) -> bool:
    """Return whether the value is a string that is not blank."""
    return isinstance(value, str) and bool(value.strip())


def text_of(members: JsonObject, name: str) -> str | None:
    """Return the member if it is a string that is not blank, else None."""
    value = members.get(name)
    return value if isinstance(value, str) and value.strip() else None


def pointer(*steps: str | int) -> str:
    """Return the JSON pointer (RFC 6901) of these steps. Without steps, it is that of the whole document."""
    return "".join("/" + _escaped(str(step)) for step in steps)


def _escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1") if "~" in step or "/" in step else step


def walk(document: Json) -> Iterator[tuple[str, Json]]:
    """Yield the document and every value in it with its pointer, in the order of the text."""
    ahead: list[tuple[str, Json]] = [("", document)]
    while ahead:
        at, value = ahead.pop()
        yield at, value
        if isinstance(value, dict):
            ahead += [(f"{at}/{_escaped(name)}", inner) for name, inner in reversed(value.items())]
        elif isinstance(value, list):
            ahead += [(f"{at}/{place}", value[place]) for place in reversed(range(len(value)))]


def texts_in(document: Json) -> Iterator[str]:
    """Yield every string of the document, in any order: in a third of the time that `walk` takes."""
    ahead: list[Json] = [document]
    while ahead:
        value = ahead.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            ahead.extend(value.values())
        elif isinstance(value, list):
            ahead.extend(value)


def kind(value: Json) -> str:
    """Return the kind of a value in words. A message about a secret may say no more than this."""
    match value:
        case None | True | False:
            return json.dumps(value)
        case int() | float():
            return "a number"
        case str():
            return "a string" if value.strip() else "a blank string"
        case list():
            return "an array"
        case _:
            return "an object"


def quoted(value: Json) -> str:
    """Return a value as JSON, cut to a readable length. Never give it a secret."""
    if not isinstance(value, str):
        return kind(value)
    shown = value if len(value) <= _LONGEST_QUOTE else value[: _LONGEST_QUOTE - 1] + "…"
    return json.dumps(shown, ensure_ascii=False)
