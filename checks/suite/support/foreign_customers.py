"""A company whose Nylas applications have the accounts and grants of other customers, each with a canary."""

import re
from collections.abc import Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from nylas_readiness.fixtures.sandbox.company_v3 import bulk_grant
from nylas_readiness.fixtures.sandbox.fault_registry import fault
from nylas_readiness.fixtures.sandbox.nylas_v3_faults import connector_of, v3_of
from nylas_readiness.fixtures.sandbox.scenarios import FaultEntry, scenario_named
from nylas_readiness.fixtures.sandbox.server import Sandbox
from nylas_readiness.fixtures.sandbox.state import World, guid
from nylas_readiness.fixtures.sandbox.state_nylas import ConnectorCredential, NylasAccount, Webhook
from nylas_readiness.fixtures.sandbox.wire_faults import intercept

CANARY = "c4nary"
# Whose domain is another, however near it comes to the tenant's.
FOREIGN = (
    f"{CANARY}.ann@fabrikam.example",
    f"{CANARY}.BOB@Fabrikam.EXAMPLE",
    f"{CANARY}.cem@bücher.example",
    f"{CANARY}.dora@branch.halden.example",
    f"{CANARY}.emil@nothalden.example",
    f"{CANARY}.fay@halden.example.evil.example",
)
# Of the tenant's domain, at another provider.
GMAIL = f"{CANARY}.gus@halden.example"
Make = Callable[[], Response]


@fault
def planted_customers(world: World, *, has_list: bool, broken: str) -> None:
    """Add the canaries to the accounts of v2 and to the grants of v3; break a list of theirs."""
    found = [NylasAccount(email=email, name=f"{CANARY} {email}", provider="exchange") for email in FOREIGN]
    gmail = NylasAccount(email=GMAIL, name=CANARY, provider="Gmail")
    world.nylas.accounts = [*found[::2], *world.nylas.accounts, gmail, *found[1::2]]
    v3_of(world).grants += [bulk_grant(email, place, guid(CANARY)) for place, email in enumerate(FOREIGN)]
    _plant_in_settings(world)
    if not has_list:
        del world.files.tenant["accounts"]
    for name in broken.split():
        _break(world, *FAULTS[name])


def company(folder: Path, broken: str = "", *, has_list: bool = False) -> Sandbox:
    """Return a company that shares its applications; `broken`: what is wrong with them, by `FAULTS`."""
    planted: FaultEntry = {"name": "planted-customers", "has_list": has_list, "broken": broken}
    return Sandbox(scenario_named("migration-ready").with_faults([planted]), folder, 8)


def _plant_in_settings(world: World) -> None:
    """Add the canaries to credentials, redirect URIs and webhooks."""
    app, credentials = v3_of(world), connector_of(world).credentials
    names = (f"{CANARY} Fabrikam", f"{credentials[0].name} {CANARY}", FOREIGN[0])
    credentials += [
        ConnectorCredential(name=name, kind="adminconsent", data={}, created_at=1) for name in names
    ]
    url = f"https://{CANARY}.vendor.example"
    app.webhooks.append(Webhook(url=url, triggers=["grant.expired"], created_at=1))
    app.callback_uris += [url, f"https://app.vendor.example/{CANARY}"]
    world.nylas.redirect_uris = [url, *world.nylas.redirect_uris]


def _break(world: World, service: str, path: str, make: Make) -> None:
    intercept(world, service, lambda request: make() if _is_at(request, path) else None)


def _is_at(request: Request, path: str) -> bool:
    return re.search(f"{path}$", request.url.path) is not None


FAULTS: dict[str, tuple[str, str, Make]] = {
    "v2-another-shape": ("nylas_v2", "/accounts", lambda: JSONResponse([{"email": FOREIGN[0], "id": 7}])),
    "v2-page": ("nylas_v2", "/accounts", lambda: HTMLResponse(f"<title>{FOREIGN[0]}</title>")),
    "v2-refused": (
        "nylas_v2",
        "/accounts",
        lambda: JSONResponse(
            {"type": "api_error", "message": f"Cannot read {FOREIGN[0]}, {FOREIGN[2]}"}, 403
        ),
    ),
    "v2-torn": ("nylas_v2", "/accounts", lambda: JSONResponse(f'[{{"email": "{FOREIGN[1]}"')),
    "v3-another-shape": ("nylas_v3", "/grants", lambda: JSONResponse({"data": [{"email": FOREIGN[0]}]})),
    "v2-application": ("nylas_v2", "/a/[^/]+", lambda: JSONResponse([CANARY])),
    "v3-application": (
        "nylas_v3",
        "/applications",
        lambda: JSONResponse({"data": {"application_id": 7, "callback_uris": [{"url": CANARY}]}}),
    ),
    "v3-credentials": ("nylas_v3", "/creds", lambda: JSONResponse({"data": [{"name": CANARY}]})),
    "v3-webhooks": ("nylas_v3", "/webhooks", lambda: JSONResponse({"data": {"webhook_url": CANARY}})),
    "v3-refused": (
        "nylas_v3",
        "/grants",
        lambda: JSONResponse(
            {"error": {"type": "api_error", "message": f"see /grants?email={CANARY}%40fabrikam.example"}}, 400
        ),
    ),
}
