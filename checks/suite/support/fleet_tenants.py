"""The sandbox's fleet of some customers, and its tenants as a run reads their files."""

import json
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from nylas_readiness.fixtures.inputs.document import decode_reference
from nylas_readiness.fixtures.inputs.sections import TenantFile
from nylas_readiness.fixtures.inputs.tenant import Tenant

if TYPE_CHECKING:
    from nylas_readiness.fixtures.sandbox.fleet import Customer, Fleet
    from nylas_readiness.fixtures.sandbox.scenarios import FaultEntry


def fleet_of(folder: Path, *keys: str, strangers: int = 4, faults: "Sequence[FaultEntry]" = ()) -> "Fleet":
    """Return the fleet of some of the twelve customers, in this order."""
    from nylas_readiness.fixtures.sandbox.fleet import start_fleet

    return start_fleet(folder, customers(*keys), strangers=strangers, faults=faults)


def customers(*keys: str) -> "list[Customer]":
    """Return some of the twelve customers, in this order."""
    from nylas_readiness.fixtures.sandbox.fleet import twelve

    known = {each.company.key: each for each in twelve()}
    return [known[key] for key in keys]


def tenants_of(fleet: "Fleet") -> dict[str, Tenant]:
    """Return the fleet's tenants by the keys of the customers."""
    return {key: tenant_of(fleet, key) for key in fleet.worlds}


def tenant_of(fleet: "Fleet", key: str) -> Tenant:
    """Return a customer's tenant: its file over the defaults beside it."""
    path = fleet.tenants / f"{key}.toml"
    tables = _merged(_read(fleet.tenants / "_defaults.toml"), _read(path))
    return Tenant(path, msgspec.convert(tables, TenantFile, dec_hook=decode_reference), fleet.secrets)


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8"))


def _merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    both = {
        key: _merged(below[key], above[key])
        for key in below.keys() & above.keys()
        if _are_tables(below[key], above[key])
    }
    return below | above | both


def _are_tables(*values: object) -> bool:
    return all(isinstance(value, dict) for value in values)


def fleet_in(folder: Path) -> dict[str, Any]:
    """Return `fleet.json` without the times of the run."""
    fleet: dict[str, Any] = json.loads((folder / "fleet.json").read_bytes())
    del fleet["run"]["started"], fleet["run"]["finished"]
    return fleet
