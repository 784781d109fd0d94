"""A request body that keeps every rule, for the tests of this suite."""

from typing import Any

GOOD: dict[str, Any] = {
    "client_id": "fake7nylas",
    "name": "Ann",
    "email_address": "ann@contoso.example",
    "provider": "exchange",
    "settings": {
        "microsoft_client_id": "8f0c2d1e-7a55-4c0e-9d3b-0123456789ab",
        "microsoft_client_secret": "FAKE-microsoft-secret",
        "microsoft_refresh_token": "FAKE-refresh-token",
        "redirect_uri": "https://app.contoso.example/callback",
        "service_account": True,
    },
    "scopes": "calendar",
}
