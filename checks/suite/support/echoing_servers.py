"""A sandbox tenant whose servers refuse every credential and quote it in the answer."""

import base64
import html
from dataclasses import dataclass
from urllib.parse import parse_qs, quote

from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from nylas_readiness.fixtures.sandbox.scenarios import Scenario
from nylas_readiness.fixtures.sandbox.state import World


@dataclass(frozen=True, kw_only=True)
class Echoing(Scenario):
    """The default company behind servers that refuse every credential and quote it."""

    def apply(self, world: World) -> None:
        """Answer in the place of Entra's token endpoint and of both of Nylas's."""
        super().apply(world)
        world.interceptors["login"] = [lambda request: EntraEcho() if request.method == "POST" else None]
        world.interceptors["nylas_v2"] = [lambda _request: NylasEcho()]
        world.interceptors["nylas_v3"] = [lambda _request: NylasV3Echo()]


class EntraEcho(Response):
    """Quotes what the token request brought, as it came and decoded."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 401."""
        body = (await receive())["body"].decode()
        fields = {name: values[0] for name, values in parse_qs(body).items()}
        quoted = " ".join(fields.get(name, "") for name in ("client_secret", "refresh_token"))
        error = {
            "error": "invalid_client",
            "error_codes": [7000215],
            "error_description": f"AADSTS7000215: {quoted} {quote(quoted)} {html.escape(quoted)} {body}",
        }
        await JSONResponse(error, 401)(scope, receive, send)


class NylasEcho(Response):
    """Quotes the Basic credentials, as they came and decoded."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 401."""
        given = dict(scope["headers"])[b"authorization"].decode()
        opened = base64.b64decode(given.partition(" ")[2]).decode()
        error = {"type": "invalid_request_error", "message": f"bad: {opened} {given}"}
        await JSONResponse(error, 401)(scope, receive, send)


class NylasV3Echo(Response):
    """Quotes the key."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 401."""
        given = dict(scope["headers"])[b"authorization"].decode()
        error = {"type": "unauthorized", "message": f"bad: {given.partition(' ')[2]} in {given}"}
        await JSONResponse({"request_id": given, "error": error}, 401)(scope, receive, send)


ECHOING = Echoing(
    name="echoing",
    description="Servers that quote every credential",
    faults=({"name": "nylas-v3"},),
    verdict={"v2": "blocked", "v3": "blocked"},
    exit_code=1,
    rules={"ENT-002": "fail", "NY2-001": "fail", "NY3-001": "fail"},
)
