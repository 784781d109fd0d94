"""Rules on the app that Nylas v3 signs in with: its permissions, its registration, its secrets."""

from datetime import datetime
from typing import Any

import msgspec
import pytest

from nylas_readiness.checks.outcome import Status
from nylas_readiness.checks.suite.support.app_samples import NOT_READ, READS, TODAY, registered
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.evidence_samples import (
    decided,
    read,
    v3_tenant,
)
from nylas_readiness.fixtures.clients.codes import Unreadable
from nylas_readiness.fixtures.clients.entra import Claims
from nylas_readiness.fixtures.clients.graph_apps import ServicePrincipal
from nylas_readiness.fixtures.evidence.model import (
    Credential,
    Redemption,
    Refusal,
    Registration,
)
from nylas_readiness.fixtures.evidence.probes import Probes
from nylas_readiness.fixtures.evidence.slots import Unread
from nylas_readiness.fixtures.evidence.v3_model import (
    V3Answer,
)

pytestmark = pytest.mark.offline

DENIED = Probes(app_denied=40)
LASTS, ENDS = "2028-01-31T10:00:00+00:00", "2026-12-09T10:00:00+00:00"


CALLBACK = "https://api.us.nylas.com/v3/connect/callback"


RIGHT = Registration(
    redirect_uris=[CALLBACK], credentials=[], audience="AzureADandPersonalMicrosoftAccount", token_version=2
)


def token(*roles: str) -> Any:  # noqa: ANN401 -- a slot
    return read(Redemption(scope="Microsoft Graph", claims=Claims(roles=roles)))


@each_of(
    ("granted", "probes", "status", "said"),
    [
        (("Calendars.ReadWrite",), Probes(), Status.PASS, "consented for the whole tenant"),
        ((), READS, Status.PASS, "RBAC for Applications lets it"),
        (("Mail.Read",), READS, Status.PASS, "RBAC for Applications lets it"),
        (("Calendars.Read",), READS, Status.WARN, "nothing shows that it may write"),
        ((), DENIED, Status.FAIL, "40 mailboxes refuse it"),
        (("Calendars.Read",), DENIED, Status.FAIL, "not Calendars.ReadWrite"),
        ((), Probes(), Status.UNKNOWN, "no mailbox was asked"),
    ],
)
def test_the_app_may_by_consent_or_as_its_reads_show(
    granted: tuple[str, ...], probes: Probes, status: Status, said: str
) -> None:
    for slots in (
        {"v3_permissions": NOT_READ, "v3_token": token(*granted)},
        {"v3_permissions": read(list(granted)), "v3_token": Unread(reason="no secret")},
    ):
        outcome = decided("NY3-004", tenant=v3_tenant(**slots), probes=probes)
        assert outcome.status is status
        assert said in outcome.observed


def test_what_reads_show_needs_no_list_of_permissions_and_without_both_it_is_unknown() -> None:
    opaque = read(Redemption(scope="Microsoft Graph", claims=None))
    tenant = v3_tenant(v3_permissions=NOT_READ, v3_token=opaque)
    assert decided("NY3-004", tenant=tenant, probes=READS).status is Status.PASS
    outcome = decided("NY3-004", tenant=tenant, probes=Probes())
    assert outcome.status is Status.UNKNOWN
    assert "Application.Read.All" in str(outcome.reason)


def test_a_refused_token_is_the_apps_fault_and_explained() -> None:
    refusal = Refusal(error="invalid_client", codes=["7000222"], description="AADSTS7000222: expired")
    tenant = v3_tenant(
        v3_token=read(Redemption(refusal=refusal)), v3_permissions=read(["Calendars.ReadWrite"])
    )
    outcome = decided("NY3-004", tenant=tenant, probes=Probes())
    assert (outcome.status, outcome.owner) == (Status.FAIL, "tenant-admin")
    assert outcome.remedy
    for codes, status, cause in (
        (["90002"], Status.UNKNOWN, "ENT-001"),
        (["9990001"], Status.REVIEW, None),
        (["90033"], Status.UNKNOWN, None),
    ):
        other = read(Redemption(refusal=msgspec.structs.replace(refusal, codes=codes)))
        lost = decided("NY3-004", tenant=msgspec.structs.replace(tenant, v3_token=other), probes=Probes())
        assert (lost.status, lost.cause) == (status, cause)


@each_of(
    ("changed", "said"),
    [
        ({"audience": "PersonalMicrosoftAccount"}, "is PersonalMicrosoftAccount, not AzureADMyOrg"),
        ({"audience": "AzureADSomething"}, "signInAudience is AzureADSomething"),
        ({"audience": None}, "signInAudience is not told"),
        ({"token_version": None}, "the access token version is not set, not 2"),
        ({"token_version": 1}, "version is 1"),
        ({"redirect_uris": ["https://api.eu.nylas.com/v3/connect/callback"]}, "none of https://api.us."),
        ({"redirect_uris": []}, "web redirect URIs: none"),
    ],
)
def test_an_app_that_is_not_as_nylas_asks_is_never_more_than_a_warning(
    changed: dict[str, Any], said: str
) -> None:
    outcome = decided("NY3-005", tenant=registered(msgspec.structs.replace(RIGHT, **changed)), as_of=TODAY)
    assert outcome.status is Status.WARN
    assert said in outcome.observed


def test_a_right_app_passes_with_nylas_callback_or_one_of_the_application() -> None:
    assert decided("NY3-005", tenant=registered(RIGHT), as_of=TODAY).status is Status.PASS
    own = V3Answer(status=200, callback_uris=["https://app.contoso.com/cb"])
    custom = msgspec.structs.replace(RIGHT, redirect_uris=["https://app.contoso.com/cb"])
    assert (
        decided("NY3-005", tenant=registered(custom, v3_application=read(own)), as_of=TODAY).status
        is Status.PASS
    )
    assert decided("NY3-005", tenant=registered(custom), as_of=TODAY).status is Status.WARN


@each_of("audience", ["AzureADMyOrg", "AzureADMultipleOrgs", "AzureADandPersonalMicrosoftAccount"])
def test_an_audience_that_takes_in_the_own_tenant_is_right(audience: str) -> None:
    registration = msgspec.structs.replace(RIGHT, audience=audience)
    assert decided("NY3-005", tenant=registered(registration), as_of=TODAY).status is Status.PASS


def secret(name: str, ends: str | None, *, in_use: bool | None) -> Credential:
    return Credential(name=name, ends=datetime.fromisoformat(ends) if ends else None, in_use=in_use)


@each_of(
    ("secrets", "token_of", "status", "said"),
    [
        ([secret("a", LASTS, in_use=True)], "taken", Status.PASS, "expires on 2028-01-31"),
        ([secret("a", ENDS, in_use=True)], "taken", Status.FAIL, "expires on 2026-12-09"),
        ([secret("a", ENDS, in_use=True), secret("b", LASTS, in_use=True)], "taken", Status.PASS, "alike"),
        ([secret("a", LASTS, in_use=True), secret("b", ENDS, in_use=False)], "taken", Status.PASS, "“b”"),
        ([secret("a", LASTS, in_use=None)], "taken", Status.PASS, "is not told"),
        ([secret("a", ENDS, in_use=None)], "taken", Status.FAIL, "whichever"),
        ([secret("a", ENDS, in_use=None)], "unnamed", Status.FAIL, "whichever"),
        (
            [secret("a", ENDS, in_use=None), secret("b", LASTS, in_use=None)],
            "taken",
            Status.UNKNOWN,
            "by hand",
        ),
        ([secret("a", ENDS, in_use=None)], "unread", Status.UNKNOWN, "by hand"),
        ([secret("a", None, in_use=True)], "taken", Status.UNKNOWN, "does not say when"),
        ([secret("a", LASTS, in_use=False)], "refused", Status.UNKNOWN, "depends on NY3-004"),
        ([], "taken", Status.UNKNOWN, "none of the app's 0 secrets"),
    ],
)
def test_every_grant_ends_with_the_secret_in_use(
    secrets: list[Credential], token_of: str, status: Status, said: str
) -> None:
    refusal = Refusal(error="invalid_client", codes=["7000215"], description="AADSTS7000215")
    tokens = {
        "taken": token("Calendars.ReadWrite"),
        "refused": read(Redemption(refusal=refusal)),
        "unnamed": Unread(reason="no secret is named", code=Unreadable.SECTION),
        "unread": Unread(reason="HTTP 503", code=Unreadable.TROUBLE),
    }
    registration = msgspec.structs.replace(RIGHT, credentials=secrets)
    tenant = registered(registration, v3_token=tokens[token_of])
    outcome = decided("NY3-011", tenant=tenant, as_of=TODAY)
    assert outcome.status is status
    assert said in f"{outcome.observed} {outcome.reason}"
    registered_as_asked = decided("NY3-005", tenant=tenant, as_of=TODAY)
    ends = status is Status.FAIL
    assert registered_as_asked.status is (Status.WARN if ends else Status.PASS)
    assert registered_as_asked.cause == ("NY3-011" if ends else None)


def test_a_certificate_that_ends_is_mentioned_and_decides_nothing() -> None:
    certificate = secret("CN=v3", ENDS, in_use=False)
    registration = msgspec.structs.replace(
        RIGHT, credentials=[secret("a", LASTS, in_use=True)], certificates=[certificate]
    )
    outcome = decided("NY3-011", tenant=registered(registration, v3_token=token()), as_of=TODAY)
    assert outcome.status is Status.PASS
    assert "the certificate “CN=v3” on 2026-12-09" in outcome.observed


def test_a_secret_of_an_app_of_another_tenant_is_not_read_here() -> None:
    abroad = read(ServicePrincipal(id="sp", app_owner_organization_id="9f9f9f9f-0000-4000-8000-000000000000"))
    outcome = decided("NY3-011", tenant=registered(None, v3_principal=abroad), as_of=TODAY)
    assert (outcome.status, outcome.owner) == (Status.NOT_APPLICABLE, "integrator")
