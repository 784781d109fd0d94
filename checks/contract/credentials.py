"""PAY-012, 013: the OAuth credentials."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import SplitResult, urlsplit

from nylas_readiness.checks.contract.placeholders import is_own_name, is_placeholder
from nylas_readiness.checks.contract.violation import Context, Violation
from nylas_readiness.checks.contract.wire import Json, JsonObject, settings_of, text_of

_GUID: Final = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


def _filled(settings: JsonObject, name: str, context: Context) -> str | None:
    """Return the setting, unless it is missing (PAY-004) or a placeholder (PAY-014)."""
    value = text_of(settings, name)
    return None if is_placeholder(value, context) or is_own_name(name, value) else value


def redirect_uri(body: Json, context: Context) -> Iterator[Violation]:
    """PAY-012: `redirect_uri` is absolute, https (http for localhost only), without fragment or user info."""
    value = _filled(settings_of(body), "redirect_uri", context)
    if value is None:
        return
    for problem in _uri_problems(value):
        yield Violation(
            rule="PAY-012",
            pointer="/settings/redirect_uri",
            message=f"settings.redirect_uri {problem}; expected an absolute https URI without fragment and "
            "user information (http for localhost only)",
        )


def _uri_problems(value: str) -> Iterator[str]:
    if re.search(r"[\s\x00-\x1f\x7f\\]", value):
        yield "has blanks, control characters or backslashes"
        return
    try:
        uri = urlsplit(value)
        host, _ = uri.hostname, uri.port
    except ValueError:
        yield "has an invalid host or port"
        return
    if uri.scheme not in {"http", "https"} or not host:
        yield "is not an absolute http address"
        return
    yield from _web_problems(uri, value)


def _web_problems(uri: SplitResult, value: str) -> Iterator[str]:
    if uri.scheme == "http" and uri.hostname != "localhost":
        yield "is plain http"
    if "#" in value:
        yield "has a fragment"
    if "@" in uri.netloc:
        yield "has user information"


def microsoft_ids(body: Json, context: Context) -> Iterator[Violation]:
    """PAY-013: `microsoft_client_id` is a GUID, and `microsoft_client_secret` is not one."""
    settings = settings_of(body)
    client_id = _filled(settings, "microsoft_client_id", context)
    secret = _filled(settings, "microsoft_client_secret", context)
    if client_id is not None and not _GUID.fullmatch(client_id):
        yield Violation(
            rule="PAY-013",
            pointer="/settings/microsoft_client_id",
            message="settings.microsoft_client_id is not a GUID; expected the Application (client) ID of the "
            "Azure app",
        )
    if secret is not None and _GUID.fullmatch(secret.strip()):
        yield Violation(
            rule="PAY-013",
            pointer="/settings/microsoft_client_secret",
            message="settings.microsoft_client_secret is a GUID, as the ID of a secret is; expected the "
            "secret's value, which Azure shows once, when it is made",
        )
