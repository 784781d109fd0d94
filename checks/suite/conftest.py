"""What holds for all tests of the suite itself."""

from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="module")
def alone(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let no module's secrets be withheld in another, and clients wait thousandths of a second between tries.

    The tests of the clients have a clock of their own.
    """
    from nylas_readiness.fixtures.clients import patience
    from nylas_readiness.fixtures.secrets import forgotten_afterwards

    with pytest.MonkeyPatch.context() as patch, forgotten_afterwards():
        if request.path.parent.name != "clients":
            patch.setattr(patience, "_FIRST_BACKOFF_S", 0.001)
            patch.setattr(patience, "_LONGEST_BACKOFF_S", 0.01)
        yield
