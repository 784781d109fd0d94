"""The wire JSON of `POST /connect/authorize` as the contract sees it: any JSON, its members, its pointers.

Source of the member names: the vendor page "Office 365 service accounts (v2)" for the service account's
settings, and the v2 native authentication page for the body around them.
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


def object_of(body: Json) -> JsonObject:
    """Return the body, or an empty object where it is not one: PAY-001 says so."""
    return body if isinstance(body, dict) else {}


def settings_of(body: Json) -> JsonObject:
    """Return the body's `settings`, or an empty object where there are none: PAY-001 says so."""
    return object_of(object_of(body).get("settings"))


def has_settings(body: Json) -> bool:
    """Tell whether the body has a `settings` object, so that its members can be judged."""
    return isinstance(object_of(body).get("settings"), dict)


def is_text(value: Json) -> bool:
    """Tell whether the value is a string that is not blank."""
    return isinstance(value, str) and bool(value.strip())


def text_of(members: JsonObject, name: str) -> str | None:
    """Return the member if it is a string that is not blank."""
    value = members.get(name)
    return value if isinstance(value, str) and value.strip() else None


def pointer(*steps: str | int) -> str:
    """Return the JSON pointer (RFC 6901) of these steps; without steps, the whole document."""
    return "".join("/" + _escaped(str(step)) for step in steps)


def _escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")


def walk(document: Json) -> Iterator[tuple[str, Json]]:
    """Yield every value of the document with its pointer, in the order of the text, itself first."""
    ahead: list[tuple[str, Json]] = [("", document)]
    while ahead:
        at, value = ahead.pop()
        yield at, value
        if isinstance(value, dict):
            ahead += [(f"{at}/{_escaped(name)}", inner) for name, inner in reversed(value.items())]
        elif isinstance(value, list):
            ahead += [(f"{at}/{place}", value[place]) for place in reversed(range(len(value)))]


def kind(value: Json) -> str:
    """Say of what kind a value is, without showing it: the one safe thing to say of a secret."""
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
    """Show a value that is no secret, cut to a readable length."""
    if not isinstance(value, str):
        return kind(value)
    shown = value if len(value) <= _LONGEST_QUOTE else value[: _LONGEST_QUOTE - 1] + "…"
    return json.dumps(shown, ensure_ascii=False)
