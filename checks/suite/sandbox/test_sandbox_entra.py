"""The sandbox's Entra ID answers in the shapes and with the codes of Microsoft's pages."""

import time
from collections.abc import Iterator

import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.sandbox_visitor import Visitor, claims, visit

pytestmark = pytest.mark.offline


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    with visit("default", tmp_path_factory.mktemp("sandbox")) as visitor:
        yield visitor


def discover(visitor: Visitor, tenant: str) -> dict[str, object]:
    url = f"{visitor.endpoints['login']}/{tenant}/v2.0/.well-known/openid-configuration"
    found: dict[str, object] = visitor.http.get(url).json()
    return found


@pytest.mark.parametrize("name", ["id", "halden.example", "HALDEN-MARINE.example"])
def test_discovery_by_id_or_domain_names_the_tenant(visitor: Visitor, name: str) -> None:
    tenant_id = visitor.tenant["tenant"]["id"]
    document = discover(visitor, tenant_id if name == "id" else name)
    assert document["token_endpoint"] == f"{visitor.endpoints['login']}/{tenant_id}/oauth2/v2.0/token"
    assert str(document["issuer"]).endswith(f"/{tenant_id}/v2.0")


def test_discovery_of_the_shared_endpoint_names_no_tenant(visitor: Visitor) -> None:
    assert str(discover(visitor, "common")["issuer"]).endswith("/{tenantid}/v2.0")


def test_discovery_of_an_unknown_tenant_is_90002(visitor: Visitor) -> None:
    assert discover(visitor, "nobody.example")["error_codes"] == [90002]


def test_a_refresh_token_redeems_to_a_signed_exchange_token(visitor: Visitor) -> None:
    import jwt

    answer = visitor.redeem().json()
    keys = visitor.http.get(str(discover(visitor, "halden.example")["jwks_uri"])).json()
    key = jwt.PyJWKSet.from_dict(keys)[jwt.get_unverified_header(answer["access_token"])["kid"]]
    found = jwt.decode(answer["access_token"], key, audience="https://outlook.office365.com")
    assert found["tid"] == visitor.tenant["tenant"]["id"]
    assert found["appid"] == visitor.tenant["microsoft"]["client_id"]
    assert found["upn"] == visitor.tenant["service_account"]["email"]
    assert found["scp"].split() == ["EAS.AccessAsUser.All", "EWS.AccessAsUser.All"]
    assert found["ver"] == "1.0"
    assert found["exp"] > time.time() > found["nbf"]
    assert answer["token_type"] == "Bearer"


def test_redeeming_rotates_the_refresh_token_and_leaves_the_old_one_good(visitor: Visitor) -> None:
    rotated = visitor.redeem().json()["refresh_token"]
    assert rotated != visitor.secret("env:SANDBOX_MICROSOFT_REFRESH_TOKEN")
    assert visitor.redeem(refresh_token=rotated).status_code == 200
    assert visitor.redeem().status_code == 200


def test_without_a_scope_the_first_resource_of_the_consent_is_meant(visitor: Visitor) -> None:
    assert "EWS.AccessAsUser.All" in visitor.redeem(scope="").json()["scope"]


def test_a_graph_scope_gives_a_graph_token(visitor: Visitor) -> None:
    found = claims(visitor.redeem(scope="openid User.Read"))
    assert (found["aud"], found["scp"]) == ("https://graph.microsoft.com", "User.Read")


@each_of(
    ("changed", "status", "error", "code"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client", 7000215),
        ({"client_secret": ""}, 401, "invalid_client", 7000218),
        ({"client_id": "11111111-1111-1111-1111-111111111111"}, 400, "unauthorized_client", 700016),
        ({"client_id": ""}, 400, "invalid_request", 900144),
        ({"refresh_token": "0.Anything"}, 400, "invalid_grant", 70000),
        ({"refresh_token": ""}, 400, "invalid_grant", 70000),
        ({"grant_type": "password"}, 400, "unsupported_grant_type", 70003),
        ({"scope": "https://outlook.office365.com/Mail.Send"}, 400, "invalid_grant", 65001),
        ({"scope": "https://elsewhere.example/Read"}, 400, "invalid_resource", 500011),
        ({"tenant": "nobody.example"}, 400, "invalid_request", 90002),
    ],
)
def test_a_wrong_redemption_is_refused_with_its_code(
    visitor: Visitor, changed: dict[str, str], status: int, error: str, code: int
) -> None:
    answer = visitor.redeem(**changed)
    body = answer.json()
    assert (answer.status_code, body["error"], body["error_codes"]) == (status, error, [code])
    assert body["error_description"].startswith(f"AADSTS{code}: ")
    assert {"timestamp", "trace_id", "correlation_id", "error_uri"} <= body.keys()


def test_an_application_gets_a_token_with_its_roles(visitor: Visitor) -> None:
    answer = visitor.app_token()
    assert "User.Read.All" in claims(answer)["roles"]
    assert "scp" not in claims(answer)
    assert "refresh_token" not in answer.json()


def test_an_application_without_permissions_gets_a_token_without_roles(visitor: Visitor) -> None:
    app = visitor.tenant["microsoft"]
    answer = visitor.app_token(client_id=app["client_id"], client_secret=visitor.secret(app["client_secret"]))
    assert "roles" not in claims(answer)


@each_of(
    ("changed", "code"),
    [
        ({"tenant": "common"}, 9001023),
        ({"scope": "https://graph.microsoft.com/User.Read"}, 70011),
        ({"scope": "https://elsewhere.example/.default"}, 500011),
        ({"client_secret": "wrong"}, 7000215),
    ],
)
def test_wrong_client_credentials_are_refused(visitor: Visitor, changed: dict[str, str], code: int) -> None:
    assert visitor.app_token(**changed).json()["error_codes"] == [code]


def test_the_token_endpoint_takes_post_only(visitor: Visitor) -> None:
    assert visitor.http.get(f"{visitor.endpoints['login']}/common/oauth2/v2.0/token").status_code == 405
