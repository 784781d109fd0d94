"""Two customers of the sandbox's vendor, served for the tests of a module."""

from collections.abc import Iterator

import pytest

from nylas_readiness.checks.suite.support.fleet_tenants import customers
from nylas_readiness.fixtures.sandbox.fleet import Fleet, start_fleet


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """Serve a customer whose move is finished, and one that is half-way."""
    with start_fleet(tmp_path_factory.mktemp("fleet"), customers("alderwick", "brimstane")) as fleet:
        yield fleet
        assert fleet.errors == []
