"""The sandbox writes logs as Exchange's servers do, and with each defect that people meet."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from nylas_readiness.checks.outcome import Outcome, Status
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.fixtures.evidence.collect import Limits, collect
from nylas_readiness.fixtures.inputs.tenant import load
from nylas_readiness.fixtures.sandbox import exchange_logs
from nylas_readiness.fixtures.sandbox.scenarios import scenario_named
from nylas_readiness.fixtures.secrets import forgotten_afterwards

pytestmark = pytest.mark.offline

FRONT = "logs/HttpProxy/Ews/HttpProxy_2026112100-1.LOG"
BACK = "logs/Ews/Ews_2026112100-1.LOG"


def write(folder: Path, *faults: str | dict[str, Any]) -> None:
    """Write the logs of the scenario `logs` with further faults."""
    from nylas_readiness.fixtures.sandbox.company import build

    world = build(40)
    scenario_named("logs").with_faults(faults).apply(world)
    exchange_logs.write(world.files.logs, folder)


def outcomes(folder: Path, *faults: str | dict[str, Any]) -> dict[str, Outcome]:
    """Audit the scenario `logs` with further faults."""
    from nylas_readiness.checks.suite.support import harness
    from nylas_readiness.fixtures.sandbox.server import start

    with forgotten_afterwards(), start("logs", folder, accounts=8, faults=faults) as sandbox:
        evidence = harness.read(load(sandbox.tenant_file, sandbox.secrets), folder / "journal")
    ledger = harness.judge(evidence)
    return ledger.outcomes | {rule: one.outcome() for rule, one in ledger.tally.rules.items()}


@each_of(("path", "columns"), [(FRONT, 74), (BACK, 92)])
def test_each_row_has_a_value_for_each_column(tmp_path: Path, path: str, columns: int) -> None:
    write(tmp_path)
    data = (tmp_path / path).read_bytes()
    assert data.count(b"\n") == data.count(b"\r\n")
    head, rows = data.decode().split("#Fields: ")
    assert [line.partition(":")[0] for line in head.splitlines()] == [
        "#Software",
        "#Version",
        "#Log-type",
        "#Date",
    ]
    assert {line.count(",") + 1 for line in rows.splitlines()} == {columns}


def test_both_logs_tell_of_the_same_requests(tmp_path: Path) -> None:
    write(tmp_path)
    names = exchange_logs.columns()
    front, back = (
        [dict(zip(known, line.split(","), strict=True)) for line in rows_in(tmp_path / path)]
        for known, path in ((names["front"], FRONT), (names["back"], BACK))
    )
    asked = Counter(row["AnchorMailbox"].removeprefix("Smtp~") for row in front if row["AnchorMailbox"])
    assert asked == Counter(row["ImpersonatedUser"] for row in back)
    assert len(asked) == 40


def rows_in(path: Path) -> list[str]:
    return path.read_text("utf-8").split("#Fields: ")[1].splitlines()[1:]


def test_an_earlier_starts_logs_do_not_stay(tmp_path: Path) -> None:
    write(tmp_path)
    write(tmp_path, {"name": "logs-missing", "log": "back"})
    assert [path.name for path in sorted(tmp_path.rglob("*.LOG"))] == [Path(FRONT).name]
    exchange_logs.write(None, tmp_path)
    assert list(tmp_path.rglob("*.LOG")) == []


@each_of(
    ("faults", "begins"),
    [
        (["logs-utf16"], b"\xff\xfe"),
        (["logs-compressed"], b"\x1f\x8b"),
        (["logs-torn", "logs-utf16", "logs-compressed"], b"\x1f\x8b"),
    ],
)
def test_a_log_has_each_defect_in_turn(tmp_path: Path, faults: list[str], begins: bytes) -> None:
    write(tmp_path, *({"name": name, "log": "front"} for name in faults))
    assert (tmp_path / FRONT).read_bytes().startswith(begins)


def test_a_fault_of_the_logs_needs_logs() -> None:
    from nylas_readiness.fixtures.sandbox.company import build

    with pytest.raises(ValueError, match="exchange-logs"):
        scenario_named("healthy").with_faults([{"name": "logs-torn", "log": "front"}]).apply(build(40))


def test_logs_are_read_and_said_to_be_before_the_first_request(tmp_path: Path) -> None:
    from nylas_readiness.fixtures.sandbox.server import start

    said: list[tuple[str, int]] = []
    with forgotten_afterwards(), start("logs", tmp_path, accounts=8) as sandbox:
        collect(
            load(sandbox.tenant_file, sandbox.secrets),
            None,
            Limits(concurrency=8),
            tmp_path / "journal",
            lambda _done, _total: None,
            say=lambda line: said.append((line, sum(sandbox.requests.values()))),
        )
    [(line, requests)] = said
    assert line.startswith("reading logs: ")
    assert line.endswith(" MB in 2 files")
    assert requests == 0


def test_an_account_on_premises_that_is_never_impersonated_is_named(tmp_path: Path) -> None:
    account, code = "Omar Haddad", "MailboxNotEnabledForRESTAPI"
    found = outcomes(
        tmp_path,
        {"name": "logged-never", "account": account},
        {"name": "mailbox-elsewhere", "account": account, "code": code},
    )
    assert found["LOG-005"].status is Status.WARN
    assert "omar.haddad@halden.example: on the list, yet never impersonated" in found["LOG-005"].observed
    assert found["LOG-004"].observed == "9 accounts: 8 pass, 1 not-applicable"


def test_a_service_account_that_the_logs_call_otherwise_decides_nothing(tmp_path: Path) -> None:
    found = outcomes(tmp_path, {"name": "logged-under-another-name", "user": "svc42@halden.example"})
    assert found["LOG-001"].status is Status.PASS
    for rule in ("LOG-002", "LOG-003", "LOG-004", "LOG-005"):
        assert found[rule].status is Status.UNKNOWN
    assert "log_names" in (found["LOG-002"].reason or "")
