"""The sandbox's Microsoft Graph: shapes, least permissions, filters, paging and `$batch`."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.sandbox_visitor import Visitor, visit

pytestmark = pytest.mark.offline

ALIAS = "tomek@halden.example"
PRIMARY = "tomasz.zielinski@halden.example"


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    with visit("default", tmp_path_factory.mktemp("sandbox")) as visitor:
        yield visitor


def batch(visitor: Visitor, *requests: dict[str, Any]) -> httpx.Response:
    url = f"{visitor.endpoints['graph']}/v1.0/$batch"
    return visitor.http.post(url, json={"requests": requests}, headers=visitor.graph_headers())


def get(number: object, url: str) -> dict[str, Any]:
    return {"id": str(number), "method": "GET", "url": url}


def test_a_user_shows_what_is_selected(visitor: Visitor) -> None:
    found = visitor.graph(f"/v1.0/users/{PRIMARY}", select="id,accountEnabled,proxyAddresses").json()
    assert found["accountEnabled"] is True
    assert found["proxyAddresses"] == [f"SMTP:{PRIMARY}", f"smtp:{ALIAS}"]
    assert found.keys() == {"id", "accountEnabled", "proxyAddresses"}


def test_a_user_shows_its_account_state_only_when_selected(visitor: Visitor) -> None:
    found = visitor.graph(f"/v1.0/users/{PRIMARY}").json()
    assert found["mail"] == PRIMARY
    assert "accountEnabled" not in found
    assert visitor.graph(f"/v1.0/users/{found['id']}").json() == found


@pytest.mark.parametrize("key", [ALIAS, "nobody@halden.example", "johan.lindqvist@halden.example"])
def test_only_the_id_and_the_upn_name_a_user(visitor: Visitor, key: str) -> None:
    answer = visitor.graph(f"/v1.0/users/{key}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "Request_ResourceNotFound")


@pytest.mark.parametrize("address", [ALIAS, ALIAS.upper(), PRIMARY])
@pytest.mark.parametrize("prefix", ["smtp", "SMTP"])
def test_a_filter_finds_a_user_by_any_address_in_any_case(
    visitor: Visitor, prefix: str, address: str
) -> None:
    wanted = f"proxyAddresses/any(p:p eq '{prefix}:{address}')"
    found = visitor.graph("/v1.0/users", filter=wanted, select="mail").json()["value"]
    assert found == [{"mail": PRIMARY}]


def test_a_filter_with_a_doubled_quote_is_an_address_with_a_quote(visitor: Visitor) -> None:
    answer = visitor.graph("/v1.0/users", filter="proxyAddresses/any(p:p eq 'smtp:o''neil@halden.example')")
    assert (answer.status_code, answer.json()["value"]) == (200, [])


@each_of(
    "query",
    [
        {"filter": "proxyAddresses/any(p:p eq 'smtp:o'neil@halden.example')"},
        {"filter": "startswith(mail,'a')"},
        {"select": "id,acountEnabled"},
        {"top": "0"},
        {"top": "ten"},
    ],
)
def test_a_query_that_graph_does_not_understand_is_400(visitor: Visitor, query: dict[str, str]) -> None:
    answer = visitor.graph("/v1.0/users", **query)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]


def test_pages_bring_every_user_once(visitor: Visitor) -> None:
    headers, found = visitor.graph_headers(), []
    url = f"{visitor.endpoints['graph']}/v1.0/users?$top=9&$select=id"
    while url:
        page = visitor.http.get(url, headers=headers).json()
        assert len(page["value"]) <= 9
        found += [user["id"] for user in page["value"]]
        url = page.get("@odata.nextLink", "")
    assert len(found) == len(set(found)) == 44


def test_licences_have_plans_by_name_and_id(visitor: Visitor) -> None:
    found = visitor.graph(f"/v1.0/users/{PRIMARY}/licenseDetails").json()["value"]
    assert found[0]["skuPartNumber"] == "SPE_E3"
    assert {
        "servicePlanId": "efb87545-963c-4e0d-99df-69c6916d9eb0",
        "servicePlanName": "EXCHANGE_S_ENTERPRISE",
        "provisioningStatus": "Success",
        "appliesTo": "User",
    } in found[0]["servicePlans"]


def test_the_service_account_has_a_shared_mailbox_and_no_licence(visitor: Visitor) -> None:
    account = f"/v1.0/users/{visitor.tenant['service_account']['email']}"
    assert visitor.graph(f"{account}/licenseDetails").json()["value"] == []
    assert visitor.graph(f"{account}/mailboxSettings").json()["userPurpose"] == "shared"
    assert visitor.graph(f"{account}/mailboxSettings/userPurpose").json()["value"] == "shared"


def test_a_user_without_mailbox_has_no_mailbox_settings(visitor: Visitor) -> None:
    answer = visitor.graph("/v1.0/users/admin@halden.onmicrosoft.example/mailboxSettings")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "MailboxNotEnabledForRESTAPI")


def test_domains_say_what_they_are_verified_and_used_for(visitor: Visitor) -> None:
    found = {domain["id"]: domain for domain in visitor.graph("/v1.0/domains").json()["value"]}
    assert found.keys() == {"halden.example", "halden-marine.example", "halden.onmicrosoft.example"}
    assert found["halden.example"]["isVerified"] is True
    assert "Email" in found["halden.example"]["supportedServices"]
    assert visitor.graph("/v1.0/domains/halden.example").json() == found["halden.example"]
    assert visitor.graph("/v1.0/domains/elsewhere.example").status_code == 404


def test_products_are_counted(visitor: Visitor) -> None:
    found = visitor.graph("/v1.0/subscribedSkus").json()["value"]
    assert sum(sku["consumedUnits"] for sku in found) == 41
    assert visitor.graph("/v1.0/subscribedSkus", filter="skuPartNumber eq 'SPB'").status_code == 400


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("/v1.0/groups", "engineering@halden.example"),
        ("/v1.0/contacts", "harbour.master@halden.example"),
        ("/v1.0/directory/deletedItems/microsoft.graph.user", "petra.lindholm@halden.example"),
    ],
)
def test_an_address_can_be_another_object_than_a_user(visitor: Visitor, path: str, address: str) -> None:
    wanted = f"proxyAddresses/any(p:p eq 'smtp:{address}')"
    assert [found["mail"] for found in visitor.graph(path, filter=wanted).json()["value"]] == [address]
    assert visitor.graph(path, filter=f"mail eq '{PRIMARY}'").json()["value"] == []
    assert visitor.graph("/v1.0/users", filter=wanted).json()["value"] == []


def test_a_service_principal_has_its_grants(visitor: Visitor) -> None:
    app = visitor.tenant["microsoft"]["client_id"]
    principal = visitor.graph(f"/v1.0/servicePrincipals(appId='{app}')").json()
    assert visitor.graph("/v1.0/servicePrincipals", filter=f"appId eq '{app}'").json()["value"] == [principal]
    consent = visitor.graph("/v1.0/oauth2PermissionGrants", filter=f"clientId eq '{principal['id']}'")
    assert [grant["scope"] for grant in consent.json()["value"]] == [
        "EAS.AccessAsUser.All EWS.AccessAsUser.All"
    ]


def test_granted_roles_are_roles_of_the_resource(visitor: Visitor) -> None:
    reader = visitor.tenant["directory"]["client_id"]
    principal = visitor.graph(f"/v1.0/servicePrincipals(appId='{reader}')", select="id").json()
    granted = visitor.graph(f"/v1.0/servicePrincipals/{principal['id']}/appRoleAssignments").json()["value"]
    graph = visitor.graph("/v1.0/servicePrincipals(appId='00000003-0000-0000-c000-000000000000')").json()
    values = {role["id"]: role["value"] for role in graph["appRoles"]}
    assert "User.Read.All" in {values[grant["appRoleId"]] for grant in granted}


def test_an_app_that_was_never_consented_has_no_service_principal(visitor: Visitor) -> None:
    unknown = "11111111-1111-1111-1111-111111111111"
    assert visitor.graph(f"/v1.0/servicePrincipals(appId='{unknown}')").status_code == 404


def test_the_exchange_role_is_assigned_to_the_service_account(visitor: Visitor) -> None:
    base = "/beta/roleManagement/exchange"
    roles = visitor.graph(f"{base}/roleDefinitions", top="100").json()["value"]
    wanted = next(role["id"] for role in roles if role["displayName"] == "ApplicationImpersonation")
    user = visitor.graph(f"/v1.0/users/{visitor.tenant['service_account']['email']}").json()["id"]
    clauses = f"principalId eq '/Users/{user}' and roleDefinitionId eq '{wanted}'"
    assert len(visitor.graph(f"{base}/roleAssignments", filter=clauses).json()["value"]) == 1
    assert visitor.graph(f"{base}/roleAssignments", filter="principalId eq '/Users/x'").json()["value"] == []


def test_exchange_roles_are_in_the_beta_only(visitor: Visitor) -> None:
    assert visitor.graph("/v1.0/roleManagement/exchange/roleDefinitions").status_code == 400


def test_a_batch_answers_each_request_and_in_another_order(visitor: Visitor) -> None:
    requests = [get(n, f"/users/{PRIMARY}?$select=mail") for n in range(19)]
    answer = batch(visitor, *requests, get("bad", "/users/nobody@halden.example"))
    found = {each["id"]: each for each in answer.json()["responses"]}
    assert answer.status_code == 200
    assert found["7"]["body"] == {"mail": PRIMARY}
    assert found["bad"]["status"] == 404
    assert found.keys() == {*map(str, range(19)), "bad"}
    assert list(found) != [*map(str, range(19)), "bad"]


def test_a_filter_inside_a_batch_is_percent_decoded(visitor: Visitor) -> None:
    url = f"/users?$filter=proxyAddresses/any(p:p%20eq%20'smtp:{ALIAS}')&$select=mail"
    [answer] = batch(visitor, get(1, url)).json()["responses"]
    assert answer["body"]["value"] == [{"mail": PRIMARY}]


@each_of(
    "requests",
    [
        [],
        [get(n, "/domains") for n in range(21)],
        [get(1, "/domains"), get(1, "/domains")],
        [{"id": "1", "url": "/domains"}],
        [get(1, "domains")],
    ],
)
def test_a_malformed_batch_is_400(visitor: Visitor, requests: list[dict[str, Any]]) -> None:
    assert batch(visitor, *requests).status_code == 400


def test_a_call_without_a_token_is_401(visitor: Visitor) -> None:
    answer = visitor.http.get(f"{visitor.endpoints['graph']}/v1.0/domains")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "InvalidAuthenticationToken")


def test_a_token_for_exchange_is_no_token_for_graph(visitor: Visitor) -> None:
    answer = visitor.http.get(
        f"{visitor.endpoints['graph']}/v1.0/domains", headers=visitor.exchange_headers()
    )
    assert answer.status_code == 401


@each_of(
    ("scope", "path"),
    [
        ("User.Read", f"/v1.0/users/{PRIMARY}"),
        ("User.Read", "/v1.0/domains"),
        ("User.Read", "/v1.0/subscribedSkus"),
        ("User.Read", f"/v1.0/users/{PRIMARY}/mailboxSettings"),
        ("User.Read", "/beta/roleManagement/exchange/roleAssignments"),
    ],
)
def test_a_call_beyond_the_permissions_is_403(visitor: Visitor, scope: str, path: str) -> None:
    token = visitor.redeem(scope=scope).json()["access_token"]
    answer = visitor.http.get(visitor.endpoints["graph"] + path, headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "Authorization_RequestDenied")


def test_nothing_can_be_written(visitor: Visitor) -> None:
    url = f"{visitor.endpoints['graph']}/v1.0/users/{PRIMARY}"
    assert visitor.http.patch(url, json={}, headers=visitor.graph_headers()).status_code == 405
