"""An audit of 1,000 sandbox accounts beside as many bare requests to the sandbox, and its judgement alone."""

import asyncio
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol, TypeVar

import aiohttp
import pytest

from nylas_readiness.checks.suite.support import harness
from nylas_readiness.fixtures.evidence.collect import Limits
from nylas_readiness.fixtures.inputs.tenant import load
from nylas_readiness.fixtures.sandbox.server import Sandbox, start

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


ACCOUNTS = 1000
CONCURRENCY = 8
REQUESTS = 3 * ACCOUNTS  # one read and two Autodiscover lookups each


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with start("healthy", tmp_path_factory.mktemp("sandbox"), accounts=ACCOUNTS) as running:
        yield running


async def bare_requests(url: str, ca_file: Path) -> int:
    """GET one small answer as often as an audit asks Exchange, as many at a time."""
    places = asyncio.Semaphore(CONCURRENCY)
    context = ssl.create_default_context(cafile=str(ca_file))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session:

        async def one() -> int:
            async with places, session.get(url, allow_redirects=False) as response:
                return len(await response.read()) > 0

        return sum(await asyncio.gather(*(one() for _ in range(REQUESTS))))


def test_bare_requests(benchmark: Benchmark, sandbox: Sandbox) -> None:
    account = load(sandbox.tenant_file, sandbox.secrets).settings.service_account
    email = account.email if account else ""
    url = f"{sandbox.endpoints['outlook']}/autodiscover/autodiscover.json/v1.0/{email}?Protocol=EWS"
    ca_file = sandbox.directory / "ca.pem"
    answered = benchmark.pedantic(lambda: asyncio.run(bare_requests(url, ca_file)), rounds=3)
    assert answered == REQUESTS


def test_an_audit(benchmark: Benchmark, sandbox: Sandbox, tmp_path: Path) -> None:
    tenant = load(sandbox.tenant_file, sandbox.secrets)

    def audit() -> int:
        evidence = harness.read(tenant, tmp_path / "journal", Limits(concurrency=CONCURRENCY))
        return len(harness.judge(evidence).tally.accounts)

    assert benchmark.pedantic(audit, rounds=3) == ACCOUNTS


def test_the_judgement_alone(benchmark: Benchmark, sandbox: Sandbox, tmp_path: Path) -> None:
    tenant = load(sandbox.tenant_file, sandbox.secrets)
    evidence = harness.read(tenant, tmp_path / "journal", Limits(concurrency=CONCURRENCY))
    assert len(benchmark(lambda: harness.judge(evidence)).tally.accounts) == ACCOUNTS
