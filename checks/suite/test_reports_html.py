"""The page: what it says and in which order, that it loads nothing, and that no text leaves its place."""

import base64
import hashlib
import json
import re
from typing import TYPE_CHECKING

import msgspec
import pytest

from nylas_readiness.checks.suite.report_samples import audited, judged_bodies
from nylas_readiness.fixtures.cases import each_of
from nylas_readiness.reports.html import FIRST_ROWS, LONGEST_TABLE, blocks, linked, prose, render
from nylas_readiness.reports.model import Outcome, Results, Status
from nylas_readiness.reports.outcome import fail, passed, review, unknown, wait, warn
from nylas_readiness.reports.untrusted import visible

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
    bodies = msgspec.structs.replace(judged_bodies({"PAY-001": passed("ok")}), planned=small.planned)
    assert "2 rules not checked yet" in text_of(small)
    assert "NY3-001" in text_of(small)
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
    from nylas_readiness.fixtures.properties import given, st

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
