"""The sandbox's Nylas v3: application, connectors, credentials, grants, and what can be changed of them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.nylas_v3_visits import (
    AMARA,
    CONNECTOR,
    CREDENTIALS,
    GRANTS,
    faulty,
    grants,
    of,
)
from nylas_readiness.checks.suite.support.sandbox_visitor import Visitor, visit

pytestmark = pytest.mark.offline


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    with visit("default", tmp_path_factory.mktemp("sandbox"), faults=["nylas-v3"]) as visitor:
        yield visitor


def post(visitor: Visitor, path: str, body: object) -> httpx.Response:
    return visitor.http.post(visitor.endpoints["nylas_v3"] + path, json=body, headers=visitor.v3_headers())


def test_a_company_on_v2_alone_has_no_trace_of_v3(tmp_path: Path) -> None:
    with visit("default", tmp_path) as visitor:
        assert "v3" not in visitor.tenant["nylas"]
        assert "nylas_v3" not in visitor.endpoints
        assert not [name for name in visitor.secrets if "V3" in name]


def test_the_application_answers_a_bearer_key_alone(visitor: Visitor) -> None:
    answer = visitor.nylas_v3("/v3/applications")
    assert answer.json()["data"]["application_id"] == visitor.v3["client_id"]
    assert (answer.json()["data"]["region"], answer.headers["X-Request-Id"]) == (
        "us",
        answer.json()["request_id"],
    )
    url, key = visitor.endpoints["nylas_v3"] + "/v3/applications", visitor.secret(visitor.v3["api_key"])
    for headers in ({}, {"Authorization": key}, {"Authorization": f"Bearer {key}x"}):
        refused = visitor.http.get(url, headers=headers)
        assert (refused.status_code, refused.json()["error"]["type"]) == (401, "api.authentication_error")
        assert refused.json()["request_id"]
    assert visitor.http.get(url, auth=(key, "")).status_code == 401


def test_the_connector_shows_its_app_and_never_its_secret(visitor: Visitor) -> None:
    [listed] = visitor.nylas_v3("/v3/connectors").json()["data"]
    assert visitor.nylas_v3(CONNECTOR).json()["data"] == listed
    assert listed["settings"]["client_id"] == visitor.v3["microsoft_client_id"]
    assert set(listed) == {"name", "provider", "settings", "scope", "active_credential_id"}
    assert set(listed["settings"]) == {"client_id", "tenant"}
    refused = visitor.nylas_v3("/v3/connectors/google")
    assert (refused.status_code, refused.json()["error"]["type"]) == (404, "api.not_found_error")


def test_a_credential_shows_its_name_and_neither_kind_nor_data(visitor: Visitor) -> None:
    answer = visitor.nylas_v3(CREDENTIALS).json()
    [listed] = answer["data"]
    assert (listed["name"], answer["limit"], answer["offset"]) == (visitor.v3["credential_name"], 10, 0)
    assert set(listed) == {"id", "name", "created_at", "updated_at"}
    assert visitor.nylas_v3(f"{CREDENTIALS}/{listed['id']}").json()["data"] == listed
    assert visitor.nylas_v3(f"{CREDENTIALS}/unknown").status_code == 400
    assert visitor.nylas_v3(CREDENTIALS, offset=1).json()["data"] == []


def test_the_destinations_of_notifications_are_listed_without_their_secret(visitor: Visitor) -> None:
    [listed] = visitor.nylas_v3("/v3/webhooks").json()["data"]
    assert listed["status"] == "active"
    assert "grant.expired" in listed["trigger_types"]
    assert "webhook_secret" not in listed


def test_each_listed_account_has_a_valid_grant_of_the_credential(visitor: Visitor) -> None:
    [credential] = visitor.nylas_v3(CREDENTIALS).json()["data"]
    found = grants(visitor)
    lines = (visitor.directory / "accounts.csv").read_text("utf-8").splitlines()[1:]
    assert {each["email"] for each in found} == {line.partition(",")[0] for line in lines}
    assert len({each["id"] for each in found}) == len(found) == 40
    assert {(each["grant_status"], each["provider"], each["credential_id"]) for each in found} == {
        ("valid", "microsoft", credential["id"])
    }
    assert not [each for each in found if "account_id" in each]


def test_pages_of_grants_are_ten_unless_asked_and_newest_first(visitor: Visitor) -> None:
    everything = grants(visitor)
    first = visitor.nylas_v3(GRANTS).json()
    assert (first["data"], first["limit"], first["offset"]) == (everything[:10], 10, 0)
    paged = [each for offset in range(0, 60, 20) for each in grants(visitor, limit=20, offset=offset)]
    assert paged == everything
    times = [each["created_at"] for each in everything]
    assert times == sorted(times, reverse=True)
    assert grants(visitor, sort_by="created_at", order_by="asc") == everything[::-1]


@each_of(
    "query",
    [
        {"limit": 201},
        {"limit": 0},
        {"offset": -1},
        {"limit": "many"},
        {"sort_by": "email"},
        {"order_by": "up"},
        {"since": "today"},
    ],
)
def test_a_query_that_makes_no_sense_is_400(visitor: Visitor, query: dict[str, Any]) -> None:
    answer = visitor.nylas_v3(GRANTS, **query)
    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "api.invalid_request_error")


def test_grants_can_be_filtered(visitor: Visitor) -> None:
    [found] = grants(visitor, email=AMARA.upper())
    assert found["email"] == AMARA
    assert visitor.nylas_v3(f"{GRANTS}/{found['id']}").json()["data"] == found
    assert visitor.nylas_v3(f"{GRANTS}/{AMARA}").json()["data"] == found
    assert [found] == grants(visitor, before=found["created_at"] + 1)
    assert len(grants(visitor, since=found["created_at"] + 1)) == 39
    assert len(grants(visitor, grant_status="valid", provider="microsoft")) == 40
    for nothing in ({"grant_status": "invalid"}, {"provider": "google"}, {"account_id": "x"}):
        assert grants(visitor, **nothing) == []
    assert visitor.nylas_v3(f"{GRANTS}/unknown").json()["error"]["type"] == "grant.not_found"


def test_a_clone_is_found_by_the_id_of_its_v2_account(tmp_path: Path) -> None:
    with faulty(tmp_path, of("Amara Okafor", "nylas-v3-grant-of-another-address")) as visitor:
        accounts = visitor.nylas(f"/a/{visitor.v2['client_id']}/accounts").json()
        account = next(each for each in accounts if each["email"] == AMARA)
        [found] = grants(visitor, account_id=account["id"])
        assert grants(visitor, account_ids=f"nobody,{account['id']}") == [found]
        assert grants(visitor, email=AMARA) == []
    assert (found["email"], found["grant_status"]) == (f"formerly.{AMARA}", "valid")


def test_a_bulk_grant_is_made_once_for_an_address(tmp_path: Path) -> None:
    with faulty(tmp_path, of("Amara Okafor", "nylas-v3-grant-missing")) as visitor:
        [credential] = visitor.nylas_v3(CREDENTIALS).json()["data"]
        assert grants(visitor, email=AMARA) == []
        settings = {"email_address": AMARA, "credential_id": credential["id"]}
        body = {"provider": "microsoft", "settings": settings}
        made, again = post(visitor, "/v3/connect/custom", body), post(visitor, "/v3/connect/custom", body)
        assert (made.status_code, made.json()["data"]["grant_status"]) == (201, "valid")
        assert again.json()["data"] == made.json()["data"] == grants(visitor, email=AMARA)[0]


@each_of(
    ("changed", "kind"),
    [
        ({"email_address": "nobody@halden.example"}, "grant.invalid_authentication"),
        ({"email_address": "engineering@halden.example"}, "grant.invalid_authentication"),
        ({"credential_id": "unknown"}, "api.invalid_request_error"),
    ],
)
def test_a_bulk_grant_needs_a_mailbox_and_a_credential(
    visitor: Visitor, changed: dict[str, str], kind: str
) -> None:
    [credential] = visitor.nylas_v3(CREDENTIALS).json()["data"]
    settings = {"email_address": AMARA, "credential_id": credential["id"]} | changed
    answer = post(visitor, "/v3/connect/custom", {"provider": "microsoft", "settings": settings})
    assert (answer.status_code, answer.json()["error"]["type"]) == (400, kind)


@each_of("body", [[], {}, {"provider": "google", "settings": {}}, {"provider": "microsoft", "settings": 1}])
def test_a_body_that_is_no_request_is_400(visitor: Visitor, body: object) -> None:
    assert post(visitor, "/v3/connect/custom", body).status_code == 400


def test_a_credential_of_the_same_name_and_data_is_the_one_there_is(tmp_path: Path) -> None:
    data = {"client_id": "an-app", "client_secret": "its-secret", "tenant": "a-tenant"}
    body = {"name": "second", "credential_type": "adminconsent", "credential_data": data}
    with faulty(tmp_path) as visitor:
        made, again = post(visitor, CREDENTIALS, body), post(visitor, CREDENTIALS, body)
        assert (made.status_code, made.json()["data"]) == (201, again.json()["data"])
        assert len(visitor.nylas_v3(CREDENTIALS).json()["data"]) == 2
        other = post(visitor, CREDENTIALS, body | {"credential_data": data | {"tenant": "another"}})
        assert [other.status_code, post(visitor, CREDENTIALS, body | {"name": None}).status_code] == [
            400,
            400,
        ]
        assert "its-secret" not in made.text


SETTINGS = {"client_id": "an-app", "client_secret": "its-secret", "tenant": "common"}


def sent(visitor: Visitor, method: str, path: str, body: object) -> httpx.Response:
    url = visitor.endpoints["nylas_v3"] + path
    return visitor.http.request(method, url, json=body, headers=visitor.v3_headers())


def test_a_connector_is_made_once_and_changed_by_what_is_given(tmp_path: Path) -> None:
    with faulty(tmp_path, "nylas-v3-connector-missing") as visitor:
        body = {"provider": "microsoft", "name": "ms", "settings": SETTINGS, "scope": ["Calendars.Read"]}
        made = post(visitor, "/v3/connectors", body)
        assert (made.status_code, made.json()["data"]["scope"]) == (201, ["Calendars.Read"])
        assert post(visitor, "/v3/connectors", body).status_code == 400
        changed = sent(visitor, "PATCH", CONNECTOR, {"scope": ["Calendars.ReadWrite"]}).json()["data"]
        assert (changed["scope"], changed["settings"]["client_id"]) == (["Calendars.ReadWrite"], "an-app")
        replaced = {"client_id": "another", "client_secret": "s"}
        shown = sent(visitor, "PATCH", CONNECTOR, {"settings": replaced}).json()["data"]
        assert shown["settings"] == {"client_id": "another"}
        for wrong in ({"settings": {"client_id": "x"}}, {"scope": "Calendars.Read"}, {"scope": [7]}):
            assert sent(visitor, "PATCH", CONNECTOR, wrong).status_code == 400


def test_a_credentials_data_is_replaced_as_a_whole(visitor: Visitor) -> None:
    [listed] = visitor.nylas_v3(CREDENTIALS).json()["data"]
    path = f"{CREDENTIALS}/{listed['id']}"
    assert sent(visitor, "PATCH", path, {"credential_data": {"client_id": "x"}}).status_code == 400
    assert sent(visitor, "PATCH", path, {}).json()["data"] == listed


@each_of(
    ("changed", "status"),
    [
        ({}, 302),
        ({"scope": ""}, 302),
        ({"redirect_uri": "https://elsewhere.example/cb"}, 400),
        ({"credential_id": "unknown"}, 400),
        ({"response_type": "code"}, 400),
        ({"client_id": "another"}, 400),
        ({"state": "x" * 257}, 400),
    ],
)
def test_consent_is_asked_for_with_a_scope_and_gives_what_the_app_is_registered_with(
    changed: dict[str, str], status: int, tmp_path: Path
) -> None:
    with faulty(tmp_path, "v3-app-without-scope") as visitor:
        [listed] = visitor.nylas_v3(CREDENTIALS).json()["data"]
        query = {
            "client_id": visitor.v3["client_id"],
            "provider": "microsoft",
            "response_type": "adminconsent",
            "credential_id": listed["id"],
            "redirect_uri": visitor.tenant["microsoft"]["redirect_uri"],
            "scope": "https://graph.microsoft.com/.default",
        } | changed
        answer = visitor.http.get(visitor.endpoints["nylas_v3"] + "/v3/connect/auth", params=query)
        assert answer.status_code == status
        body = {"email_address": AMARA, "credential_id": listed["id"]}
        made = post(visitor, "/v3/connect/custom", {"provider": "microsoft", "settings": body})
        assert (made.status_code == 201) == (changed == {})


@each_of(
    ("path", "body"),
    [
        ("/v3/webhooks", {"webhook_url": "https://app.example/hook"}),
        ("/v3/channels/pubsub", {"topic": "projects/p/topics/t"}),
        ("/v3/channels/sns", {"topic": "arn:aws:sns:x:1:t", "role_arn": "arn:aws:iam::123456789012:role/r"}),
    ],
)
def test_a_destination_is_made_paused_and_mended(path: str, body: dict[str, str], tmp_path: Path) -> None:
    with faulty(tmp_path, "nylas-v3-webhooks-missing") as visitor:
        whole = body | {"trigger_types": ["grant.expired"]}
        made = post(visitor, path, whole).json()["data"]
        assert (made["status"], made["webhook_secret"]) == ("active", "shown-once")
        paused = sent(visitor, "PUT", f"{path}/{made['id']}", {"status": "pause"}).json()["data"]
        assert (paused["status"], paused["trigger_types"]) == ("pause", ["grant.expired"])
        [listed] = visitor.nylas_v3(path).json()["data"]
        assert listed == paused
        assert sent(visitor, "PUT", f"{path}/{made['id']}", {"status": "failed"}).status_code == 400
        assert sent(visitor, "PUT", f"{path}/unknown", {}).status_code == 404
        for missing in whole:
            cut = {name: value for name, value in whole.items() if name != missing}
            assert post(visitor, path, cut).status_code == 400, missing


def test_a_grant_can_be_given_scopes_on_record_and_be_deleted(tmp_path: Path) -> None:
    with faulty(tmp_path) as visitor:
        [listed] = grants(visitor, email=AMARA)
        path = f"{GRANTS}/{listed['id']}"
        assert sent(visitor, "PATCH", path, {"scope": ["Mail.Read"]}).json()["data"]["scope"] == ["Mail.Read"]
        assert sent(visitor, "PATCH", path, {"scope": "Mail.Read"}).status_code == 400
        assert visitor.http.delete(
            visitor.endpoints["nylas_v3"] + path, headers=visitor.v3_headers()
        ).is_success
        assert grants(visitor, email=AMARA) == []
