"""The sandbox writes the administrator's exports as PowerShell does, and as people leave them."""

import json
from pathlib import Path
from typing import Any

import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.sandbox_visitor import visit

pytestmark = pytest.mark.offline


def exported(folder: Path, scenario: str, key: str) -> bytes:
    with visit(scenario, folder) as visitor:
        path: str = visitor.tenant["exchange"][key]
        return (folder / path).read_bytes()


def organization_config(folder: Path, scenario: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(exported(folder, scenario, "organization_config"))
    return found


def test_powershell_5_writes_utf_16_with_windows_line_ends_and_milliseconds(tmp_path: Path) -> None:
    data = exported(tmp_path, "exports-of-powershell-5", "role_assignments")
    assert data.startswith(b"\xff\xfe")
    text = data.decode("utf-16")
    assert text.count("\n") == text.count("\r\n") > 1
    [_, held] = json.loads(text)
    assert held["WhenCreatedUTC"] == "/Date(1663158605000)/"


@each_of(
    ("scenario", "shown"),
    [
        ("default", {"EwsEnabled": None, "EwsAllowedAppIDs": None}),
        ("export-says-ews-is-off", {"EwsEnabled": False, "EwsAllowedAppIDs": None}),
        ("export-cut-off", {"EwsEnabled": True, "EwsAllowedAppIDs": "System.Object[]"}),
        ("export-of-an-older-module", {"EwsEnabled": None}),
    ],
)
def test_the_organisations_export_shows(scenario: str, shown: dict[str, Any], tmp_path: Path) -> None:
    found = organization_config(tmp_path, scenario)
    assert {name: found[name] for name in found if name in {"EwsEnabled", "EwsAllowedAppIDs"}} == shown


@each_of(
    ("scenario", "key"),
    [("export-cut-short", "organization_config"), ("export-as-a-table", "role_assignments")],
)
def test_an_export_can_be_no_json(scenario: str, key: str, tmp_path: Path) -> None:
    data = exported(tmp_path, scenario, key)
    assert data
    with pytest.raises(ValueError, match=r"."):
        json.loads(data)


def test_a_missing_export_is_missing_even_where_an_earlier_start_wrote_it(tmp_path: Path) -> None:
    assert exported(tmp_path, "default", "role_assignments")
    with pytest.raises(FileNotFoundError):
        exported(tmp_path, "export-missing", "role_assignments")


def test_a_custom_scope_is_in_the_export_by_its_name(tmp_path: Path) -> None:
    [_, held] = json.loads(exported(tmp_path, "role-scoped", "role_assignments"))
    assert (held["RecipientWriteScope"], held["CustomRecipientWriteScope"]) == (
        "CustomRecipientScope",
        "Halden planners",
    )
