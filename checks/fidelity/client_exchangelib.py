"""exchangelib, in a process of its own: reads one folder of one mailbox as another user.

The question: `url` of EWS, `access_token`, `mailbox`, `folder` (a property of exchangelib's Account),
`version_known`, and `patience_s`: how long to wait on a busy server, 0 not to.
"""

import json
import sys
from typing import Any

from exchangelib import (
    IMPERSONATION,
    OAUTH2,
    Account,
    Configuration,
    FailFast,
    FaultTolerance,
    OAuth2AuthorizationCodeCredentials,
    Version,
)
from exchangelib.errors import EWSError
from exchangelib.version import EXCHANGE_O365


def account(question: dict[str, Any]) -> Account:
    """Return the mailbox, impersonated; unless `version_known`, exchangelib asks for the server's version."""
    token = {"access_token": question["access_token"], "token_type": "Bearer"}
    patience = question["patience_s"]
    config = Configuration(
        service_endpoint=question["url"],
        credentials=OAuth2AuthorizationCodeCredentials(access_token=token),
        auth_type=OAUTH2,
        version=Version(EXCHANGE_O365) if question["version_known"] else None,
        retry_policy=FaultTolerance(max_wait=patience) if patience else FailFast(),
    )
    return Account(question["mailbox"], config=config, autodiscover=False, access_type=IMPERSONATION)


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """Return the server's build and the folder's items, or the error that exchangelib raised."""
    try:
        mailbox = account(question)
        items = getattr(mailbox, question["folder"]).all()
        found = [
            {"subject": item.subject, "start": item.start.isoformat(), "end": item.end.isoformat()}
            for item in items
        ]
        return {"build": str(mailbox.version.build), "items": found}
    except EWSError as error:
        wait = getattr(error, "back_off", None)
        return {"raised": type(error).__name__, "message": str(error), "back_off": wait}


if __name__ == "__main__":
    json.dump(answer(json.load(sys.stdin)), sys.stdout)
