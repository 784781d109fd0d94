"""USE: what reports of EWS usage come to, from hand-made evidence to the rule's result."""

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from nylas_readiness.checks.catalogue import active
from nylas_readiness.checks.outcome import Outcome, Status
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.evidence_samples import (
    CLIENT_ID,
    V3,
    decided,
    read,
    setup_with,
    tenant_with,
)
from nylas_readiness.fixtures.clients.codes import Unreadable
from nylas_readiness.fixtures.evidence.model import AccountCounts, NylasAnswer
from nylas_readiness.fixtures.evidence.slots import Absent, Unread
from nylas_readiness.fixtures.evidence.usage import NO_USAGE
from nylas_readiness.fixtures.ews_usage.model import AppUsage, EwsUsage, UsageFile, Window

pytestmark = pytest.mark.offline

RULES = [rule.id for rule in active() if rule.group == "USE"]
SEPTEMBER = Window(date(2026, 9, 1), date(2026, 9, 30))
FILE = UsageFile(name="report.csv", kind="EWS usage report", rows=4, window=SEPTEMBER)
OWN = AppUsage(
    app_id=CLIENT_ID,
    sources=["EWS usage report"],
    calls={"GetItem": 48211, "FindItem": 2},
    last_use=date(2026, 8, 20),
)
OTHER = AppUsage(
    app_id="9f8e7d6c-0000-4111-8222-333344445555",
    name="Old CRM",
    sources=["audit log"],
    calls={"CreateItem": 1234},
    last_use=date(2026, 9, 7),
)
LEFT = read(AccountCounts(total=3, disconnected=3))
STILL = read(AccountCounts(total=3, disconnected=1))
GONE = read(NylasAnswer(status=410, message="gone"))


def usage(
    *apps: AppUsage, files: list[UsageFile] | None = None, problems: list[str] | None = None
) -> EwsUsage:
    return EwsUsage(files=[FILE] if files is None else files, apps=list(apps), problems=problems or [])


def of(rule: str, value: object, **given: Any) -> Outcome:  # noqa: ANN401 -- slots of every type
    slot = read(value) if isinstance(value, EwsUsage) else value
    arguments = {"as_of": given.pop("as_of", date(2026, 10, 10))} if rule == "USE-002" else {}
    tenant = tenant_with(**{"nylas_inventory": LEFT, "ews_usage": slot, **given})
    return decided(rule, tenant=tenant, **arguments)


@each_of("rule", RULES)
def test_without_a_report_a_rule_does_not_apply_and_says_what_one_would_show(rule: str) -> None:
    outcome = of(rule, NO_USAGE)
    assert outcome.status is Status.NOT_APPLICABLE
    assert "whether that of v2 still does" in (outcome.reason or "")


def test_a_report_that_could_not_be_read_is_told_once() -> None:
    lost = Unread(reason="ews_usage: x.csv: no column has the app's id", code=Unreadable.FILE)
    assert (of("USE-001", lost).status, of("USE-001", lost).reason) == (Status.UNKNOWN, lost.reason)
    for rule in ("USE-002", "USE-003"):
        outcome = of(rule, lost)
        assert (outcome.status, outcome.cause) == (Status.UNKNOWN, "USE-001")
        assert "x.csv" not in (outcome.reason or "")


def test_each_file_says_which_days_it_tells_of() -> None:
    names = UsageFile(name="EwsApps.csv", kind="list of apps", rows=2)
    outcome = of("USE-001", usage(files=[FILE, names]))
    assert outcome.status is Status.PASS
    assert outcome.observed == (
        "report.csv (EWS usage report) from 2026-09-01 to 2026-09-30; "
        "EwsApps.csv (list of apps) tells of no certain day"
    )


@each_of(
    ("value", "said"),
    [
        (usage(problems=["b.csv: it is empty"]), "b.csv: it is empty"),
        (
            usage(files=[replace(FILE, complaints=["2 rows without the id of an app"])]),
            "report.csv: 2 rows without",
        ),
        (usage(files=[replace(FILE, kind="audit log")]), "none of them is the admin center's report"),
        (
            usage(files=[FILE, replace(FILE, window=Window(date(2026, 10, 5), date(2026, 10, 6)))]),
            "no usage report tells of the days from 2026-10-01 to 2026-10-04",
        ),
    ],
)
def test_what_is_wrong_with_the_files_is_a_warning(value: EwsUsage, said: str) -> None:
    outcome = of("USE-001", value)
    assert outcome.status is Status.WARN
    assert said in outcome.observed


@each_of(
    ("apps", "given", "said"),
    [
        ([], {}, f"no EWS use by {CLIENT_ID} seen from 2026-09-01 to 2026-09-30 by report.csv"),
        ([OTHER], {}, "no EWS use"),
        ([OWN], {}, "its last use was on 2026-08-20"),
        ([replace(OWN, last_use=date(2026, 9, 16))], {}, "seen from 2026-09-17 to 2026-09-30"),
        ([], {"nylas_inventory": Unread(reason="HTTP 410"), "nylas_application": GONE}, "no EWS use"),
        (
            [AppUsage(app_id=CLIENT_ID, last_sign_in=date(2026, 9, 29))],
            {},
            "it last signed in on 2026-09-29, to whatever service",
        ),
    ],
)
def test_two_weeks_without_a_use_after_the_cut_over_pass(
    apps: list[AppUsage], given: dict[str, Any], said: str
) -> None:
    outcome = of("USE-002", usage(*apps), **given)
    assert outcome.status is Status.PASS, outcome
    assert said in outcome.observed


RECENT = replace(OWN, last_use=date(2026, 9, 17))


@each_of(
    ("app", "given", "said"),
    [
        (RECENT, {}, "GetItem (48,211), FindItem (2), last on 2026-09-17, by the EWS usage report"),
        (RECENT, {}, "v2 has 0 connected accounts"),
        (RECENT, {"nylas_inventory": STILL}, "whatever else uses this app counts too; v2 has 2 connected"),
        (replace(OWN, undated=1), {}, "last on 2026-08-20"),
        (replace(OWN, last_use=None, undated=2), {}, "on days that cannot be read"),
        (replace(RECENT, agents=["python-requests/2.32"]), {}, "by python-requests/2.32"),
        (replace(RECENT, other_users=2), {}, "2 users beside the service account sign in with it"),
        (
            RECENT,
            {"setup": setup_with(v3=replace(V3, microsoft_client_id=CLIENT_ID.upper()))},
            "v3 has the same app",
        ),
    ],
)
def test_use_that_is_seen_is_a_warning_that_says_what_calls(
    app: AppUsage, given: dict[str, Any], said: str
) -> None:
    outcome = of("USE-002", usage(app, OTHER), **given)
    assert outcome.status is Status.WARN, outcome
    assert said in outcome.observed


def test_before_the_cut_over_no_use_proves_nothing() -> None:
    outcome = of("USE-002", usage(), nylas_inventory=STILL)
    assert outcome.status is Status.NOT_APPLICABLE
    assert "v2 has 2 connected accounts" in outcome.observed


def test_fewer_days_have_to_be_waited_for() -> None:
    outcome = of("USE-002", usage(files=[replace(FILE, window=Window(date(2026, 9, 20), date(2026, 9, 30)))]))
    assert outcome.status is Status.WAIT
    assert "on 2026-10-13 or later" in (outcome.reason or "")
    assert "from 2026-09-20 to 2026-09-30" in outcome.observed


def test_a_use_long_ago_is_none_of_the_few_days_that_a_report_tells_of() -> None:
    files = [replace(FILE, window=Window(date(2026, 9, 20), date(2026, 9, 30)))]
    outcome = of("USE-002", usage(OWN, files=files))
    assert outcome.status is Status.WAIT
    assert "its last use was on 2026-08-20" in outcome.observed


def test_a_report_of_too_few_days_that_is_old_has_to_be_exported_for_more() -> None:
    files = [replace(FILE, window=Window(date(2026, 9, 20), date(2026, 9, 30)))]
    outcome = of("USE-002", usage(files=files), as_of=date(2026, 10, 13))
    assert outcome.status is Status.UNKNOWN
    assert (outcome.reason or "").endswith("export a report of 30 days or more")


def test_the_reports_that_show_no_use_are_named_and_no_other() -> None:
    june = replace(FILE, name="june.csv", window=Window(date(2026, 6, 1), date(2026, 6, 9)))
    outcome = of("USE-002", usage(files=[june, FILE]))
    assert (outcome.status, "june.csv" in outcome.observed) == (Status.PASS, False)


@each_of(
    ("value", "given", "why"),
    [
        (usage(files=[replace(FILE, window=None)]), {}, "tells of certain days"),
        (usage(files=[replace(FILE, kind="sign-in log")]), {}, "tells of certain days"),
        (usage(files=[replace(FILE, nameless=1)]), {}, "1 row of the reports name no app"),
        (usage(), {"nylas_inventory": Absent("[nylas.v2] is left out")}, "[nylas.v2] is left out"),
        (usage(), {"nylas_inventory": Unread(reason="HTTP 503")}, "after the cut-over: HTTP 503"),
    ],
)
def test_what_is_not_known_is_not_passed(value: EwsUsage, given: dict[str, Any], why: str) -> None:
    outcome = of("USE-002", value, **given)
    assert outcome.status is Status.UNKNOWN
    assert why in (outcome.reason or "")


def test_without_the_app_of_v2_nobody_can_look_for_it() -> None:
    outcome = of("USE-002", usage(OWN), setup=setup_with(client_id=None))
    assert (outcome.status, "[microsoft]" in outcome.observed) == (Status.NOT_APPLICABLE, True)


def test_the_other_apps_are_named_with_the_date_on_which_ews_ends() -> None:
    quiet = AppUsage(app_id="0" * 36, name="Never used", last_sign_in=date(2026, 9, 7))
    many = [replace(OTHER, app_id=f"{number:036}", name=None, calls={"X": number}) for number in range(12)]
    outcome = of("USE-003", usage(OWN, OTHER, quiet, *many))
    assert (outcome.status, outcome.deadline) == (Status.WARN, "2027-04-01")
    assert outcome.observed.startswith("13 other apps used EWS, which ends on 2027-04-01: Old CRM (9f8e7d6c-")
    assert "CreateItem (1,234), last on 2026-09-07, by the audit log" in outcome.observed
    assert outcome.observed.endswith("; and 3 more")
    assert "Never used" not in outcome.observed


def test_microsofts_own_apps_are_counted_and_are_nobodys_to_move() -> None:
    outlook = replace(OTHER, app_id="1" * 36, name="Outlook Mobile (MSFT)")
    alone = of("USE-003", usage(outlook))
    assert (alone.status, "beside 1 app of Microsoft's own" in alone.observed) == (Status.PASS, True)
    assert of("USE-003", usage(outlook, OTHER)).observed.startswith("1 other app used EWS")


@each_of(
    ("value", "status"),
    [
        (usage(OWN), Status.PASS),
        (usage(files=[replace(FILE, nameless=2)]), Status.UNKNOWN),
        (usage(files=[replace(FILE, kind="audit log")]), Status.UNKNOWN),
    ],
)
def test_no_other_app_is_seen_only_where_a_report_tells_of_days(value: EwsUsage, status: Status) -> None:
    assert of("USE-003", value).status is status
