"""The Entra client: what it sends, what it makes of answers, and what it never keeps."""

import base64
import datetime as dt
import json
from collections.abc import Callable
from itertools import product
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import httpx
import msgspec
import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.fixtures.clients.allowed import READS, allow
from nylas_readiness.fixtures.clients.entra import (
    Assertion,
    Certificate,
    Claims,
    EntraClient,
    TokenRefused,
    Tokens,
    TokenSource,
    claims,
)
from nylas_readiness.fixtures.clients.errors import LATER, ClientError, Unintelligible
from nylas_readiness.fixtures.clients.transport import Network
from nylas_readiness.fixtures.secrets import Secret

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

pytestmark = [pytest.mark.offline, pytest.mark.anyio]

LOGIN = "https://login.example"
TENANT = "8f0c7d7e-1111-4222-8333-444455556666"
SCOPE = "https://outlook.office365.com/EWS.AccessAsUser.All"


def entra(
    handler: Callable[[httpx.Request], httpx.Response], authority: str = "contoso.example"
) -> EntraClient:
    async def sleep(_seconds: float) -> None:
        return

    network = Network(allow(READS, {"login": LOGIN}), transport=httpx.MockTransport(handler), sleep=sleep)
    return EntraClient(network.service("login", LOGIN), authority)


def always(response: httpx.Response) -> Callable[[httpx.Request], httpx.Response]:
    return lambda _request: response


def token_answer(**members: object) -> httpx.Response:
    return httpx.Response(
        200, json={"token_type": "Bearer", "access_token": "opaque.token", "expires_in": 4499} | members
    )


async def test_discovery_finds_the_tenant_guid_in_the_token_endpoint() -> None:
    requested: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        requested.append(str(request.url))
        endpoint = f"{LOGIN}/{TENANT}/oauth2/v2.0/token"
        return httpx.Response(
            200, json={"issuer": f"{LOGIN}/{TENANT}/v2.0", "token_endpoint": endpoint, "x": 1}
        )

    discovery = await entra(handle).discovery()

    assert requested == [f"{LOGIN}/contoso.example/v2.0/.well-known/openid-configuration"]
    assert (discovery.tenant_id, discovery.issuer) == (TENANT, f"{LOGIN}/{TENANT}/v2.0")


async def test_discovery_of_the_common_endpoint_has_no_tenant() -> None:
    metadata = {"issuer": f"{LOGIN}/{{tenantid}}/v2.0", "token_endpoint": f"{LOGIN}/common/oauth2/v2.0/token"}

    assert (await entra(always(httpx.Response(200, json=metadata))).discovery()).tenant_id is None


async def test_a_refresh_token_is_redeemed_by_one_form_post_and_the_new_one_is_dropped() -> None:
    sent: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return token_answer(scope=SCOPE, refresh_token="0.the-new-refresh-token")

    secret, refresh = Secret("app secret&=+"), Secret("0.the-old-refresh-token")
    tokens = await entra(handle).redeem("app-1", secret, refresh, SCOPE)

    (request,) = sent
    assert (request.method, str(request.url)) == ("POST", f"{LOGIN}/contoso.example/oauth2/v2.0/token")
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert parse_qs(request.content.decode()) == {
        "grant_type": ["refresh_token"],
        "client_id": ["app-1"],
        "client_secret": ["app secret&=+"],
        "refresh_token": ["0.the-old-refresh-token"],
        "scope": [SCOPE],
    }
    assert (tokens.access_token.reveal(), tokens.scope, tokens.expires_in) == ("opaque.token", SCOPE, 4499)
    assert "new-refresh-token" not in repr([getattr(tokens, name) for name in tokens.__struct_fields__])
    assert tokens.__struct_fields__ == ("access_token", "scope", "expires_in")


async def test_of_a_description_only_its_times_are_kept() -> None:
    refresh = Secret("0.AX-refresh-token-echoed")
    text = f"AADSTS50173: {refresh.reveal()} is revoked. TokensValidFrom is '2026-09-30T22:15:00.0000000Z'."
    body = {"error": "invalid_grant", "error_description": text, "error_codes": [50173]}
    with pytest.raises(TokenRefused) as refused:
        await entra(always(httpx.Response(400, json=body))).redeem("a", Secret("s"), refresh, SCOPE)
    error = refused.value
    assert (error.status, error.error, error.codes) == (400, "invalid_grant", (50173,))
    assert error.description == "AADSTS50173; times that it names: 2026-09-30T22:15:00"
    assert "revoked" not in f"{error} {error!r}"


ECHO = "client_secret=s~ecret&refresh_token=0.AX-echo"
STATUSES = (200, 302, 400, 401, 403, 407, 429, 500, 503, 511)
PAGES: dict[str, dict[str, Any]] = {
    "title": {"text": f"<title>{ECHO}</title>"},
    "text": {"text": f"you sent {ECHO[::-1]} {ECHO.encode().hex()}"},
    "JSON": {"json": {"sent": ECHO}},
    "another's error": {"json": {"error": ECHO, "detail": "intruder"}},
}


@each_of(("page", "status", "signed"), list(product(PAGES, STATUSES, (False, True))))
async def test_of_a_page_at_the_token_endpoint_nothing_is_kept_but_its_length(
    page: str, status: int, signed: bool
) -> None:
    headers = {"x-ms-request-id": "1"} if signed else {}
    response = httpx.Response(status, headers=headers | {"Location": f"https://x/{ECHO}"}, **PAGES[page])
    credentials = Secret("s~ecret"), Secret("0.AX-echo")
    with pytest.raises(ClientError) as caught:
        await entra(always(response)).redeem("app", *credentials, SCOPE)
    kept = f"{caught.value} {caught.value!r}"
    assert (f"{len(response.content)} bytes" in kept) != ("a redirect, not followed" in kept)
    foreign = (
        "client_secret",
        "ecret",
        "echo",
        ECHO[::-1],
        ECHO.encode().hex(),
        "you sent",
        "intruder",
        "https://x",
    )
    for part in foreign:
        assert part not in kept


@each_of("error", ["Sh0rt~Secret", "a secret", "", "x" * 41])
async def test_an_error_that_is_none_of_oauths_is_not_kept(error: str) -> None:
    body = {"error": error, "error_description": "AADSTS7000215: wrong", "error_codes": [7000215]}
    with pytest.raises(TokenRefused) as refused:
        await entra(always(httpx.Response(401, json=body))).redeem("a", Secret("s"), Secret("r"), SCOPE)
    assert (refused.value.error, refused.value.description) == (None, "AADSTS7000215")


@pytest.mark.parametrize(
    ("response", "codes", "text"),
    [
        (
            httpx.Response(400, json={"error_description": "AADSTS90002: Tenant not found"}),
            (90002,),
            "AADSTS90002",
        ),
        (
            httpx.Response(400, json={"error": {"code": "x"}, "error_codes": ["1", 50057, None]}),
            (50057,),
            "HTTP 400",
        ),
        (httpx.Response(502, text="<html><title>Bad gateway</title></html>"), (), "Bad gateway"),
        (httpx.Response(500), (), "no body"),
    ],
    ids=["no list", "odd types", "page", "empty"],
)
async def test_a_refusal_of_any_other_shape_is_one_too(
    response: httpx.Response, codes: tuple[int, ...], text: str
) -> None:
    with pytest.raises(TokenRefused, match=text) as caught:
        await entra(always(response)).discovery()

    assert caught.value.codes == codes
    assert str(caught.value).endswith(LATER) is (response.status_code >= 500)


@each_of("token", ["", "two words", "line\nbreak", "não-ascii"])
async def test_a_token_that_cannot_stand_in_a_header_is_unintelligible(token: str) -> None:
    client = entra(always(token_answer(access_token=token)))

    with pytest.raises(Unintelligible, match="not printable ASCII"):
        await client.client_credentials("app-1", Secret("app-secret-2"), SCOPE)


async def test_an_answer_with_a_credential_is_never_quoted() -> None:
    answer = {"access_token": "0.never-registered-token", "expires_in": "soon"}
    client = entra(always(httpx.Response(200, json=answer)))

    with pytest.raises(Unintelligible, match="another shape") as caught:
        await client.client_credentials("app-1", Secret("app-secret-3"), SCOPE)

    assert "never-registered" not in str(caught.value)


@pytest.fixture(scope="module")
def key() -> "RSAPrivateKey":
    """Return a private key."""
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def pem(key: "RSAPrivateKey") -> str:
    """Return a self-signed certificate with its key, as one PEM text."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.x509.oid import NameOID

    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "readiness")])
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, start, start + dt.timedelta(days=365))
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return (private + certificate).decode()


async def test_a_certificate_signs_an_assertion_that_its_public_key_verifies(
    key: "RSAPrivateKey", pem: str
) -> None:
    import jwt
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    forms: list[dict[str, list[str]]] = []

    def handle(request: httpx.Request) -> httpx.Response:
        forms.append(parse_qs(request.content.decode()))
        return token_answer()

    await entra(handle).client_credentials("app-1", Certificate(Secret(pem)), SCOPE)

    (form,) = forms
    (assertion,) = form["client_assertion"]
    header = jwt.get_unverified_header(assertion)
    thumbprint = x509.load_pem_x509_certificate(pem.encode()).fingerprint(hashes.SHA256())
    assert base64.urlsafe_b64decode(header["x5t#S256"] + "=") == thumbprint
    payload = jwt.decode(
        assertion,
        key.public_key(),
        algorithms=["PS256"],
        audience=f"{LOGIN}/contoso.example/oauth2/v2.0/token",
    )
    assert (payload["iss"], payload["sub"]) == ("app-1", "app-1")
    assert payload["exp"] - payload["nbf"] == 600
    assert form["client_assertion_type"] == ["urn:ietf:params:oauth:client-assertion-type:jwt-bearer"]
    assert "client_secret" not in form


async def test_a_federated_credential_is_sent_as_it_is() -> None:
    forms: list[dict[str, list[str]]] = []

    def handle(request: httpx.Request) -> httpx.Response:
        forms.append(parse_qs(request.content.decode()))
        return token_answer()

    assertion = Assertion(Secret("eyJhbGciOi.eyJpc3Mi.c2ln-bmF0_dXJl"))
    await entra(handle).client_credentials("app-1", assertion, SCOPE)

    (form,) = forms
    assert form["client_assertion"] == ["eyJhbGciOi.eyJpc3Mi.c2ln-bmF0_dXJl"]
    assert form["client_assertion_type"] == ["urn:ietf:params:oauth:client-assertion-type:jwt-bearer"]
    assert "client_secret" not in form


async def test_a_certificate_that_cannot_sign_is_named_without_its_text(pem: str) -> None:
    client = entra(always(token_answer()))
    without_key = pem[pem.index("-----BEGIN CERTIFICATE") :]

    for text in ("not a pem at all", without_key, pem.replace("PRIVATE KEY", "PRIVATE KEI")):
        with pytest.raises(
            ClientError, match=r"client app-1: the certificate cannot sign.*one PEM file"
        ) as caught:
            await client.client_credentials("app-1", Certificate(Secret(text)), SCOPE)
        assert text not in str(caught.value)


def unsigned(payload: object) -> Secret:
    header, body = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
        for part in ({"alg": "RS256", "typ": "JWT"}, payload)
    )
    return Secret(f"{header}.{body}.c2lnbmF0dXJl")


def test_claims_are_read_without_a_key_and_odd_ones_are_left_out() -> None:
    read = claims(
        unsigned({"tid": TENANT, "aud": ["a"], "scp": 7, "roles": ["Mail.Read"], "exp": "soon", "x": 1})
    )

    assert read == Claims(tid=TENANT, roles=("Mail.Read",))


@each_of("text", ["opaque-token", "a.b.c", "eyJhbGciOiJub25lIn0.bm90IGpzb24.x", "é.é.é", "..", ""])
def test_a_token_that_cannot_be_decoded_is_opaque(text: str) -> None:
    assert claims(Secret(text)) is None


def test_a_token_with_a_payload_that_is_no_object_is_opaque() -> None:
    assert claims(unsigned(["a", "list"])) is None


def test_claims_go_into_a_journal_and_come_back() -> None:
    read = Claims(tid=TENANT, roles=("a", "b"), exp=7)

    assert msgspec.json.decode(msgspec.json.encode(read), type=Claims) == read


async def test_a_token_source_asks_again_shortly_before_the_end() -> None:
    now, asked = [0.0], list[float]()

    async def ask() -> Tokens:
        asked.append(now[0])
        return Tokens(access_token=Secret(f"token-number-{len(asked)}"), scope="", expires_in=3600)

    source = TokenSource(ask, clock=lambda: now[0])
    tokens = []
    for now[0] in (0.0, 3299.0, 3300.0, 3301.0):
        tokens.append((await source()).reveal())

    assert tokens == ["token-number-1", "token-number-1", "token-number-2", "token-number-2"]
    assert asked == [0.0, 3300.0]
