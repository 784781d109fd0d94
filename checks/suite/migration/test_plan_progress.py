"""What the plan measures of each step, from what was read and what could not be read."""

from collections.abc import Mapping, Sequence

import msgspec
import pytest

from nylas_readiness.checks.live.v3_app import CALLBACK
from nylas_readiness.checks.migration.commands import Values
from nylas_readiness.checks.migration.model import Granted, Matched, Regions, StepState
from nylas_readiness.checks.migration.plan import Measure, plan_of
from nylas_readiness.checks.migration.progress import Progress, measures_of
from nylas_readiness.checks.migration.tables import migration_of, regions_of, values_of
from nylas_readiness.checks.outcome import Status
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.evidence_samples import (
    account_with,
    read,
    setup_with,
    tenant_with,
)
from nylas_readiness.checks.suite.support.plan_samples import all_pass, decided, measured, values
from nylas_readiness.checks.suite.support.progress_samples import (
    BEGUN,
    NEEDED,
    UNREAD,
    V3,
    account,
    counted,
    grant,
    measure,
    on_v2,
)
from nylas_readiness.fixtures.clients.entra import Claims
from nylas_readiness.fixtures.clients.graph_apps import ServicePrincipal
from nylas_readiness.fixtures.evidence.model import (
    AccountCounts,
    NylasAnswer,
    Redemption,
    TenantEvidence,
)
from nylas_readiness.fixtures.evidence.slots import Absent, Read, Unread
from nylas_readiness.fixtures.evidence.v3_model import (
    Addresses,
    ConnectorCredential,
    Destination,
    Matching,
    OwnCredential,
    V3Answer,
    V3Connector,
    V3Setup,
)

pytestmark = pytest.mark.offline
ABROAD = ServicePrincipal(id="sp", app_owner_organization_id="9f9f9f9f-0000-4000-8000-000000000000")


def lists_of(found: Values) -> Mapping[str, Sequence[str]]:
    """Return what of a plan's values stands for several."""
    lists = found["lists"]
    assert isinstance(lists, Mapping)
    return lists


def test_who_leaves_the_section_of_v3_out_has_not_begun() -> None:
    left_out = Absent("[nylas.v3] is left out")
    progress = counted(account_with(email="bob", grants=left_out, connected=read(on_v2("running"))))
    slots = {"v3": None, "v3_requested": left_out}
    for step in ("permissions", "grants"):
        assert measure(step, progress, **slots) == Measure(False, "[nylas.v3] is left out")


def test_where_no_azure_app_is_named_none_is_registered() -> None:
    for step in ("azure-app", "permissions"):
        assert measure(step, v3=V3, v3_requested=UNREAD) == Measure(
            False, "no Azure app is named in [nylas.v3]"
        )


@each_of(
    ("answer", "status", "refused"),
    [
        (read(V3Answer(status=401)), Status.FAIL, True),
        (read(V3Answer(status=200, blocked=True)), Status.FAIL, False),
        (read(V3Answer(status=404)), Status.PASS, False),
        (UNREAD, Status.UNKNOWN, False),
    ],
)
def test_a_key_that_is_refused_says_of_no_application_that_there_is_none(
    answer: Read[V3Answer] | Unread, status: Status, *, refused: bool
) -> None:
    rules = decided(NY3_001=status)
    tenant = tenant_with(setup=setup_with(v3=BEGUN), v3_application=answer)
    found = measures_of(tenant, Progress(), NEEDED, rules).get("v3-application")
    assert (found is not None) == refused
    if found:
        assert (found.is_done, found.observed[:8]) == (None, "HTTP 401")


def test_v2_that_is_left_out_is_said_to_be_not_audited() -> None:
    left_out = Absent("[nylas.v2] is left out")
    progress = counted(account_with(email="ann", grants=read([grant()]), connected=left_out))
    for step in ("cut-over", "v2-shutdown"):
        found = measure(step, progress, nylas_inventory=left_out)
        assert found == Measure(None, "v2 is not audited: [nylas.v2] is left out")


def test_a_secret_that_ends_opens_the_step_of_the_app_again() -> None:
    ending = decided(NY3_011=Status.FAIL, NY3_005=Status.PASS)
    tenant = tenant_with(setup=setup_with(v3=BEGUN))
    assert measures_of(tenant, Progress(), NEEDED, ending)["azure-app"].is_done is False
    assert "azure-app" not in measures_of(tenant, Progress(), NEEDED, decided(NY3_011=Status.UNKNOWN))
    how = {step.id: step.how for step in plan_of(ending, {}, values(rotate="yes", credential="c-1"))}
    assert (
        "-X PATCH https" not in how["azure-app"].partition("creds/c-1")[0].partition("New-MgApplication")[2]
    )
    assert "creds/c-1" in how["azure-app"]
    assert "New-MgApplication" not in how["azure-app"]


@each_of(("app", "step"), [("an-integrators", True), ("AN-APP", None)])
def test_a_connector_of_another_app_is_left_as_it_is(app: str, step: bool | None) -> None:
    connector = read(V3Connector(settings=["client_id"], client_id=app, scope=[]))
    tenant = tenant_with(setup=setup_with(v3=BEGUN), v3_connector=connector)
    rules = decided(NY3_002=Status.WARN)
    measures = measures_of(tenant, Progress(), NEEDED, rules)
    assert ("connector" in measures) == bool(step)
    found = values_of(tenant, Progress(), NEEDED, rules)
    how = next(step for step in plan_of(rules, measures, found) if step.id == "connector").how
    assert ("PATCH" in how) == (step is None)
    assert "client_secret" not in how


@each_of(
    ("uris", "first", "others"),
    [
        (
            ["http://localhost:1/cb", "https://a.example/cb"],
            "https://a.example/cb",
            ["http://localhost:1/cb"],
        ),
        (["HTTPS://b.example/cb", "https://a.example/cb"], "HTTPS://b.example/cb", ["https://a.example/cb"]),
        (["http://localhost:1/cb"], "<callback uri>", ["http://localhost:1/cb"]),
        ([], "<callback uri>", []),
    ],
)
def test_an_administrator_is_sent_to_the_first_callback_with_https(
    uris: list[str], first: str, others: list[str]
) -> None:
    tenant = tenant_with(v3_application=read(V3Answer(status=200, callback_uris=uris)))
    found = values_of(tenant, Progress(), NEEDED, {})
    assert found["callback"] == first
    assert lists_of(found)["other callbacks"] == others


def test_a_connectors_scopes_are_added_to_and_never_shortened() -> None:
    connector = read(V3Connector(settings=["client_id"], client_id="an-app", scope=["Mail.Send", "x.y"]))
    tenant = tenant_with(setup=setup_with(v3=BEGUN), v3_connector=connector)
    found = values_of(tenant, Progress(), NEEDED, {})
    assert lists_of(found)["connector scope"] == ["Mail.Send", "x.y", "Calendars.ReadWrite"]


@each_of(
    ("status", "triggers", "mended"),
    [
        ("failed", ["grant.expired", "made.up"], True),
        ("pause", ["event.created"], True),
        ("active", ["grant.expired"], False),
        ("failed", ["notetaker.media"], False),
    ],
)
def test_a_destination_of_ours_that_is_not_active_is_mended_with_its_triggers_and_the_grants(
    status: str, triggers: list[str], *, mended: bool
) -> None:
    one = Destination(path="/v3/channels/sns", id="d-9", status=status, triggers=triggers)
    found = values_of(tenant_with(v3_sns_channels=read([one])), Progress(), NEEDED, {})
    [step] = [step for step in plan_of({}, {}, found) if step.id == "webhooks"]
    assert ("-X PUT" in step.how and "/v3/channels/sns/d-9" in step.how) == mended
    assert ("-X POST" in step.how) != mended
    assert (f"`{status}`" in step.how) == mended
    assert all(f'"{trigger}"' in step.how for trigger in triggers) == mended or not mended


def test_an_active_destination_is_given_what_the_webhooks_of_v2_are_told_of() -> None:
    one = Destination(path="/v3/webhooks", id="d-7", status="active", triggers=["grant.expired"])
    slots = {"v3_webhook_list": read([one]), "v3_pubsub_channels": read([]), "v3_sns_channels": read([])}
    of_v2 = read(NylasAnswer(status=200, message="", triggers=["account.invalid", "event.updated"]))
    found = values_of(tenant_with(nylas_application=of_v2, **slots), Progress(), NEEDED, {})
    [step] = [step for step in plan_of({}, {}, found) if step.id == "webhooks"]
    assert "/v3/webhooks/d-7" in step.how
    assert '"event.updated"' in step.how
    assert "account.invalid" not in step.how
    none = values_of(
        tenant_with(nylas_application=of_v2, **(slots | {"v3_webhook_list": read([])})),
        Progress(),
        NEEDED,
        {},
    )
    assert lists_of(none)["trigger"][-1] == "event.updated"


@each_of(
    ("asked", "done"),
    [(["Calendars.ReadWrite", "Mail.Send"], True), (["Calendars.Read"], False), ([], False)],
)
def test_permissions_are_given_where_the_registration_asks_for_them(asked: list[str], done: bool) -> None:
    assert measure("permissions", v3_requested=read(asked)).is_done is done


def test_permissions_that_the_app_has_need_not_be_asked_for() -> None:
    assert measure("permissions", v3_requested=UNREAD) == Measure(None, "HTTP 503")
    assert measure("permissions", v3_requested=UNREAD, consented=True).is_done is True


@each_of(
    ("status", "principal", "done"),
    [
        (Status.NOT_APPLICABLE, read(ABROAD), True),
        (Status.WARN, read(ABROAD), None),
        (Status.NOT_APPLICABLE, read(None), None),
        (Status.NOT_APPLICABLE, UNREAD, None),
    ],
)
def test_an_app_of_another_tenant_is_registered_and_asks_for_what_it_does_there(
    status: Status, principal: Read[ServicePrincipal | None] | Unread, done: bool | None
) -> None:
    tenant = tenant_with(setup=setup_with(v3=BEGUN), v3_principal=principal, v3_requested=UNREAD)
    rules = decided(NY3_005=status)
    measures = measures_of(tenant, Progress(), NEEDED, rules)
    assert (measures.get("azure-app") is not None) == bool(done)
    assert measures["permissions"].is_done is done
    plan = {step.id: step for step in plan_of(rules, measures, values())}
    assert (plan["azure-app"].state is StepState.DONE) == bool(done)
    assert ("azure-app" in plan["connector"].waits_for) == (not done)


def test_the_cut_over_takes_everyone_to_v3_and_nobody_on_v2() -> None:
    assert measure("cut-over", counted(account("ann", [grant()], ("running",)))).is_done is False
    assert measure("cut-over", counted(account("ann", [], ("stopped",)))).is_done is False
    assert measure("cut-over", counted(account("ann", [grant()], ("stopped",)))).is_done is True
    assert measure("cut-over", counted()).is_done is False
    unread = counted(account_with(email="ann", grants=read([grant()]), connected=UNREAD))
    assert measure("cut-over", unread) == Measure(None, "HTTP 503")


@each_of(("total", "disconnected", "done"), [(3, 2, False), (2, 2, True), (0, 0, True)])
def test_v2_is_shut_down_when_every_account_of_it_is_disconnected_on_a_list_or_not(
    total: int, disconnected: int, done: bool
) -> None:
    inventory = read(AccountCounts(total=total, disconnected=disconnected))
    found = measure("v2-shutdown", nylas_inventory=inventory)
    assert found.is_done is done
    assert found.observed.startswith(f"{total - disconnected} account")
    assert measure("v2-shutdown", nylas_inventory=UNREAD) == Measure(None, "HTTP 503")


@each_of(
    ("status", "done", "state"),
    [
        (Status.PASS, True, StepState.DONE),
        (Status.NOT_APPLICABLE, True, StepState.DONE),
        (Status.WARN, False, StepState.TO_DO),
        (Status.WAIT, True, StepState.TO_DO),
        (Status.UNKNOWN, True, StepState.TO_DO),
    ],
)
def test_v2_is_not_shut_down_while_a_report_shows_that_its_app_calls_ews(
    status: Status, state: StepState, *, done: bool
) -> None:
    rules = all_pass(USE_002=status)
    tenant = tenant_with(nylas_inventory=read(AccountCounts(total=0)))
    found = measures_of(tenant, Progress(), NEEDED, rules)["v2-shutdown"]
    assert (found.is_done, found.observed[:10]) == (done, "0 accounts")
    step = plan_of(rules, measured() | {"v2-shutdown": found}, values())[-1]
    assert (step.id, step.state) == ("v2-shutdown", state)
    assert "seen of USE_002" in step.observed or "why" in step.observed


@each_of(("status", "done"), [(404, None), (410, True), (401, None), (500, None)])
def test_a_v2_application_is_gone_only_where_its_host_says_so(status: int, done: bool | None) -> None:
    answer = read(NylasAnswer(status=status, message="x"))
    progress = counted(account_with(email="ann", grants=read([grant()]), connected=UNREAD))
    for step in ("cut-over", "v2-shutdown"):
        assert measure(step, progress, nylas_application=answer, nylas_inventory=UNREAD).is_done is done


def test_that_v2_is_gone_moves_nobody_to_v3() -> None:
    gone = {"nylas_application": read(NylasAnswer(status=410, message="x")), "nylas_inventory": UNREAD}
    left = counted(account_with(email="ann", grants=read([]), connected=UNREAD))
    assert measure("cut-over", left, **gone).is_done is False
    assert "0 of 1 account whose mailbox v3 can hold" in measure("cut-over", left, **gone).observed
    unread = counted(account_with(email="ann", grants=UNREAD, connected=UNREAD))
    assert measure("cut-over", unread, **gone).is_done is None


@each_of(
    ("v2", "v3", "wanted"), [("us", None, "us"), ("ireland", V3, "eu"), (None, V3, None), (None, None, None)]
)
def test_the_regions_are_those_that_go_together(
    v2: str | None, v3: V3Setup | None, wanted: str | None
) -> None:
    found = regions_of(tenant_with(setup=setup_with(v2_region=v2, v3=v3)))
    assert found == Regions(v2=v2, v3_wanted=wanted, v3=v3.region if v3 else None)


def token(*roles: str) -> object:
    return read(Redemption(claims=Claims(roles=roles)))


def granted(tenant: TenantEvidence, status: Status | None) -> dict[str, Granted]:
    rules = {} if status is None else decided(NY3_004=status)
    return {row.scope: row.granted for row in migration_of(tenant, rules).scopes}


@each_of(
    ("roles", "status", "calendar", "email"),
    [
        (("Calendars.ReadWrite",), Status.PASS, Granted.YES, Granted.NO),
        (("Calendars.ReadWrite", "Mail.ReadWrite", "Mail.Send"), Status.PASS, Granted.YES, Granted.YES),
        ((), Status.PASS, Granted.BY_RBAC, Granted.UNKNOWN),
        ((), Status.FAIL, Granted.NO, Granted.NO),
        ((), Status.UNKNOWN, Granted.UNKNOWN, Granted.UNKNOWN),
        ((), None, Granted.UNKNOWN, Granted.UNKNOWN),
    ],
)
def test_a_scope_is_granted_by_consent_or_as_the_reads_of_mailboxes_show(
    roles: tuple[str, ...], status: Status | None, calendar: Granted, email: Granted
) -> None:
    found = granted(tenant_with(v3_token=token(*roles)), status)
    assert (found["calendar"], found["email"]) == (calendar, email)


def test_permissions_that_were_not_read_are_unknown() -> None:
    assert set(granted(tenant_with(v3_token=UNREAD), Status.UNKNOWN).values()) == {Granted.UNKNOWN}


def test_the_matching_is_counted_or_says_why_it_is_not() -> None:
    fields = dict.fromkeys((field.name for field in msgspec.structs.fields(Matching)), Addresses())
    some = Matching(**(fields | {"v2_only": Addresses(count=30, examples=["ann@contoso.com"])}))
    found = migration_of(tenant_with(matching=read(some), nylas_inventory=read(AccountCounts(total=30))), {})
    assert found.matching is not None
    assert found.matching["v2_only"] == Matched(count=30, examples=["ann@contoso.com"])
    assert set(found.matching) == set(fields)
    unread = migration_of(tenant_with(matching=UNREAD), {})
    assert (unread.matching, unread.unread) == (None, "HTTP 503")


def test_what_takes_the_accounts_of_v2_to_know_is_null_where_v2_is_not_audited() -> None:
    fields = [field.name for field in msgspec.structs.fields(Matching)]
    counted_alone = Matching(**{name: Addresses(count=3) for name in fields})
    without = tenant_with(matching=read(counted_alone), nylas_inventory=Absent("[nylas.v2] is left out"))
    found = migration_of(without, {}).matching
    assert found is not None
    assert [name for name in fields if found[name] is None] == [
        "both",
        "v2_only",
        "v3_only",
        "renamed",
        "unknown",
    ]
    assert found["twice"] == Matched(count=3, examples=[])


@each_of(("status", "changes"), [(Status.REVIEW, "MIG-005"), (Status.NOT_APPLICABLE, None), (None, None)])
def test_the_list_of_changes_is_referred_to_where_there_is_one(
    status: Status | None, changes: str | None
) -> None:
    rules = {} if status is None else decided(MIG_005=status)
    assert migration_of(tenant_with(), rules).changes == changes


def test_the_commands_carry_what_was_read_and_placeholders_for_the_rest() -> None:
    tenant = tenant_with(
        setup=setup_with(v2_region="ireland", v2_url="https://ireland.api.nylas.com", v3=V3),
        v3_application=read(V3Answer(status=200, callback_uris=["https://app.contoso.com/cb"])),
        v3_own_credential=read(OwnCredential(credential=ConnectorCredential(id="c1", name="bulk"), others=1)),
    )
    found = values_of(tenant, Progress(waiting="ann@contoso.com"), NEEDED, {})
    assert (found["v3"], found["v2"]) == ("https://api.eu.nylas.com", "https://ireland.api.nylas.com")
    assert (found["credential"], found["callback"]) == ("c1", "https://app.contoso.com/cb")
    assert (found["v3_region"], found["address"]) == ("eu", "ann@contoso.com")
    assert (found["app"], found["service_principal"]) == (
        "<application id of the v3 app>",
        "<enterprise app object id>",
    )
    elsewhere = msgspec.structs.replace(V3, region="us")
    moved = values_of(
        tenant_with(setup=setup_with(v2_region="ireland", v3=elsewhere)), Progress(), NEEDED, {}
    )
    assert (moved["v3_region"], moved["redirect_uri"]) == ("eu", CALLBACK.format(region="eu"))
    alone = values_of(tenant_with(setup=setup_with(v2_region=None, v3=elsewhere)), Progress(), NEEDED, {})
    assert alone["v3_region"] == "us"
    nothing = values_of(tenant_with(setup=setup_with(tenant_id=None)), Progress(), NEEDED, {})
    assert (nothing["v3"], nothing["v3_region"]) == ("<v3 host>", "<us or eu>")
