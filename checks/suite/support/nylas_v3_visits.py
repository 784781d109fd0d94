"""Requests to the sandbox's Nylas v3."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from nylas_readiness.checks.suite.support.sandbox_visitor import Visitor, visit

AMARA = "amara.okafor@halden.example"
GRANTS = "/v3/grants"
CONNECTOR = "/v3/connectors/microsoft"
CREDENTIALS = f"{CONNECTOR}/creds"
Fault = str | dict[str, Any]


def of(account: str, name: str) -> dict[str, str]:
    """Return a fault of an account."""
    return {"name": name, "account": account}


def grants(visitor: Visitor, **query: str | int) -> list[dict[str, Any]]:
    """Return the grants that a query lists."""
    listed: list[dict[str, Any]] = visitor.nylas_v3(GRANTS, **{"limit": 200} | query).json()["data"]
    return listed


def faulty(folder: Path, *faults: Fault) -> AbstractContextManager[Visitor]:
    """Visit a company on Nylas v3 with more faults."""
    return visit("default", folder, faults=["nylas-v3", *faults])
