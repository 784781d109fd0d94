"""A plain httpx visitor of the sandbox: it knows what the written files say, and nothing of ours."""

import ssl
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

OUTLOOK_SCOPES = (
    "offline_access https://outlook.office365.com/EAS.AccessAsUser.All "
    "https://outlook.office365.com/EWS.AccessAsUser.All openid profile"
)


class Visitor:
    """Calls the sandbox's services with the credentials of the tenant file."""

    def __init__(self, directory: Path, secrets: dict[str, str], http: httpx.Client) -> None:
        self.directory = directory
        self.secrets = secrets
        self.tenant: dict[str, Any] = tomllib.loads((directory / "tenant.toml").read_text("utf-8"))
        self.endpoints: dict[str, str] = self.tenant["endpoints"]
        self.http = http

    def secret(self, reference: str) -> str:
        """Return the value that an `env:` reference of the tenant file stands for."""
        return self.secrets[reference.removeprefix("env:")]

    def token_request(self, tenant: str | None = None, **fields: str) -> httpx.Response:
        """Post to the token endpoint of the configured tenant, or of the one given."""
        name = tenant or self.tenant["tenant"]["id"]
        return self.http.post(f"{self.endpoints['login']}/{name}/oauth2/v2.0/token", data=fields)

    def redeem(self, **changed: str) -> httpx.Response:
        """Redeem the refresh token, with some fields changed; an empty one is left out."""
        app = self.tenant["microsoft"]
        fields = {
            "grant_type": "refresh_token",
            "client_id": app["client_id"],
            "client_secret": self.secret(app["client_secret"]),
            "refresh_token": self.secret(app["refresh_token"]),
            "scope": OUTLOOK_SCOPES,
        } | changed
        return self.token_request(**{name: value for name, value in fields.items() if value})

    def app_token(self, **changed: str) -> httpx.Response:
        """Ask for the directory app's own token for Graph, with some fields changed."""
        app = self.tenant["directory"]
        fields = {
            "grant_type": "client_credentials",
            "client_id": app["client_id"],
            "client_secret": self.secret(app["client_secret"]),
            "scope": "https://graph.microsoft.com/.default",
        } | changed
        return self.token_request(**{name: value for name, value in fields.items() if value})

    def graph(self, path: str, /, **query: str) -> httpx.Response:
        """GET from Graph with the directory app's token; a query parameter is named without its dollar."""
        return self.http.get(
            self.endpoints["graph"] + path,
            params={f"${name}": value for name, value in query.items()},
            headers=self.graph_headers(),
        )

    def graph_headers(self) -> dict[str, str]:
        """Return the header that authorises the directory app."""
        return {"Authorization": f"Bearer {self.app_token().json()['access_token']}"}

    def exchange_headers(self) -> dict[str, str]:
        """Return the header that authorises the service account at Exchange."""
        return {"Authorization": f"Bearer {self.redeem().json()['access_token']}"}

    def nylas(self, path: str, **query: int) -> httpx.Response:
        """GET from Nylas v2 as the application."""
        auth = (self.secret(self.v2["client_secret"]), "")
        return self.http.get(self.endpoints["nylas_v2"] + path, params=query, auth=auth)

    def nylas_v3(self, path: str, /, **query: str | int) -> httpx.Response:
        """GET from Nylas v3 with the application's key."""
        return self.http.get(self.endpoints["nylas_v3"] + path, params=query, headers=self.v3_headers())

    def v3_headers(self) -> dict[str, str]:
        """Return the header that authorises the v3 application."""
        return {"Authorization": f"Bearer {self.secret(self.v3['api_key'])}"}

    def v3_app_token(self) -> httpx.Response:
        """Ask for the v3 Azure app's own token for Graph."""
        secret = self.secret(self.v3["microsoft_client_secret"])
        return self.app_token(client_id=self.v3["microsoft_client_id"], client_secret=secret)

    @property
    def v2(self) -> dict[str, str]:
        """The tenant file's section of Nylas v2."""
        section: dict[str, str] = self.tenant["nylas"]["v2"]
        return section

    @property
    def v3(self) -> dict[str, str]:
        """The tenant file's section of Nylas v3."""
        section: dict[str, str] = self.tenant["nylas"]["v3"]
        return section


def claims(answer: httpx.Response) -> dict[str, Any]:
    """Return the claims of the access token in a token endpoint's answer, its signature unread."""
    import jwt

    found: dict[str, Any] = jwt.decode(answer.json()["access_token"], options={"verify_signature": False})
    return found


@contextmanager
def visit(
    scenario: str, directory: Path, accounts: int = 40, faults: Sequence[str | dict[str, Any]] = ()
) -> Iterator[Visitor]:
    """Start the sandbox in a scenario and visit it; a defect of the sandbox itself fails the check.

    `faults`: more than the scenario's, each a name, or a table of its name and arguments.
    """
    from nylas_readiness.fixtures.sandbox.server import start

    with start(scenario, directory, accounts=accounts, faults=faults) as sandbox:
        context = ssl.create_default_context(cafile=str(directory / "ca.pem"))
        with httpx.Client(verify=context, trust_env=False, timeout=5) as http:
            yield Visitor(directory, sandbox.secrets, http)
    assert sandbox.errors == []
