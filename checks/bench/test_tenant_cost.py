"""The fixed cost of a tenant: the CPU time of an audit of one account, beside that of importing pytest."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import pytest

from nylas_readiness.fixtures.sandbox.server import Sandbox, start

resource = pytest.importorskip("resource", reason="only POSIX tells the CPU time of other processes")

pytestmark = pytest.mark.bench

ROUNDS = 5
# It was 12 before the audit imported only what it needs, and 7 after. The rest is the audit itself (reading,
# judging, six views), and what pytest and its plugins import.
MOST_TIMES = 10


class Benchmark(Protocol):
    """pytest-benchmark's fixture, which has no types of its own."""

    extra_info: dict[str, Any]

    def pedantic(self, action: Callable[[], object], *, rounds: int) -> object:
        """Run `action` so many times."""
        ...  # pragma: no cover


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """Serve one account from this process, whose CPU time is not counted."""
    with start("healthy", tmp_path_factory.mktemp("sandbox"), accounts=1) as running:
        yield running


def cpu_seconds(command: list[str], folder: Path, secrets: Mapping[str, str]) -> float:
    """Return the CPU time of a command, its modules compiled before as is usual."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before = sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
    done = subprocess.run(  # noqa: S603 -- this interpreter
        [sys.executable, *command],
        cwd=folder,
        env=environment | dict(secrets),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout.decode()
    return float(sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2]) - before)


def test_an_audit_of_one_account_costs_a_few_imports_of_pytest(
    benchmark: Benchmark, sandbox: Sandbox, tmp_path: Path
) -> None:
    audit = ["-m", "pytest", "-m", "live", "--tenant", str(sandbox.tenant_file), "--report-dir", "report"]
    audits, imports = list[float](), list[float]()

    def measure() -> None:
        """Measure one beside the other: the machine may do something else as well."""
        audits.append(cpu_seconds(audit, tmp_path, sandbox.secrets))
        imports.append(cpu_seconds(["-c", "import pytest"], tmp_path, {}))

    benchmark.pedantic(measure, rounds=ROUNDS)
    times = min(audits) / min(imports)
    benchmark.extra_info |= {"audit_s": min(audits), "import_s": min(imports), "times": round(times, 1)}
    assert times <= MOST_TIMES
