"""`--cluster`: what travels to a worker, what a worker answers, and which addresses are refused."""

import pickle
from collections.abc import Callable
from concurrent.futures import Future
from importlib import util
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from msgspec.structs import replace

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.command_line import LIVE, Ended, run_each
from nylas_readiness.fixtures.inputs.errors import UsageProblem
from nylas_readiness.fixtures.run.fleet.child import Ended as Answered
from nylas_readiness.fixtures.run.fleet.child import Task

if TYPE_CHECKING:
    from nylas_readiness.fixtures.run.fleet.on_worker import Answer
    from nylas_readiness.fixtures.run.fleet.processes import Ending

pytestmark = pytest.mark.offline

TENANT = '[tenant]\nname = "{}"\n[nylas.v3]\nclient_id = "c"\napi_key = "env:NYLAS_V3_KEY"\n'
SECRET = "nyk_v0_of-the-quay"
TASK = Task(
    key="tenants/quay.toml",
    arguments=["--tenant=tenants/quay.toml"],
    environ={"NYLAS_V3_KEY": SECRET},
    root=Path("/fleet"),
    folder=Path("out/quay"),
    log=Path("out/logs/quay.log"),
    nylas=b"its share",
)


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ended]:
    """Return how runs end that cannot have a cluster."""
    folder = tmp_path_factory.mktemp("tenants")
    for name in ("quay", "pier"):
        (folder / f"{name}.toml").write_text(TENANT.format(name), "utf-8")
    fleet: list[str | Path] = [LIVE, f"--tenant={folder}/"]
    return run_each(
        folder,
        {
            "tcp": [*fleet, "--cluster=tcp://10.0.0.7:8786"],
            "word": [*fleet, "--cluster=here"],
            "no port": [*fleet, "--cluster=tls://scheduler.example"],
            "one tenant": [LIVE, "--tenant=quay.toml", "--cluster=local"],
            "processes": [*fleet, "--cluster=tls://10.0.0.7:8786", "--processes=3"],
            "sandbox": [LIVE, "--tenant=sandbox:fleet", "--cluster=tls://10.0.0.7:8786"],
        },
    )


@each_of(
    ("name", "what", "action"),
    [
        ("tcp", "--cluster: 'tcp://10.0.0.7:8786'", "Give tls://HOST:PORT"),
        ("word", "--cluster: 'here'", "or local, which starts one here"),
        ("no port", "--cluster: 'tls://scheduler.example'", "Give tls://HOST:PORT"),
        ("one tenant", "--cluster is about a fleet", "give --tenant FOLDER/"),
        ("processes", "how many tenants are audited at a time", "Leave --processes out"),
        ("sandbox", "sandbox:fleet is served on this machine alone", "Give --cluster local"),
    ],
)
def test_what_cannot_be_a_cluster_is_a_usage_error(
    ended: dict[str, Ended], name: str, what: str, action: str
) -> None:
    assert ended[name].exit_code == 4, ended[name].output
    assert what in ended[name].problem
    assert action in ended[name].problem


def test_without_the_extra_the_command_that_installs_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nylas_readiness.fixtures.run.fleet.audit import FleetAudit

    find = util.find_spec
    monkeypatch.setattr(
        "nylas_readiness.fixtures.run.fleet.audit.find_spec",
        lambda name: None if name == "distributed" else find(name),
    )
    option = SimpleNamespace(cluster="local", tenant=[f"{tmp_path}/"], processes=None)
    params = SimpleNamespace(dir=tmp_path)
    config = SimpleNamespace(option=option, invocation_params=params)
    audit = FleetAudit(cast("pytest.Config", config))
    with pytest.raises(UsageProblem, match=r"distributed is not installed.*pip install 'nylas-readiness\[cl"):
        audit.check()


class Scheduler:
    """Stands in for Dask's client: it keeps what would travel, and has the same answer for every task."""

    def __init__(self, answer: "Callable[[], Answer]") -> None:
        self.sent, self._answer = list[bytes](), answer

    def submit(self, *work: object, pure: bool) -> "Future[Answer]":
        """Return a future that has ended already."""
        assert not pure  # else two tenants with the same command would be one task
        self.sent.append(pickle.dumps(work))
        future = Future["Answer"]()
        try:
            future.set_result(self._answer())
        except Exception as error:  # noqa: BLE001 -- whatever a worker raises
            future.set_exception(error)
        future.status = "error" if future.exception() else "finished"  # type: ignore[attr-defined]
        return future

    def cancel(self, _futures: object) -> None:
        """Have nothing left to cancel."""


def endings(answer: "Callable[[], Answer]") -> "tuple[list[Ending], Scheduler]":
    """Return how a task ends on a cluster whose worker answers so."""
    cluster = pytest.importorskip(
        "nylas_readiness.fixtures.run.fleet.cluster", reason="the extra `cluster` is not installed"
    )
    ran, scheduler, ends = cluster.Cluster("local", 1, {}), Scheduler(answer), list["Ending"]()
    ran._client = scheduler  # noqa: SLF001 -- in the place of a connection
    ran.run([TASK], lambda _ended, _running: None, ends.append)
    return ends, scheduler


def test_no_environment_travels_to_a_worker_and_no_secret() -> None:
    ends, scheduler = endings(lambda: (Answered(code=1, errors=""), 0))
    assert [(end.task.key, end.ended and end.ended.code) for end in ends] == [("tenants/quay.toml", 1)]
    [sent] = scheduler.sent
    assert b"--tenant=tenants/quay.toml" in sent
    assert b"its share" in sent
    assert b"NYLAS_V3_KEY" not in sent
    assert SECRET.encode() not in sent


def test_a_tenant_whose_workers_all_die_is_told_and_so_is_one_that_a_worker_cannot_start() -> None:
    def killed() -> "Answer":
        from distributed import KilledWorker

        raise KilledWorker("audit-1", cast("Any", SimpleNamespace(address="tls://w")), 3)

    def not_installed() -> "Answer":
        raise ModuleNotFoundError("No module named 'nylas_readiness'")

    [lost], [unstarted] = endings(killed)[0], endings(not_installed)[0]
    assert lost.ended is None
    assert lost.how == "ended with its worker, and so it did on every further worker that tried"
    assert "could not be started by its worker (ModuleNotFoundError: No module named" in unstarted.how


@each_of(
    ("there", "release", "what"),
    [
        (True, "0.0.1", f"The worker tls://w:1 has nylas-readiness {version('nylas-readiness')}, not 0.0.1"),
        (False, version("nylas-readiness"), "The worker tls://w:1 does not see"),
    ],
)
def test_a_worker_that_cannot_audit_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: bool, release: str, what: str
) -> None:
    on_worker = pytest.importorskip(
        "nylas_readiness.fixtures.run.fleet.on_worker", reason="the extra `cluster` is not installed"
    )
    monkeypatch.setattr(on_worker, "get_worker", lambda: SimpleNamespace(address="tls://w:1"))
    if there:
        (tmp_path / TASK.log).parent.mkdir(parents=True)
    answered, _ = on_worker.audit(replace(TASK, root=tmp_path if there else tmp_path / "nowhere"), release)
    assert answered.code == 4
    assert what in answered.errors
    assert "nyk_" not in answered.errors


def test_a_scheduler_without_certificates_is_a_usage_error() -> None:
    cluster = pytest.importorskip(
        "nylas_readiness.fixtures.run.fleet.cluster", reason="the extra `cluster` is not installed"
    )
    with pytest.raises(UsageProblem, match=r"no connection.*DASK_DISTRIBUTED__COMM__TLS__CA_FILE"):
        cluster.Cluster("tls://127.0.0.1:9", 1, {}).__enter__()
