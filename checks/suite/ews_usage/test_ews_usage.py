"""Reports of EWS usage are read by their columns; what cannot be read of a row costs that, and is said."""

from collections.abc import Sequence
from datetime import date
from functools import partial

import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.fixtures.ews_usage.model import AppUsage, EwsUsage, UsageFile, Window, gaps_of
from nylas_readiness.fixtures.ews_usage.reader import UsageReader

pytestmark = pytest.mark.offline

SYNC = "1a2b3c4d-0000-4111-8222-333344445555"
CRM = "9f8e7d6c-0000-4111-8222-333344445555"
NAME = "EWSWeeklyUsage_10_31_2026_8_5_9.csv"
HEADER = "AppId,SoapAction,CallVolume,LastActivityDate"
REPORT = f"{HEADER}\n{SYNC},GetItem,48211,2026-10-16\n{CRM},FindItem,3,2026-09-07\n"
AS_PAGE = f"""\
"Application ID","SOAP Action","Call Volume","Last Activity date (UTC)"
"{{{SYNC.upper()}}}","GetItem","48,211","Oct 16, 2026"
"{CRM}","FindItem","3","Sep 7, 2026"
"""
IN_GERMANY = f"""\
#TYPE System.Object
LAST_ACTIVITY_DATE;app_id;CALLVOLUME;soapaction
16.10.2026;{SYNC};48.211;GetItem
07.09.2026;{CRM};3;FindItem
"""
WITH_TIMES = f"""\
LastActivityDate\tApplication Id\tSoapAction\tExtra\tCallVolume
10/16/2026 12:00:00 AM\t{SYNC}\tGetItem\tx\t48\u202f211
9/7/2026 12:00:00 AM\t{CRM}\tFindItem\tx\t3
"""
SERVICE = "svc-sync@contoso.com"


def read_texts(*files: tuple[str, str]) -> EwsUsage:
    reader = UsageReader(SERVICE)
    read = [reader.read(name, partial(text.splitlines, keepends=True)) for name, text in files]
    return EwsUsage(files=read, apps=reader.apps())


def only(usage: EwsUsage) -> UsageFile:
    [file] = usage.files
    return file


@each_of(
    "text",
    [
        REPORT,
        REPORT.replace(",", ";"),
        REPORT.replace(",", "\t").replace("\n", "\r\n"),
        AS_PAGE,
        AS_PAGE.replace("\n", "\r\n"),
        IN_GERMANY,
        WITH_TIMES,
    ],
)
def test_a_report_is_the_same_in_any_order_quoting_and_culture(text: str) -> None:
    usage = read_texts((NAME, text))
    assert usage.app(SYNC.upper()) == AppUsage(
        app_id=SYNC, sources=["EWS usage report"], calls={"GetItem": 48211}, last_use=date(2026, 10, 16)
    )
    assert usage.app(CRM).last_use == date(2026, 9, 7)
    assert (only(usage).kind, only(usage).rows, only(usage).complaints) == ("EWS usage report", 2, [])


@each_of(
    ("text", "why"),
    [
        ("Anwendungs-ID;SOAP-Aktion\n1;GetItem\n", "Anwendungs-ID, SOAP-Aktion"),
        ('"ID de l\'application","Volume"\n', "set the admin center to English"),
        ("UserPrincipalName,SkuPartNumber\nann@contoso.com,E3\n", "licences of users"),
        ("", "but nothing"),
        ("ann@contoso.com;x\nben@contoso.com;y\n", "but x:"),
        (f'AppId,x\n{SYNC},"{"x" * 140_000}"\n', "not CSV"),
    ],
)
def test_a_file_without_the_apps_id_is_refused_with_what_is_missing(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as refused:
        read_texts((NAME, text))
    assert "ann@contoso.com" not in str(refused.value)


def test_a_bad_cell_costs_that_cell_and_is_counted() -> None:
    rows = [
        f"{SYNC},GetItem,many,2026-10-16",
        f"{SYNC},FindItem,5,03/04/2026",
        "the old app,GetItem,9,2026-10-16",
        f"{SYNC}",
        "",
    ]
    usage = read_texts((NAME, "\n".join([HEADER, *rows])))
    app = usage.app(SYNC)
    assert (app.calls, app.last_use, app.undated) == (
        {"FindItem": 5, "GetItem": 0, "EWS": 0},
        date(2026, 10, 16),
        2,
    )
    assert (usage.nameless, only(usage).nameless) == (1, 1)
    assert only(usage).complaints == [
        "1 row without the id of an app",
        "1 row with a date that is none, or might be of two days",
        "1 row with a number of calls that cannot be read",
    ]


def test_a_row_without_a_call_shows_no_use() -> None:
    usage = read_texts((NAME, REPORT + f"{SYNC.replace('1', '2')},GetItem,0,\n"))
    assert usage.app(SYNC.replace("1", "2")).sources == []


@each_of(
    ("name", "days", "window"),
    [
        (NAME, ["2026-09-07", "2026-10-30"], Window(date(2026, 9, 7), date(2026, 10, 21))),
        (
            "EWSWeeklyUsage_10_31_2026_8_5_9_D90.csv",
            ["2026-10-20"],
            Window(date(2026, 8, 2), date(2026, 10, 21)),
        ),
        ("EWSWeeklyUsage_10_31_2026_8_5_9 (1) D30.csv", [], Window(date(2026, 10, 1), date(2026, 10, 21))),
        (NAME, ["2026-10-22"], None),
        (NAME, [], None),
        (
            "EWSWeeklyUsage_31_10_2026_8_5_9.csv",
            ["2026-10-02", "2026-10-09"],
            Window(date(2026, 10, 2), date(2026, 10, 9)),
        ),
        ("usage.csv", ["2026-10-02", "2026-10-09"], Window(date(2026, 10, 2), date(2026, 10, 9))),
        ("usage_D30.csv", [], None),
    ],
)
def test_a_report_tells_only_of_the_days_that_its_name_and_its_rows_show(
    name: str, days: Sequence[str], window: Window | None
) -> None:
    rows = "".join(f"{SYNC},GetItem,1,{day}\n" for day in days)
    assert only(read_texts((name, f"{HEADER}\n" + rows))).window == window


def report_of(month: int, first: date, last: date) -> tuple[str, str]:
    rows = "".join(f"{CRM},FindItem,7,{day}\n" for day in (first, last))
    return f"EWSWeeklyUsage_{month}_28_2026_1_2_3.csv", f"{HEADER}\n" + rows


def test_windows_that_overlap_or_touch_are_one_and_a_gap_is_told() -> None:
    june = report_of(6, date(2026, 5, 1), date(2026, 6, 17))  # to 18 June
    july = report_of(7, date(2026, 6, 19), date(2026, 7, 1))  # to 18 July
    october = report_of(10, date(2026, 9, 1), date(2026, 9, 20))  # to 18 October
    usage = read_texts(october, june, july)
    assert usage.covered == [
        Window(date(2026, 5, 1), date(2026, 7, 18)),
        Window(date(2026, 9, 1), date(2026, 10, 18)),
    ]
    assert gaps_of(usage.covered) == [Window(date(2026, 7, 19), date(2026, 8, 31))]
    assert usage.app(CRM).calls == {"FindItem": 14}, "days that two reports have are not counted twice"
    assert usage.silence_of(usage.app(SYNC)) == Window(date(2026, 9, 1), date(2026, 10, 18))


def test_no_use_is_told_only_after_the_last_one() -> None:
    usage = read_texts((NAME, REPORT))
    assert usage.silence_of(usage.app(SYNC)) == Window(date(2026, 10, 17), date(2026, 10, 21))
    late = read_texts((NAME, REPORT + f"{SYNC},GetItem,1,2026-10-29\n"))
    assert late.silence_of(late.app(SYNC)) is None
    undated = read_texts((NAME, REPORT + f"{SYNC},GetItem,1,\n"))
    assert undated.silence_of(undated.app(SYNC)) is None


AUDIT = f"""CreationTime,Operation,UserId,AppId,ClientInfoString,MailboxOwnerUPN
2026-10-16T02:11:07,Create,{SERVICE},{SYNC},Client=WebServices;Action=CreateItem,ann@contoso.com
2026-10-15T02:11:07,Create,S-1-5-21-1,{SYNC},client=webservices;python-requests/2.32,ann@contoso.com
2026-10-14T02:11:07,Create,ben@contoso.com,{SYNC},Client=WebServices;Action=CreateItem;ExchangeWebServicesProxy,b
2026-10-30T02:11:07,Create,{SERVICE},{SYNC},Client=REST;Action=CreateItem,ann@contoso.com
"""


def test_the_audit_log_says_what_calls_and_stores_no_user() -> None:
    usage = read_texts(("Ews-Usage-Results-x.csv", AUDIT))
    app = usage.app(SYNC)
    assert app.calls == {"CreateItem": 2, "EWS": 1}
    assert app.agents == ["python-requests/2.32", "ExchangeWebServicesProxy"]
    assert (app.last_use, app.other_users, app.sources) == (date(2026, 10, 16), 1, ["audit log"])
    assert usage.covered == [], "what is not audited is not in it"
    assert "contoso" not in repr(usage)


ACTIVITY = f"""\
"AppId","Application","LastSignIn"
"{SYNC}","Sync","10/16/2026 2:11:05 AM"
"{CRM}","CRM","None"
"""
EVENTS = f"""\
AppDisplayName,IsInteractive,CreatedDateTime,AppId,UserPrincipalName
Sync,False,2026-10-16T01:00:00Z,{SYNC},{SERVICE}
"""
MERGED = f"""\
appId,createdDateTime,displayName,UsesEws,LastSignIn,EwsStatus
{SYNC},4/28/2022,Sync,True,10/16/2026,Active EWS
"""
PERMISSIONS = f"""\
ApplicationDisplayName,ApplicationID,PermissionType,PermissionValue
Sync,{SYNC},Delegate,EWS.AccessAsUser.All
"""


@each_of(
    ("text", "kind"),
    [
        (ACTIVITY, "sign-in log"),
        (EVENTS, "sign-in log"),
        (MERGED, "sign-in log"),
        (PERMISSIONS, "list of permissions"),
        (f"AppId,DisplayName\n{SYNC},Sync\n", "list of apps"),
        (f"appId,createdDateTime,displayName\n{SYNC},2022-04-28,Sync\n", "list of apps"),
    ],
)
def test_sign_ins_permissions_and_names_show_no_use(text: str, kind: str) -> None:
    usage = read_texts(("anything.csv", text))
    assert (usage.app(SYNC).sources, usage.app(SYNC).last_use, usage.covered) == ([], None, [])
    assert usage.app(SYNC).last_sign_in == (date(2026, 10, 16) if kind == "sign-in log" else None)
    assert (only(usage).kind, only(usage).complaints) == (kind, [])
    assert [app.app_id for app in usage.apps] == ([SYNC] if kind == "sign-in log" else [])
    assert read_texts(("anything.csv", text), (NAME, REPORT)).app(SYNC).name == "Sync"


def test_any_text_is_a_report_or_a_value_error() -> None:
    from nylas_readiness.fixtures.strategies.profile import given, st

    lines = st.sampled_from([*REPORT.splitlines(), *AUDIT.splitlines(), '"', "x;y", f"{SYNC},,,", ",,,,,,,"])

    @given(st.lists(lines, max_size=8), st.sampled_from([",", ";", "\t"]))
    def holds(texts: list[str], separator: str) -> None:
        try:
            usage = read_texts((NAME, "\n".join(texts).replace(",", separator)))
        except ValueError:
            return
        assert sum(app.called for app in usage.apps) >= 0
        assert all(window.days > 0 for window in usage.covered)

    holds()
