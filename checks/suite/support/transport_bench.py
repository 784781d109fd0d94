"""A transport whose wire is a function, and whose clock is turned by hand."""

from collections.abc import Callable

import httpx

from nylas_readiness.fixtures.clients.allowed import READS, allow
from nylas_readiness.fixtures.clients.transport import Network, Service

ENDPOINTS = {
    "login": "https://login.example",
    "graph": "https://graph.example",
    "outlook": "https://outlook.example",
    "nylas_v2": "https://nylas.example",
}


DOMAINS = "/v1.0/domains"
Handler = Callable[[httpx.Request], httpx.Response]


class Bench:
    """A network over a handler, with the requests it was sent, the pauses it made and a clock to set."""

    def __init__(self, handler: Handler, max_requests: int | None = None) -> None:
        self.requests: list[httpx.Request] = []
        self.pauses: list[float] = []
        self.now = 0.0
        self._handler = handler
        self.network = Network(
            allow(READS, ENDPOINTS),
            max_requests=max_requests,
            transport=httpx.MockTransport(self._record),
            sleep=self._sleep,
            clock=lambda: self.now,
        )

    def service(self, name: str = "graph") -> Service:
        """Return the service under test."""
        return self.network.service(name, ENDPOINTS[name])

    def _record(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self._handler(request)

    async def _sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)


def answering(*responses: httpx.Response | Exception) -> Handler:
    """Return a handler that gives each response once, and the last one for ever."""
    remaining = list(responses)

    def handle(_request: httpx.Request) -> httpx.Response:
        response = remaining.pop(0) if len(remaining) > 1 else remaining[0]
        if isinstance(response, Exception):
            raise response
        return response

    return handle


def ok() -> httpx.Response:
    """Return an empty answer that means success."""
    return httpx.Response(200, json={})
