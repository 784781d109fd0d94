"""The sandbox's Azure app for Nylas v3: what it may read as an application, and how it is registered."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx
import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.sandbox_visitor import Visitor, claims, visit

pytestmark = pytest.mark.offline

AMARA = "amara.okafor@halden.example"
OMAR = "omar.haddad@halden.example"
# A UPN need not be the mailbox's address.
JOHAN_UPN = "jli042@halden.example"
Fault = str | dict[str, Any]


def faulty(folder: Path, *faults: Fault) -> AbstractContextManager[Visitor]:
    return visit("default", folder, faults=["nylas-v3", *faults])


def headers(visitor: Visitor) -> dict[str, str]:
    return {"Authorization": f"Bearer {visitor.v3_app_token().json()['access_token']}"}


def calendars(visitor: Visitor, key: str, path: str = "calendars?$top=1") -> httpx.Response:
    url = f"{visitor.endpoints['graph']}/v1.0/users/{key}/{path}"
    return visitor.http.get(url, headers=headers(visitor))


def outcome(answer: httpx.Response) -> tuple[int, str, str]:
    error = answer.json().get("error", {"code": "", "message": ""})
    return answer.status_code, error["code"], error["message"]


READ = (200, "", "")
NO_PERMISSION = (403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
OUT_OF_SCOPE = (403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
DENIED_BY_POLICY = (403, "ErrorAccessDenied", "Access to OData is disabled.")

CONSENT: Fault = "v3-app-consented"
NO_ROLE: Fault = "v3-app-without-scope"
NOT_OMAR: Fault = {"name": "v3-app-scope-leaves-out", "accounts": ["Omar Haddad"]}
DENIED: Fault = {"name": "v3-app-denied", "accounts": ["Omar Haddad"]}
READ_ONLY: Fault = {"name": "v3-app-consented", "permissions": ["Calendars.Read"]}
OTHER: Fault = {"name": "v3-app-consented", "permissions": ["Mail.Read"]}


@each_of(
    ("faults", "amara", "omar"),
    [
        ([], READ, READ),
        ([NO_ROLE], NO_PERMISSION, NO_PERMISSION),
        ([NO_ROLE, CONSENT], READ, READ),
        ([NO_ROLE, READ_ONLY], READ, READ),
        ([NO_ROLE, OTHER], NO_PERMISSION, NO_PERMISSION),
        ([NOT_OMAR], READ, OUT_OF_SCOPE),
        ([NOT_OMAR, CONSENT], READ, READ),
        ([DENIED], READ, DENIED_BY_POLICY),
        ([DENIED, NO_ROLE, CONSENT], READ, DENIED_BY_POLICY),
    ],
)
def test_an_app_reads_by_consent_or_by_its_scope_and_a_policy_takes_it_away(
    faults: list[Fault], amara: tuple[int, str, str], omar: tuple[int, str, str], tmp_path: Path
) -> None:
    with faulty(tmp_path, *faults) as visitor:
        assert (outcome(calendars(visitor, AMARA)), outcome(calendars(visitor, OMAR))) == (amara, omar)


def test_the_right_by_scope_is_no_claim_of_the_token(tmp_path: Path) -> None:
    with faulty(tmp_path / "scope") as visitor:
        assert "roles" not in claims(visitor.v3_app_token())
        assert calendars(visitor, AMARA).status_code == 200
    with faulty(tmp_path / "consent", CONSENT) as visitor:
        assert claims(visitor.v3_app_token())["roles"] == ["Calendars.ReadWrite"]


def test_the_calendars_are_those_of_the_mailbox(tmp_path: Path) -> None:
    with faulty(tmp_path) as visitor:
        listed = calendars(visitor, JOHAN_UPN, "calendars").json()["value"]
        default = calendars(visitor, JOHAN_UPN, "calendar?$select=id,name").json()
    assert [each["isDefaultCalendar"] for each in listed] == [True, False]
    assert default == {"id": listed[0]["id"], "name": "Calendar"}
    assert listed[0]["owner"]["address"] == "johan.lindqvist@halden.example"


@each_of("key", ["nobody@halden.example", "engineering@halden.example", "tomek@halden.example"])
def test_what_is_no_user_has_no_calendars(key: str, tmp_path: Path) -> None:
    with faulty(tmp_path) as visitor:
        assert outcome(calendars(visitor, key))[:2] == (404, "ErrorInvalidUser")


@each_of("code", ["MailboxNotEnabledForRESTAPI", "ResourceNotFound"])
def test_a_mailbox_elsewhere_has_no_calendars(code: str, tmp_path: Path) -> None:
    elsewhere = {"name": "mailbox-elsewhere", "account": "Omar Haddad", "code": code}
    with faulty(tmp_path, elsewhere) as visitor:
        assert outcome(calendars(visitor, OMAR))[:2] == (404, code)


def test_a_batch_reads_several_mailboxes(tmp_path: Path) -> None:
    with faulty(tmp_path, NOT_OMAR) as visitor:
        asked = [
            {"id": key, "method": "GET", "url": f"/users/{key}/calendars?$top=1"} for key in (AMARA, OMAR)
        ]
        url = f"{visitor.endpoints['graph']}/v1.0/$batch"
        answer = visitor.http.post(url, json={"requests": asked}, headers=headers(visitor)).json()
    assert {each["id"]: each["status"] for each in answer["responses"]} == {AMARA: 200, OMAR: 403}


def test_no_other_app_and_no_user_reads_calendars(tmp_path: Path) -> None:
    with faulty(tmp_path) as visitor:
        assert outcome(visitor.graph(f"/v1.0/users/{AMARA}/calendars")) == NO_PERMISSION
        delegated = visitor.redeem(scope="https://graph.microsoft.com/User.Read").json()["access_token"]
        url = f"{visitor.endpoints['graph']}/v1.0/users/{AMARA}/calendars"
        answer = visitor.http.get(url, headers={"Authorization": f"Bearer {delegated}"})
    assert outcome(answer) == NO_PERMISSION


@each_of(("fault", "code"), [("v3-app-secret-wrong", 7000215), ("v3-app-secret-expired", 7000222)])
def test_an_app_without_a_good_secret_gets_no_token(fault: str, code: int, tmp_path: Path) -> None:
    with faulty(tmp_path, fault) as visitor:
        assert visitor.v3_app_token().json()["error_codes"] == [code]
        assert visitor.redeem().status_code == 200


def registration(visitor: Visitor) -> dict[str, Any]:
    app_id = visitor.v3["microsoft_client_id"]
    found: dict[str, Any] = visitor.graph(f"/v1.0/applications(appId='{app_id}')").json()
    return found


def test_the_app_is_registered_as_nylas_asks(tmp_path: Path) -> None:
    with faulty(tmp_path) as visitor:
        found = registration(visitor)
        principal = visitor.graph(f"/v1.0/servicePrincipals(appId='{found['appId']}')").json()
        assigned = visitor.graph(f"/v1.0/servicePrincipals/{principal['id']}/appRoleAssignments").json()
    assert found["signInAudience"] == "AzureADandPersonalMicrosoftAccount"
    assert found["api"]["requestedAccessTokenVersion"] == 2
    assert found["web"]["redirectUris"] == ["https://api.us.nylas.com/v3/connect/callback"]
    assert [each["type"] for each in found["requiredResourceAccess"][0]["resourceAccess"]] == ["Role"]
    assert assigned["value"] == []


def test_a_consented_permission_is_assigned_and_named_by_its_resource(tmp_path: Path) -> None:
    with faulty(tmp_path, CONSENT) as visitor:
        app_id = visitor.v3["microsoft_client_id"]
        principal = visitor.graph(f"/v1.0/servicePrincipals(appId='{app_id}')").json()
        [assigned] = visitor.graph(f"/v1.0/servicePrincipals/{principal['id']}/appRoleAssignments").json()[
            "value"
        ]
        graph = visitor.graph("/v1.0/servicePrincipals(appId='00000003-0000-0000-c000-000000000000')").json()
    names = {each["id"]: each["value"] for each in graph["appRoles"]}
    assert (names[assigned["appRoleId"]], assigned["resourceId"]) == ("Calendars.ReadWrite", graph["id"])


def test_the_app_can_be_registered_otherwise(tmp_path: Path) -> None:
    faults: list[Fault] = [
        {"name": "v3-app-audience", "audience": "AzureADMyOrg"},
        {"name": "v3-app-token-version", "version": 1},
        "v3-app-redirect-uri-unregistered",
    ]
    with faulty(tmp_path, *faults) as visitor:
        found = registration(visitor)
    assert (found["signInAudience"], found["api"]["requestedAccessTokenVersion"]) == ("AzureADMyOrg", 1)
    assert not [uri for uri in found["web"]["redirectUris"] if "nylas.com" in uri]


def test_the_app_can_be_registered_in_another_tenant(tmp_path: Path) -> None:
    with faulty(tmp_path, "v3-app-of-another-tenant") as visitor:
        app, tenant = visitor.v3["microsoft_client_id"], visitor.tenant["tenant"]["id"]
        assert visitor.graph(f"/v1.0/applications(appId='{app}')").status_code == 404
        principal = visitor.graph(f"/v1.0/servicePrincipals(appId='{app}')").json()
    assert principal["appOwnerOrganizationId"] != tenant


def test_the_app_can_be_the_v2_app(tmp_path: Path) -> None:
    with faulty(tmp_path, "v3-app-is-the-v2-app") as visitor:
        assert visitor.v3["microsoft_client_id"] == visitor.tenant["microsoft"]["client_id"]
        assert calendars(visitor, AMARA).status_code == 200


def test_discovery_tells_the_cloud(tmp_path: Path) -> None:
    def cloud(visitor: Visitor) -> str:
        tenant = visitor.tenant["tenant"]["id"]
        url = f"{visitor.endpoints['login']}/{tenant}/v2.0/.well-known/openid-configuration"
        return str(visitor.http.get(url).json()["msgraph_host"])

    with faulty(tmp_path / "public") as visitor:
        assert cloud(visitor) == "graph.microsoft.com"
    with faulty(tmp_path / "national", "national-cloud") as visitor:
        assert cloud(visitor) == "graph.microsoft.us"
