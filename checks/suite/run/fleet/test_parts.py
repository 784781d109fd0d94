"""The parts of a fleet's run: exit codes, how processes end, arguments, and what is gone on with."""

import os
import signal
from argparse import Namespace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec.structs import replace

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.fleet_samples import record, stages, tenant
from nylas_readiness.fixtures.inputs.errors import UsageProblem
from nylas_readiness.fixtures.run.fleet.arguments import Arguments
from nylas_readiness.fixtures.run.fleet.exit_code import worst_exit_code
from nylas_readiness.fixtures.run.fleet.members import Member
from nylas_readiness.fixtures.run.fleet.tenant_folder import TenantFolder, as_of_in
from nylas_readiness.fixtures.run.history import results_in_fleet
from nylas_readiness.fixtures.run.options import FailOn
from nylas_readiness.reports.model import Results
from nylas_readiness.reports.write import write_all

pytestmark = pytest.mark.offline

ANCHOR = Member(name="Anchor Ltd", tenant="tenants/anchor.toml", file="tenants/anchor.toml")


@each_of(
    ("codes", "worst"),
    [
        ([0, 0], 0),
        ([0, 1], 1),
        ([1, 5], 5),
        ([1, 2, 5], 2),
        ([2, 3], 3),
        ([3, 4, 0], 4),
        ([None, 0], 3),
        ([139], 3),
        ([], 0),
    ],
)
def test_the_exit_code_is_the_worst_of_the_tenants(codes: list[int | None], worst: int) -> None:
    assert worst_exit_code(record("x", "x", exit_code=code) for code in codes) == worst


@each_of("code", [0, 1, None])
def test_a_tenant_that_could_not_be_audited_never_passes(code: int | None) -> None:
    assert worst_exit_code([record("x", problem="it ended", exit_code=code)]) == 3


@each_of(
    ("code", "how"),
    [
        (0, "ended with the code 0"),
        (-signal.SIGTERM, "was ended by SIGTERM"),
        (-1000, "was ended by the signal 1000"),
        (75, "did nothing for 30 minutes, and was ended"),
        (None, "ended with the code None"),
    ],
)
def test_how_a_process_ended_is_told_in_words(code: int | None, how: str) -> None:
    from nylas_readiness.fixtures.run.fleet.child import Task
    from nylas_readiness.fixtures.run.fleet.processes import Ending

    task = Task(key="x", arguments=[], environ={}, root=Path(), folder=Path("x"), log=Path("x.log"))
    assert Ending(task, None, code).how == how


@each_of(
    ("spent_s", "code"),
    [([1.0, 1.0], 75), ([1.0, 9.0, 9.01], 75), ([1.0, 9.0, 17.0], 1)],
)
def test_a_process_that_does_nothing_for_long_ends_itself(spent_s: list[float], code: int) -> None:
    from nylas_readiness.fixtures.run.fleet import child

    class EndedError(Exception):
        pass

    def ended(number: int) -> None:
        raise EndedError(number)

    times, waits = iter(spent_s), iter([[], [], ["the fleet's process ended"]])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(child, "parent_process", lambda: SimpleNamespace(sentinel=0))
        patch.setattr(child, "connection", SimpleNamespace(wait=lambda _sentinels, _seconds: next(waits)))
        patch.setattr(child, "time", SimpleNamespace(process_time=lambda: next(times)))
        patch.setattr(child, "faulthandler", SimpleNamespace(dump_traceback=lambda: None))
        patch.setattr(os, "_exit", ended)
        with pytest.raises(EndedError) as end:
            child._watch()  # noqa: SLF001 -- it never returns, and runs in a process of its own
    assert end.value.args == (code,)


def options(**given: Any) -> Namespace:  # noqa: ANN401 -- values of every type of option
    shared = dict.fromkeys(("accounts", "exceptions", "as_of", "baseline", "max_requests", "inifilename"))
    own: dict[str, Any] = {
        "file_or_dir": [],
        "markexpr": "",
        "keyword": "",
        "plugins": [],
        "pythonwarnings": None,
    }
    return Namespace(
        **{
            **shared,
            **own,
            "concurrency": 8,
            "fail_on": FailOn.ANY,
            "allow_writes": False,
            "share": False,
            **given,
        }
    )


def test_a_tenants_arguments_are_the_fleets_with_its_own_files(tmp_path: Path) -> None:
    (tmp_path / "Anchor Ltd.csv").touch()
    given = options(
        accounts=tmp_path, baseline=Path("last"), fail_on=FailOn.WORSE, allow_writes=True, plugins=["mine"]
    )
    arguments = Arguments(given).of(ANCHOR, Path("fleet/Anchor-Ltd"), processes=2, resumes=True)
    for expected in (
        "--tenant=tenants/anchor.toml",
        "--baseline=last",
        "--concurrency=8",
        "--fail-on=worse",
        "--allow-writes",
        f"--accounts={tmp_path / 'Anchor Ltd.csv'}",
        "--report-dir=fleet/Anchor-Ltd",
        "--processes=2",
        "--resume",
    ):
        assert expected in arguments
    assert arguments[arguments.index("mine") - 1] == "-p"
    assert arguments[arguments.index("live") - 1] == "-m"
    assert not [argument for argument in arguments if "max-requests" in argument]


def test_a_tenant_without_a_file_of_its_own_keeps_to_its_tenant_file(tmp_path: Path) -> None:
    (tmp_path / "mast.csv").touch()
    arguments = Arguments(options(accounts=tmp_path))
    own = arguments.of(ANCHOR, Path("x"), processes=1, resumes=False)
    assert not [word for word in own if "--accounts" in word]
    assert list(arguments.unmatched([ANCHOR])) == [
        f"--accounts: {tmp_path / 'mast.csv'} is no tenant's: it is called after a tenant, or its file"
    ]


def test_a_file_that_is_called_after_two_tenants_is_refused(tmp_path: Path) -> None:
    """One tenant's name may be the name of another's file: its report would list the other's accounts."""
    (tmp_path / "mast.csv").touch()
    arguments = Arguments(options(accounts=tmp_path))
    by_name = Member(name="mast", tenant="t/rope.toml", file="t/rope.toml")
    by_file = Member(name="Rope", tenant="t/mast.toml", file="t/mast.toml")
    with pytest.raises(UsageProblem, match=r"called after several tenants: those of t/rope\.toml and t/mast"):
        list(arguments.unmatched([by_name, by_file]))
    assert list(arguments.unmatched([by_name, replace(by_file, problem="it is broken")])) == []


@each_of("name", ["accounts", "exceptions"])
def test_one_file_for_all_tenants_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "all").touch()
    with pytest.raises(UsageProblem, match=rf"of a fleet, --{name} is a folder"):
        Arguments(options(**{name: tmp_path / "all"}))


def test_a_file_is_no_baseline_of_a_fleet(tmp_path: Path) -> None:
    (tmp_path / "results.json").touch()
    with pytest.raises(UsageProblem, match="of a fleet, --baseline is `last` or the folder"):
        Arguments(options(baseline=tmp_path / "results.json"))
    with pytest.raises(UsageProblem, match=r"no folder in it has a results\.json"):
        Arguments(options(baseline=tmp_path))


def results(*, is_complete: bool) -> Results:
    whole = tenant("anchor", stages(can_move=2))
    return replace(whole, run=replace(whole.run, complete=is_complete))


def test_an_audit_that_is_whole_is_finished_and_no_other(tmp_path: Path) -> None:
    folder = TenantFolder(tmp_path, began=0.0)
    assert folder.finished(FailOn.ANY) is None
    write_all(results(is_complete=False), tmp_path)
    assert folder.has_results
    assert folder.finished(FailOn.ANY) is None
    write_all(results(is_complete=True), tmp_path)
    assert folder.finished(FailOn.BLOCKED) == 0
    assert as_of_in(tmp_path) is not None
    (tmp_path / "SHA256SUMS").unlink()
    assert folder.finished(FailOn.BLOCKED) is None


def test_what_an_earlier_run_left_in_the_folder_does_not_count(tmp_path: Path) -> None:
    write_all(results(is_complete=True), tmp_path)
    later = TenantFolder(tmp_path, began=(tmp_path / "results.json").stat().st_mtime + 60)
    assert (later.has_results, later.finished(FailOn.ANY), later.is_resumable) == (False, None, False)


def test_a_baseline_is_found_in_the_folder_of_a_fleet(tmp_path: Path) -> None:
    write_all(results(is_complete=True), tmp_path / "Anchor-Ltd")
    assert results_in_fleet(tmp_path, "Anchor Ltd") == tmp_path / "Anchor-Ltd" / "results.json"
    assert results_in_fleet(tmp_path, "Mast") is None


def test_a_folder_without_results_is_no_fleet_to_compare_with(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match=r"no folder in it has a results\.json"):
        results_in_fleet(tmp_path, "Anchor Ltd")
