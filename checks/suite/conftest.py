"""What holds for all tests of the suite itself."""

import ssl
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="module")
def alone(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let no module's secrets be withheld in another, and keep clients from what costs every audit time.

    They wait thousandths of a second between tries, and trust the sandbox alone: to read the anchors of the
    public takes longer than to ask a vendor ten times. The tests of the clients have both as they are.
    """
    import httpx

    from nylas_readiness.fixtures.clients import patience
    from nylas_readiness.fixtures.secrets import forgotten_afterwards

    with pytest.MonkeyPatch.context() as patch, forgotten_afterwards():
        if request.path.parent.name != "clients":
            patch.setattr(patience, "_FIRST_BACKOFF_S", 0.001)
            patch.setattr(patience, "_LONGEST_BACKOFF_S", 0.01)
            patch.setattr(httpx, "create_ssl_context", lambda **_: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        yield
