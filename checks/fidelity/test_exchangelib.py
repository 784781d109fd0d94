"""exchangelib reads mailboxes of the sandbox's Exchange Online, and names its refusals."""

from pathlib import Path
from typing import Any

import pytest

from nylas_readiness.checks.fidelity.processes import ask_python, need
from nylas_readiness.checks.suite.support.sandbox_visitor import Visitor, visit

pytestmark = pytest.mark.fidelity

MAILBOX = "tomasz.zielinski@halden.example"
ALIAS = "tomek@halden.example"


@pytest.fixture(autouse=True)
def _exchangelib() -> None:
    need("exchangelib")


def read(visitor: Visitor, **changed: object) -> dict[str, Any]:
    """Let exchangelib read a folder, impersonated by the service account."""
    question = {
        "url": f"{visitor.endpoints['outlook']}/EWS/Exchange.asmx",
        "access_token": visitor.redeem().json()["access_token"],
        "mailbox": MAILBOX,
        "folder": "calendar",
        "version_known": False,
        "patience_s": 0,
    }
    answer = ask_python("client_exchangelib.py", question | changed, visitor.directory / "ca.pem")
    assert isinstance(answer, dict)
    return answer


def test_the_calendar_of_an_impersonated_user_is_read(tmp_path: Path) -> None:
    with visit("default", tmp_path) as visitor:
        answer = read(visitor)
    assert answer["build"].startswith("15.20.")
    [item] = answer["items"]
    assert (item["subject"], item["start"]) == ("Toolbox talk", "2026-11-24T08:00:00+00:00")
    assert item["end"] > item["start"]


def test_the_inbox_holds_no_appointment(tmp_path: Path) -> None:
    with visit("default", tmp_path) as visitor:
        assert read(visitor, folder="inbox")["items"] == []


@pytest.mark.parametrize(
    ("scenario", "mailbox", "error"),
    [
        ("role-missing", MAILBOX, "ErrorImpersonateUserDenied"),
        ("default", "nobody@halden.example", "ErrorNonExistentMailbox"),
        ("default", ALIAS, "ErrorNonExistentMailbox"),
    ],
)
def test_a_refusal_is_the_error_of_its_code(tmp_path: Path, scenario: str, mailbox: str, error: str) -> None:
    with visit(scenario, tmp_path) as visitor:
        assert read(visitor, mailbox=mailbox)["raised"] == error


@pytest.mark.parametrize("scenario", ["ews-off", "ews-app-not-allowed"])
def test_a_policy_stops_it_by_the_status_alone(tmp_path: Path, scenario: str) -> None:
    with visit(scenario, tmp_path) as visitor:
        answer = read(visitor)
    assert "raised" in answer
    assert "403" in answer["message"]


def test_a_busy_server_is_named_with_its_pause(tmp_path: Path) -> None:
    with visit("ews-busy", tmp_path) as visitor:
        answer = read(visitor, version_known=True)
    assert (answer["raised"], answer["back_off"]) == ("ErrorServerBusy", 0.2)


def test_a_busy_server_is_read_by_who_waits(tmp_path: Path) -> None:
    with visit("ews-busy", tmp_path) as visitor:
        answer = read(visitor, patience_s=10)
    assert [item["subject"] for item in answer["items"]] == ["Toolbox talk"]
