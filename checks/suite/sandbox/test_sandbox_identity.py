"""The sandbox's Graph tells of applications, consents, policies, memberships and passwords."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.sandbox_visitor import Visitor, visit

pytestmark = pytest.mark.offline

POLICIES = "/v1.0/identity/conditionalAccess/policies"


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    with visit("default", tmp_path_factory.mktemp("sandbox")) as visitor:
        yield visitor


def application(visitor: Visitor, select: str) -> dict[str, Any]:
    app = visitor.tenant["microsoft"]["client_id"]
    found: dict[str, Any] = visitor.graph(f"/v1.0/applications(appId='{app}')", select=select).json()
    return found


def service_account(visitor: Visitor, select: str = "id") -> dict[str, Any]:
    email = visitor.tenant["service_account"]["email"]
    found: dict[str, Any] = visitor.graph(f"/v1.0/users/{email}", select=select).json()
    return found


def consents(visitor: Visitor) -> list[dict[str, Any]]:
    app = visitor.tenant["microsoft"]["client_id"]
    principal = visitor.graph(f"/v1.0/servicePrincipals(appId='{app}')").json()["id"]
    wanted = f"clientId eq '{principal}'"
    found: list[dict[str, Any]] = visitor.graph("/v1.0/oauth2PermissionGrants", filter=wanted).json()["value"]
    return found


def members(visitor: Visitor, **query: str) -> list[dict[str, Any]]:
    email = visitor.tenant["service_account"]["email"]
    found: list[dict[str, Any]] = visitor.graph(f"/v1.0/users/{email}/transitiveMemberOf", **query).json()[
        "value"
    ]
    return found


def test_a_secret_is_shown_by_its_first_three_characters_alone(visitor: Visitor) -> None:
    secret = visitor.secret(visitor.tenant["microsoft"]["client_secret"])
    found = application(visitor, "passwordCredentials")["passwordCredentials"]
    assert [each["hint"] for each in found] == ["old", secret[:3]]
    assert {each["secretText"] for each in found} == {None}
    assert secret not in str(application(visitor, "id,passwordCredentials,keyCredentials,web"))


def test_an_application_shows_its_redirect_uris(visitor: Visitor) -> None:
    assert visitor.tenant["microsoft"]["redirect_uri"] in application(visitor, "web")["web"]["redirectUris"]


def test_the_permissions_asked_for_are_those_of_exchange_online(visitor: Visitor) -> None:
    exchange_id = "00000002-0000-0ff1-ce00-000000000000"
    exchange = visitor.graph(f"/v1.0/servicePrincipals(appId='{exchange_id}')").json()
    values = {scope["id"]: scope["value"] for scope in exchange["oauth2PermissionScopes"]}
    asked = {
        entry["resourceAppId"]: {values.get(access["id"]) for access in entry["resourceAccess"]}
        for entry in application(visitor, "requiredResourceAccess")["requiredResourceAccess"]
    }
    assert asked[exchange_id] == {"EAS.AccessAsUser.All", "EWS.AccessAsUser.All"}
    assert values["3b5f3d61-589b-4a3c-a359-5dd4b5ee5bd5"] == "EWS.AccessAsUser.All"
    assert {grant["resourceId"] for grant in consents(visitor)} == {exchange["id"]}


def test_a_certificate_is_shown_without_its_key() -> None:
    from nylas_readiness.fixtures.sandbox.graph_identity import application
    from nylas_readiness.fixtures.sandbox.state import App

    shown = application(App(client_id="x", name="Audit", secret="", certificates=[b"PEM", b"PEM"]))
    assert [each["key"] for each in shown["keyCredentials"]] == [None, None]
    assert len({each["keyId"] for each in shown["keyCredentials"]}) == 2


def test_an_app_of_another_tenant_has_a_service_principal_but_no_application(tmp_path: Path) -> None:
    with visit("app-of-another-tenant", tmp_path) as visitor:
        app = visitor.tenant["microsoft"]["client_id"]
        principal = visitor.graph(f"/v1.0/servicePrincipals(appId='{app}')").json()
        assert principal["appOwnerOrganizationId"] != visitor.tenant["tenant"]["id"]
        assert application(visitor, "id")["error"]["code"] == "Request_ResourceNotFound"
        assert visitor.redeem().status_code == 200


@each_of(
    ("scenario", "kind", "principal", "scope"),
    [
        ("default", "AllPrincipals", None, "EAS.AccessAsUser.All EWS.AccessAsUser.All"),
        (
            "consent-of-another-user",
            "Principal",
            "Ingrid Halvorsen",
            "EAS.AccessAsUser.All EWS.AccessAsUser.All",
        ),
        (
            "consent-of-the-service-account",
            "Principal",
            "Nylas Service Account",
            "EAS.AccessAsUser.All EWS.AccessAsUser.All",
        ),
        ("consent-withdrawn", "AllPrincipals", None, "EAS.AccessAsUser.All"),
        ("token-without-ews", "AllPrincipals", None, "EAS.AccessAsUser.All"),
    ],
)
def test_a_consent_is_for_everybody_or_for_one(
    scenario: str, kind: str, principal: str | None, scope: str, tmp_path: Path
) -> None:
    with visit(scenario, tmp_path) as visitor:
        [grant] = consents(visitor)
        users = visitor.graph("/v1.0/users", select="id,displayName", top="999").json()["value"]
    names = {user["id"]: user["displayName"] for user in users}
    assert (grant["consentType"], grant["scope"]) == (kind, scope)
    assert names.get(grant["principalId"]) == principal


@each_of(
    ("scenario", "ends"),
    [
        ("default", ["2027-08-31T22:00:00Z", "2028-06-30T22:00:00Z"]),
        ("secret-ends-soon", ["2027-08-31T22:00:00Z", "2026-12-13T12:00:00Z"]),
        ("expired-microsoft-secret", ["2027-08-31T22:00:00Z", "2026-11-20T12:00:00Z"]),
        ("another-secret-ends", ["2026-11-28T12:00:00Z", "2028-06-30T22:00:00Z"]),
    ],
)
def test_secrets_end_when_the_scenario_says(scenario: str, ends: list[str], tmp_path: Path) -> None:
    with visit(scenario, tmp_path) as visitor:
        found = application(visitor, "passwordCredentials")["passwordCredentials"]
    assert [each["endDateTime"] for each in found] == ends


def test_the_redirect_uri_can_be_missing_from_the_app(tmp_path: Path) -> None:
    with visit("redirect-uri-unregistered", tmp_path) as visitor:
        found = application(visitor, "web")["web"]["redirectUris"]
        assert found
        assert visitor.tenant["microsoft"]["redirect_uri"] not in found


def test_no_policy_of_the_company_meets_the_service_account(visitor: Visitor) -> None:
    found = {each["displayName"]: each for each in visitor.graph(POLICIES).json()["value"]}
    enabled = {name for name, each in found.items() if each["state"] == "enabled"}
    assert found.keys() - enabled == {"Compliant devices (trial)"}
    groups = {each["id"] for each in members(visitor) if each["@odata.type"] == "#microsoft.graph.group"}
    everybody = found["MFA for everybody"]["conditions"]["users"]
    assert everybody["includeUsers"] == ["All"]
    assert groups.intersection(everybody["excludeGroups"])
    assert found["Block legacy authentication"]["conditions"]["clientAppTypes"] == ["other"]


def test_without_the_exclusion_the_policy_is_as_it_was(tmp_path: Path) -> None:
    with visit("mfa-for-everybody", tmp_path) as visitor:
        everybody = visitor.graph(POLICIES).json()["value"][0]["conditions"]["users"]
        assert everybody["excludeGroups"]
        assert not {each["id"] for each in members(visitor)}.intersection(everybody["excludeGroups"])


@each_of(
    ("scenario", "state"),
    [("policy-for-its-group", "enabled"), ("policy-on-trial", "enabledForReportingButNotEnforced")],
)
def test_a_policy_can_include_its_group(scenario: str, state: str, tmp_path: Path) -> None:
    with visit(scenario, tmp_path) as visitor:
        policy = visitor.graph(POLICIES).json()["value"][-1]
        groups = {each["id"] for each in members(visitor)}
    assert (policy["state"], policy["grantControls"]["builtInControls"]) == (state, ["block"])
    assert groups.issuperset(policy["conditions"]["users"]["includeGroups"])


def test_a_directory_role_is_among_the_memberships(tmp_path: Path) -> None:
    with visit("service-account-administrator", tmp_path) as visitor:
        [role] = [each for each in members(visitor) if each["@odata.type"].endswith("directoryRole")]
        assert members(visitor, select="id")[0].keys() == {"@odata.type", "id"}
    assert role["displayName"] == "Exchange Administrator"
    assert role["roleTemplateId"] == "29232cdf-9323-42fd-ade2-1d097af3e4de"


def test_who_may_not_read_the_directory_sees_type_and_id_alone(tmp_path: Path) -> None:
    hidden = {"name": "directory-permission-withheld", "permission": "Directory.Read.All"}
    with visit("service-account-administrator", tmp_path, faults=[hidden]) as visitor:
        found = members(visitor)
    assert [each["@odata.type"] for each in found].count("#microsoft.graph.directoryRole") == 1
    assert {(each["displayName"], each.get("roleTemplateId")) for each in found} == {(None, None)}
    assert all(each["id"] for each in found)


@each_of(
    ("permission", "path"),
    [
        ("Application.Read.All", "/v1.0/applications(appId='x')"),
        ("Directory.Read.All", "/v1.0/oauth2PermissionGrants"),
        ("Policy.Read.All", POLICIES),
        ("User.Read.All", "/v1.0/users/nylas-svc@halden.example/transitiveMemberOf"),
        ("MailboxSettings.Read", "/v1.0/users/nylas-svc@halden.example/mailboxSettings"),
        ("LicenseAssignment.Read.All", "/v1.0/users/nylas-svc@halden.example/licenseDetails"),
        ("Domain.Read.All", "/v1.0/domains"),
        ("RoleManagement.Read.Exchange", "/beta/roleManagement/exchange/roleAssignments"),
    ],
)
def test_each_permission_can_be_withheld(permission: str, path: str, tmp_path: Path) -> None:
    withheld = {"name": "directory-permission-withheld", "permission": permission}
    with visit("default", tmp_path, faults=[withheld]) as visitor:
        assert visitor.graph(path).status_code == 403


@each_of(
    ("scenario", "policies", "authentication", "days"),
    [
        ("default", "DisablePasswordExpiration", "Managed", 90),
        ("password-expires", None, "Managed", 90),
        ("password-of-a-domain-without-expiry", None, "Managed", 2147483647),
        ("domain-federated", None, "Federated", 90),
    ],
)
def test_a_password_expires_or_not(
    scenario: str, policies: str | None, authentication: str, days: int, tmp_path: Path
) -> None:
    with visit(scenario, tmp_path) as visitor:
        domain = visitor.graph("/v1.0/domains/halden.example").json()
        assert service_account(visitor, "passwordPolicies") == {"passwordPolicies": policies}
    assert (domain["authenticationType"], domain["passwordValidityPeriodInDays"]) == (authentication, days)


def test_sessions_can_be_revoked(tmp_path: Path) -> None:
    with visit("sessions-revoked", tmp_path) as visitor:
        found = service_account(visitor, "signInSessionsValidFromDateTime")
    assert found == {"signInSessionsValidFromDateTime": "2026-10-24T12:00:00Z"}
