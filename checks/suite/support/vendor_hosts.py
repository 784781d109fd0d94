"""The vendors' real host names on loopback: a TLS front that records who was asked what, and passes it on.

A resolver sends the connections here, whichever vendor they are for; nothing else of the client is changed.
The front's certificate is for the vendors' names; for the sandbox's address it is not.
"""

import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Final

import aiohttp.abc
import aiohttp.connector
import httpx
import pytest
import trustme

LOOPBACK: Final = "127.0.0.1"
HTTPS_PORT: Final = 443
# What is sent anew with each hop.
_OF_THE_HOP: Final = {"connection", "content-encoding", "content-length", "date", "host", "transfer-encoding"}


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One request as it arrived over TLS: the SNI of its connection, its Host header, method and path."""

    sni: str | None
    host: str
    method: str
    path: str


class _Socket(ssl.SSLSocket):
    """A TLS connection that remembers which name it was asked for."""

    sni: str | None = None


class Front(ThreadingHTTPServer):
    """Serves the vendors' host names; `services` maps each to the base URL that answers in its place."""

    daemon_threads = True

    def __init__(self, services: Mapping[str, str], upstream: httpx.Client, context: ssl.SSLContext) -> None:
        super().__init__((LOOPBACK, 0), _Handler)
        self.services, self.upstream = services, upstream
        self.seen: list[Seen] = []
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)


def _context(leaf: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.sslsocket_class = _Socket
    context.sni_callback = _remember
    leaf.configure_cert(context)
    return context


def _remember(connection: ssl.SSLSocket | ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
    assert isinstance(connection, _Socket)
    connection.sni = name


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Front

    def _pass_on(self) -> None:
        assert isinstance(self.connection, _Socket)
        host = self.headers["Host"]
        seen = Seen(sni=self.connection.sni, host=host, method=self.command, path=self.path.partition("?")[0])
        self.server.seen.append(seen)
        answer = self.server.upstream.request(
            self.command,
            self.server.services[host] + self.path,
            headers={name: value for name, value in self.headers.items() if name.lower() not in _OF_THE_HOP},
            content=self.rfile.read(int(self.headers["Content-Length"] or 0)),
        )
        self.send_response(answer.status_code)
        for name, value in answer.headers.items():
            if name not in _OF_THE_HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    do_GET = do_POST = do_OPTIONS = _pass_on  # noqa: N815 -- named by http.server

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _ToFront(aiohttp.abc.AbstractResolver):
    """Resolves the vendors' names to the front, and no other name; the standard port only."""

    def __init__(self, front: Front) -> None:
        self._front = front

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[aiohttp.abc.ResolveResult]:
        if host not in self._front.services or port != HTTPS_PORT:
            raise OSError(f"{host}:{port} is no vendor's")
        return [
            {
                "hostname": host,
                "host": LOOPBACK,
                "port": self._front.server_port,
                "family": family,
                "proto": 0,
                "flags": 0,
            }
        ]

    async def close(self) -> None:
        """Hold nothing."""


@contextmanager
def vendors_on_loopback(
    services: Mapping[str, str],
    upstream: httpx.Client,
    ca_file: Path,
    monkeypatch: pytest.MonkeyPatch,
    certified: Sequence[str] = (),
) -> Iterator[list[Seen]]:
    """Answer for the vendors' host names until left; write the CA to trust, and yield what arrives.

    `certified`: the names that the certificate is for; the vendors' unless given.
    """
    ca = trustme.CA()
    ca.cert_pem.write_to_path(ca_file)
    context = _context(ca.issue_cert(*(certified or services)))
    with Front(services, upstream, context) as front:
        monkeypatch.setattr(aiohttp.connector, "DefaultResolver", lambda **_: _ToFront(front))
        thread = Thread(target=front.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield front.seen
        finally:
            front.shutdown()
            thread.join()
