"""Builders in one process, each named after the defect that it carries."""

import copy
import json
from collections.abc import Callable
from random import Random
from typing import Any

from nylas_readiness.fixtures.payloads import build
from nylas_readiness.fixtures.payloads.answers import Answer, Built, Refused

Given = dict[str, Any]
Function = Callable[[Given], Any]


class Answering:
    """Answers cases with a Python function, without a process."""

    def __init__(self, function: Function) -> None:
        self._function = function
        self.case = 0

    def ask(self, given: Given) -> Answer:
        """Answer as a process would."""
        self.case += 1
        asked = copy.deepcopy(given)
        try:
            built = self._function(asked)
        except ValueError as error:
            return Refused(field="", message=str(error))
        text = built if isinstance(built, str) else json.dumps(built)
        return Built(text=text, as_text=isinstance(built, str), input_changed=asked != given)


def right(given: Given) -> Given:
    """Build as the contract asks."""
    return dict(build(given))


def in_settings(**members: object) -> Function:
    """Set members of `settings`, whatever the input says."""
    return lambda given: (body := right(given)) | {"settings": body["settings"] | members}


def domain_of(address: object) -> str:
    """Return an address's domain as it is written."""
    return str(address).rpartition("@")[2]


def compares_domains_by_case(given: Given) -> Given:
    """Refuse a domain that is written otherwise."""
    if domain_of(given.get("email_address")) != domain_of(given.get("service_account_email")):
        raise ValueError("email_address and service_account_email differ in their domain")
    return right(given)


def compares_domains_by_suffix(given: Given) -> Given:
    """Take a subdomain for the domain."""
    email, account = given.get("email_address"), given.get("service_account_email")
    if isinstance(email, str) and domain_of(email).lower().endswith(f".{domain_of(account).lower()}"):
        own = f"{email.rpartition('@')[0]}@{domain_of(account)}"
        return right({**given, "email_address": own}) | {"email_address": email}
    return right(given)


def drops_service_account_at_random() -> Function:
    """Lose `service_account` one time in fifty."""
    random = Random(2)  # noqa: S311 -- chance, not secrecy

    def drops(given: Given) -> Given:
        body = right(given)
        if random.random() < 1 / 50:
            del body["settings"]["service_account"]
        return body

    return drops


def always_null_host(given: Given) -> Given:
    """Write `eas_server_host` though there is none."""
    body = right(given)
    body["settings"].setdefault("eas_server_host", None)
    return body


def changes_its_input(given: Given) -> Given:
    """Leave something behind in the input."""
    body = right(given)
    given["aliases"].append("left@behind.example")
    return body


def depends_on_order(given: Given) -> Given:
    """Take the scopes' place from the input's order of members."""
    body = right(given)
    return body if next(iter(given)) == "client_id" else dict(reversed(body.items()))


def tells_its_input(given: Given) -> Given:
    """Show the whole input in a refusal."""
    try:
        return right(given)
    except ValueError as error:
        raise ValueError(f"{error}: {given}") from None


def refuses_nothing(given: Given) -> Given:
    """Build a body of anything."""
    try:
        return right(given)
    except ValueError:
        return {"client_id": given.get("client_id")}


def loses_scopes(given: Given) -> Given:
    """Write an empty string for the scopes, as a vendor's SDK does with a string of them."""
    return right(given) | {"scopes": ""}


def recases_addresses(given: Given) -> Given:
    """Write the whole address in upper case."""
    body = right(given)
    return body | {"email_address": body["email_address"].upper()}


def sends_its_own_secret(given: Given) -> Given:
    """Send the Nylas secret in the body."""
    return right(given) | {"client_secret": "R3AL-nylas-value"}


def writes_a_comment(given: Given) -> str:
    """Write text that is not strict JSON."""
    return json.dumps(right(given))[:-1] + " // done\n}"


DEFECTS: dict[str, tuple[Function, set[str]]] = {
    "service_account is text": (in_settings(service_account="true"), {"PAY-003"}),
    "eas_server_host is null": (always_null_host, {"PAY-005", "PAY-020"}),
    "other case": (compares_domains_by_case, {"PAY-021", "PAY-018"}),
    "suffix": (compares_domains_by_suffix, {"PAY-018"}),
    "random": (drops_service_account_at_random(), {"PAY-003", "PAY-017"}),
    "changed input": (changes_its_input, {"PAY-017"}),
    "order": (depends_on_order, {"PAY-017"}),
    "talkative": (tells_its_input, {"PAY-018"}),
    "credulous": (refuses_nothing, {"PAY-018"}),
    "no scopes": (loses_scopes, {"PAY-006", "PAY-020"}),
    "other address": (recases_addresses, {"PAY-020"}),
    "own secret": (sends_its_own_secret, {"PAY-016"}),
    "comment": (writes_a_comment, {"PAY-015"}),
}
