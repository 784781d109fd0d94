"""Kinds of mailboxes, plans of all clouds, and where Autodiscover says that a mailbox is."""

from datetime import date
from typing import Any

import pytest

from nylas_readiness.checks.catalogue.exchange_plans import exchange_plans, plans_of
from nylas_readiness.checks.outcome import Outcome, Status
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.evidence_samples import (
    account_with,
    decided,
    read,
    setup_with,
    tenant_with,
)
from nylas_readiness.fixtures.clients.autodiscover import Discovered
from nylas_readiness.fixtures.clients.codes import Unreadable
from nylas_readiness.fixtures.clients.ews import EwsAnswer
from nylas_readiness.fixtures.clients.graph import LicenceDetail, Owner, ServicePlan, User
from nylas_readiness.fixtures.evidence.model import AccountEvidence, Mailbox
from nylas_readiness.fixtures.evidence.probes import Probes
from nylas_readiness.fixtures.evidence.slots import Slot, Unread
from nylas_readiness.fixtures.evidence.v3_model import AppRead

pytestmark = pytest.mark.offline

ONLINE, HYBRID = tenant_with(), tenant_with(setup=setup_with(hosting="hybrid"))
ON_PREMISES = tenant_with(setup=setup_with(hosting="on-premises"))
UNREAD = Unread(reason="HTTP 503")
NOT_HELD = read(Mailbox(missing="MailboxNotEnabledForRESTAPI", message="hosted on-premise"))
OPENED = read(EwsAnswer(ok=True, http_status=200, response_code="NoError"))
NO_MAILBOX = read(EwsAnswer(ok=False, http_status=500, response_code="ErrorNonExistentMailbox"))


def person(*, enabled: bool = True, **slots: Any) -> AccountEvidence:  # noqa: ANN401 -- slots of every type
    return account_with(**{"user": read(User(id="u1", account_enabled=enabled)), **slots})


def licences(*plans: tuple[str, str, str | None]) -> Slot[list[LicenceDetail]]:
    """Return licences with these plans, each `(id, name, status)`."""
    found = [
        ServicePlan(service_plan_id=plan_id, service_plan_name=name, provisioning_status=status)
        for plan_id, name, status in plans
    ]
    return read([LicenceDetail(sku_id="s", sku_part_number="SKU", service_plans=tuple(found))])


@each_of(
    ("mailbox", "status"),
    [
        *((read(Mailbox(purpose=kind)), Status.PASS) for kind in ("room", "Shared", "EQUIPMENT")),
        (read(Mailbox(purpose="user")), Status.FAIL),
        *((read(Mailbox(purpose=kind)), Status.REVIEW) for kind in ("linked", "others", "kiosk", None)),
        (NOT_HELD, Status.REVIEW),
        (UNREAD, Status.UNKNOWN),
        (Unread(reason="HTTP 403", permission="MailboxSettings.Read"), Status.UNKNOWN),
    ],
)
def test_a_blocked_sign_in_is_a_failure_for_a_person_alone(mailbox: Slot[Mailbox], status: Status) -> None:
    outcome = decided("ACC-001", account=person(enabled=False, mailbox=mailbox))
    assert outcome.status is status
    if status in {Status.REVIEW, Status.UNKNOWN}:
        assert "only a person's user is to be enabled" in str(outcome.remedy)
        assert "AccountEnabled" not in str(outcome.remedy)


@each_of(
    ("holder", "owner", "told"),
    [
        (None, "integrator", "Take the address off the list"),
        (Owner(kind="group", name="Crew"), "integrator", "list its members"),
        (Owner(kind="contact", name="Pilot"), "integrator", "Take the address off the list"),
        (Owner(kind="deleted user", name="Ola"), None, "Restore the user"),
    ],
)
def test_an_address_of_no_user_belongs_off_the_list(
    holder: Owner | None, owner: str | None, told: str
) -> None:
    outcome = decided("ACC-001", account=account_with(user=read(None), holder=read(holder)))
    assert (outcome.status, outcome.owner) == (Status.FAIL, owner)
    assert told in str(outcome.remedy)
    assert "AccountEnabled" not in str(outcome.remedy)


OPENINGS: list[dict[str, Any]] = [
    {"mailbox": read(Mailbox(purpose="room"))},
    {"mailbox": UNREAD, "calendar": OPENED},
    {"mailbox": UNREAD, "calendar": UNREAD, "app_calendar": read(AppRead(status=200))},
]


@each_of("slots", OPENINGS)
@pytest.mark.parametrize(
    "plans",
    [
        pytest.param(read([]), id="none"),
        pytest.param(licences(("0" * 36, "EXCHANGE_S_TOMORROW", "Success")), id="unlisted"),
        pytest.param(licences(("broken", "EXCHANGE_S_STANDARD", "Disabled")), id="broken-guid"),
        pytest.param(UNREAD, id="unread"),
    ],
)
def test_a_mailbox_that_opens_decides_before_any_table(slots: dict[str, Any], plans: Slot[Any]) -> None:
    outcome = decided("ACC-004", account=person(licences=plans, **slots), tenant=ONLINE)
    assert outcome.status is Status.PASS


@each_of(
    ("plan", "status"),
    [
        (("E9B4930A-925F-45E2-AC2A-3F7788CA6FDD", "EXCHANGE_S_STANDARD_GOV", "success"), Status.PASS),
        (("88f4d7ef-a73b-4246-8047-516022144c9f", "", "SUCCESS"), Status.PASS),
        (("fc52cc4b-ed7d-472d-bbe7-b081c23ecc56", "renamed", "Success"), Status.PASS),
        (("1126bef5-da20-4f07-b45e-ad25d2581aa8", "EXCHANGE_S_ESSENTIALS", "PendingInput"), Status.FAIL),
        (("922ba911-5694-4e99-a794-73aed9bfeec8", "EXCHANGE_S_FOUNDATION_GOV", "Success"), Status.FAIL),
        (("176a09a6-7ec5-4039-ac02-b2791c6ba793", "EXCHANGE_S_ARCHIVE_ADDON", "Success"), Status.FAIL),
        (("897d51f1-2cfa-4848-9b30-469149f5e68e", "EXCHANGEONLINE_MULTIGEO", "Success"), Status.FAIL),
        (("6a9d1c3e-0f4b-4d2a-8c7e-5b3f1a2d4e6c", "EXCHANGE_S_ENTERPRISE_CN", "Success"), Status.REVIEW),
        (("6a9d1c3e-0f4b-4d2a-8c7e-5b3f1a2d4e6c", "exchange_x", "Disabled"), Status.REVIEW),
        (("not a guid", "EXCHANGE_S_STANDARD", "Success"), Status.REVIEW),
        (("cd31b152-6326-4d1b-ae1b-997b625182e6", "MIP_S_Exchange", "Success"), Status.FAIL),
    ],
)
def test_a_plan_is_told_by_its_id_in_the_table_of_all_clouds(
    plan: tuple[str, str, str], status: Status
) -> None:
    account = person(licences=licences(plan), mailbox=NOT_HELD)
    outcome = decided("ACC-004", account=account, tenant=ONLINE)
    assert outcome.status is status
    if status is Status.REVIEW:
        assert plan[1] in outcome.observed


def test_without_a_plan_a_mailbox_of_a_purpose_that_was_not_read_is_unknown() -> None:
    account = person(licences=read([]), mailbox=UNREAD)
    assert decided("ACC-004", account=account, tenant=ONLINE).status is Status.UNKNOWN


def test_every_row_of_the_table_has_a_guid_and_a_broken_one_is_named() -> None:
    assert {"mailbox", "kiosk", "kiosk-elsewhere", "none"} == {
        plan.kind for plan in exchange_plans().values()
    }
    good = {"name": "EXCHANGE_A", "id": "9aaf7827-d63c-4b61-89c3-182f06f82e5c", "kind": "none"}
    with pytest.raises(ValueError, match=r"row 2 \(EXCHANGE_B\).*id"):
        plans_of([good, {"name": "EXCHANGE_B", "id": "9aaf7827-d63c", "kind": "none"}])


KIOSK = ("4a82b400-a79f-41a4-b4e2-e94f5787b113", "EXCHANGE_S_DESKLESS", "Success")
KIOSK_GOV = ("88f4d7ef-a73b-4246-8047-516022144c9f", "EXCHANGE_S_DESKLESS_GOV", "Success")


@each_of(
    ("plans", "slots", "status"),
    [
        ([KIOSK], {}, Status.FAIL),
        ([KIOSK], {"calendar": OPENED}, Status.WARN),
        ([KIOSK_GOV], {}, Status.REVIEW),
        ([KIOSK_GOV], {"calendar": OPENED}, Status.PASS),
        ([], {"mailbox": read(Mailbox(purpose="room"))}, Status.PASS),
        ([], {"calendar": OPENED}, Status.PASS),
        ([], {"mailbox": NOT_HELD}, Status.UNKNOWN),
    ],
)
def test_ews_is_judged_by_the_plan_unless_the_run_opened_the_mailbox(
    plans: list[tuple[str, str, str | None]], slots: dict[str, Any], status: Status
) -> None:
    account = person(licences=licences(*plans), **slots)
    outcome = decided("EWS-004", account=account, tenant=ONLINE, as_of=date(2026, 11, 23))
    assert outcome.status is status


def test_nobody_is_told_to_enable_the_user_of_a_room_that_ews_refuses() -> None:
    refused = read(EwsAnswer(ok=False, http_status=500, response_code="ErrorAccountDisabled"))
    account = person(enabled=False, mailbox=read(Mailbox(purpose="room")), calendar=refused)
    outcome = decided("EWS-003", account=account, tenant=ONLINE, probes=Probes())
    assert outcome.status is Status.FAIL
    assert "Leave the sign-in blocked" in str(outcome.remedy)
    assert "AccountEnabled" not in str(outcome.remedy)


def located(rule: str, tenant: Any, mailbox: Slot[Mailbox], **found: Any) -> Outcome:  # noqa: ANN401
    slot = read(Discovered(**{"status": 302, **found}))
    account = person(ews_endpoint=slot, activesync_endpoint=slot, mailbox=mailbox)
    return decided(rule, account=account, tenant=tenant)


ASKED = "outlook.office365.com"
THERE = read(Mailbox(purpose="user"))


@each_of(
    ("redirect", "hybrid", "online"),
    [
        ("https://autodiscover.fjord.example/autodiscover.json?Email=ann%40contoso.com", "pass", "review"),
        ("https://MAIL.fjord.example./x", "pass", "review"),
        ("https://mail.fjord.example:8443/x", "pass", "review"),
        # What leads back to the host that was asked is no redirect, whatever its query says.
        ("/autodiscover/autodiscover.json?Email=somebody%40else.example", "fail", "fail"),
        (f"https://{ASKED.upper()}/x?Email=else%40fjord.example", "fail", "fail"),
        (f"//{ASKED}/x", "fail", "fail"),
        # Another server of Exchange Online is not the company's.
        ("https://autodiscover-s.outlook.com/x", "review", "review"),
        # No https address of a server.
        ("javascript:alert(1)", "review", "review"),
        (f"https://{ASKED}@mail.fjord.example/x", "review", "review"),
        ("http://mail.fjord.example/x", "review", "review"),
        ("https://[::1/x", "review", "review"),
        ("https://mail.fjord.example:port/x", "review", "review"),
        ("https:///x", "fail", "fail"),
        ("data:text/html;" + "x" * 5000, "review", "review"),
    ],
)
def test_a_redirect_is_judged_by_its_host(redirect: str, hybrid: str, online: str) -> None:
    for rule in ("EWS-001", "EAS-001"):
        for tenant, status in ((HYBRID, hybrid), (ON_PREMISES, hybrid), (ONLINE, online)):
            outcome = located(rule, tenant, THERE, redirect=redirect)
            assert outcome.status == status, redirect
            assert len(outcome.observed) < 300
            if "fjord.example" in redirect and "@" not in redirect and status != "fail":
                assert "fjord.example" in outcome.observed


@each_of(
    ("url", "hybrid", "online"),
    [
        (f"https://{ASKED}/EWS/Exchange.asmx", "pass", "pass"),
        ("https://outlook.office.com/EWS/Exchange.asmx", "pass", "pass"),
        ("https://mail.fjord.example/EWS/Exchange.asmx", "pass", "review"),
        ("javascript:alert(1)", "review", "review"),
        ("/EWS/Exchange.asmx", "review", "review"),
    ],
)
def test_an_address_in_the_answer_is_judged_by_its_host_too(url: str, hybrid: str, online: str) -> None:
    for tenant, status in ((HYBRID, hybrid), (ONLINE, online)):
        assert located("EWS-001", tenant, THERE, status=200, url=url).status == status


def test_a_configured_host_settles_activesync_wherever_autodiscover_leads() -> None:
    slot = read(Discovered(status=302, redirect="https://mail.fjord.example/x"))
    account = person(activesync_endpoint=slot, eas_server_host="eas.fjord.example", mailbox=THERE)
    outcome = decided("EAS-001", account=account, tenant=ONLINE)
    assert outcome.status is Status.PASS
    assert "mail.fjord.example" in outcome.observed


def test_a_mailbox_on_the_companys_own_server_is_one_finding() -> None:
    found = read(Discovered(status=302, redirect="https://autodiscover.fjord.example/x"))
    account = person(
        mailbox=NOT_HELD,
        ews_endpoint=found,
        activesync_endpoint=found,
        calendar=NO_MAILBOX,
        licences=read([]),
    )
    missing = decided("ACC-005", account=account, tenant=HYBRID)
    assert (missing.status, missing.cause) == (Status.FAIL, None)
    assert "autodiscover.fjord.example" in missing.observed
    assert "licence" not in str(missing.remedy)
    rules: dict[str, dict[str, Any]] = {
        "ACC-004": {},
        "ACC-007": {},
        "EWS-003": {"probes": Probes()},
        "EWS-004": {"as_of": date(2026, 11, 23)},
        "NY3-010": {},
    }
    for rule, given in rules.items():
        outcome = decided(rule, account=account, tenant=HYBRID, **given)
        assert outcome.cause == "ACC-005", rule
        assert "licence" not in str(outcome.remedy), rule
    for rule in ("EWS-001", "EAS-001"):
        assert decided(rule, account=account, tenant=HYBRID).status is Status.PASS


@each_of(
    ("calendar", "status"),
    [
        (EwsAnswer(ok=False, http_status=401, diagnostics='2000005;error_category="invalid_user"'), "fail"),
        (EwsAnswer(ok=False, http_status=500, response_code="ErrorImpersonateUserDenied"), "fail"),
        (EwsAnswer(ok=False, http_status=500, response_code="ErrorBrandNew"), "fail"),
        (Unread(reason="a redirect to mail.fjord.example", code=Unreadable.STRANGER), "unknown"),
    ],
)
def test_whatever_ews_says_of_a_mailbox_on_the_companys_own_server_has_that_one_cause(
    calendar: EwsAnswer | Unread, status: str
) -> None:
    slot = calendar if isinstance(calendar, Unread) else read(calendar)
    found = read(Discovered(status=200, url="https://mail.fjord.example/EWS/Exchange.asmx"))
    account = person(mailbox=NOT_HELD, ews_endpoint=found, calendar=slot)
    outcome = decided("EWS-003", account=account, tenant=HYBRID, probes=Probes(succeeded=5))
    assert (outcome.status, outcome.cause) == (status, "ACC-005")
    assert "role" not in str(outcome.remedy)
    elsewhere = decided("EWS-003", account=account, tenant=ONLINE, probes=Probes(succeeded=5))
    assert elsewhere.cause is None


def test_a_mailbox_that_graph_opens_and_ews_does_not_find_lacks_no_licence() -> None:
    there = read(Mailbox(purpose="user"))
    outcome = decided(
        "EWS-003",
        account=person(mailbox=there, calendar=NO_MAILBOX),
        tenant=ONLINE,
        probes=Probes(succeeded=3),
    )
    assert (outcome.status, outcome.cause) == (Status.FAIL, None)
    assert "Graph opens the mailbox" in outcome.observed
    assert "licence" not in f"{outcome.observed} {outcome.remedy}"
    user = User(id="u2", mail="ann.primary@contoso.com", proxy_addresses=("SMTP:ann.primary@contoso.com",))
    alias = person(mailbox=there, calendar=NO_MAILBOX, user=read(user))
    judged = decided("EWS-003", account=alias, tenant=ONLINE, probes=Probes(succeeded=3))
    assert (judged.status, judged.cause) == (Status.FAIL, "ACC-002")
    assert "ann.primary@contoso.com" in judged.observed


@each_of("code", ["UserNotFound", "SomethingNew", None])
def test_an_error_of_autodiscover_that_nobody_lists_is_quoted_and_judges_nothing(code: str | None) -> None:
    for rule in ("EWS-001", "EAS-001"):
        outcome = located(rule, ONLINE, THERE, status=404, error_code=code)
        assert (outcome.status, outcome.owner) == (Status.REVIEW, None)
        assert f"404 {code or ''}".rstrip() in outcome.observed
        assert located(rule, ONLINE, NOT_HELD, status=404, error_code=code).cause == "ACC-005"


def test_what_autodiscover_does_not_know_depends_on_the_mailbox_that_graph_does_not_find() -> None:
    for rule in ("EWS-001", "EAS-001"):
        back = f"https://{ASKED}/autodiscover/autodiscover.json?Email=x"
        lost = located(rule, ONLINE, NOT_HELD, redirect=back)
        assert (lost.status, lost.cause) == (Status.FAIL, "ACC-005")
        assert located(rule, ONLINE, THERE, redirect=back).cause is None
