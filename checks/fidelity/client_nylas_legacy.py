"""Nylas's Python SDK for API v2, in a process of its own: one call, its answer on standard output.

The question: `api_server`, `client_id`, `client_secret`, `call`, and what the call needs. The SDK has no
native authentication: its vendor's example posts through the SDK's session, and so does `connect`.
"""

import json
import sys
from collections.abc import Callable
from typing import Any

from nylas_legacy import APIClient
from nylas_legacy.client.client import _validate
from nylas_legacy.client.errors import NylasApiError

Question = dict[str, Any]


def client(question: Question, access_token: str | None = None) -> Any:  # noqa: ANN401 -- the SDK has no types
    """Return the SDK's client; with an access token it reads that account instead of the application."""
    return APIClient(
        question["client_id"], question["client_secret"], access_token, api_server=question["api_server"]
    )


def accounts(question: Question) -> Any:  # noqa: ANN401
    """Return every account: iterating asks until a page is empty, where `all()` ends with a short page."""
    return [each.as_json(enforce_read_only=False) for each in client(question).accounts]


def account(question: Question) -> Any:  # noqa: ANN401
    """Return one account of the application."""
    return client(question).accounts.get(question["account_id"]).as_json(enforce_read_only=False)


def application(question: Question) -> Any:  # noqa: ANN401
    """Return the application."""
    return client(question).application_details()


def connect(question: Question) -> Any:  # noqa: ANN401
    """Connect an account, and return it as its own token reads it, beside what that token may."""
    sdk = client(question)
    server = question["api_server"]
    code = _validate(sdk.session.post(f"{server}/connect/authorize", json=question["payload"])).json()["code"]
    exchange = {
        "client_id": question["client_id"],
        "client_secret": question["client_secret"],
        "code": code,
    }
    token = _validate(sdk.session.post(f"{server}/connect/token", json=exchange)).json()
    reader = client(question, token["access_token"])
    return {
        "account": reader.account.as_json(enforce_read_only=False),
        "token_info": reader.token_info(),
    }


CALLS: dict[str, Callable[[Question], Any]] = {
    each.__name__: each for each in (accounts, account, application, connect)
}


def answer(question: Question) -> dict[str, Any]:
    """Return what the call returned, or the error that the SDK raised."""
    try:
        return {"returned": CALLS[question["call"]](question)}
    except NylasApiError as error:
        return {"raised": type(error).__name__, "message": str(error), "status": error.response.status_code}


if __name__ == "__main__":
    json.dump(answer(json.load(sys.stdin)), sys.stdout, default=str)
