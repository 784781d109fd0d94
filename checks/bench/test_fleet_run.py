"""A fleet beside the same audits one after the other: its wall clock, and what it asks of Nylas."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from nylas_readiness.checks.suite.support.command_line import command, environment
from nylas_readiness.fixtures.run.fleet.processes import cores
from nylas_readiness.fixtures.sandbox.fleet import Fleet, start_fleet, synthetic

pytestmark = pytest.mark.bench

TENANTS, ACCOUNTS = 200, 10
# So many tenants are audited one after the other, half before the fleet and half after it: the time of all
# is scaled from theirs.
SAMPLE = 8
# On two cores; so much for each of them.
FASTER_A_CORE = 1.5
MOST_REQUESTS = 1.5


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """Serve a vendor with many customers from a process of this test, which every audit shares."""
    with start_fleet(tmp_path_factory.mktemp("fleet"), synthetic(TENANTS), accounts=ACCOUNTS) as fleet:
        yield fleet
        assert fleet.errors == []


def audit(sandbox: Fleet, tenant: str, folder: str) -> tuple[float, int]:
    """Return the wall clock of an audit, and how many requests Nylas had."""
    before, began = nylas_requests(sandbox), time.monotonic()
    done = subprocess.run(  # noqa: S603 -- this interpreter, with arguments from this file
        command("-m", "live", "--tenant", tenant, f"--report-dir={folder}"),
        cwd=sandbox.directory,
        env=environment(sandbox.secrets),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode in {0, 1}, done.stdout
    return time.monotonic() - began, nylas_requests(sandbox) - before


def nylas_requests(sandbox: Fleet) -> int:
    return sum(count for (_, service, *_), count in sandbox.requests.items() if service.startswith("nylas"))


def test_a_fleet_is_faster_than_a_loop_and_asks_nylas_little_more_than_one_tenant(sandbox: Fleet) -> None:
    names = [path.stem for path in sorted(Path(sandbox.tenants).glob("[!_]*.toml"))[:SAMPLE]]
    audit(sandbox, f"tenants/{names[0]}.toml", "warm")  # the modules are compiled, as is usual
    single = [audit(sandbox, f"tenants/{name}.toml", name) for name in names[: SAMPLE // 2]]
    took_s, requests = audit(sandbox, "tenants/", "fleet")
    single += [audit(sandbox, f"tenants/{name}.toml", name) for name in names[SAMPLE // 2 :]]
    loop_s = sum(seconds for seconds, _ in single) / SAMPLE * TENANTS
    alone = max(count for _, count in single)
    print(  # noqa: T201 -- of a benchmark
        f"{TENANTS} tenants: {took_s:.0f} s beside {loop_s:.0f} s in a loop (scaled from {SAMPLE}): "
        f"{loop_s / took_s:.1f} times; requests to Nylas: {requests} beside {alone} of one tenant",
        file=sys.stderr,
    )
    assert loop_s >= FASTER_A_CORE * min(cores(), 2) * took_s
    assert requests <= MOST_REQUESTS * alone
