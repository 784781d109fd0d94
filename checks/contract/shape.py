"""PAY-001, 004, 007, 008, 019: the members of the body, and the kinds of their values."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Final

from nylas_readiness.checks.contract.violation import Context, Violation
from nylas_readiness.checks.contract.wire import (
    MEMBERS,
    PASSWORD_CREDENTIALS,
    REQUIRED_SETTINGS,
    REQUIRED_TEXTS,
    SETTINGS,
    Json,
    JsonObject,
    has_settings,
    is_text,
    kind,
    object_of,
    pointer,
    quoted,
    settings_of,
)

# Unknown members for which PAY-007 or PAY-016 has a better message.
_NAMED_ELSEWHERE: Final = {*PASSWORD_CREDENTIALS, "client_secret"}
_MEANT_BY_OTHER_NAMES: Final = {"email": "email_address", "scope": "scopes"}


def required_members(body: Json, _context: Context) -> Iterator[Violation]:
    """PAY-001: four members are non-blank strings, and `settings` is an object."""
    if not isinstance(body, dict):
        yield Violation(rule="PAY-001", pointer="", message=f"the body is {kind(body)}; expected an object")
        return
    yield from _texts("PAY-001", body, REQUIRED_TEXTS)
    if not has_settings(body):
        yield Violation(
            rule="PAY-001",
            pointer="/settings",
            message=f"settings is {_state(body, 'settings')}; expected an object",
        )


def required_settings(body: Json, _context: Context) -> Iterator[Violation]:
    """PAY-004: `settings` has the four OAuth members as non-blank strings."""
    if has_settings(body):
        yield from _texts("PAY-004", settings_of(body), REQUIRED_SETTINGS, "settings")


def _texts(rule: str, members: JsonObject, names: tuple[str, ...], *parents: str) -> Iterator[Violation]:
    for name in names:
        if not is_text(members.get(name)):
            path = ".".join((*parents, name))
            message = f"{path} is {_state(members, name)}; expected a string that is not blank"
            yield Violation(rule=rule, pointer=pointer(*parents, name), message=message)


def _state(members: JsonObject, name: str) -> str:
    return kind(members[name]) if name in members else "missing"


def no_password_credentials(body: Json, _context: Context) -> Iterator[Violation]:
    """PAY-007: there is no user name or password beside the OAuth settings."""
    for parents, members in (((), object_of(body)), (("settings",), settings_of(body))):
        for name in PASSWORD_CREDENTIALS:
            if name in members:
                yield Violation(
                    rule="PAY-007",
                    pointer=pointer(*parents, name),
                    message=f"{name} is a password credential: Exchange Online refuses basic authentication; "
                    "expected the OAuth settings alone",
                )


def known_members(body: Json, _context: Context) -> Iterator[Violation]:
    """PAY-008: the body and its settings have no unknown member. The message suggests a similar name."""
    yield from _unknown(object_of(body), MEMBERS, SETTINGS, where="the body")
    yield from _unknown(settings_of(body), SETTINGS, MEMBERS, "settings", where="settings")


def _unknown(
    members: JsonObject, known: tuple[str, ...], other_level: tuple[str, ...], *parents: str, where: str
) -> Iterator[Violation]:
    for name in members:
        if name in known or name in _NAMED_ELSEWHERE:
            continue
        at = pointer(*parents, name)
        if parents and name == "exchange_server_host":
            yield Violation(rule="PAY-008", pointer=at, message=_EXCHANGE_SERVER_HOST, level="warn")
            continue
        message = f"{quoted(name)} is no member of {where}{_hint(name, known, other_level, where)}"
        yield Violation(rule="PAY-008", pointer=at, message=message)


_EXCHANGE_SERVER_HOST: Final = (
    "exchange_server_host belongs to the user name and password settings, where it turns autodiscovery off; "
    "beside service_account nothing shows that it is read; expected eas_server_host, or neither"
)


# Names that are less alike are not suggested: `code` is not `scopes`.
_NEAR: Final = 0.7


def _hint(name: str, known: tuple[str, ...], other_level: tuple[str, ...], where: str) -> str:
    if name in other_level:
        return "; it belongs inside settings" if where == "the body" else "; it belongs beside settings"
    meant = _MEANT_BY_OTHER_NAMES.get(name) or _nearest(name, known)
    return f"; {meant} was probably meant" if meant in known else "; expected the documented members alone"


def _nearest(name: str, known: tuple[str, ...]) -> str | None:
    """Return the most similar known member. Case, `_` and `-` do not matter.

    The name is cut first, because a hostile name of a megabyte would make the comparison slow.
    """
    plain = {member.replace("_", ""): member for member in known}
    close = get_close_matches(name[:64].lower().replace("_", "").replace("-", ""), plain, n=1, cutoff=_NEAR)
    return plain[close[0]] if close else None


def reauthentication(body: Json, _context: Context) -> Iterator[Violation]:
    """PAY-019: `reauth_account_id`, if present, is a non-blank string or null."""
    value = object_of(body).get("reauth_account_id")
    if value is not None and not is_text(value):
        yield Violation(
            rule="PAY-019",
            pointer="/reauth_account_id",
            message=f"reauth_account_id is {kind(value)}; expected an account id, null, or no such member",
        )
