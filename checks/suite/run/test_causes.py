"""One cause and what hangs on it: in the page, in the terminal and in an account's next action."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pytest

from nylas_readiness.checks.catalogue import catalogue
from nylas_readiness.checks.outcome import Outcome, depends_on, fail, passed, unknown, wait, warn
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.report_samples import audited
from nylas_readiness.fixtures.run.terminal import summary_lines
from nylas_readiness.reports.html import render
from nylas_readiness.reports.model import Results

if TYPE_CHECKING:
    from lxml.html import HtmlElement

pytestmark = pytest.mark.offline

EXPIRED = fail("AADSTS700082", remedy="Sign in again.\n    https://login", owner="user")
NO_TOKEN = depends_on("ENT-002", "the refresh token was refused")
NO_USER = depends_on("ACC-001", "no user has this address")
EMAILS = [f"user{n}@contoso.com" for n in range(3)]


def hanging() -> Results:
    """Return an audit in which everything hangs on an expired refresh token, one rule over another."""
    tenant = {
        "ENT-002": EXPIRED,
        "ENT-003": NO_TOKEN,
        "ROL-002": depends_on("EWS-003", "no mailbox was reached"),
    }
    return audited(tenant, {email: {"EWS-003": NO_TOKEN} for email in EMAILS}, "EWS-003")


def page_of(results: Results) -> "HtmlElement":
    from lxml.html import document_fromstring

    return document_fromstring(render(results))


def tasks(results: Results) -> "dict[str, HtmlElement]":
    """Return the page's cards by their rules."""
    return {task.get("id"): task for task in page_of(results).iter("article")}


def text_of(element: "HtmlElement") -> str:
    return " ".join(element.text_content().split())


def test_what_hangs_on_a_cause_stands_behind_its_first_cause_and_nowhere_else() -> None:
    [(cause, task)] = tasks(hanging()).items()
    assert cause == "ENT-002"
    behind = [text_of(item) for item in task.xpath(".//details[@class='behind']//li")]
    assert [item.split()[2] for item in behind] == ["ENT-003", "ROL-002", "EWS-003"]
    assert behind[2].endswith("for 3 accounts")
    assert not behind[0].endswith("accounts")


def test_what_hangs_on_a_cause_has_the_status_and_the_count_of_what_hangs_and_not_of_its_rule() -> None:
    found = {
        EMAILS[0]: {"ACC-001": fail("no user has this address"), "EWS-003": NO_USER},
        EMAILS[1]: {"ACC-001": fail("disabled"), "EWS-003": wait("later", cause="ACC-001", observed="x")},
        EMAILS[2]: {"EWS-003": fail("ErrorNonExistentMailbox")},
    }
    behind = tasks(audited({}, found))["ACC-001"].xpath(".//details[@class='behind']//li")
    shown = [(text_of(item).split()[1], text_of(item).rpartition("for ")[2]) for item in behind]
    assert shown == [("unknown", "1 account"), ("wait", "1 account")]


def test_a_link_to_a_rule_leads_to_where_it_stands() -> None:
    found = {EMAILS[0]: {"ACC-001": fail("gone"), "EWS-003": NO_USER}, EMAILS[1]: {"EAS-001": NO_TOKEN}}
    page = page_of(audited({"ENT-002": EXPIRED, "ENT-003": NO_TOKEN}, found))
    wanted = {link.get("href").removeprefix("#") for link in page.iter("a") if link.get("class") == "id"}
    assert wanted == {"ACC-001", "ENT-002"}
    places = [element.get("id") for element in page.iter() if element.get("id") in {*wanted, "EWS-003"}]
    assert sorted(places) == ["ACC-001", "ENT-002", "EWS-003"]


def test_the_artefact_keeps_every_finding() -> None:
    results = hanging()
    assert [(rule.id, rule.status) for rule in results.rules] == [
        ("ENT-002", "fail"),
        ("ENT-003", "unknown"),
        ("ROL-002", "unknown"),
        ("EWS-003", "unknown"),
    ]
    assert all("EWS-003" in account.findings for account in results.accounts)


def test_the_terminal_has_the_cause_to_do_first_and_nothing_of_what_waits_for_it() -> None:
    lines = [line for line, _ in summary_lines(hanging())]
    [first] = [line for line in lines if line.startswith("1. ")]
    assert first.endswith("(End user, frees 3 accounts)  ENT-002")
    assert not any("2. " in line or "ROL-002" in line for line in lines)


@each_of(
    "cause",
    [{"ENT-002": passed("redeemed")}, {}],
)
def test_what_depends_on_no_finding_stands_for_itself(cause: Mapping[str, Outcome]) -> None:
    results = audited(cause, {EMAILS[0]: {"EWS-003": NO_TOKEN}})
    assert list(tasks(results)) == ["EWS-003"]


def test_accounts_with_a_finding_of_their_own_keep_the_card_and_the_others_leave_it() -> None:
    found = {
        EMAILS[0]: {"ACC-001": fail("no user has this address"), "EWS-003": NO_USER},
        EMAILS[1]: {"EWS-003": fail("ErrorNonExistentMailbox")},
        EMAILS[2]: {},
    }
    cards = tasks(audited({}, found, "ACC-001", "EWS-003"))
    assert set(cards) == {"ACC-001", "EWS-003"}
    assert EMAILS[0] not in text_of(cards["EWS-003"])
    assert EMAILS[1] in text_of(cards["EWS-003"])
    assert "EWS-003" in text_of(cards["ACC-001"].xpath(".//details[@class='behind']")[0])


def test_a_card_of_milder_findings_does_not_show_the_status_and_remedy_of_what_left_it() -> None:
    found = {
        EMAILS[0]: {"ACC-001": fail("no user has this address"), "EWS-003": NO_USER},
        EMAILS[1]: {"EWS-003": warn("slow")},
    }
    results = audited({}, found)
    card = tasks(results)["EWS-003"]
    assert "warn" in card.get("class").split()
    assert "ACC-001" not in text_of(card)


@each_of(
    ("own", "action"),
    [
        (warn("a room"), catalogue()["ACC-007"].remedy.partition("\n")[0]),
        (wait("until noon", observed="denied"), "Run the audit again later: until noon."),
        (unknown("HTTP 502"), "Let the audit read what it could not, then run it again: HTTP 502."),
    ],
)
def test_a_card_counts_and_mends_the_findings_that_it_lists(own: Outcome, action: str) -> None:
    found = {
        "gone@contoso.com": {"ACC-001": fail("no user's"), "ACC-007": NO_USER},
        **{f"gone{n}@contoso.com": {"ACC-001": fail("no user's"), "ACC-007": NO_USER} for n in range(4)},
        **{email: {"ACC-007": own} for email in EMAILS[:2]},
    }
    card = tasks(audited({}, found, "ACC-007"))["ACC-007"]
    assert "2 accounts" in text_of(card.xpath("p[@class='tags']")[0])
    assert [one.text for one in card.xpath(".//span[@class='mail']")] == EMAILS[:2]
    assert text_of(card.xpath("h3")[0]) == action


def test_a_finding_of_its_own_speaks_for_its_rule_before_one_that_hangs() -> None:
    busy = unknown("ErrorServerBusy", remedy="Wait that long.")
    found = {EMAILS[0]: {"EWS-003": NO_USER}, EMAILS[1]: {"EWS-003": busy}}
    [rule] = audited({}, found).rules
    assert rule.remedy == "Wait that long."


def test_findings_that_name_each_other_are_not_lost() -> None:
    circle = {"ENT-002": depends_on("ENT-003", "a"), "ENT-003": depends_on("ENT-002", "b")}
    results = audited(circle)
    assert {task.rule for task in results.tasks} == {"ENT-002", "ENT-003"}
    [account] = audited(circle, {EMAILS[0]: {"EWS-003": NO_TOKEN}}).accounts
    assert account.next.action.startswith("Put ENT-00")


def test_the_next_action_of_an_account_is_its_causes_with_its_owner() -> None:
    assert {account.next for account in hanging().accounts} == {hanging().accounts[0].next}
    assert (hanging().accounts[0].next.action, hanging().accounts[0].next.owner) == ("Sign in again.", "user")


def test_a_cause_that_is_undecided_itself_is_the_next_action_too() -> None:
    waiting = wait("recheck at 11:00", observed="denied", remedy="Run again after 11:00.")
    too_early = wait("recheck at 11:00", cause="ROL-002", observed="denied")
    [account] = audited({"ROL-002": waiting}, {EMAILS[0]: {"EWS-003": too_early}}).accounts
    assert account.next.action == "Run again after 11:00."


def test_a_finding_of_the_accounts_own_comes_before_a_cause_that_blocks_less() -> None:
    found = {"EWS-003": depends_on("ENT-002", "no answer"), "ACC-002": fail("an alias")}
    [account] = audited({"ENT-002": unknown("no answer")}, {EMAILS[0]: found}).accounts
    assert account.next.action == catalogue()["ACC-002"].remedy.splitlines()[0]


def test_what_hangs_asks_for_its_cause_first() -> None:
    rules = {rule.id: rule for rule in hanging().rules}
    assert rules["ENT-003"].remedy == "Put ENT-002 right first, then run the audit again."
