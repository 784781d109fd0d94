"""Nylas's Python SDK for API v3 reads connectors, credentials and grants, makes both, and names refusals."""

import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from nylas_readiness.checks.catalogue.requests import body_of, printed
from nylas_readiness.checks.fidelity.processes import ask_python, need
from nylas_readiness.checks.suite.support.sandbox_visitor import Visitor, visit

pytestmark = pytest.mark.fidelity

AMARA = "amara.okafor@halden.example"
NOT_YET = {"name": "nylas-v3-grant-missing", "account": "Amara Okafor"}
CLONED = {"name": "nylas-v3-grant-placeholder", "account": "Leyla Demir"}


@pytest.fixture(autouse=True)
def _nylas() -> None:
    need("nylas")


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    faults: list[str | dict[str, Any]] = ["nylas-v3", NOT_YET, CLONED]
    with visit("default", tmp_path_factory.mktemp("sandbox"), faults=faults) as visitor:
        yield visitor


def ask(visitor: Visitor, call: str, **more: object) -> dict[str, Any]:
    """Let the SDK make a call with the key of the tenant file."""
    question = {
        "api_uri": visitor.endpoints["nylas_v3"],
        "api_key": visitor.secret(visitor.v3["api_key"]),
        "call": call,
    }
    answer = ask_python("client_nylas_v3.py", question | more, visitor.directory / "ca.pem")
    assert isinstance(answer, dict)
    return answer


def test_the_application_is_read(visitor: Visitor) -> None:
    found = ask(visitor, "application")["returned"]
    assert (found["application_id"], found["region"]) == (visitor.v3["client_id"], "us")
    assert [each["url"] for each in found["callback_uris"]] == [visitor.tenant["microsoft"]["redirect_uri"]]


def test_the_microsoft_connector_is_listed_and_found(visitor: Visitor) -> None:
    [listed] = ask(visitor, "connectors")["returned"]
    assert ask(visitor, "connector", provider="microsoft")["returned"] == listed
    assert listed["settings"]["client_id"] == visitor.v3["microsoft_client_id"]
    assert "client_secret" not in listed["settings"]


def test_credentials_are_listed_found_and_created(visitor: Visitor) -> None:
    listed = ask(visitor, "credentials")["returned"]
    assert [each["name"] for each in listed] == [visitor.v3["credential_name"]]
    assert ask(visitor, "credential", id=listed[0]["id"])["returned"] == listed[0]
    data = {"client_id": "an-app", "client_secret": "its-secret", "tenant": visitor.tenant["tenant"]["id"]}
    body = {"name": "another", "credential_type": "adminconsent", "credential_data": data}
    made = ask(visitor, "create_credential", body=body)["returned"]
    assert (made["name"], made["id"] != listed[0]["id"]) == ("another", True)
    assert ask(visitor, "credential", id=made["id"])["returned"] == made


def test_grants_are_paged_filtered_and_found(visitor: Visitor) -> None:
    query = {"sort_by": "created_at", "order_by": "asc", "limit": 20}
    pages = [ask(visitor, "grants", query=query | {"offset": offset})["returned"] for offset in (0, 20)]
    assert [len(page) for page in pages] == [20, 19]
    assert len({each["id"] for page in pages for each in page}) == 39
    [placeholder] = ask(visitor, "grants", query={"grant_status": "invalid"})["returned"]
    assert placeholder["email"] == "leyla.demir@halden.example"
    cloned = ask(visitor, "grants", query={"account_id": placeholder["account_id"]})["returned"]
    assert cloned == [ask(visitor, "grant", id=placeholder["id"])["returned"]] == [placeholder]


def test_a_bulk_grant_is_made_by_custom_authentication(visitor: Visitor) -> None:
    by_name = {each["name"]: each["id"] for each in ask(visitor, "credentials")["returned"]}
    credential = by_name[visitor.v3["credential_name"]]
    settings = {"email_address": AMARA, "credential_id": credential}
    made = ask(visitor, "make_grant", body={"provider": "microsoft", "settings": settings})["returned"]
    assert (made["email"], made["grant_status"], made["provider"]) == (AMARA, "valid", "microsoft")
    assert made["credential_id"] == credential
    assert ask(visitor, "grant", id=made["id"])["returned"] == made


def test_the_destinations_of_notifications_are_listed(visitor: Visitor) -> None:
    [found] = ask(visitor, "webhooks")["returned"]
    assert (found["status"], "grant.expired" in found["trigger_types"]) == ("active", True)


@pytest.mark.parametrize(
    ("call", "more", "status", "kind"),
    [
        ("connector", {"provider": "google"}, 404, "api.not_found_error"),
        ("grant", {"id": "unknown"}, 404, "grant.not_found"),
        ("grants", {"query": {"limit": 1000}}, 400, "api.invalid_request_error"),
        ("make_grant", {"body": {"provider": "microsoft"}}, 400, "api.invalid_request_error"),
    ],
)
def test_a_refusal_is_an_error_with_its_type_and_the_requests_id(
    visitor: Visitor, call: str, more: dict[str, Any], status: int, kind: str
) -> None:
    answer = ask(visitor, call, **more)
    assert (answer["raised"], answer["status"], answer["type"]) == ("NylasApiError", status, kind)
    assert answer["request_id"]
    assert answer["message"]


def test_a_wrong_key_is_an_authentication_error(visitor: Visitor) -> None:
    answer = ask(visitor, "connectors", api_key="nyk_v0_of-nobody")
    assert (answer["status"], answer["type"]) == (401, "api.authentication_error")


def test_its_own_limit_is_told_apart_by_its_type(tmp_path: Path) -> None:
    throttled = {"name": "service-throttles", "service": "nylas_v3", "answers": 1}
    with visit("default", tmp_path, faults=["nylas-v3", throttled]) as visitor:
        answer = ask(visitor, "connectors")
    assert (answer["status"], answer["type"]) == (429, "nylas_rate_limit_exceeded")


def body(name: str, **known: str) -> dict[str, Any]:
    """Return a body of the plan, with values for its placeholders."""
    values = {placeholder.replace("_", " "): value for placeholder, value in known.items()}
    [word] = shlex.split(body_of(name, values))
    found = json.loads(word)
    assert isinstance(found, dict)
    return found


def test_the_plans_requests_are_those_of_the_sdk(tmp_path: Path) -> None:
    """The SDK takes each body that the plan prints as it is, and builds the address that the plan prints."""
    faults: list[str | dict[str, Any]] = [
        "nylas-v3",
        "nylas-v3-connector-missing",
        "nylas-v3-webhooks-missing",
        NOT_YET,
    ]
    with visit("default", tmp_path, faults=faults) as visitor:
        callback = visitor.tenant["microsoft"]["redirect_uri"]
        known = {
            "application_id_of_the_v3_app": visitor.v3["microsoft_client_id"],
            "secret_value": visitor.secret(visitor.v3["microsoft_client_secret"]),
            "tenant_id": visitor.tenant["tenant"]["id"],
            "credential_name": visitor.v3["credential_name"],
            "address": AMARA,
        }
        made = ask(visitor, "create_connector", body=body("connector", **known))["returned"]
        assert made["scope"] == ["Calendars.ReadWrite"]
        settings = body("connector-settings", **known)
        assert ask(visitor, "change_connector", body=settings)["returned"]["scope"] == made["scope"]
        assert "returned" in ask(visitor, "change_connector", body=body("connector-scope"))
        credential = ask(visitor, "create_credential", body=body("credential", **known))["returned"]["id"]
        renewed = body("credential-secret", new_secret_value="s2", **known)
        assert ask(visitor, "change_credential", id=credential, body=renewed)["returned"]["id"] == credential
        again = body("credential-secret", new_secret_value=known["secret_value"], **known)
        ask(visitor, "change_credential", id=credential, body=again)
        config = {"client_id": visitor.v3["client_id"], "redirect_uri": callback, "credential_id": credential}
        config |= {"scope": ["https://graph.microsoft.com/.default"]}
        built = parse_qs(urlsplit(ask(visitor, "consent", config=config)["returned"]).query)
        values = {
            "v3 application id": config["client_id"],
            "callback uri": callback,
            "credential id": credential,
        }
        asked = parse_qs(urlsplit(printed("consent", visitor.endpoints["nylas_v3"], values).strip()).query)
        assert asked.items() <= built.items()
        grant = ask(visitor, "make_grant", body=body("grant", credential_id=credential, **known))["returned"]
        assert (grant["email"], grant["grant_status"]) == (AMARA, "valid")
        webhook = body("webhook", your_webhook_url="https://app.halden.example/hook")
        hook = ask(visitor, "create_webhook", body=webhook)["returned"]
        assert hook["trigger_types"] == webhook["trigger_types"]
        mended = ask(visitor, "change_webhook", id=hook["id"], body=body("webhook-mend"))["returned"]
        assert (mended["status"], "grant.expired" in mended["trigger_types"]) == ("active", True)
