"""PAY-016: no secret where it does not belong."""

import re
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import unquote, unquote_plus

from nylas_readiness.checks.contract.credentials import is_placeholder
from nylas_readiness.checks.contract.violation import Context, Violation
from nylas_readiness.checks.contract.wire import Json, pointer, settings_of, walk

_SECRET_PARAMETER: Final = re.compile(
    r"""(client_secret|refresh_token|access_token|api_key|password)["']?\s*[=:]\s*[^\s&]""", re.IGNORECASE
)
_USER_INFORMATION: Final = re.compile(r"[a-z][a-z0-9+.-]*://[^/?#@]+@", re.IGNORECASE)
_WEB_ADDRESS: Final = re.compile(r"https?://", re.IGNORECASE)

# A shorter value is found in texts by chance.
_SHORTEST_SECRET: Final = 8


def secrets_in_place(body: Json, context: Context) -> Iterator[Violation]:
    """PAY-016: no member `client_secret`, the Nylas secret nowhere in the body, no secret in a URL."""
    known = list(_known_secrets(body, context))
    for at, value in walk(body):
        for problem, where in _problems(value, context.nylas_secret, known):
            yield _violation(at + where, problem)


def _violation(at: str, problem: str) -> Violation:
    return Violation(rule="PAY-016", pointer=at, message=problem)


def _problems(value: Json, nylas_secret: str | None, known: list[str]) -> Iterator[tuple[str, str]]:
    """Yield each problem of one value of the document, with the pointer below it."""
    if isinstance(value, dict):
        if "client_secret" in value:
            yield (
                "authorize takes no client_secret; expected no such member",
                pointer("client_secret"),
            )
        if nylas_secret and any(nylas_secret in name for name in value):
            yield (
                "the object has the Nylas client secret in a member's name; expected it nowhere in the body",
                "",
            )
    elif isinstance(value, str):
        if nylas_secret and nylas_secret in value:
            yield "the value holds the Nylas client secret; expected it nowhere in the body", ""
        if _WEB_ADDRESS.match(value) and (problem := secret_in_url(value, known)):
            yield problem, ""


def _known_secrets(body: Json, context: Context) -> Iterator[str]:
    settings = settings_of(body)
    names = ("microsoft_client_secret", "microsoft_refresh_token", "password")
    for secret in (context.nylas_secret, *(settings.get(name) for name in names)):
        if isinstance(secret, str) and len(secret) >= _SHORTEST_SECRET and not is_placeholder(secret):
            yield secret


def secret_in_url(url: str, known: Iterable[str]) -> str | None:
    """Say which secret a URL carries, by its parameter or by its value; None: none that can be seen."""
    after_path = unquote_plus("".join(re.split(r"[?#]", url, maxsplit=1)[1:]))
    if parameter := _SECRET_PARAMETER.search(after_path):
        return f"the URL carries {parameter[1].lower()}; URLs are logged; expected it in the body alone"
    if any(secret in text for secret in known for text in (url, unquote(url))):
        return "the URL carries a secret's value; URLs are logged; expected it in the body alone"
    return None


def secret_in_request_url(url: str, context: Context) -> Iterator[Violation]:
    """PAY-016 over the URL that a request goes to: neither in its parameters nor as user information."""
    known = [context.nylas_secret] if context.nylas_secret else []
    problem = secret_in_url(url, known)
    if _USER_INFORMATION.match(url):
        problem = "the URL carries credentials before its host; expected them in a header"
    if problem:
        yield Violation(rule="PAY-016", pointer="", message=f"of the request, {problem}")
