"""The page: what it says and in which order, that it loads nothing, and that no text leaves its place."""

import base64
import hashlib
import json
import re
from datetime import date
from typing import TYPE_CHECKING

import msgspec
import pytest

from nylas_readiness.checks.catalogue.deadlines import deadlines
from nylas_readiness.checks.outcome import (
    Outcome,
    Status,
    depends_on,
    fail,
    passed,
    review,
    unknown,
    wait,
    warn,
)
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.report_samples import audited, judged_bodies
from nylas_readiness.fixtures.run.results import deadline_of
from nylas_readiness.fixtures.secrets import visible
from nylas_readiness.reports import words
from nylas_readiness.reports.html import FIRST_ROWS, LONGEST_TABLE, render
from nylas_readiness.reports.model import Results
from nylas_readiness.reports.templates import address, blocks, linked, prose

if TYPE_CHECKING:
    from lxml.html import HtmlElement

pytestmark = pytest.mark.offline

ALIAS = fail("alias of ann@contoso.com")


@pytest.fixture(scope="module")
def small() -> Results:
    return audited(
        {"ENT-002": passed("redeemed"), "MIG-003": warn("in 129 days"), "USR-006": unknown("HTTP 403")},
        {"ann@contoso.com": {}, "anna@contoso.com": {"ACC-002": ALIAS}},
        "ACC-002",
    )


@pytest.fixture(scope="module")
def large() -> Results:
    return audited({}, {f"user{n}@contoso.com": {"ACC-002": ALIAS} for n in range(LONGEST_TABLE + 1)})


def page(results: Results) -> "HtmlElement":
    from lxml.html import document_fromstring

    return document_fromstring(render(results))


def text_of(results: Results) -> str:
    return " ".join(page(results).text_content().split())


def test_the_page_decides_first_then_has_a_list_for_each_owner_then_the_evidence(small: Results) -> None:
    headings = [" ".join(heading.text_content().split()) for heading in page(small).iter("h2")]
    assert headings == [
        "Verdict",
        "Microsoft 365 administrator: 2 tasks",
        "Integrator: 1 task",
        "Accounts",
        "How to read this",
        "Evidence",
        "Deadlines",
        "Accounts",
        "Every rule",
        "Requests",
        "How to read this",
    ]


def test_the_page_says_whose_verdict_it_is_of_which_date_and_that_a_sandbox_is_none(small: Results) -> None:
    text = text_of(small)
    assert "contoso · Microsoft 365 → Nylas v3" in text
    assert "As of 23 Nov 2026" in text
    assert "Sandbox: emulated vendors" in text
    assert "Could not be told whether it works today." in text
    assert "The move has not been checked: no v3 application is configured." in text
    assert "Last day: 1 Apr 2027 · 129 days left" in text


def test_a_task_shows_its_accounts_its_owner_and_the_command_that_fixes_it(small: Results) -> None:
    [task] = page(small).xpath("//section[@aria-labelledby='owner-integrator']//article")
    assert task.get("id") == "ACC-002"
    assert "anna@contoso.com" in task.text_content()
    assert task.findtext(".//pre").startswith(
        "Get-MgUser -Filter \"proxyAddresses/any(p:p eq 'smtp:anna@contoso.com')"
    )
    assert "Until then 1 account cannot be reached through Nylas." in task.text_content()
    assert "Done when the next audit finds:" in task.text_content()


def test_tasks_are_in_the_list_of_whoever_does_them_most_urgent_first_and_accepted_ones_apart() -> None:
    results = audited(
        {
            "ENT-002": fail("AADSTS700082"),
            "USR-003": fail("expires"),
            "USR-006": unknown("HTTP 403"),
            "ROL-002": wait("recheck at 11:00", observed="denied"),
            "ENT-005": review("another upn", reason="a UPN need not be the address"),
            "MIG-003": warn("in 129 days"),
            "EWS-002": Outcome(status=Status.WAIVED, observed="accepted by Ann"),
        }
    )
    lists = {
        section.get("aria-labelledby"): [task.get("id") for task in section.iter("article")]
        for section in page(results).iter("section")
        if section.xpath("div/article")
    }
    assert lists == {
        "owner-tenant-admin": ["ENT-002", "USR-006", "ROL-002", "MIG-003", "USR-003"],
        "owner-integrator": ["ENT-005"],
        "accepted": ["EWS-002"],
    }
    first = page(results).xpath("//div[@class='first']//a/@href")
    assert first == [
        "#ENT-002",
        "#ENT-005",
        "#USR-006",
        "#owner-tenant-admin",
        "#owner-integrator",
    ]


def test_a_card_says_which_side_its_finding_concerns() -> None:
    document = page(audited({"ENT-002": fail("expired"), "CFG-003": fail("lacks"), "NY3-001": fail("401")}))
    sides = {card.get("id"): card.xpath(".//span[@class='side']/text()") for card in document.iter("article")}
    assert sides == {"ENT-002": ["v2"], "CFG-003": ["v2 and v3"], "NY3-001": ["v3"]}


def dated(as_of: str) -> Results:
    """Return an audit as of a date, with all of the vendors' dates."""
    results = audited({"ENT-002": passed("redeemed")})
    run = msgspec.structs.replace(results.run, as_of=as_of)
    dates = [deadline_of(one, date.fromisoformat(as_of)) for one in deadlines().values()]
    return msgspec.structs.replace(results, run=run, deadlines=dates)


def test_the_time_line_has_the_dates_that_are_ahead_or_not_long_past() -> None:
    marks = page(dated("2026-11-23")).xpath("//ol[@class='dates-list']/li")
    assert [" ".join(mark.text_content().split())[:11] for mark in marks] == [
        "10 Oct 2026",
        "Today",
        "1 Apr 2027 ",
    ]
    assert page(dated("2027-05-01")).xpath("//ol[@class='dates-list']") == []


def test_an_incomplete_run_says_so_before_its_verdict(small: Results) -> None:
    broken_off = msgspec.structs.replace(small, run=msgspec.structs.replace(small.run, complete=False))
    text = text_of(broken_off)
    assert 0 < text.index("This run is incomplete") < text.index("Could not be told")
    assert "incomplete" not in text_of(small)


@pytest.mark.parametrize(
    ("outcome", "headline"),
    [
        (fail("/name: blank"), "1 rule broken"),
        (unknown("not JSON"), "1 rule undecided"),
        (passed("ok"), "Valid"),
    ],
)
def test_a_payload_run_is_about_the_bodies_and_has_no_accounts(outcome: Outcome, headline: str) -> None:
    text = text_of(judged_bodies({"PAY-001": outcome}))
    assert headline in text
    assert "no tenant was asked" in text
    assert "Accounts" not in text


@each_of(("rule", "refused"), [("PAY-001", True), ("PAY-012", False)])
def test_a_payload_is_said_to_be_refused_only_for_a_decisive_rule(rule: str, refused: bool) -> None:
    text = text_of(judged_bodies({rule: fail("/redirect_uri: http")}))
    assert ("Nylas would refuse the request" in text) is refused
    assert "1 rule broken" in text


def test_rules_without_a_check_are_named_in_the_audit_of_a_tenant_alone(small: Results) -> None:
    planned = ["NY3-001", "LOG-001"]
    bodies = msgspec.structs.replace(judged_bodies({"PAY-001": passed("ok")}), planned=planned)
    audit = msgspec.structs.replace(small, planned=planned)
    assert "2 rules not checked yet" in text_of(audit)
    assert "NY3-001" in text_of(audit)
    assert "not checked yet" not in text_of(bodies)
    assert "NY3-001" not in text_of(bodies)


@pytest.mark.parametrize("size", ["small", "large"])
def test_the_page_loads_nothing(size: str, request: pytest.FixtureRequest) -> None:
    results = request.getfixturevalue(size)
    document = page(results)
    assert document.xpath("//@src | //link | //img | //iframe | //object | //embed | //base") == []
    assert not re.search(r"url\(|@import|fetch\(|XMLHttpRequest|WebSocket", render(results))
    policy = document.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    inline = [*document.iter("style"), *document.xpath("//script[not(@type)]")]
    for element in inline:
        digest = base64.b64encode(hashlib.sha256(element.text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert document.xpath("//@style | //@*[starts-with(name(), 'on')]") == []


def test_a_short_list_has_no_search_and_no_data_for_it(small: Results) -> None:
    document = page(small)
    assert document.xpath("//script[@id='data']") == []
    assert len(document.xpath("//tbody[@id='rows']/tr")) == 2


def test_a_long_list_shows_its_first_rows_without_a_script_and_has_all_with_one(large: Results) -> None:
    document = page(large)
    assert len(document.xpath("//tbody[@id='rows']/tr")) == FIRST_ROWS
    assert f"The first {FIRST_ROWS} of {LONGEST_TABLE + 1} accounts" in text_of(large)
    assert document.xpath("//form[@id='filter']/@hidden")
    data = json.loads(document.xpath("//script[@id='data']")[0].text)
    domains = [data["texts"][domain] for domain, *_ in data["alike"]]
    emails = {name + domains[alike] for name, alike, *_ in data["rows"]}
    assert emails == {account.email for account in large.accounts}
    rule, status, observed = (data["texts"][place] for place in data["rows"][0][2])
    assert (rule, status, observed) == ("ACC-002", "fail", "alias of ann@contoso.com")


def test_what_the_script_calls_things_is_what_the_page_calls_them(large: Results) -> None:
    data = json.loads(page(large).xpath("//script[@id='data']")[0].text)
    assert data["words"]["owners"] == words.OWNERS
    name, alike, *_ = data["rows"][0]
    domain, *told = (data["texts"][place] for place in data["alike"][alike])
    account = next(one for one in large.accounts if one.email == name + domain)
    assert told[:3] == [account.stage, account.verdict.v2, account.verdict.v3]


def test_a_link_to_each_rule_leads_somewhere(small: Results) -> None:
    ids = page(small).xpath("//@id")
    assert len(set(ids)) == len(ids)
    assert {rule.id for rule in small.rules} <= set(ids)


NO_USER = depends_on("ACC-001", "no user has this address")
HANGING = {"ACC-001": fail("no user's"), "EWS-003": NO_USER, "EAS-001": NO_USER, "ACC-004": warn("pending")}


def test_an_account_s_row_shows_what_stands_for_itself_and_counts_what_hangs_on_it() -> None:
    only = {"EWS-003": depends_on("ENT-002", "refused")}
    found = {"gone@contoso.com": HANGING, "lost@contoso.com": only, "fine@contoso.com": {}}
    rows = page(audited({"ENT-002": fail("expired")}, found)).xpath("//tbody[@id='rows']/tr")
    cells = {row[0].text_content(): [" ".join(one.text_content().split()) for one in row[-1]] for row in rows}
    assert cells == {
        "gone@contoso.com": [
            "✕ fail ACC-001 no user's",
            "! warn ACC-004 pending",
            "and 2 that depend on ACC-001",
        ],
        "lost@contoso.com": ["1 that depends on ENT-002"],
        "fine@contoso.com": ["none"],
    }


def test_a_long_list_has_what_its_accounts_share_once() -> None:
    found: dict[str, dict[str, Outcome]] = {f"user{n}@contoso.com": {} for n in range(LONGEST_TABLE)}
    found["no address"] = HANGING
    data = json.loads(page(audited({}, found)).xpath("//script[@id='data']")[0].text)
    assert {tuple(row[1:]) for row in data["rows"] if row[0]} == {(1,)}
    [(alike, *rest)] = [row[1:] for row in data["rows"] if not row[0]]
    assert (data["texts"][data["alike"][alike][0]], len(rest)) == ("no address", 2)


def test_a_long_list_counts_for_its_script_what_hangs_on_what() -> None:
    results = audited({}, {f"user{n}@contoso.com": HANGING for n in range(LONGEST_TABLE + 1)})
    data = json.loads(page(results).xpath("//script[@id='data']")[0].text)
    for *_, own, hanging in data["rows"]:
        assert [data["texts"][place] for place in own[::3]] == ["ACC-001", "ACC-004"]
        assert [data["texts"][hanging[0]], hanging[1:]] == ["ACC-001", [2]]


def test_an_address_breaks_behind_its_at_sign() -> None:
    assert address('"a@b"<i>@contoso.com') == "&#34;a@<wbr>b&#34;&lt;i&gt;@<wbr>contoso.com"


HOSTILE = (
    "</script><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7*7 }}{% raw %} &amp; `code` "
    "\u202egnp.exe\u2066 \x00 \x1b[31m"
)


@pytest.mark.parametrize("count", [1, LONGEST_TABLE + 1])
def test_hostile_text_is_shown_and_never_interpreted(count: int) -> None:
    found = {f"{n}<b>@contoso.com": {"ACC-002": fail(HOSTILE, remedy=HOSTILE)} for n in range(count)}
    results = audited({"ENT-002": fail(HOSTILE, expected=HOSTILE, remedy=f"do\n    {HOSTILE}")}, found)
    document = page(results)
    assert document.xpath("//img | //@onerror | //b") == []
    assert len(document.xpath("//script")) == (2 if count > 1 else 1)
    assert "{{ 7*7 }}{% raw %}" in document.text_content()
    assert "⟨U+202E⟩gnp.exe⟨U+2066⟩ ⟨U+0000⟩ ⟨U+001B⟩[31m" in document.text_content()
    assert not re.search("[\u202e\u2066\x00\x1b]", render(results))


def test_any_text_stays_in_its_place() -> None:
    from nylas_readiness.fixtures.strategies.profile import given, st

    @given(st.text(max_size=200))
    def holds(said: str) -> None:
        results = audited({"ENT-002": fail(f"«{said}»", remedy=f"x\n    {said}")})
        document = page(results)
        assert [task.get("id") for task in document.iter("article")] == ["ENT-002"]
        shown = document.xpath("//p[@class='observed']")[0].text_content()
        assert shown.split() == visible(f"«{said}»").split()

    holds()


def test_a_remedy_is_paragraphs_and_what_is_to_be_copied() -> None:
    parts = list(blocks("Do it.\nIn PowerShell:\n    Get-It |\n      Set-It\n\nThen wait.\n    done"))
    assert [(part.is_code, part.text) for part in parts] == [
        (False, "Do it."),
        (False, "In PowerShell:"),
        (True, "Get-It |\n  Set-It"),
        (False, "Then wait."),
        (True, "done"),
    ]


def test_only_https_addresses_become_links() -> None:
    assert linked("see https://a.example/x?y=1&z=2 <b>") == (
        'see <a href="https://a.example/x?y=1&amp;z=2" rel="noopener noreferrer">'
        "https://a.example/x?y=1&amp;z=2</a> &lt;b&gt;"
    )
    assert linked("javascript:alert(1) http://a.example") == "javascript:alert(1) http://a.example"


def test_backquotes_mark_code_and_nothing_else() -> None:
    assert prose("use `<a>` & go") == "use <code>&lt;a&gt;</code> &amp; go"


@pytest.mark.parametrize(
    ("outcome", "tone"), [(passed("in 300 days"), "pass"), (warn("in 129 days"), "warn")]
)
def test_what_works_but_ends_soon_is_no_green_light(outcome: Outcome, tone: str) -> None:
    results = audited({"ENT-002": passed("redeemed"), "MIG-003": outcome}, {"ann@contoso.com": {}})
    (card,) = page(results).xpath("//div[contains(@class, 'verdict')]")
    assert tone in card.get("class").split()
    assert "Works today" in card.text_content()
