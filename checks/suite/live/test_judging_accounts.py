"""Licences, mailboxes, hosts and connections of an end-user account."""

from datetime import date
from typing import Any

import pytest

from nylas_readiness.checks.outcome import Outcome, Status
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.evidence_samples import (
    EMAIL,
    REDIRECT_URI,
    account_with,
    decided,
    read,
    setup_with,
    tenant_with,
)
from nylas_readiness.fixtures.clients.activesync import ActiveSyncAnswer
from nylas_readiness.fixtures.clients.autodiscover import Discovered
from nylas_readiness.fixtures.clients.graph import Domain, LicenceDetail, ServicePlan, User
from nylas_readiness.fixtures.evidence.model import (
    AccountCounts,
    ConnectedAccount,
    Connection,
    Draft,
    Mailbox,
    NylasAnswer,
    Redemption,
    TenantEvidence,
)
from nylas_readiness.fixtures.evidence.probes import probes_of
from nylas_readiness.fixtures.evidence.slots import Absent, Slot, Unread

pytestmark = pytest.mark.offline


PLANS = {
    "EXCHANGE_S_STANDARD": "9aaf7827-d63c-4b61-89c3-182f06f82e5c",
    "EXCHANGE_S_DESKLESS": "4a82b400-a79f-41a4-b4e2-e94f5787b113",
    "EXCHANGE_S_FOUNDATION": "113feb6c-3fe4-4440-bddc-54d774bf0318",
    "EXCHANGE_S_ARCHIVE_ADDON": "176a09a6-7ec5-4039-ac02-b2791c6ba793",
    # Of no table.
    "EXCHANGE_S_NEXT": "0c9d8e7f-6a5b-4c3d-8e1f-0a9b8c7d6e5f",
    "RMS_S_BASIC": "31cf2cfc-6b0d-4adc-a336-88b724ed8122",
    "RMS_S_ENTERPRISE": "bea4c11e-220a-4e6d-8eb8-8ea15d019f90",
    "RMS_S_ADHOC": "7a39d7dd-e456-4e09-842a-0204ee08187b",
    "RMS_S_PREMIUM": "6c57d4b6-3b23-47a5-9bc9-69f17b4947b3",
    "RMS_S_PREMIUM2": "5689bec4-755d-4753-8b61-40975025187c",
}
BUSINESS_STANDARD = (
    "f245ecc8-75af-4f8e-b61f-27d8114de5f3",
    "ac5cef5d-921b-4f97-9ef3-c99076e5470f",
    "5a1c7b8d-0739-4ca8-bf69-ec87e69133ac",
    "c1f79c29-5d7a-4bec-a2c1-1a76774864c0",
)
ANOTHER_SKU = "05e9a617-0261-4cee-bb44-138d3ef5d965"
ANN = User(id="u1")
ON_PREMISES = tenant_with(setup=setup_with(hosting="on-premises"))
ONLINE = tenant_with()


def plan(name: str, status: str = "Success") -> ServicePlan:
    return ServicePlan(service_plan_id=PLANS[name], service_plan_name=name, provisioning_status=status)


def licence(*plans: ServicePlan, sku: str = ANOTHER_SKU) -> LicenceDetail:
    return LicenceDetail(sku_id=sku, sku_part_number="SKU", service_plans=plans)


def judged(rule: str, *licences: LicenceDetail, as_of: date | None = date(2026, 11, 23)) -> Outcome:
    """Return what a rule says of a user with these licences."""
    account = account_with(user=read(ANN), licences=read(list(licences)))
    given: dict[str, Any] = {"EWS-004": {"tenant": ONLINE, "as_of": as_of}, "ACC-006": {}}[rule]
    return decided(rule, account=account, **given)


@each_of(
    ("names", "status"),
    [
        (["EXCHANGE_S_STANDARD"], Status.PASS),
        (["EXCHANGE_S_DESKLESS", "EXCHANGE_S_STANDARD"], Status.PASS),
        (["EXCHANGE_S_DESKLESS"], Status.FAIL),
        (["EXCHANGE_S_DESKLESS", "EXCHANGE_S_FOUNDATION"], Status.FAIL),
        (["EXCHANGE_S_DESKLESS", "EXCHANGE_S_ARCHIVE_ADDON"], Status.FAIL),
        (["EXCHANGE_S_DESKLESS", "EXCHANGE_S_NEXT"], Status.REVIEW),
        (["EXCHANGE_S_FOUNDATION"], Status.UNKNOWN),
        ([], Status.UNKNOWN),
    ],
)
def test_ews_needs_a_plan_beside_kiosks(names: list[str], status: Status) -> None:
    assert judged("EWS-004", licence(*map(plan, names))).status is status


def test_a_plan_that_is_not_provisioned_gives_nothing() -> None:
    standard = plan("EXCHANGE_S_STANDARD", "PendingProvisioning")
    assert judged("EWS-004", licence(standard, plan("EXCHANGE_S_DESKLESS"))).status is Status.FAIL


def test_kiosk_is_a_warning_before_its_date_and_a_failure_from_that_day() -> None:
    kiosk = licence(plan("EXCHANGE_S_DESKLESS"))
    before = judged("EWS-004", kiosk, as_of=date(2026, 6, 29))
    assert (before.status, before.deadline) == (Status.WARN, "2026-06-30")
    assert judged("EWS-004", kiosk, as_of=date(2026, 6, 30)).status is Status.FAIL


@each_of(
    ("sku", "rms"), [(sku, rms) for sku in BUSINESS_STANDARD for rms in ("RMS_S_PREMIUM", "RMS_S_PREMIUM2")]
)
def test_business_standard_with_information_protection_of_any_licence_fails(sku: str, rms: str) -> None:
    base = licence(plan("EXCHANGE_S_STANDARD"), sku=sku.upper())
    outcome = judged("ACC-006", base, licence(plan(rms)))
    assert outcome.status is Status.FAIL
    assert rms in outcome.observed
    assert judged("ACC-006", licence(plan(rms), sku=sku)).status is Status.FAIL
    assert judged("ACC-006", base, licence(plan(rms, "PendingActivation"))).status is Status.FAIL


@each_of(
    "licences",
    [
        [licence(plan("EXCHANGE_S_STANDARD"), plan("RMS_S_BASIC"), sku=BUSINESS_STANDARD[0])],
        [licence(sku=BUSINESS_STANDARD[0]), licence(plan("RMS_S_ENTERPRISE"), plan("RMS_S_ADHOC"))],
        [licence(sku=BUSINESS_STANDARD[0]), licence(plan("RMS_S_PREMIUM", "Disabled"))],
        [licence(plan("RMS_S_PREMIUM"), plan("RMS_S_PREMIUM2"))],
        [],
    ],
)
def test_other_products_and_other_plans_do_not_count(licences: list[LicenceDetail]) -> None:
    assert judged("ACC-006", *licences).status is Status.PASS


def mailbox_judged(
    rule: str, mailbox: Slot[Any], tenant: TenantEvidence = ONLINE, user: User | None = ANN
) -> Outcome:
    """Return what a rule says of a user's mailbox."""
    return decided(rule, account=account_with(user=read(user), mailbox=mailbox), tenant=tenant)


@each_of(
    ("mailbox", "online", "users"),
    [
        (read(Mailbox(purpose="user")), Status.PASS, Status.PASS),
        (read(Mailbox(purpose="linked")), Status.PASS, Status.PASS),
        (read(Mailbox(purpose="shared")), Status.PASS, Status.WARN),
        (read(Mailbox(purpose="room")), Status.PASS, Status.WARN),
        (read(Mailbox(purpose="equipment")), Status.PASS, Status.WARN),
        (read(Mailbox(purpose="others")), Status.PASS, Status.REVIEW),
        (read(Mailbox()), Status.PASS, Status.UNKNOWN),
        (read(Mailbox(missing="MailboxNotEnabledForRESTAPI")), Status.FAIL, Status.UNKNOWN),
        (read(Mailbox(missing="ResourceNotFound")), Status.FAIL, Status.UNKNOWN),
        (Unread(reason="HTTP 503"), Status.UNKNOWN, Status.UNKNOWN),
    ],
)
def test_a_mailbox_that_is_there_may_still_be_nobodys(
    mailbox: Slot[Any], online: Status, users: Status
) -> None:
    assert mailbox_judged("ACC-005", mailbox).status is online
    assert mailbox_judged("ACC-007", mailbox).status is users
    for rule in ("ACC-005", "ACC-007"):
        assert mailbox_judged(rule, mailbox, ON_PREMISES).status is Status.NOT_APPLICABLE
        nobody = mailbox_judged(rule, mailbox, user=None)
        assert str(nobody.reason).startswith("depends on ACC-001")


@each_of(
    ("answer", "status", "said"),
    [
        ({"http_status": 200, "protocol_versions": "16.1"}, Status.PASS, "ActiveSync 16.1"),
        ({"http_status": 401, "challenge": "Basic"}, Status.PASS, "asks for credentials"),
        ({"http_status": 200}, Status.FAIL, "without MS-ASProtocolVersions"),
        ({"http_status": 200, "challenge": "Basic"}, Status.FAIL, "without MS-ASProtocolVersions"),
        ({"http_status": 401, "protocol_versions": "16.1"}, Status.FAIL, "without WWW-Authenticate"),
        ({"http_status": 404}, Status.FAIL, "no ActiveSync at this path"),
        ({"http_status": 302}, Status.FAIL, "answers HTTP 302"),
        ({"http_status": 451, "location": "https://eas2.contoso.com"}, Status.FAIL, "names https://eas2"),
        ({"http_status": 429}, Status.UNKNOWN, "in trouble"),
        ({"http_status": 503, "protocol_versions": "16.1"}, Status.UNKNOWN, "in trouble"),
    ],
)
def test_an_activesync_server_is_told_by_its_headers(
    answer: dict[str, Any], status: Status, said: str
) -> None:
    slot = read(ActiveSyncAnswer(**answer))
    account = account_with(eas_server_host="eas.contoso.com", activesync_host=slot)
    outcome = decided("EAS-002", account=account)
    assert outcome.status is status
    assert said in outcome.observed
    assert "eas.contoso.com" in outcome.observed


FOUND = read(Discovered(status=200, url="https://EAS.contoso.com/Microsoft-Server-ActiveSync"))
NOT_FOUND = read(Discovered(status=404))


@each_of(
    ("now", "then", "found", "status"),
    [
        ("eas.contoso.com", "EAS.contoso.com", NOT_FOUND, Status.PASS),
        (None, None, Unread(reason="HTTP 503"), Status.PASS),
        ("eas.contoso.com", "old.contoso.com", FOUND, Status.FAIL),
        # Where only one is configured, Autodiscover says which host the other was.
        ("eas.contoso.com", None, FOUND, Status.PASS),
        (None, "eas.contoso.com", FOUND, Status.PASS),
        ("new.contoso.com", None, FOUND, Status.FAIL),
        (None, "old.contoso.com", FOUND, Status.FAIL),
        ("eas.contoso.com", None, NOT_FOUND, Status.FAIL),
        ("eas.contoso.com", None, Unread(reason="HTTP 503"), Status.UNKNOWN),
    ],
)
def test_the_host_is_compared_with_the_one_of_the_baseline(
    now: str | None,
    then: str | None,
    found: Slot[Any],
    status: Status,
) -> None:
    account = account_with(email=EMAIL.upper(), eas_server_host=now, activesync_endpoint=found)
    assert decided("EAS-003", account=account, earlier_hosts={EMAIL: then}).status is status
    for hosts in (None, {"other@contoso.com": then}):
        assert decided("EAS-003", account=account, earlier_hosts=hosts).status is Status.NOT_APPLICABLE


def application(*uris: str, others: int = 0) -> NylasAnswer:
    return NylasAnswer(status=200, message="scheduling", redirect_uris=list(uris), other_uris=others)


@each_of(
    ("slot", "status", "said"),
    [
        (read(application("https://a.example", REDIRECT_URI)), Status.PASS, REDIRECT_URI),
        (read(application(REDIRECT_URI + "/")), Status.WARN, "is not among"),
        (read(application()), Status.WARN, "is not among none"),
        (read(application(others=4)), Status.WARN, "is not among 4 that may be other customers'"),
        (read(NylasAnswer(status=200, message="")), Status.UNKNOWN, "no redirect_uris"),
        (read(NylasAnswer(status=401, message="no")), Status.UNKNOWN, "depends on NY2-001"),
        (Unread(reason="no connection"), Status.UNKNOWN, "depends on NY2-001: no connection"),
        (Unread(reason="not set", cause="CFG-001"), Status.UNKNOWN, "depends on CFG-001"),
        (Absent("[nylas.v2] is left out"), Status.NOT_APPLICABLE, "left out"),
    ],
)
def test_the_redirect_uri_is_looked_for_character_by_character(
    slot: Slot[Any],
    status: Status,
    said: str,
) -> None:
    outcome = decided("NY2-002", tenant=tenant_with(nylas_application=slot))
    assert outcome.status is status
    assert said in (outcome.reason or outcome.observed)


def connected(*ids: str) -> Slot[Any]:
    return read([ConnectedAccount(account_id=one, email=EMAIL, sync_state="running") for one in ids])


@each_of(("ids", "status"), [([], Status.NOT_APPLICABLE), (["a1"], Status.PASS), (["a1", "a2"], Status.FAIL)])
def test_an_address_connected_twice_fails_with_its_ids(ids: list[str], status: Status) -> None:
    outcome = decided("NY2-004", account=account_with(connected=connected(*ids)))
    assert outcome.status is status
    assert all(one in outcome.observed for one in ids)


REFUSED = NylasAnswer(status=403, type="auth_error", message="You've entered invalid credentials")


@each_of(
    ("connection", "ids", "status", "said"),
    [
        (Connection(authorize_s=1, account_id="a1"), [], Status.PASS, "account a1"),
        (Connection(authorize_s=1, account_id="a1"), ["a1"], Status.PASS, "account a1"),
        (Connection(authorize_s=1, account_id="a2"), ["a1"], Status.WARN, "another than a1"),
        (Connection(authorize_s=1, refusal=REFUSED), ["a1"], Status.FAIL, "Microsoft refused the cred"),
        (Connection(authorize_s=1, lost="the outcome is not known"), [], Status.UNKNOWN, "not known"),
    ],
)
def test_a_connection_is_told_by_its_outcome(
    connection: Connection, ids: list[str], status: Status, said: str
) -> None:
    account = account_with(connection=read(connection), connected=connected(*ids))
    outcome = decided("NY2-005", account=account)
    assert outcome.status is status
    assert said in outcome.observed
    assert len(outcome.evidence) == 1


@each_of(
    ("seconds", "inbox", "status", "said"),
    [
        ([2.0, 59.9], None, Status.PASS, "the slowest of 2 authorize requests took 59.9 s"),
        ([60.0, 2.0], None, Status.WARN, "no inbox: give it one (USR-004)"),
        ([61.0], read(False), Status.WARN, "no inbox: give it one (USR-004)"),
        ([61.0], read(True), Status.WARN, "USR-004 says that it has one"),
        ([], None, Status.UNKNOWN, "no authorize request"),
    ],
)
def test_the_slowest_authorize_counts(
    seconds: list[float],
    inbox: Slot[Any] | None,
    status: Status,
    said: str,
) -> None:
    probes = probes_of(account_with(connection=read(Connection(authorize_s=one))) for one in seconds)
    given = {"redemption": read(Redemption()), "nylas_inventory": read(AccountCounts(total=0))}
    if inbox is not None:
        given["service_mailbox"] = inbox
    outcome = decided("NY2-006", tenant=tenant_with(writes=True, **given), probes=probes)
    assert outcome.status is status
    assert said in outcome.observed
    read_only = decided("NY2-006", tenant=tenant_with(**given), probes=probes)
    assert read_only.status is Status.NOT_APPLICABLE


@each_of("address", ["", "ann", "ann@", "@", "ann@\u202econtoso.com", "ann@.", f"ann@{'x' * 300}.com"])
def test_what_is_no_address_is_of_another_domain_and_breaks_no_check(address: str) -> None:
    """Without a list the accounts are those that Nylas names, and Graph names what it likes."""
    odd = User(id="7", mail=address, user_principal_name=address, account_enabled=True)
    tenant = tenant_with(
        service_user=read(odd),
        domains=read([Domain(id=address.rpartition("@")[2]), Domain(id="contoso.com")]),
    )
    account = account_with(email=address or "nobody", user=read(odd))
    assert decided("ACC-003", account=account, tenant=tenant).status == "fail"
    same = account_with(user=read(odd))
    assert decided("ACC-002", account=same).status in {"fail", "unknown"}
    assert decided("USR-003", tenant=tenant).status in {"fail", "unknown"}
    assert decided("USR-006", tenant=tenant).status == "fail"


@each_of(
    ("email", "refusal", "cause"),
    [
        ("ann@elsewhere.example", "email_address is in another domain", "ACC-003"),
        ("ann.alias@contoso.com", "email_address is an alias", "ACC-002"),
        ("ann@contoso.com", "name is blank", None),
    ],
)
def test_a_body_that_an_address_keeps_from_being_built_waits_for_the_rule_of_that_address(
    email: str, refusal: str, cause: str | None
) -> None:
    user = User(id="7", proxy_addresses=("SMTP:ann@contoso.com", "smtp:ann.alias@contoso.com"))
    account = account_with(email=email, user=read(user), draft=read(Draft(refusal=refusal)))
    setup = setup_with(service_account="svc@contoso.com")
    outcome = decided("ACC-008", account=account, tenant=tenant_with(setup=setup))
    assert (outcome.status, outcome.cause) == (Status.FAIL, cause)
