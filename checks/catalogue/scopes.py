"""The Microsoft Graph application permissions that each Nylas v2 scope needs in v3, as in `scopes.toml`."""

import tomllib
from collections.abc import Collection
from functools import cache
from importlib.resources import files
from typing import Final

import msgspec

# The scopes that this suite's builder connects a v2 service account with. Nylas gives no list for Microsoft's
# service accounts, but every example of theirs has only this scope. Google's are for calendars only, Nylas
# says. Sources: Nylas, service accounts (v2); Nylas, Office 365 service accounts (v2).
IN_USE: Final = ("calendar",)

# To look an account up in the directory. One revision of Nylas's page on bulk grants asks for it.
LOOKUP: Final = "User.Read.All"
# Permissions on mailboxes: granted by consent, they reach every mailbox of the tenant.
OF_MAILBOXES: Final = ("Calendars.", "Contacts.", "Mail.", "MailboxSettings.")
# Under which name Graph's scopes are written in full, and the scope that stands for all that an app asks for.
_GRAPH: Final = "https://graph.microsoft.com/"
_DEFAULT: Final = ".default"


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
        """The permissions that the scope needs. Those that write also read."""
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
    """Return whether a permission is granted, by itself or by the greater one that also writes."""
    return permission in granted or _writing(permission) in granted


def lacking(recorded: Collection[str]) -> list[str]:
    """Return what the scopes in use need and a list of Nylas's has not, in short or in full form."""
    short = {one.casefold().removeprefix(_GRAPH) for one in recorded}
    if _DEFAULT in short:
        return []
    return [one for one in needed() if short.isdisjoint({one.casefold(), _writing(one).casefold()})]


def _writing(permission: str) -> str:
    """Return the greater permission, which also writes."""
    return permission.replace(".Read", ".ReadWrite")
