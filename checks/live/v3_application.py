"""The Nylas v3 application, its Microsoft connector and credentials: behind NY3-001 to NY3-003."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

from nylas_readiness.checks.catalogue import scopes
from nylas_readiness.checks.catalogue.requests import printed
from nylas_readiness.checks.live.refusals import explained, v3_explanation
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
from nylas_readiness.fixtures.evidence.model import TenantEvidence
from nylas_readiness.fixtures.evidence.slots import Read
from nylas_readiness.fixtures.evidence.v3 import WRONG_KEY
from nylas_readiness.fixtures.evidence.v3_model import ConnectorCredential, V3Answer, V3Connector, V3Setup

# The region of v3 that goes with v2's. Source: Nylas, upgrading to v3: Canada's applications go with the US.
REGIONS: Final = {"us": "us", "canada": "us", "ireland": "eu"}
_CONFIGURE: Final = f"""Complete the connector with the new Azure app; `settings` is replaced as a whole.
{printed("connector-settings")}"""
_SCOPE: Final = "Set the connector's default scopes, with those that it has; its app stays."
_SCOPE_OF_SHARED: Final = """Ask the connector's owner to add the scopes: other tenants may hang on it.
Until then, a grant can have scopes of its own, which win."""
_LOOK: Final = "Look in the Nylas v3 dashboard whether the Microsoft connector has the new Azure app."
_ELSEWHERE: Final = "Check nylas_v3 in [endpoints], what proxy is in between, and region in [nylas.v3]."
_NAME_IT: Final = f"""Name the tenant's credential as credential_name in [nylas.v3]. This lists them:
{printed("credentials")}"""
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
    is_refused = answer.status == HTTPStatus.UNAUTHORIZED or answer.kind in WRONG_KEY
    if (is_refused or answer.status == HTTPStatus.FORBIDDEN) and _is_there(tenant):
        return passed(f"the key is accepted by other paths, and not to read the application: {observed}")
    if is_refused:
        return fail(
            f"{observed}: the key is wrong, or it belongs to the other region",
            expected=f"a key of the application {configured} in the region {setup_of(tenant).region}",
        )
    if answer.status == HTTPStatus.NOT_FOUND:
        is_there = passed("the key is accepted; Nylas does not tell which application it is of")
        return is_there if _is_there(tenant) else unknown(observed, remedy=_ELSEWHERE)
    return explained(unknown(observed), v3_explanation(answer.kind, text=observed))


def _is_there(tenant: TenantEvidence) -> bool:
    """Return whether any path of v3 had an answer. Where none is found, the host is not Nylas's v3."""
    application, connector = tenant.v3_application, tenant.v3_connector
    others = (tenant.v3_own_credential, tenant.v3_webhook_list, tenant.v3_grants)
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
    """Judge whether there is a Microsoft connector with an Azure app and default scopes."""
    setup_of(tenant)
    connector = require(tenant.v3_connector)
    if connector is None and not _is_there(tenant):
        return depends_on("NY3-001", "no path of the Nylas v3 API was found")
    if connector is None:
        return fail("the application has no Microsoft connector")
    if connector.client_id is None and not connector.has_credential:
        return _judge_untold(connector)
    observed, is_shared = _described(connector), is_of_another_app(tenant)
    if is_shared:
        observed += ", which is not the tenant's: its credential carries the tenant's own"
    if connector.scope is None:
        return passed(f"{observed}; its default scopes are not told")
    if not (lacking := scopes.lacking(connector.scope)):
        return passed(f"{observed}; its default scopes: {', '.join(connector.scope)}")
    shown = ", ".join(connector.scope) or "none"
    return warn(
        f"{observed}; its default scopes: {shown}; not {', '.join(lacking)}",
        expected=f"default scopes with {', '.join(lacking)}",
        remedy=_SCOPE_OF_SHARED if is_shared else f"{_SCOPE}\n{_with_scopes(connector.scope, lacking)}",
    )


def _with_scopes(there: Sequence[str], lacking: Sequence[str]) -> str:
    """Return the request that adds scopes: a list is replaced as a whole, so what is there is sent again."""
    return printed("connector-scope", known={"connector scope": [*there, *lacking]})


def is_of_another_app(tenant: TenantEvidence) -> bool:
    """Return whether the connector is for another app than the tenant's: others may hang on it."""
    slot, app = tenant.v3_connector, setup_of(tenant).microsoft_client_id
    told = slot.value.client_id if isinstance(slot, Read) and slot.value else None
    return bool(app and told and told.lower() != app.lower())


def _described(connector: V3Connector) -> str:
    if connector.client_id:
        return f"the connector is for the app {connector.client_id}"
    credential = connector.active_credential_id
    named = f"the credential {credential}" if credential else "a credential"
    return f"the connector has {named}; its app is not told"


def _judge_untold(connector: V3Connector) -> Outcome:
    """Judge a connector of which Nylas names neither app nor credential."""
    if connector.settings == []:
        return fail("the connector has no settings at all: it was never configured", remedy=_CONFIGURE)
    shown = f" (but: {', '.join(connector.settings)})" if connector.settings else ""
    return unknown(f"Nylas shows neither the connector's Azure app nor its credential{shown}", remedy=_LOOK)


def judge_credential(tenant: TenantEvidence) -> Outcome:
    """Judge whether the connector has the configured credential, by its name or id."""
    wanted = setup_of(tenant).credential_name
    if isinstance(tenant.v3_connector, Read) and tenant.v3_connector.value is None:
        return depends_on("NY3-002", "without a connector there is no credential")
    credentials = require(tenant.v3_own_credential)
    own, others = credentials.credential, credentials.others
    if own:
        return passed(f"the credential {wanted} ({own.id}) is there; {LIMIT}")
    if not others:
        return warn("no connector credential yet", expected="a credential of the type adminconsent")
    if wanted is None:
        return warn(
            f"[nylas.v3] does not name the tenant's credential; credentials of the connector: {others}",
            remedy=_NAME_IT,
        )
    return warn(
        f"no credential {wanted} yet; credentials with other names: {others}",
        expected=f"the credential {wanted}",
    )


def credential_of(tenant: TenantEvidence) -> ConnectorCredential | None:
    """Return the tenant's connector credential, by its name or id, or None where none is known."""
    slot = tenant.v3_own_credential
    return slot.value.credential if isinstance(slot, Read) else None
