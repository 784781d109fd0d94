"""What was not read says why in words that are the same for every account."""

import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.fixtures.clients.errors import Refused
from nylas_readiness.fixtures.evidence.asking import unread

pytestmark = pytest.mark.offline


@each_of(
    ("where", "shown"),
    [
        (
            "GET /v1.0/users/4c6a4f52-6e0b-4a51-9f5f-1f3a2f9d7b11/mailboxSettings",
            "GET /v1.0/users/{id}/mailboxSettings",
        ),
        ("GET https://graph.microsoft.com/v1.0/users/ann@contoso.com", "com/v1.0/users/{id}: HTTP 403"),
        ("GET https://h.example/autodiscover/autodiscover.json/v1.0/ann@contoso.com", "json/v1.0/{id}: HTTP"),
        ("GET /v1.0/users", "GET /v1.0/users: HTTP 403"),
    ],
)
def test_a_reason_names_no_account_where_the_refusal_is_the_same_for_all(where: str, shown: str) -> None:
    error = Refused(status=403, code="Denied", message="no", where=where, action="Ask")
    slot = unread(error, "GET /users/{id}")
    assert shown in slot.reason
    assert "ann" not in slot.reason
    assert slot.reason.endswith(": HTTP 403: Denied: no. Ask")
