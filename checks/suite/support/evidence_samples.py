"""Evidence made by hand, for the tests of judgements: what is not given was not asked."""

from typing import Any, TypeVar

import msgspec

from nylas_readiness.checks.live.refusals import conclude
from nylas_readiness.checks.outcome import Outcome
from nylas_readiness.fixtures.evidence.measures import Trace
from nylas_readiness.fixtures.evidence.model import AccountEvidence, Setup, TenantEvidence
from nylas_readiness.fixtures.evidence.slots import Absent, Read
from nylas_readiness.fixtures.evidence.v3_model import V3Setup

T = TypeVar("T")

TENANT_ID = "5b1f6f0e-9a1c-4c5e-8a3e-1c2d3e4f5a6b"
CLIENT_ID = "7c2e8d1a-0b3f-4e6a-9d5c-2a1b0c9d8e7f"
SERVICE_ACCOUNT = "nylas-svc@contoso.com"
EMAIL = "ann@contoso.com"
REDIRECT_URI = "https://app.contoso.com/callback"
NOT_ASKED = Absent("not asked")

_SETUP = Setup(
    name="contoso",
    kind="live",
    as_of=None,
    tenant_id=TENANT_ID,
    sides=("v2",),
    hosting="online",
    service_account=SERVICE_ACCOUNT,
    role_granted=None,
    client_id=CLIENT_ID,
    redirect_uri=REDIRECT_URI,
    eas_server_host=None,
    authorize_url="",
    unresolved={},
    left_out={},
    tenant_file="contoso.toml",
)
V3 = V3Setup(
    client_id="d5f00454-b46f-4576-acc3-ddbb1f9cae96",
    region="us",
    url="https://api.us.nylas.com",
    microsoft_client_id="77f23d99-61f2-481b-bede-8ff5ef30cb57",
    credential_name="contoso",
)
_PLAIN: dict[str, Any] = {
    "setup": _SETUP,
    "concurrency": 8,
    "writes": False,
    "list_source": "accounts.csv",
    "list_format": None,
    "account_count": 1,
    "bad_lines": [],
    "duplicates": [],
    "nylas_stand_in": None,
}


def read(value: T) -> Read[T]:
    """Return a value as it was read."""
    return Read(value, Trace(at="2026-11-23T12:00:00+00:00", source="GET /sample", what="a sample"))


def tenant_with(**given: Any) -> TenantEvidence:  # noqa: ANN401 -- slots of every type
    """Return a tenant's evidence with these slots; each other one was not asked."""
    slots = dict.fromkeys((field.name for field in msgspec.structs.fields(TenantEvidence)), NOT_ASKED)
    return TenantEvidence(**(slots | _PLAIN | given))


def v3_tenant(setup: dict[str, Any] | None = None, **given: Any) -> TenantEvidence:  # noqa: ANN401 -- slots
    """Return the evidence of a tenant that is audited on both sides; `setup`: its other settings."""
    both = setup_with(**({"sides": ("v2", "v3"), "v3": V3} | (setup or {})))
    return tenant_with(setup=both, **given)


def setup_with(**changed: Any) -> Setup:  # noqa: ANN401 -- settings of every type
    """Return the sample's settings, changed."""
    return msgspec.structs.replace(_SETUP, **changed)


def account_with(**given: Any) -> AccountEvidence:  # noqa: ANN401 -- slots of every type
    """Return an account's evidence with these slots; each other one was not asked."""
    slots = dict.fromkeys((field.name for field in msgspec.structs.fields(AccountEvidence)), NOT_ASKED)
    return AccountEvidence(**(slots | {"email": EMAIL, "name": "Ann", "eas_server_host": None} | given))


def decided(rule: str, **given: Any) -> Outcome:  # noqa: ANN401 -- what the check asks for
    """Return what the live check of a rule concludes."""
    from nylas_readiness.checks.suite.support.harness import live_checks

    return conclude(live_checks()[rule], given)
