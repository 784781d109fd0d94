"""Microsoft's MSAL, in a process of its own: a question on standard input, MSAL's answer on standard output.

The question: `authority`, `client_id`, `credential` (as MSAL takes it), `scopes`, and `refresh_token` where
that is to be redeemed.
"""

import json
import sys
from typing import Any

import msal


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """Return MSAL's result, or the exception that it raised."""
    try:
        app = msal.ConfidentialClientApplication(
            question["client_id"],
            client_credential=question["credential"],
            authority=question["authority"],
            instance_discovery=False,  # the sandbox is no cloud that MSAL knows
        )
        if token := question.get("refresh_token"):
            return dict(app.acquire_token_by_refresh_token(token, question["scopes"]))
        return dict(app.acquire_token_for_client(question["scopes"]))
    except ValueError as error:  # what the server said of the tenant is in the error before it
        return {"raised": type(error).__name__, "message": f"{error} {error.__context__}"}


if __name__ == "__main__":
    json.dump(answer(json.load(sys.stdin)), sys.stdout)
