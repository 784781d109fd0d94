"""The real wire, aiohttp's: what it sends, and what it says where a host, a proxy or an answer is none."""

import asyncio
import os
import re
import socket
import ssl
import sys
from pathlib import Path

import pytest

from nylas_readiness.fixtures.clients.allowed import READS, allow
from nylas_readiness.fixtures.clients.errors import ClientError, Unintelligible, Unreachable
from nylas_readiness.fixtures.clients.transport import Network, Wire

pytestmark = [pytest.mark.offline, pytest.mark.anyio]

DOMAINS = "/v1.0/domains"


async def test_a_dead_port_and_a_dead_proxy_are_named_by_the_real_wire() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        dead = f"127.0.0.1:{bound.getsockname()[1]}"
        for wire, kind in ((Wire(), "connect"), (Wire(proxy=f"http://{dead}"), "proxy")):
            base = f"https://{dead}" if kind == "connect" else "https://graph.example"
            async with Network(allow(READS, {"graph": base}), wire=wire) as network:
                with pytest.raises(Unreachable) as caught:
                    await network.service("graph", base).send("GET", DOMAINS)
            assert caught.value.kind == kind


@pytest.mark.parametrize(
    ("raw", "error", "said"),
    [
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
            Unintelligible,
            "truncated (HTTP 200, 1 bytes read)",
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
            Unintelligible,
            "compression",
        ),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc", ClientError, "chunk size"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000 + b"\r\n\r\n", Unreachable, "more than"),
        (b"no HTTP at all\r\n\r\n", Unreachable, "Bad status line"),
        (b"", Unreachable, "ended before the answer"),
    ],
    ids=["truncated", "gzip", "chunks", "huge-header", "garbage", "silence"],
)
async def test_an_answer_that_is_no_http_is_an_error_on_the_real_wire(
    tmp_path: Path, raw: bytes, error: type[ClientError], said: str
) -> None:
    import trustme

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(raw)
        writer.close()

    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    async with await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context) as server:
        base = f"https://localhost:{server.sockets[0].getsockname()[1]}"
        wire = Wire(ca_file=tmp_path / "ca.pem")
        async with Network(allow(READS, {"graph": base}), wire=wire, sleep=no_sleep) as network:
            with pytest.raises(error, match=re.escape(said)):
                await network.service("graph", base).send("GET", DOMAINS)


async def test_a_proxy_is_given_its_credentials_and_named_where_it_refuses() -> None:
    asked: list[bytes] = []

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        wire = Wire(proxy=f"http://zoe:pass-9f@127.0.0.1:{server.sockets[0].getsockname()[1]}")
        base = "https://graph.example"
        async with Network(allow(READS, {"graph": base}), wire=wire, sleep=no_sleep) as network:
            with pytest.raises(Unreachable) as caught:
                await network.service("graph", base).send("GET", DOMAINS)

    assert caught.value.kind == "proxy"
    assert "pass-9f" not in str(caught.value)
    assert asked[0].startswith(b"CONNECT graph.example:443 HTTP/1.1")
    assert b"Proxy-Authorization: Basic em9lOnBhc3MtOWY=" in asked[0]


async def test_a_url_goes_out_as_the_guard_read_it(tmp_path: Path) -> None:
    """No library decodes `%27`, or encodes what is plain; an absolute URL is written once, by httpx."""
    import trustme

    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readuntil(b"\r\n\r\n")).partition(b"\r\n")[0])
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
        writer.close()

    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    async with await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context) as server:
        base = f"https://localhost:{server.sockets[0].getsockname()[1]}"
        wire = Wire(ca_file=tmp_path / "ca.pem")
        async with Network(allow(READS, {"graph": base}), wire=wire, sleep=no_sleep) as network:
            service = network.service("graph", base)
            await service.send("GET", "/v1.0/users/o%27neil@contoso.com", params={"$filter": "a eq 'b'"})
            await service.send("GET", f"{base}/v1.0/users?$filter=name eq 'ü'&x=%2e")

    assert asked == [
        b"GET /v1.0/users/o%27neil@contoso.com?%24filter=a+eq+%27b%27 HTTP/1.1",
        b"GET /v1.0/users?$filter=name%20eq%20'%C3%BC'&x=%2e HTTP/1.1",
    ]


async def no_sleep(_seconds: float) -> None:
    return


def test_a_ca_file_or_proxy_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    empty = tmp_path / "ca.pem"
    empty.write_text("no certificate")

    for wire, named in (
        (Wire(ca_file=empty), "ca.pem"),
        (Wire(ca_file=tmp_path / "missing.pem"), "missing.pem"),
        (Wire(proxy="no url"), "proxy"),
    ):
        with pytest.raises(ClientError, match=rf"{named}.*\[endpoints\]"):
            Network((), wire=wire)


KEY_LOG_PROBE = """
import asyncio, sys
from pathlib import Path
from nylas_readiness.fixtures.clients.allowed import READS, allow
from nylas_readiness.fixtures.clients.transport import Network, Wire

async def ask(base, ca_file):
    async with Network(allow(READS, {"graph": base}), wire=Wire(ca_file=Path(ca_file))) as network:
        print((await network.service("graph", base).send("GET", "/v1.0/domains")).status_code)

asyncio.run(ask(*sys.argv[1:]))
"""


async def test_no_session_writes_its_keys_though_the_environment_names_a_file(tmp_path: Path) -> None:
    import trustme

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()

    keys = tmp_path / "keys.log"
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    async with await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context) as server:
        base = f"https://localhost:{server.sockets[0].getsockname()[1]}"
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", KEY_LOG_PROBE, base, str(tmp_path / "ca.pem")),
            env=os.environ | {"SSLKEYLOGFILE": str(keys)},
            stdout=asyncio.subprocess.PIPE,
        )
        output, _ = await process.communicate()

    assert output.strip() == b"200"
    assert not keys.exists()
