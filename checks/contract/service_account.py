"""PAY-002, 003, 005: the members that are special to an Exchange service account."""

import re
from collections.abc import Iterator
from typing import Final

import idna

from nylas_readiness.checks.contract.violation import Context, Violation
from nylas_readiness.checks.contract.wire import (
    Json,
    has_settings,
    kind,
    object_of,
    quoted,
    settings_of,
    text_of,
)

_OTHER_PROVIDERS: Final = {
    "office365": "office365 signs one end user in with their own refresh token and takes no service account",
    "microsoft": "microsoft is the provider's name in Nylas v3, which has no such request",
    "eas": "eas is what v2 answers for an Exchange account, not what a request asks for",
}


def provider(body: Json, _context: Context) -> Iterator[Violation]:
    """PAY-002: `provider` is exactly "exchange"."""
    value = text_of(object_of(body), "provider")
    if value is None or value == "exchange":
        return
    hint = _OTHER_PROVIDERS.get(value.strip().lower())
    observed = f"provider is {quoted(value)}" + (f" ({hint})" if hint else "")
    yield Violation(rule="PAY-002", pointer="/provider", message=f'{observed}; expected exactly "exchange"')


def service_account_flag(body: Json, _context: Context) -> Iterator[Violation]:
    """PAY-003: `settings.service_account` is the JSON literal `true`.

    The check compares by identity. In Python `1 == True`, but in JSON 1 is a number and no boolean.
    """
    settings = settings_of(body)
    if not has_settings(body) or settings.get("service_account") is True:
        return
    value = settings.get("service_account")
    observed = (
        (quoted(value) if value != 1 else "the number 1") if "service_account" in settings else "missing"
    )
    yield Violation(
        rule="PAY-003",
        pointer="/settings/service_account",
        message=f"settings.service_account is {observed}; expected the JSON literal true",
    )


def eas_server_host(body: Json, _context: Context) -> Iterator[Violation]:
    """PAY-005: `settings.eas_server_host`, if present, is a bare DNS host."""
    settings = settings_of(body)
    if "eas_server_host" not in settings:
        return
    if problem := host_problem(settings["eas_server_host"]):
        yield Violation(
            rule="PAY-005",
            pointer="/settings/eas_server_host",
            message=f"settings.eas_server_host {problem}; expected a bare host such as mail.example.com, "
            "or no such member",
        )


def host_problem(value: Json) -> str | None:
    """Return why a value is not a bare DNS host, as the end of a sentence; None if it is one."""
    if not isinstance(value, str) or not value.strip():
        return f"is {kind(value)}"
    return _not_bare(value) or _bad_name(value) or next(filter(None, map(_bad_label, value.split("."))), None)


# What people paste instead of a host, and the character that shows it. The first match is named.
_PASTED: Final = (
    ("://", "has a scheme"),
    ("@", "has user information"),
    ("[", "is an IP literal"),
    ("/", "has a path"),
    (":", "has a port or is an IP literal"),
)


def _not_bare(value: str) -> str | None:
    if re.search(r"\s", value):
        return "has blanks"
    return next((problem for sign, problem in _PASTED if sign in value), None)


_LONGEST_NAME: Final = 253
_LONGEST_LABEL: Final = 63


def _bad_name(value: str) -> str | None:
    labels = value.lower().split(".")
    if len(value) > _LONGEST_NAME:
        return f"is longer than {_LONGEST_NAME} characters"
    if not labels[-1]:
        return "ends with a dot"
    if labels[-1] == "localhost":
        return "names this machine (localhost)"
    if len(labels) == 1:
        return f"is {quoted(value)}, a single label"
    return (
        "is an IP address, or ends with digits as no domain does"
        if re.fullmatch("[0-9]+", labels[-1])
        else None
    )


def _bad_label(label: str) -> str | None:
    if not re.fullmatch(r"[A-Za-z0-9-]+", label):
        return f"has the label {quoted(label)}, which is not made of letters a-z, digits and hyphens"
    if len(label) > _LONGEST_LABEL:
        return f"has a label longer than {_LONGEST_LABEL} characters"
    if label.startswith("-") or label.endswith("-"):
        return f"has the label {quoted(label)}, which begins or ends with a hyphen"
    return _bad_a_label(label) if label.lower().startswith("xn--") else None


def _bad_a_label(label: str) -> str | None:
    """Judge an internationalised label. Others with hyphens there are in use: `r3---sn.example.com`."""
    try:
        idna.ulabel(label.lower())
    except idna.IDNAError:
        return f"has the label {quoted(label)}, which does not decode as an internationalised name"
    return None
