"""One run, joined shares, and a cluster that loses a worker: the same fleet, and the same privacy."""

import re
import signal
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nylas_readiness.checks.suite.support.command_line import LIVE, Ended, run
from nylas_readiness.checks.suite.support.fleet_tenants import fleet_in, fleet_of

if TYPE_CHECKING:
    from nylas_readiness.fixtures.sandbox.fleet import Fleet

pytestmark = pytest.mark.offline

CUSTOMERS = {
    "Alderwick-Legal": "alderwick",
    "Brimstane-Logistics": "brimstane",
    "Corvandel-Clinics": "corvandel",
}
SHARES = 3
ADDRESS = re.compile(r"[\w.+-]+@([\w-]+)\.example")
FLEET = ("-m", "live", "--tenant", "tenants/")
# A plugin that kills the worker of one tenant's process, once, when its audit has begun.
KILLING = f"""
import multiprocessing, os
from pathlib import Path
from nylas_readiness.fixtures.run.progress import Progress

show = Progress.__call__

def killing(progress, done, *more):
    show(progress, done, *more)
    if done >= 3 and not Path("killed").exists():
        Path("killed").write_text(str(multiprocessing.parent_process().pid))
        os.kill(multiprocessing.parent_process().pid, {int(getattr(signal, "SIGKILL", 9))})

def pytest_configure(config):
    is_tenants = multiprocessing.parent_process() is not None
    if is_tenants and config.option.tenant[0].endswith("brimstane.toml"):
        Progress.__call__ = killing
"""


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Fleet"]:
    """Serve three customers; in the folder is the plugin that kills a worker."""
    with fleet_of(tmp_path_factory.mktemp("fleet"), *CUSTOMERS.values()) as fleet:
        (fleet.directory / "killing.py").write_text(KILLING, "utf-8")
        yield fleet
        assert fleet.errors == []


def audited(sandbox: "Fleet", name: str, *options: str) -> Ended:
    environ = {**sandbox.secrets, "PYTHONPATH": str(sandbox.directory)}
    return run(sandbox.directory, *FLEET, f"--report-dir={name}", *options, environ=environ)


@pytest.fixture(scope="module")
def plain(sandbox: "Fleet") -> Path:
    """Return the folder of a plain run."""
    ended = audited(sandbox, "plain")
    assert ended.exit_code == 1, ended.output
    return sandbox.directory / "plain"


@pytest.fixture(scope="module")
def joined(sandbox: "Fleet") -> Path:
    """Return the folder that the shares of a fleet were joined in."""
    shares = [f"share-{place}" for place in range(1, SHARES + 1)]
    for place, share in enumerate(shares, 1):
        ended = audited(sandbox, share, f"--shard={place}/{SHARES}")
        assert ended.exit_code in {0, 1}, ended.output
    ended = run(sandbox.directory, LIVE, "--fleet", *shares, "--report-dir=joined")
    assert ended.exit_code == 1, ended.output
    return sandbox.directory / "joined"


@pytest.fixture(scope="module")
def clustered(sandbox: "Fleet") -> Path:
    """Return the folder of a run on a cluster, one worker of which was killed."""
    if find_spec("distributed") is None or sys.platform == "win32":
        pytest.skip("the extra `cluster` is not installed, or this is Windows, which has no SIGKILL")
    ended = audited(sandbox, "clustered", "--cluster=local", "--processes=2", "-p", "killing")
    assert ended.exit_code == 1, ended.output
    assert (sandbox.directory / "killed").exists()
    assert "Traceback" not in ended.output
    return sandbox.directory / "clustered"


@pytest.fixture
def folder(request: pytest.FixtureRequest) -> Path:
    """Return the folder of the run that a test names."""
    folder: Path = request.getfixturevalue(request.param)
    return folder


@pytest.mark.parametrize("folder", ["joined", "clustered"], indirect=True)
def test_the_fleet_is_the_same_whatever_ran_its_tenants(folder: Path, plain: Path) -> None:
    assert fleet_in(folder) == fleet_in(plain)
    assert {path.name for path in folder.iterdir()} >= {path.name for path in plain.iterdir()} - {"logs"}


def of_customers(folder: Path) -> Iterator[tuple[Path, str | None]]:
    """Yield every file of a run, with the customer that it is about; None: about the fleet."""
    for path in folder.rglob("*"):
        if path.is_file():
            parts = {part.removesuffix(".log") for part in path.relative_to(folder).parts}
            yield path, next((key for name, key in CUSTOMERS.items() if name in parts), None)


@pytest.mark.parametrize("folder", ["plain", "joined", "clustered"], indirect=True)
def test_no_file_of_a_customer_has_an_address_of_another_and_none_of_the_fleet_has_any(folder: Path) -> None:
    named = set()
    for path, customer in of_customers(folder):
        text = path.read_text("utf-8", "replace")
        domains = {domain.removesuffix("-group") for domain in ADDRESS.findall(text)}
        assert domains & {*CUSTOMERS.values()} <= {customer}, path
        named |= domains
    assert named >= {*CUSTOMERS.values()}
