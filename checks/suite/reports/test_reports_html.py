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
    not_applicable,
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
from nylas_readiness.reports.account_table import COUNTED_ACTIONS
from nylas_readiness.reports.html import FIRST_ROWS, LONGEST_TABLE, address, blocks, linked, prose, render
from nylas_readiness.reports.model import Results

if TYPE_CHECKING:
    from lxml.html import HtmlElement

pytestmark = [pytest.mark.offline, pytest.mark.xdist_group("reports_html")]

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


def test_the_verdict_comes_first_then_what_to_fix_then_deadlines_then_accounts(small: Results) -> None:
    headings = [heading.text_content() for heading in page(small).iter("h2")]
    assert headings == [
        "Verdict",
        "What to fix",
        "Deadlines",
        "Accounts",
        "Every rule",
        "Requests",
        "How to read this",
    ]


def test_the_page_says_whose_verdict_it_is_of_which_date_and_that_a_sandbox_is_none(small: Results) -> None:
    text = text_of(small)
    assert "contoso" in text
    assert "As of 2026-11-23" in text
    assert "Sandbox: emulated vendors" in text
    assert "Ready, with warnings" in text
    assert "Not assessed" in text
    assert "2 accounts: 1 blocked" in text


def test_a_finding_shows_its_accounts_its_owner_and_the_command_that_fixes_it(small: Results) -> None:
    [task] = page(small).xpath("//article[@id='ACC-002']")
    assert "anna@contoso.com" in task.text_content()
    assert "Integrator" in task.text_content()
    assert task.findtext(".//pre").startswith("Get-MgUser -Filter")


def test_tasks_are_grouped_by_what_they_stop() -> None:
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
    groups = [
        heading.text_content().rsplit(" ", 1)[0]
        for heading in page(results).xpath("//h3[contains(@class, 'group')]")
    ]
    assert groups == ["Must be fixed", "Could not be decided", "Should be fixed", "Accepted"]
    order = [task.get("id") for task in page(results).iter("article")]
    assert order == ["ENT-002", "ENT-005", "USR-006", "ROL-002", "MIG-003", "USR-003", "EWS-002"]


def test_a_card_says_which_side_its_finding_concerns() -> None:
    document = page(audited({"ENT-002": fail("expired"), "CFG-003": fail("lacks"), "NY3-001": fail("401")}))
    said = {card.get("id"): card.xpath(".//span[@class='side']/text()") for card in document.iter("article")}
    assert said == {"ENT-002": ["v2"], "CFG-003": ["v2 and v3"], "NY3-001": ["v3"]}


def with_dates(found: dict[str, Outcome], as_of: str = "2026-11-23") -> Results:
    """Return an audit with these findings of the vendors' dates, and all of the dates."""
    results = audited({"ENT-002": passed("redeemed")} | found)
    run = msgspec.structs.replace(results.run, as_of=as_of)
    dates = [deadline_of(one, date.fromisoformat(as_of)) for one in deadlines().values()]
    return msgspec.structs.replace(results, run=run, deadlines=dates)


def near(results: Results) -> list[list[str]]:
    """Return the dates in the card of each side."""
    cards = page(results).xpath("//div[@class='cards']/div")
    return [[" ".join(item.text_content().split()) for item in card.xpath("ul/li")] for card in cards]


def test_a_side_s_card_says_which_dates_are_in_force_or_near_the_gravest_first() -> None:
    found = {rule_id: warn("…") for rule_id in ("MIG-001", "MIG-002", "MIG-003", "MIG-004")}
    assert near(with_dates(found)) == [
        [
            "EWS is off by default in Exchange Online: in force since 2026-10-10",
            "Nylas v2 end of life: in force since 2025-01-20",
            "ApplicationImpersonation retirement: in force since 2025-02-01",
            "EWS final shutdown in Exchange Online: 2027-04-01, in 129 days",
        ],
        [],
    ]
    document = page(with_dates(found))
    assert document.xpath("//ul[@class='near']//a/@href") == ["#MIG-002", "#MIG-004", "#MIG-001", "#MIG-003"]
    assert {card.get("id") for card in document.iter("article")} == set(found)


def test_a_date_that_is_far_or_concerns_nobody_here_is_not_with_the_verdict() -> None:
    settled = {"MIG-001": passed("none"), "MIG-002": not_applicable("on-premises")}
    found = settled | {"MIG-003": warn("…"), "MIG-004": Outcome(status=Status.WAIVED)}
    assert near(with_dates(found, "2026-10-02")) == [[], []]
    assert near(with_dates(found, "2026-10-03")) == [
        ["EWS final shutdown in Exchange Online: 2027-04-01, in 180 days"],
        [],
    ]


def next_actions(results: Results) -> list[str]:
    """Return the lines of the verdict that count the accounts by what is next."""
    found = page(results).xpath("//section[@aria-labelledby='verdict']/ul[@class='tallied']/li")
    return [item.text_content() for item in found]


def test_the_verdict_counts_the_accounts_by_what_is_to_be_done_next_the_gravest_first() -> None:
    found = {f"u{n}@contoso.com": {"ACC-002": ALIAS} for n in range(2)} | {
        f"w{n}@contoso.com": {"EWS-003": unknown(f"GET /v1.0/users/{n}: HTTP 502")} for n in range(1200)
    }
    assert next_actions(audited({}, found | {"fine@contoso.com": {}})) == [
        "2 Use the primary address instead of the alias",
        "1,200 Let the audit read what it could not, then run it again",
        "1 Move to a Nylas v3 grant",
    ]
    assert next_actions(audited({"ENT-002": fail("expired")})) == []


def test_only_the_most_frequent_next_actions_are_counted_by_name() -> None:
    found = {
        f"u{n}-{m}@contoso.com": {"ACC-002": fail("x", remedy=f"Do {chr(65 + n)}.")}
        for n in range(COUNTED_ACTIONS + 2)
        for m in range(1 + (n > 1))
    }
    counted = [f"2 Do {chr(67 + n)}" for n in range(COUNTED_ACTIONS)]
    assert next_actions(audited({}, found)) == [*counted, "2 something else"]


def test_an_incomplete_run_says_so_before_its_verdict(small: Results) -> None:
    broken_off = msgspec.structs.replace(small, run=msgspec.structs.replace(small.run, complete=False))
    text = text_of(broken_off)
    assert 0 < text.index("This run is incomplete") < text.index("Verdict")
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


def test_a_short_list_needs_no_script(small: Results) -> None:
    document = page(small)
    assert document.xpath("//script") == []
    assert len(document.xpath("//tbody[@id='rows']/tr")) == 2


def test_a_long_list_shows_its_first_rows_without_a_script_and_has_all_with_one(large: Results) -> None:
    document = page(large)
    assert len(document.xpath("//tbody[@id='rows']/tr")) == FIRST_ROWS
    assert f"The first {FIRST_ROWS} of {LONGEST_TABLE + 1} accounts" in text_of(large)
    assert document.xpath("//form[@id='filter']/@hidden")
    data = json.loads(document.xpath("//script[@id='data']")[0].text)
    assert {row[0] for row in data["rows"]} == {account.email for account in large.accounts}
    rule, status, observed = (data["texts"][place] for place in data["rows"][0][5])
    assert (rule, status, observed) == ("ACC-002", "fail", "alias of ann@contoso.com")


NO_USER = depends_on("ACC-001", "the address is no user's")
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
    assert len(document.xpath("//script")) == (2 if count > 1 else 0)
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
