"""The app that Nylas v3 signs in with, as it was read."""

from datetime import date
from typing import Any

from nylas_readiness.checks.suite.support.evidence_samples import (
    TENANT_ID,
    V3,
    read,
    v3_tenant,
)
from nylas_readiness.fixtures.clients.graph_apps import ServicePrincipal
from nylas_readiness.fixtures.evidence.model import (
    Registration,
    TenantEvidence,
)
from nylas_readiness.fixtures.evidence.probes import Probes
from nylas_readiness.fixtures.evidence.slots import Unread
from nylas_readiness.fixtures.evidence.v3_model import V3Answer

TODAY = date(2026, 11, 23)
APP_ID = str(V3.microsoft_client_id)
READS = Probes(app_reads=40)
NOT_READ = Unread(reason="HTTP 403", permission="Application.Read.All")


def registered(registration: Registration | None, **given: Any) -> TenantEvidence:  # noqa: ANN401 -- slots
    """Return what was read of a tenant with this registration."""
    here = read(ServicePrincipal(id="sp", app_id=APP_ID, app_owner_organization_id=TENANT_ID))
    slots: dict[str, Any] = {"v3_registration": read(registration), "v3_principal": here}
    return v3_tenant(**(slots | given))


def answer(status: int, kind: str = "", **given: Any) -> V3Answer:  # noqa: ANN401 -- members of every type
    """Return an answer of Nylas v3."""
    return V3Answer(status=status, kind=kind, **given)
