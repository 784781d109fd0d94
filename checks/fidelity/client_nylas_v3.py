"""Nylas's Python SDK for API v3, in a process of its own: one call, its answer on standard output.

The question: `api_uri`, `api_key`, `call`, and what the call needs.
"""

import json
import sys
from collections.abc import Callable
from typing import Any

from nylas import Client
from nylas.models.errors import NylasApiError

Question = dict[str, Any]
MICROSOFT = "microsoft"


def application(sdk: Client, _: Question) -> Any:  # noqa: ANN401 -- the SDK's own models
    """Return the application of the key."""
    return sdk.applications.info().data.to_dict()


def connectors(sdk: Client, _: Question) -> Any:  # noqa: ANN401
    """Return every connector."""
    return [each.to_dict() for each in sdk.connectors.list().data]


def connector(sdk: Client, question: Question) -> Any:  # noqa: ANN401
    """Return the connector of one provider."""
    return sdk.connectors.find(question["provider"]).data.to_dict()


def credentials(sdk: Client, _: Question) -> Any:  # noqa: ANN401
    """Return the credentials of the Microsoft connector."""
    return [each.to_dict() for each in sdk.connectors.credentials.list(MICROSOFT).data]


def credential(sdk: Client, question: Question) -> Any:  # noqa: ANN401
    """Return one credential of the Microsoft connector."""
    return sdk.connectors.credentials.find(MICROSOFT, question["id"]).data.to_dict()


def create_credential(sdk: Client, question: Question) -> Any:  # noqa: ANN401
    """Create a credential of the Microsoft connector."""
    return sdk.connectors.credentials.create(MICROSOFT, question["body"]).data.to_dict()


def create_connector(sdk: Client, question: Question) -> Any:  # noqa: ANN401
    """Create a connector."""
    return sdk.connectors.create(question["body"]).data.to_dict()


def change_connector(sdk: Client, question: Question) -> Any:  # noqa: ANN401
    """Change the Microsoft connector."""
    return sdk.connectors.update(MICROSOFT, question["body"]).data.to_dict()


def change_credential(sdk: Client, question: Question) -> Any:  # noqa: ANN401
    """Change a credential of the Microsoft connector."""
    return sdk.connectors.credentials.update(MICROSOFT, question["id"], question["body"]).data.to_dict()


def consent(sdk: Client, question: Question) -> Any:  # noqa: ANN401
    """Return the address of an administrator's consent."""
    return sdk.auth.url_for_admin_consent(question["config"])


def create_webhook(sdk: Client, question: Question) -> Any:  # noqa: ANN401
    """Subscribe a webhook."""
    return sdk.webhooks.create(question["body"]).data.to_dict()


def change_webhook(sdk: Client, question: Question) -> Any:  # noqa: ANN401
    """Change a webhook in its place."""
    return sdk.webhooks.update(question["id"], question["body"]).data.to_dict()


def grants(sdk: Client, question: Question) -> Any:  # noqa: ANN401
    """Return one page of the grants, by the query of the question."""
    return [each.to_dict() for each in sdk.grants.list(question["query"]).data]


def grant(sdk: Client, question: Question) -> Any:  # noqa: ANN401
    """Return one grant."""
    return sdk.grants.find(question["id"]).data.to_dict()


def make_grant(sdk: Client, question: Question) -> Any:  # noqa: ANN401
    """Make a grant by custom authentication."""
    return sdk.auth.custom_authentication(question["body"]).data.to_dict()


def webhooks(sdk: Client, _: Question) -> Any:  # noqa: ANN401
    """Return every destination of notifications."""
    return [each.to_dict() for each in sdk.webhooks.list().data]


CALLS: dict[str, Callable[[Client, Question], Any]] = {
    each.__name__: each
    for each in (
        *(application, connectors, connector, credentials, credential, create_credential),
        *(grants, grant, make_grant, webhooks),
        *(create_connector, change_connector, change_credential, consent, create_webhook, change_webhook),
    )
}


def answer(question: Question) -> dict[str, Any]:
    """Return what the call returned, or the error that the SDK raised."""
    sdk = Client(question["api_key"], question["api_uri"], timeout=10)
    try:
        return {"returned": CALLS[question["call"]](sdk, question)}
    except NylasApiError as error:
        return {
            "raised": type(error).__name__,
            "message": str(error),
            "status": error.status_code,
            "type": error.type,
            "request_id": error.request_id,
        }


if __name__ == "__main__":
    json.dump(answer(json.load(sys.stdin)), sys.stdout)
