"""The Nylas v3 application, its Microsoft connector and credentials: behind NY3-001 to NY3-003."""

from http import HTTPStatus
from typing import Final

from nylas_readiness.checks.catalogue.explanations import explain
from nylas_readiness.checks.live.refusals import explained
from nylas_readiness.checks.outcome import (
    Outcome,
    Undecided,
    depends_on,
    fail,
    not_applicable,
    passed,
    require,
    unknown,
    warn,
)
from nylas_readiness.fixtures.evidence import v3_model
from nylas_readiness.fixtures.evidence.model import TenantEvidence
from nylas_readiness.fixtures.evidence.slots import Read
from nylas_readiness.fixtures.evidence.v3_model import ConnectorCredential, V3Answer, V3Connector, V3Setup

# How Nylas's errors for a key that it does not know end; one of them comes with 400.
_WRONG_KEY: Final = {"authentication_error", "unauthorized", "unauthorized_access"}
_MOST_NAMES: Final = 10
# The region of v3 that goes with v2's. Source: Nylas, upgrading to v3: Canada's applications go with the US.
REGIONS: Final = {"us": "us", "canada": "us", "ireland": "eu"}
_LOOK: Final = "Look in the Nylas v3 dashboard whether the Microsoft connector has the new Azure app."
_ELSEWHERE: Final = "Check nylas_v3 in [endpoints], what proxy is in between, and region in [nylas.v3]."
LIMIT: Final = "Nylas shows neither its type nor its tenant, so only name and id are compared"


def setup_of(tenant: TenantEvidence) -> V3Setup:
    """Return what `[nylas.v3]` says; without it nothing of v3 applies."""
    if tenant.setup.v3 is None:
        raise Undecided(not_applicable("[nylas.v3] is left out"))
    return tenant.setup.v3


def region_of(tenant: TenantEvidence) -> str:
    """Return the region of the v3 application: the one that it names itself, else the configured one."""
    configured, slot = setup_of(tenant).region, tenant.v3_application
    told = (slot.value.region or "").lower() if isinstance(slot, Read) else ""
    return told if told in REGIONS.values() else configured


def judge_application(tenant: TenantEvidence) -> Outcome:
    """Judge whether the key is one of this application and region."""
    answer, configured = require(tenant.v3_application), setup_of(tenant).client_id
    if answer.status == HTTPStatus.OK:
        return _judge_answer(answer, configured)
    observed = ": ".join(filter(None, (f"HTTP {answer.status}", answer.type, answer.message)))
    if answer.status == HTTPStatus.UNAUTHORIZED or answer.kind in _WRONG_KEY:
        return fail(
            f"{observed}: the key is wrong, or it belongs to the other region",
            expected=f"a key of the application {configured} in the region {setup_of(tenant).region}",
        )
    if answer.status == HTTPStatus.NOT_FOUND:
        is_there = passed("the key is accepted; Nylas does not tell which application it is of")
        return is_there if _is_there(tenant) else unknown(observed, remedy=_ELSEWHERE)
    return explained(unknown(observed), explain("nylas_v3", answer.kind))


def _is_there(tenant: TenantEvidence) -> bool:
    """Tell whether any path of v3 had an answer. Where each one is not found, the host is not Nylas's v3."""
    application, connector = tenant.v3_application, tenant.v3_connector
    others = (tenant.v3_credentials, tenant.v3_webhooks, tenant.v3_grants)
    return (
        (isinstance(application, Read) and application.value.status == HTTPStatus.OK)
        or (isinstance(connector, Read) and connector.value is not None)
        or any(isinstance(slot, Read) for slot in others)
    )


def _judge_answer(answer: V3Answer, configured: str) -> Outcome:
    found = answer.application_id
    if found and found.lower() != configured.lower():
        return fail(
            f"the key is of another application: {found}",
            expected=f"a key of the application {configured}",
            remedy="Take the key of the configured application, or correct client_id in [nylas.v3].",
        )
    if answer.blocked:
        return fail(
            "Nylas has blocked the application", remedy="Ask Nylas support why, and have it released."
        )
    return passed(f"the application {found} answers" if found else "the application answers, without its id")


def judge_connector(tenant: TenantEvidence) -> Outcome:
    """Judge whether there is a Microsoft connector with an Azure app, best the configured one."""
    app, connector = setup_of(tenant).microsoft_client_id, require(tenant.v3_connector)
    if connector is None and not _is_there(tenant):
        return depends_on("NY3-001", "no path of the Nylas v3 API was found")
    if connector is None:
        return fail("the application has no Microsoft connector")
    if connector.client_id is None:
        return _judge_untold(connector)
    if app and connector.client_id.lower() != app.lower():
        return warn(f"the connector is for the app {connector.client_id}", expected=f"the app {app}")
    return passed(f"the connector is for the app {connector.client_id}")


def _judge_untold(connector: V3Connector) -> Outcome:
    """Judge a connector whose Azure app Nylas does not name: one that was made has a primary credential."""
    if connector.active_credential_id:
        return passed(
            f"the connector has the credential {connector.active_credential_id}; its app is not told"
        )
    if connector.settings == []:
        return fail("the connector has no settings at all, as an import of the v2 application leaves it")
    shown = f" (but: {', '.join(connector.settings)})" if connector.settings else ""
    return unknown(f"Nylas shows neither the connector's Azure app nor its credential{shown}", remedy=_LOOK)


def judge_credential(tenant: TenantEvidence) -> Outcome:
    """Judge whether the connector has the configured credential, by its name or id."""
    wanted = setup_of(tenant).credential_name
    if isinstance(tenant.v3_connector, Read) and tenant.v3_connector.value is None:
        return depends_on("NY3-002", "without a connector there is no credential")
    credentials = require(tenant.v3_credentials)
    if not credentials:
        return warn("no connector credential yet", expected="a credential of the type adminconsent")
    there = _listed(credentials)
    if wanted is None:
        return warn(
            f"[nylas.v3] does not name the tenant's credential; there are: {there}",
            remedy="Name the tenant's credential as credential_name in [nylas.v3].",
        )
    found = credential_of(tenant)
    if found is None:
        return warn(f"no credential {wanted} yet; there are: {there}", expected=f"the credential {wanted}")
    return passed(f"the credential {wanted} ({found.id}) is there; {LIMIT}")


def credential_of(tenant: TenantEvidence) -> ConnectorCredential | None:
    """Return the tenant's connector credential, by its name or id, or None where none is known."""
    return v3_model.credential_of(tenant.setup.v3, tenant.v3_credentials)


def _listed(credentials: list[ConnectorCredential]) -> str:
    names = [one.name or one.id for one in credentials[:_MOST_NAMES]]
    more = len(credentials) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "")
