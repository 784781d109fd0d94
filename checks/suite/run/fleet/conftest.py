"""Two customers of the sandbox's vendor, served for the tests of a module."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from nylas_readiness.checks.suite.support.fleet_tenants import fleet_of

if TYPE_CHECKING:
    from nylas_readiness.fixtures.sandbox.fleet import Fleet


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Fleet"]:
    """Serve a customer whose move is finished, and one that is half-way."""
    with fleet_of(tmp_path_factory.mktemp("fleet"), "alderwick", "brimstane") as fleet:
        yield fleet
        assert fleet.errors == []
