"""Microsoft's MSAL gets its tokens from the sandbox's Entra ID, and reads its refusals."""

from pathlib import Path
from typing import Any

import jwt
import pytest

from nylas_readiness.checks.fidelity.processes import ask_python, need
from nylas_readiness.checks.suite.support.sandbox_visitor import Visitor, visit

pytestmark = pytest.mark.fidelity

EXCHANGE = "https://outlook.office365.com"
GRAPH = "https://graph.microsoft.com"


@pytest.fixture(autouse=True)
def _msal() -> None:
    need("msal")


def ask(visitor: Visitor, app: str, credential: object, scope: str, **more: str) -> dict[str, Any]:
    """Ask MSAL, as the app of a section of the tenant file, for a token."""
    question = {
        "authority": f"{visitor.endpoints['login']}/{visitor.tenant['tenant']['id']}",
        "client_id": visitor.tenant[app]["client_id"],
        "credential": credential,
        "scopes": [scope],
    }
    answer = ask_python("client_msal.py", question | more, visitor.directory / "ca.pem")
    assert isinstance(answer, dict)
    return answer


def redeem(visitor: Visitor) -> dict[str, Any]:
    app = visitor.tenant["microsoft"]
    return ask(
        visitor,
        "microsoft",
        visitor.secret(app["client_secret"]),
        f"{EXCHANGE}/EWS.AccessAsUser.All",
        refresh_token=visitor.secret(app["refresh_token"]),
    )


def claims(answer: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = jwt.decode(answer["access_token"], options={"verify_signature": False})
    return found


def test_a_refresh_token_gives_a_token_for_exchange(tmp_path: Path) -> None:
    with visit("default", tmp_path) as visitor:
        answer = redeem(visitor)
        email = visitor.tenant["service_account"]["email"]
    found = claims(answer)
    assert (found["aud"], found["scp"], found["upn"]) == (EXCHANGE, "EWS.AccessAsUser.All", email)
    assert answer["scope"] == f"{EXCHANGE}/EWS.AccessAsUser.All"
    assert answer["expires_in"] > 0


def test_a_secret_gives_the_app_a_token_of_its_own(tmp_path: Path) -> None:
    with visit("default", tmp_path) as visitor:
        secret = visitor.secret(visitor.tenant["directory"]["client_secret"])
        found = claims(ask(visitor, "directory", secret, f"{GRAPH}/.default"))
    assert (found["aud"], found["idtyp"], found["appidacr"]) == (GRAPH, "app", "1")
    assert "User.Read.All" in found["roles"]


def test_a_certificate_gives_the_app_a_token_of_its_own(tmp_path: Path) -> None:
    with visit("directory-certificate", tmp_path) as visitor:
        key, begin, certificate = (tmp_path / "directory.pem").read_text("utf-8").partition("-----BEGIN CERT")
        credential = {"private_key": key, "public_certificate": begin + certificate}
        found = claims(ask(visitor, "directory", credential, f"{GRAPH}/.default"))
    assert (found["aud"], found["appidacr"]) == (GRAPH, "2")


@pytest.mark.parametrize(
    ("scenario", "error", "code"),
    [
        ("wrong-microsoft-secret", "invalid_client", 7000215),
        ("expired-microsoft-secret", "invalid_client", 7000222),
        ("expired-refresh-token", "invalid_grant", 700082),
        ("microsoft-app-unknown", "unauthorized_client", 700016),
    ],
)
def test_a_refusal_names_its_code(tmp_path: Path, scenario: str, error: str, code: int) -> None:
    with visit(scenario, tmp_path) as visitor:
        answer = redeem(visitor)
    assert (answer["error"], answer["error_codes"]) == (error, [code])
    assert answer["error_description"].startswith(f"AADSTS{code}: ")
    assert "access_token" not in answer


def test_a_tenant_that_is_none_is_refused_before_a_token_is_asked_for(tmp_path: Path) -> None:
    with visit("wrong-tenant", tmp_path) as visitor:
        answer = redeem(visitor)
    assert answer["raised"] == "ValueError"
    assert "Unable to get authority configuration" in answer["message"]
    assert "AADSTS90002: " in answer["message"]
