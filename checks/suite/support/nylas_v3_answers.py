"""A client of Nylas v3 that gets given answers."""

from collections.abc import Callable
from typing import Any

import httpx

from nylas_readiness.fixtures.clients.allowed import READS, allow
from nylas_readiness.fixtures.clients.nylas_v3 import NylasV3Client
from nylas_readiness.fixtures.clients.transport import Network
from nylas_readiness.fixtures.secrets import Secret

URL = "https://api.us.nylas.example"
KEY = "nyk_v0_a-key-of-the-test-and-of-nothing-else"
Handler = Callable[[httpx.Request], httpx.Response]


async def at_once(_seconds: float) -> None:
    """Wait no time."""


def client(handler: Handler) -> NylasV3Client:
    """Return a client that a handler answers."""
    network = Network(allow(READS, {"nylas_v3": URL}), transport=httpx.MockTransport(handler), sleep=at_once)
    return NylasV3Client(network.service("nylas_v3", URL), Secret(KEY))


def answering(status: int, **body: Any) -> NylasV3Client:  # noqa: ANN401 -- JSON of every type
    """Return a client that gets one answer."""
    return client(lambda _request: httpx.Response(status, json=body))


def error(kind: str, message: str, **more: object) -> dict[str, object]:
    """Return the body of an error, as Nylas v3 writes it."""
    return {"request_id": "r", "error": {"type": kind, "message": message} | more}
