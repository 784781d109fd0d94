"""PAY-016: a secret is only where it belongs."""

import re
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import unquote, unquote_plus

from nylas_readiness.checks.contract.placeholders import is_placeholder
from nylas_readiness.checks.contract.violation import Context, Violation
from nylas_readiness.checks.contract.wire import Json, JsonObject, pointer, settings_of, walk

_SECRET_PARAMETER: Final = re.compile(
    r"""(client_secret|refresh_token|access_token|api_key|password)["']?\s*[=:]\s*[^\s&]""", re.IGNORECASE
)
_USER_INFORMATION: Final = re.compile(r"[a-z][a-z0-9+.-]*://[^/?#@]+@", re.IGNORECASE)
_WEB_ADDRESS: Final = re.compile(r"https?://", re.IGNORECASE)

# Texts contain a shorter value by chance.
_SHORTEST_SECRET: Final = 8


def secrets_in_place(body: Json, context: Context) -> Iterator[Violation]:
    """PAY-016: no member `client_secret`, no Nylas secret anywhere in the body, no secret in a URL."""
    known = list(_known_secrets(body, context))
    for at, value in walk(body):
        if isinstance(value, dict):
            yield from _in_members(value, at, context.nylas_secret)
        elif isinstance(value, str):
            yield from _in_text(value, at, context.nylas_secret, known)


def _in_members(members: JsonObject, at: str, nylas_secret: str | None) -> Iterator[Violation]:
    if "client_secret" in members:
        message = "authorize takes no client_secret; expected no such member"
        yield Violation(rule="PAY-016", pointer=at + pointer("client_secret"), message=message)
    if nylas_secret and any(nylas_secret in name for name in members):
        message = "a member's name has the Nylas client secret; expected it nowhere in the body"
        yield Violation(rule="PAY-016", pointer=at, message=message)


def _in_text(text: str, at: str, nylas_secret: str | None, known: list[str]) -> Iterator[Violation]:
    if nylas_secret and nylas_secret in text:
        message = "the value has the Nylas client secret; expected it nowhere in the body"
        yield Violation(rule="PAY-016", pointer=at, message=message)
    if _WEB_ADDRESS.match(text) and (problem := secret_in_url(text, known)):
        yield Violation(rule="PAY-016", pointer=at, message=problem)


def _known_secrets(body: Json, context: Context) -> Iterator[str]:
    settings = settings_of(body)
    names = ("microsoft_client_secret", "microsoft_refresh_token", "password")
    for secret in (context.nylas_secret, *(settings.get(name) for name in names)):
        if isinstance(secret, str) and len(secret) >= _SHORTEST_SECRET and not is_placeholder(secret):
            yield secret


def secret_in_url(url: str, known: Iterable[str]) -> str | None:
    """Return which secret a URL contains, by its parameter or by its value; None if none is visible."""
    after_path = unquote_plus("".join(re.split(r"[?#]", url, maxsplit=1)[1:]))
    if parameter := _SECRET_PARAMETER.search(after_path):
        return f"the URL carries {parameter[1].lower()}; URLs are logged; expected it in the body alone"
    if any(secret in text for secret in known for text in (url, unquote(url))):
        return "the URL carries a secret's value; URLs are logged; expected it in the body alone"
    return None


def secret_in_request_url(url: str, context: Context) -> Iterator[Violation]:
    """PAY-016 for the URL of a request: no secret in its parameters, and no user name or password in it."""
    known = [context.nylas_secret] if context.nylas_secret else []
    problem = secret_in_url(url, known)
    if _USER_INFORMATION.match(url):
        problem = "the URL carries credentials before its host; expected them in a header"
    if problem:
        yield Violation(rule="PAY-016", pointer="", message=f"of the request, {problem}")
