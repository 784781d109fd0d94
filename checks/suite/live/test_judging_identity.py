"""The app's secrets and consent, the account's password and roles, the permissions and the clock."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from nylas_readiness.checks.catalogue.permissions import lacks
from nylas_readiness.checks.live.permissions import judge_permissions, needed
from nylas_readiness.checks.live.registration import judge_consent, judge_credential, judge_redirect_uri
from nylas_readiness.checks.live.roles import judge_roles
from nylas_readiness.checks.live.service_account import NEVER, judge_password
from nylas_readiness.checks.live.token import judge_user
from nylas_readiness.checks.outcome import Outcome, Status, Undecided
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.evidence_samples import (
    CLIENT_ID,
    NOT_ASKED,
    REDIRECT_URI,
    SERVICE_ACCOUNT,
    TENANT_ID,
    decided,
    read,
    setup_with,
    tenant_with,
)
from nylas_readiness.fixtures.clients.entra import Claims
from nylas_readiness.fixtures.clients.graph import Domain, User
from nylas_readiness.fixtures.clients.graph_apps import Membership, ServicePrincipal
from nylas_readiness.fixtures.evidence.model import (
    Consent,
    Credential,
    Redemption,
    Refusal,
    Registration,
    TenantEvidence,
)
from nylas_readiness.fixtures.evidence.slots import Absent, Unread

pytestmark = pytest.mark.offline

TODAY = date(2026, 11, 23)
EWS, EAS = "EWS.AccessAsUser.All", "EAS.AccessAsUser.All"
HERE = read(ServicePrincipal(id="sp", app_id=CLIENT_ID, app_owner_organization_id=TENANT_ID.upper()))


def concluded(judge: Any, *arguments: Any) -> Outcome:  # noqa: ANN401 -- any judgement
    """Return what a judgement concludes, whichever way it ends."""
    try:
        outcome: Outcome = judge(*arguments)
    except Undecided as undecided:
        return undecided.outcome
    return outcome


def secret(days: int | None, *, in_use: bool | None = True, name: str = "current") -> Credential:
    ends = None if days is None else datetime(2026, 11, 23, 23, 59, tzinfo=UTC) + timedelta(days)
    return Credential(name=name, ends=ends, in_use=in_use)


def app(*credentials: Credential, **given: Any) -> TenantEvidence:  # noqa: ANN401 -- slots of every type
    registration = read(Registration(redirect_uris=[REDIRECT_URI], credentials=list(credentials)))
    return tenant_with(**({"registration": registration, "service_principal": HERE} | given))


@each_of(
    ("days", "status", "said"),
    [
        (31, Status.PASS, "expires on 2026-12-24"),
        (30, Status.FAIL, "expires on 2026-12-23"),
        (0, Status.FAIL, "expires on 2026-11-23"),
        (-1, Status.FAIL, "expired on 2026-11-22"),
        (None, Status.UNKNOWN, "does not say"),
    ],
)
def test_the_secret_in_use_must_outlive_thirty_days(days: int | None, status: Status, said: str) -> None:
    outcome = judge_credential(app(secret(days)), TODAY)
    assert outcome.status is status
    assert said in outcome.observed


def test_of_secrets_that_begin_alike_the_latest_end_counts_and_others_are_only_mentioned() -> None:
    others = secret(-9, in_use=False, name="old"), secret(900, in_use=False, name="next")
    outcome = judge_credential(app(secret(5), secret(400, name="renewed"), *others), TODAY)
    assert outcome.status is Status.PASS
    assert "2 begin alike" in outcome.observed
    assert "“old” on 2026-11-14" in outcome.observed
    assert "next" not in outcome.observed


def test_a_secret_that_no_one_can_point_at_is_unknown_and_says_why() -> None:
    refusal = Refusal(error="invalid_client", codes=["7000215"], description="AADSTS7000215: wrong secret")
    refused = read(Redemption(refusal=refusal))
    lost = setup_with(unresolved={"microsoft.client_secret": "MS_SECRET is not set"})
    for tenant, said in (
        (app(secret(5, in_use=False)), "none of the app's 1 secrets"),
        (app(), "none of the app's 0 secrets"),
        (app(secret(5, in_use=False), secret(5, in_use=None)), "by hand"),
        (app(secret(5, in_use=False), redemption=refused), "depends on ENT-002"),
        (app(secret(5, in_use=None), setup=lost), "depends on CFG-001"),
    ):
        outcome = judge_credential(tenant, TODAY)
        assert outcome.status is Status.UNKNOWN
        assert said in str(outcome.reason)


def test_where_no_one_can_point_at_the_secret_that_was_redeemed_all_that_it_may_be_must_outlive_it() -> None:
    redeemed = read(Redemption(scope="EWS.AccessAsUser.All"))
    old = secret(1, in_use=False, name="old")
    lasting = judge_credential(app(secret(31, in_use=None), old, redemption=redeemed), TODAY)
    assert lasting.status is Status.PASS
    assert "the first expires on 2026-12-24" in lasting.observed
    for ends in (30, None):
        credentials = secret(400, in_use=None), secret(ends, in_use=None, name="next")
        outcome = judge_credential(app(*credentials, redemption=redeemed), TODAY)
        assert outcome.status is Status.UNKNOWN
        assert "by hand" in str(outcome.reason)


def test_the_app_of_another_tenant_is_its_owners_to_look_at() -> None:
    abroad = read(ServicePrincipal(id="sp", app_owner_organization_id="9f9f9f9f-0000-4000-8000-000000000000"))
    tenant = app(registration=read(None), service_principal=abroad)
    for judge in (lambda: judge_credential(tenant, TODAY), lambda: judge_redirect_uri(tenant)):
        outcome = concluded(judge)
        assert (outcome.status, outcome.owner) == (Status.NOT_APPLICABLE, "integrator")
        assert "9f9f9f9f" in str(outcome.reason)


@each_of(
    ("principal", "said"),
    [
        (read(None), "depends on ENT-008"),
        (HERE, "was not told"),
        (read(ServicePrincipal(id="sp")), "was not told"),
        (Unread(reason="HTTP 403", permission="Application.Read.All"), "Application.Read.All"),
    ],
)
def test_an_app_without_a_registration_to_read_is_unknown(principal: Any, said: str) -> None:  # noqa: ANN401
    tenant = app(registration=read(None), service_principal=principal)
    outcome = concluded(judge_credential, tenant, TODAY)
    assert outcome.status is Status.UNKNOWN
    assert said in str(outcome.reason)


def test_a_redirect_uri_is_registered_character_for_character() -> None:
    assert judge_redirect_uri(app()).status is Status.PASS
    for other in (REDIRECT_URI + "/", REDIRECT_URI.upper(), None):
        outcome = judge_redirect_uri(app(setup=setup_with(redirect_uri=other)))
        assert outcome.status is Status.WARN
        assert REDIRECT_URI in outcome.observed


@each_of(
    ("consents", "status"),
    [
        ([Consent(user_id=None, scopes=[EWS, EAS])], Status.PASS),
        ([Consent(user_id="me", scopes=[EWS, EAS])], Status.PASS),
        ([Consent(user_id=None, scopes=[EAS]), Consent(user_id="me", scopes=[EWS])], Status.PASS),
        ([Consent(user_id=None, scopes=[EWS])], Status.WARN),
        ([Consent(user_id=None, scopes=[EAS])], Status.FAIL),
        ([Consent(user_id="another", scopes=[EWS, EAS])], Status.FAIL),
        ([Consent(user_id=None, scopes=["full_access_as_app"])], Status.FAIL),
        ([], Status.FAIL),
    ],
)
def test_consent_counts_for_the_tenant_or_the_service_account_alone(
    consents: list[Consent], status: Status
) -> None:
    tenant = app(consents=read(consents), service_user=read(User(id="me")))
    assert judge_consent(tenant).status is status


def test_whose_consent_it_is_is_unknown_without_the_directorys_user() -> None:
    hidden = Unread(reason="HTTP 403", permission="User.Read.All")
    personal = app(consents=read([Consent(user_id="x", scopes=[EWS, EAS])]), service_user=hidden)
    assert concluded(judge_consent, personal).status is Status.UNKNOWN
    for_all = app(consents=read([Consent(user_id=None, scopes=[EWS, EAS])]), service_user=hidden)
    assert concluded(judge_consent, for_all).status is Status.PASS
    nobody = app(consents=read([]), service_user=read(None))
    assert concluded(judge_consent, nobody).status is Status.FAIL


@each_of(
    ("claims", "user", "status"),
    [
        ({"oid": "AB-1"}, read(User(id="ab-1")), Status.PASS),
        ({"oid": "ab-2", "upn": SERVICE_ACCOUNT}, read(User(id="ab-1")), Status.FAIL),
        ({"upn": SERVICE_ACCOUNT.upper()}, NOT_ASKED, Status.PASS),
        ({"oid": "ab-1", "upn": "svc@signin.contoso.com"}, NOT_ASKED, Status.REVIEW),
        (
            {"upn": "Svc@signin.contoso.com"},
            read(User(id="ab-1", user_principal_name="svc@signin.contoso.com")),
            Status.PASS,
        ),
        ({}, NOT_ASKED, Status.UNKNOWN),
    ],
)
def test_the_tokens_user_is_told_by_its_object_id_else_by_a_name_that_the_directory_gives(
    claims: dict[str, Any],
    user: Any,  # noqa: ANN401 -- a slot
    status: Status,
) -> None:
    redemption = read(Redemption(claims=Claims(**claims)))
    assert concluded(judge_user, tenant_with(redemption=redemption, service_user=user)).status is status


def account(policies: str | None, domain: Domain, upn: str | None = SERVICE_ACCOUNT) -> TenantEvidence:
    user = User(id="me", user_principal_name=upn, password_policies=policies)
    return tenant_with(service_user=read(user), domains=read([Domain(id="other.com"), domain]))


def contoso(**facts: Any) -> Domain:  # noqa: ANN401 -- members of every type
    return Domain(id="CONTOSO.com", **facts)


@each_of(
    ("policies", "domain", "status"),
    [
        ("DisablePasswordExpiration", contoso(), Status.PASS),
        ("DisableStrongPassword, DisablePasswordExpiration", contoso(), Status.PASS),
        ("DisableStrongPassword", contoso(password_validity_period_in_days=NEVER), Status.PASS),
        ("DisableStrongPassword", contoso(password_validity_period_in_days=90), Status.FAIL),
        (None, contoso(password_validity_period_in_days=0), Status.FAIL),
        (None, contoso(), Status.FAIL),
        (None, contoso(authentication_type="Federated"), Status.NOT_APPLICABLE),
        (None, Domain(id="elsewhere.com"), Status.UNKNOWN),
    ],
)
def test_a_password_expires_unless_the_account_or_its_domain_says_not(
    policies: str | None, domain: Domain, status: Status
) -> None:
    assert judge_password(account(policies, domain)).status is status


def test_the_domain_of_the_sign_in_name_counts_and_not_the_address() -> None:
    domain = Domain(id="signin.contoso.com", password_validity_period_in_days=NEVER)
    assert judge_password(account(None, domain, upn="svc@signin.contoso.com")).status is Status.PASS


def role(template: str | None, name: str | None = None) -> Membership:
    kind = "#microsoft.graph.directoryRole"
    return Membership(id="r", kind=kind, role_template_id=template, display_name=name)


READER, ADMINISTRATOR = "F2EF992C-3afb-46b9-b7cf-a126ee74c451", "29232cdf-9323-42fd-ade2-1d097af3e4de"


@each_of(
    ("memberships", "status", "said"),
    [
        ([], Status.PASS, "none"),
        ([Membership(id="g", kind="#microsoft.graph.group", display_name="Admins")], Status.PASS, "none"),
        ([role(READER)], Status.PASS, "Global Reader"),
        (
            [role(READER), role(ADMINISTRATOR, "Exchange Administrator")],
            Status.FAIL,
            "Exchange Administrator",
        ),
        ([role(ADMINISTRATOR)], Status.FAIL, ADMINISTRATOR),
        ([role(None)], Status.UNKNOWN, "Directory.Read.All"),
        ([role(None), role(ADMINISTRATOR)], Status.FAIL, ADMINISTRATOR),
        # The name is the tenant's text, the template is Microsoft's.
        ([role(ADMINISTRATOR, "Global Reader")], Status.FAIL, "Global Reader"),
    ],
)
def test_a_role_is_an_administrators_unless_microsoft_lists_it_as_a_reader(
    memberships: list[Membership], status: Status, said: str
) -> None:
    outcome = judge_roles(memberships)
    assert outcome.status is status
    assert said in outcome.observed


def test_each_missing_permission_is_listed_with_the_rules_that_it_leaves_unknown() -> None:
    every = needed(["v2"])
    assert "USR-001" in every["User.Read.All"]
    assert judge_permissions(tenant_with(directory_permissions=read(list(every)))).status is Status.PASS
    for permission, rules in every.items():
        left = [one for one in every if one not in {permission, "Directory.Read.All"}]
        outcome = judge_permissions(tenant_with(directory_permissions=read(left)))
        assert outcome.status is Status.FAIL
        assert f"{permission} ({', '.join(rules)})" in outcome.observed


@each_of(
    ("slot", "status"),
    [
        (read([]), Status.FAIL),
        (read(None), Status.UNKNOWN),
        (Unread(reason="AADSTS7000215"), Status.UNKNOWN),
        (Absent("[directory] is left out"), Status.UNKNOWN),
    ],
)
def test_a_token_that_was_not_read_lacks_nothing(slot: Any, status: Status) -> None:  # noqa: ANN401
    outcome = concluded(judge_permissions, tenant_with(directory_permissions=slot))
    assert outcome.status is status
    told = isinstance(slot, Absent) or status is Status.FAIL
    assert ("User.Read.All" in outcome.observed) == told


def test_a_greater_permission_does_and_a_lesser_one_does_not() -> None:
    assert not lacks(["Directory.Read.All"], "User.Read.All")
    assert not lacks(["User.ReadWrite.All"], "User.Read.All")
    assert lacks(["User.ReadBasic.All"], "User.Read.All")
    assert lacks(["Directory.Read.All"], "Application.Read.All")
    assert lacks(["Directory.Read.All"], "Policy.Read.All")


@each_of(
    ("clocks", "status", "remedy"),
    [
        ({"graph": 300.0, "login": -300.0}, Status.PASS, None),
        ({"graph": 301.0, "login": 400.0}, Status.FAIL, None),
        ({"graph": -301.0, "login": 0.0}, Status.FAIL, "Check the host of graph"),
        ({}, Status.UNKNOWN, None),
    ],
)
def test_a_clock_may_be_five_minutes_off(
    clocks: dict[str, float], status: Status, remedy: str | None
) -> None:
    outcome = decided("CFG-004", clocks=clocks)
    assert outcome.status is status
    assert (outcome.remedy or "").startswith(remedy or "")
    assert (outcome.remedy is None) == (remedy is None)


@each_of(
    ("days_ago", "status"), [(91, Status.PASS), (90, Status.WARN), (-1, Status.WARN), (None, Status.UNKNOWN)]
)
def test_sessions_that_ended_lately_are_a_warning(days_ago: int | None, status: Status) -> None:
    since = None if days_ago is None else datetime(2026, 11, 23, 12, tzinfo=UTC) - timedelta(days_ago)
    tenant = tenant_with(service_user=read(User(id="me", sign_in_sessions_valid_from_date_time=since)))
    outcome = decided("ENT-010", tenant=tenant, as_of=TODAY)
    assert outcome.status is status
