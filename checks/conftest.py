"""What holds for the checks alone: the plugin's fixtures are seen by a user's own tests, too."""

import pytest


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Asynchronous tests run on asyncio."""
    return "asyncio"
