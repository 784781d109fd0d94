"""An audit of sandbox accounts beside its own requests by bare aiohttp, and its judgement alone.

The sandbox is another process, so that its CPU does not count. `latency` is what each request waits before
it is sent, by bare aiohttp too: with 80 ms and 27 in flight, which is what Exchange lets one account have,
2,000 accounts take 17.8 s at least.
"""

import asyncio
import shlex
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar

import aiohttp
import pytest

from nylas_readiness.checks.suite.support import harness
from nylas_readiness.fixtures.clients.httpx_wire import HttpxWire, Incoming
from nylas_readiness.fixtures.clients.request import Request
from nylas_readiness.fixtures.evidence.collect import Limits
from nylas_readiness.fixtures.inputs.tenant import Tenant, load

pytestmark = pytest.mark.bench


T = TypeVar("T")


class Benchmark(Protocol):
    """pytest-benchmark's fixture, which has no types of its own."""

    def __call__(self, action: Callable[[], T]) -> T:
        """Run `action` as often as it takes."""
        ...  # pragma: no cover

    def pedantic(self, action: Callable[[], T], *, rounds: int) -> T:
        """Run `action` so many times."""
        ...  # pragma: no cover


class Sent(NamedTuple):
    """A request as the audit sent it."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes


ACCOUNTS = 2000
COMMAND = [sys.executable, "-m", "nylas_readiness.fixtures.sandbox", "healthy", "--accounts", str(ACCOUNTS)]
AT_FULL_SPEED = pytest.param(8, 0.0, marks=pytest.mark.benchmark(group="CPU", timer=time.process_time))
FAR_AWAY = pytest.param(27, 0.08, marks=pytest.mark.benchmark(group="27 in flight, 80 ms"))
circumstances = pytest.mark.parametrize(("concurrency", "latency"), [AT_FULL_SPEED, FAR_AWAY])


@pytest.fixture(scope="module")
def tenant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tenant]:
    folder = tmp_path_factory.mktemp("sandbox")
    with subprocess.Popen([*COMMAND, "--dir", str(folder)], stdout=subprocess.PIPE) as serving:  # noqa: S603 -- ours
        try:
            assert serving.stdout is not None
            assert serving.stdout.readline() == b"ready\n"
            words = shlex.split((folder / "secrets.env").read_text("utf-8"), comments=True)
            yield load(folder / "tenant.toml", dict(word.split("=", 1) for word in words))
        finally:
            serving.terminate()


def audit(tenant: Tenant, folder: Path, concurrency: int) -> int:
    return harness.read(tenant, folder / "journal", Limits(concurrency=concurrency)).tenant.account_count


def watched(monkeypatch: pytest.MonkeyPatch, see: Callable[[Request], Any]) -> None:
    """Await what `see` makes of each request before it is sent."""
    send = HttpxWire.send

    async def watch(wire: HttpxWire, request: Request, longest: int) -> Incoming:
        await see(request)
        return await send(wire, request, longest)

    monkeypatch.setattr(HttpxWire, "send", watch)


@pytest.fixture(scope="module")
def requests(tenant: Tenant, tmp_path_factory: pytest.TempPathFactory) -> list[Sent]:
    sent: list[Sent] = []

    async def note(request: Request) -> None:
        sent.append(Sent(*request.line, request.headers, request.content))

    with pytest.MonkeyPatch.context() as patch:
        watched(patch, note)
        audit(tenant, tmp_path_factory.mktemp("recorded"), concurrency=8)
    return sent


async def bare_requests(requests: list[Sent], ca_file: Path, concurrency: int, latency: float) -> list[int]:
    """Send the requests as the audit does, so many at a time; return the statuses."""
    places = asyncio.Semaphore(concurrency)
    context = ssl.create_default_context(cafile=str(ca_file))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session:

        async def one(sent: Sent) -> int:
            async with places:
                await asyncio.sleep(latency)
                call = session.request(sent.method, sent.url, headers=sent.headers, data=sent.body or None)
                async with call as response:
                    await response.read()
                    return response.status

        return await asyncio.gather(*map(one, requests))


@circumstances
def test_bare_requests(
    benchmark: Benchmark, tenant: Tenant, requests: list[Sent], concurrency: int, latency: float
) -> None:
    def send() -> set[int]:
        ca_file = tenant.path.parent / "ca.pem"
        return set(asyncio.run(bare_requests(requests, ca_file, concurrency, latency)))

    assert benchmark.pedantic(send, rounds=1 if latency else 3) == {200}


@circumstances
def test_an_audit(
    benchmark: Benchmark,
    tenant: Tenant,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    concurrency: int,
    latency: float,
) -> None:
    watched(monkeypatch, lambda _request: asyncio.sleep(latency))
    rounds = 1 if latency else 3
    assert benchmark.pedantic(lambda: audit(tenant, tmp_path, concurrency), rounds=rounds) == ACCOUNTS


def test_the_judgement_alone(benchmark: Benchmark, tenant: Tenant, tmp_path: Path) -> None:
    evidence = harness.read(tenant, tmp_path / "journal", Limits(concurrency=8))
    assert len(benchmark(lambda: harness.judge(evidence)).tally.accounts) == ACCOUNTS
