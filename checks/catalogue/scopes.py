"""The Microsoft Graph application permissions that each Nylas v2 scope needs in v3, as in `scopes.toml`."""

import tomllib
from collections.abc import Collection
from functools import cache
from importlib.resources import files
from typing import Final

import msgspec

# What a v2 service account is connected with, as this suite's builder does it. Nylas says of Google's that
# they are for calendars only, and gives no list for Microsoft's: each of their examples has this one scope.
# Sources: Nylas, service accounts (v2); Nylas, Office 365 service accounts (v2).
IN_USE: Final = ("calendar",)


class Scope(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A v2 scope: its feature in words, and the application permissions to read it and to change it.

    `write` is empty where the scope only reads.
    """

    name: str
    feature: str
    read: tuple[str, ...]
    write: tuple[str, ...] = ()

    @property
    def needed(self) -> tuple[str, ...]:
        """What the scope needs altogether: who may change something may read it, too."""
        return self.write or self.read


@cache
def scopes() -> dict[str, Scope]:
    """Return every v2 scope by its name."""
    document = tomllib.loads(files(__package__).joinpath("scopes.toml").read_text("utf-8"))
    return {one.name: one for one in msgspec.convert(document["scope"], list[Scope])}


def needed() -> list[str]:
    """Return the permissions that the scopes in use need."""
    return list(dict.fromkeys(one for name in IN_USE for one in scopes()[name].needed))


def is_granted(permission: str, granted: Collection[str]) -> bool:
    """Tell whether a permission is among those granted, itself or as the one that lets write, too."""
    return permission in granted or permission.replace(".Read", ".ReadWrite") in granted
