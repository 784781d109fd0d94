"""PAY-022: the method and the URL of a request."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import SplitResult, urlsplit

from nylas_readiness.checks.contract.secrecy import secret_in_request_url
from nylas_readiness.checks.contract.violation import Context, Violation
from nylas_readiness.checks.contract.wire import COMPUTED, quoted

# US and Ireland: the vendor's SDKs. Canada: the vendor's migration guide.
V2_HOSTS: Final = ("api.nylas.com", "ireland.api.nylas.com", "canada.api.nylas.com")
V3_HOSTS: Final = ("api.us.nylas.com", "api.eu.nylas.com")
_HTTPS_PORT: Final = 443


def judge_request(method: str, url: str, context: Context) -> list[Violation]:
    """Judge the method and the URL of a request by PAY-022, and the URL by PAY-016.

    `method` is in the case in which it is sent. `url` is as written. If it is not fixed (`is_fixed`), only
    the secrets in it are judged.
    """
    problems = [*_method_problems(method), *(_url_problems(url) if is_fixed(url) else ())]
    target = [Violation(rule="PAY-022", pointer="", message=f"the request {problem}") for problem in problems]
    return target + list(secret_in_request_url(url, context))


def is_fixed(url: str) -> bool:
    """Return whether a URL's scheme, host and path are written out, without any shell variable."""
    return not re.search(rf"[$`<{COMPUTED}]|\{{\{{|%\w+%", url.partition("?")[0])


def _method_problems(method: str) -> Iterator[str]:
    if method != "POST" and is_fixed(method):
        yield f"is a {quoted(method)[1:-1]}; expected a POST"


def _url_problems(url: str) -> Iterator[str]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        yield "goes to a URL with an invalid host or port; expected https://api.nylas.com/connect/authorize"
        return
    if parts.scheme != "https":
        yield f"goes over {quoted(parts.scheme or 'no named scheme')[1:-1]}; expected https"
    if parts.path != "/connect/authorize":
        yield f"goes to the path {quoted(parts.path)}; expected /connect/authorize"
    yield from _host_problems(parts, port)


def _host_problems(parts: SplitResult, port: int | None) -> Iterator[str]:
    host = parts.hostname or ""
    if host in V3_HOSTS:
        yield f"goes to {host}, a Nylas v3 host, where this request is unknown; expected {V2_HOSTS[0]}"
    elif host not in V2_HOSTS:
        yield f"goes to the host {quoted(host)}; expected one of {', '.join(V2_HOSTS)}"
    elif port not in {None, _HTTPS_PORT}:
        yield f"goes to port {port} of {host}; expected {_HTTPS_PORT}"
