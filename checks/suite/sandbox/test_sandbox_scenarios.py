"""Each scenario carries the fault that it says, on the wire or in the files."""

import base64
import csv
import hashlib
import json
import time
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
import pytest

from nylas_readiness.checks.suite.support.sandbox_visitor import Visitor, claims, visit
from nylas_readiness.fixtures.sandbox.scenarios import UnknownScenarioError, scenario_named, scenarios

pytestmark = pytest.mark.offline


def accounts(visitor: Visitor) -> list[dict[str, str]]:
    with (visitor.directory / "accounts.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def organization_config(visitor: Visitor) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(exported(visitor, "organization_config"))
    return found


def role_assignments(visitor: Visitor) -> list[dict[str, Any]]:
    # PowerShell writes a single object where there is but one.
    found = json.loads(exported(visitor, "role_assignments"))
    return found if isinstance(found, list) else [found]


def exported(visitor: Visitor, name: str) -> str:
    path: str = visitor.tenant["exchange"][name]
    return (visitor.directory / path).read_text("utf-8")


def discovered(visitor: Visitor, email: str, protocol: str) -> int:
    url = f"{visitor.endpoints['outlook']}/autodiscover/autodiscover.json/v1.0/{email}"
    return visitor.http.get(url, params={"Protocol": protocol}).status_code


def service_account(visitor: Visitor, select: str) -> dict[str, Any]:
    email = visitor.tenant["service_account"]["email"]
    found: dict[str, Any] = visitor.graph(f"/v1.0/users/{email}", select=select).json()
    return found


def test_the_three_main_scenarios_are_as_promised() -> None:
    assert next(iter(scenarios())) == "default"
    assert set(scenarios()["healthy"].rules.values()) == {"warn"}
    assert scenarios()["healthy"].rules.keys() < scenarios()["default"].rules.keys()
    assert set(scenarios()["default"].rules.values()) == {"warn"}
    assert len(scenarios()["troubled"].rules) >= 10


def test_an_unknown_scenario_is_told_the_nearest() -> None:
    with pytest.raises(
        UnknownScenarioError, match=r"Did you mean 'role-missing'\? See pytest --tenant list$"
    ):
        scenario_named("role-mising")


def test_every_fault_has_a_description_and_a_use() -> None:
    from nylas_readiness.fixtures.sandbox.faults import FAULTS

    assert all(fault.description.endswith(".") for fault in FAULTS.values())
    assert all(each.description for each in scenarios().values())
    in_scenarios = {fault["name"] for each in scenarios().values() for fault in each.faults}
    # A fault without a scenario of its own is shown on the wire by a test of the sandbox or of the plan.
    rooms = (files(f"nylas_readiness.checks.suite.{room}") for room in ("sandbox", "migration", "support"))
    named = "".join(file.read_text("utf-8") for room in rooms for file in room.iterdir() if file.is_file())
    assert in_scenarios <= FAULTS.keys()
    assert [name for name in FAULTS.keys() - in_scenarios if f'"{name}"' not in named] == []


def test_default_is_a_company_of_40_that_warns(tmp_path: Path) -> None:
    with visit("default", tmp_path) as visitor:
        assert len({row["email"] for row in accounts(visitor)}) == 40
        assert service_account(visitor, "assignedLicenses")["assignedLicenses"] == []
        assert organization_config(visitor)["EwsEnabled"] is None
        states = [
            each["sync_state"] for each in visitor.nylas(f"/a/{visitor.v2['client_id']}/accounts").json()
        ]
    assert (states.count("running"), states.count("partial"), len(states)) == (35, 1, 36)


def test_healthy_has_nothing_left_to_warn_of(tmp_path: Path) -> None:
    with visit("healthy", tmp_path) as visitor:
        assert len(service_account(visitor, "assignedLicenses")["assignedLicenses"]) == 1
        organisation = organization_config(visitor)
        states = {
            each["sync_state"] for each in visitor.nylas(f"/a/{visitor.v2['client_id']}/accounts").json()
        }
    assert organisation["EwsEnabled"] is True
    assert organisation["EwsAllowedAppIDs"] == visitor.tenant["microsoft"]["client_id"]
    assert states == {"running"}


def test_troubled_lists_accounts_that_cannot_be_connected(tmp_path: Path) -> None:
    with visit("troubled", tmp_path) as visitor:
        emails = [row["email"] for row in accounts(visitor)]
        assert "not-an-address" in emails
        assert len({email.lower() for email in emails}) == len(emails) - 1
        assert "tomek@halden.example" in emails
        assert "lars.eide@halden-marine.example" in emails
        for email in (
            "engineering@halden.example",
            "harbour.master@halden.example",
            "petra.lindholm@halden.example",
        ):
            assert email in emails
            assert visitor.graph(f"/v1.0/users/{email}").status_code == 404
        assert visitor.graph("/v1.0/users/nikolai.petrov@halden.example").status_code == 404
        disabled = visitor.graph("/v1.0/users/priya.raman@halden.example", select="accountEnabled").json()
        assert disabled["accountEnabled"] is False


def test_troubled_has_mailboxes_that_cannot_be_reached(tmp_path: Path) -> None:
    with visit("troubled", tmp_path) as visitor:
        unlicensed = visitor.graph("/v1.0/users/greta.vogel@halden.example/licenseDetails").json()["value"]
        plans = {plan["servicePlanName"] for each in unlicensed for plan in each["servicePlans"]}
        assert {plan for plan in plans if plan.startswith("EXCHANGE")} == {"EXCHANGE_S_FOUNDATION"}
        assert discovered(visitor, "omar.haddad@halden.example", "EWS") == 302
        assert discovered(visitor, "omar.haddad@halden.example", "ActiveSync") == 200
        assert discovered(visitor, "stefan.keller@halden.example", "ActiveSync") == 302
        listed = visitor.nylas(f"/a/{visitor.v2['client_id']}/accounts").json()
        states = {each["sync_state"] for each in listed}
    assert states == {"running", "partial", "stopped", "invalid-credentials", "initializing", "hibernating"}


def test_troubled_has_a_service_account_in_need_of_care(tmp_path: Path) -> None:
    with visit("troubled", tmp_path) as visitor:
        profile = service_account(visitor, "passwordProfile")["passwordProfile"]
        assert profile["forceChangePasswordNextSignIn"] is True
        email = visitor.tenant["service_account"]["email"]
        assert visitor.graph(f"/v1.0/users/{email}/mailboxSettings").status_code == 404
        assert "Email" not in visitor.graph("/v1.0/domains/halden.example").json()["supportedServices"]
        assert visitor.redeem().json()["scope"] == "https://outlook.office365.com/EWS.AccessAsUser.All"


def test_an_unset_secret_is_missing_from_the_secrets_alone(tmp_path: Path) -> None:
    with visit("secret-unset", tmp_path) as visitor:
        name = visitor.tenant["microsoft"]["refresh_token"].removeprefix("env:")
        assert name not in visitor.secrets
        assert name not in (tmp_path / "secrets.env").read_text("utf-8")


@pytest.mark.parametrize(
    ("scenario", "section", "key", "value"),
    [
        (
            "redirect-uri-not-https",
            "microsoft",
            "redirect_uri",
            "http://scheduling.halden.example/nylas/callback",
        ),
        ("placeholder-client-id", "v2", "client_id", "<NYLAS_CLIENT_ID>"),
    ],
)
def test_a_wrong_value_stands_in_the_tenant_file(
    tmp_path: Path, scenario: str, section: str, key: str, value: str
) -> None:
    with visit(scenario, tmp_path) as visitor:
        assert (visitor.tenant | visitor.tenant["nylas"])[section][key] == value


def test_a_role_through_a_group_shows_in_the_export_alone(tmp_path: Path) -> None:
    with visit("role-through-group", tmp_path) as visitor:
        assert not directly_assigned(visitor)
        rows = role_assignments(visitor)
    assert [row["EffectiveUserName"] for row in rows if row["RoleAssigneeName"] == "Nylas Impersonation"] == [
        "nylas-svc"
    ]


def directly_assigned(visitor: Visitor) -> list[object]:
    principal = service_account(visitor, "id")["id"]
    path = "/beta/roleManagement/exchange/roleAssignments"
    found: list[object] = visitor.graph(path, filter=f"principalId eq '/Users/{principal}'").json()["value"]
    return found


def test_a_missing_role_is_in_neither_graph_nor_the_export(tmp_path: Path) -> None:
    with visit("role-missing", tmp_path) as visitor:
        assert not directly_assigned(visitor)
        assert exported(visitor, "role_assignments").startswith("{")
        [delegating] = role_assignments(visitor)
    assert delegating["RoleAssignmentDelegationType"] == "DelegatingOrgWide"


def test_a_role_just_granted_is_listed_with_its_time(tmp_path: Path) -> None:
    with visit("role-just-granted", tmp_path) as visitor:
        assert directly_assigned(visitor)
        age = datetime.now(UTC) - visitor.tenant["service_account"]["role_granted"]
    assert timedelta(minutes=29) < age < timedelta(minutes=31)


def test_a_directory_certificate_proves_the_app(tmp_path: Path) -> None:
    import jwt
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    with visit("directory-certificate", tmp_path) as visitor:
        section = visitor.tenant["directory"]
        pem = (tmp_path / section["certificate"].removeprefix("file:")).read_bytes()
        der = x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)
        thumbprint = base64.urlsafe_b64encode(hashlib.sha256(der).digest()).decode().rstrip("=")
        now, me = int(time.time()), section["client_id"]
        url = f"{visitor.endpoints['login']}/{visitor.tenant['tenant']['id']}/oauth2/v2.0/token"
        claims = {"aud": url, "iss": me, "sub": me, "jti": "once", "nbf": now, "exp": now + 300}

        def ask(algorithm: str = "PS256", **changed: object) -> int:
            headers = {"x5t#S256": thumbprint}
            assertion = jwt.encode(claims | changed, pem.decode(), algorithm=algorithm, headers=headers)
            fields = {
                "grant_type": "client_credentials",
                "client_id": me,
                "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                "client_assertion": assertion,
                "scope": "https://graph.microsoft.com/.default",
            }
            return visitor.token_request(**fields).status_code

        assert [ask(), ask("RS256")] == [200, 200]
        assert [ask(aud="https://elsewhere.example"), ask(exp=now - 1), ask(sub="another")] == [401, 401, 401]
        assert oct((tmp_path / "directory.pem").stat().st_mode)[-3:] == "600"


def test_a_permission_withheld_is_403_for_what_needs_it(tmp_path: Path) -> None:
    with visit("directory-permission-withheld", tmp_path) as visitor:
        assert visitor.graph("/v1.0/users").status_code == 403
        assert visitor.graph("/v1.0/domains").status_code == 200


def test_the_directory_app_gets_no_token_with_another_apps_secret(tmp_path: Path) -> None:
    with visit("directory-wrong-secret", tmp_path) as visitor:
        assert visitor.app_token().json()["error_codes"] == [7000215]
        assert visitor.redeem().status_code == 200


def test_no_directory_leaves_the_section_out(tmp_path: Path) -> None:
    with visit("no-directory", tmp_path) as visitor:
        assert "directory" not in visitor.tenant


@pytest.mark.parametrize(
    ("scenario", "code"),
    [
        ("wrong-tenant", 90002),
        ("expired-refresh-token", 700082),
        ("wrong-microsoft-secret", 7000215),
        ("expired-microsoft-secret", 7000222),
        ("microsoft-app-unknown", 700016),
        ("service-account-disabled", 50057),
    ],
)
def test_the_refresh_token_does_not_redeem(tmp_path: Path, scenario: str, code: int) -> None:
    with visit(scenario, tmp_path) as visitor:
        assert visitor.redeem().json()["error_codes"] == [code]


@pytest.mark.parametrize(
    ("scenario", "claim", "value"),
    [
        ("token-for-graph", "aud", "https://graph.microsoft.com"),
        ("token-of-another-tenant", "tid", "3f0d2b8e-91c4-4a57-8f3b-6f2f5f1f7d10"),
        ("token-of-another-user", "upn", "ingrid.halvorsen@halden.example"),
        ("token-without-ews", "scp", "EAS.AccessAsUser.All"),
    ],
)
def test_the_access_token_claims_something_else(
    tmp_path: Path, scenario: str, claim: str, value: str
) -> None:
    with visit(scenario, tmp_path) as visitor:
        assert claims(visitor.redeem())[claim] == value


def test_the_service_account_is_missing_or_a_guest(tmp_path: Path) -> None:
    with visit("service-account-missing", tmp_path) as visitor:
        assert "error" in service_account(visitor, "id")
    with visit("service-account-guest", tmp_path) as visitor:
        assert service_account(visitor, "userType") == {"userType": "Guest"}


def test_an_unverified_domain_is_shown_as_such(tmp_path: Path) -> None:
    with visit("domain-unverified", tmp_path) as visitor:
        assert (
            visitor.graph(
                "/v1.0/domains/halden.example",
            ).json()["isVerified"]
            is False
        )


def test_nylas_refuses_another_applications_secret(tmp_path: Path) -> None:
    with visit("nylas-wrong-secret", tmp_path) as visitor:
        assert visitor.nylas(f"/a/{visitor.v2['client_id']}").status_code == 401


def test_nylas_is_gone(tmp_path: Path) -> None:
    with visit("nylas-retired", tmp_path) as visitor:
        assert visitor.nylas(f"/a/{visitor.v2['client_id']}").status_code == 410


def test_a_service_that_is_down_refuses_connections_and_the_others_serve(tmp_path: Path) -> None:
    with visit("nylas-unreachable", tmp_path) as visitor:
        with pytest.raises(httpx.ConnectError):
            visitor.http.get(visitor.endpoints["nylas_v2"])
        assert visitor.redeem().status_code == 200


def test_an_untrusted_certificate_is_not_trusted(tmp_path: Path) -> None:
    with (
        visit("untrusted-certificate", tmp_path) as visitor,
        pytest.raises(httpx.ConnectError, match="CERTIFICATE"),
    ):
        visitor.http.get(visitor.endpoints["login"])


def test_a_proxys_page_comes_in_place_of_the_token_endpoint(tmp_path: Path) -> None:
    with visit("token-endpoint-html", tmp_path) as visitor:
        answer = visitor.redeem()
    assert (answer.status_code, answer.headers["Content-Type"]) == (502, "text/html; charset=utf-8")


def test_throttled_graph_says_when_to_come_back(tmp_path: Path) -> None:
    with visit("throttled", tmp_path) as visitor:
        answers = [visitor.graph("/v1.0/domains") for _ in range(3)]
    assert [each.status_code for each in answers] == [429, 429, 200]
    assert answers[0].headers["Retry-After"] == "1"
