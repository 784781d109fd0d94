"""Accepted findings at work: what is waived, what never is, and what becomes of an exception."""

import json
from collections.abc import Sequence
from datetime import date, timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from nylas_readiness.checks.migration.next_action import MOVE
from nylas_readiness.checks.outcome import (
    Outcome,
    Status,
    Waiver,
    depends_on,
    fail,
    passed,
    unknown,
    wait,
    warn,
)
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.command_line import PAYLOADS, run_each
from nylas_readiness.checks.suite.support.payload_samples import GOOD
from nylas_readiness.checks.suite.support.report_samples import RUN, Findings, audited
from nylas_readiness.fixtures.inputs.exceptions import AcceptedFinding
from nylas_readiness.fixtures.run.assemble import exit_code_of
from nylas_readiness.fixtures.run.changes import Snapshot, snapshot
from nylas_readiness.fixtures.run.terminal import summary_lines
from nylas_readiness.fixtures.run.waivers import Patterns, Waivers
from nylas_readiness.reports import worklist
from nylas_readiness.reports.html import LISTED_EXCEPTIONS, render
from nylas_readiness.reports.model import ExceptionUse, Results

if TYPE_CHECKING:
    from lxml.html import HtmlElement

pytestmark = pytest.mark.offline

TODAY = date(2026, 11, 23)
ANN, BEN, ROOM = "ann@contoso.com", "ben@contoso.com", "Room-1@Contoso.com"
ALIAS = fail("alias of boss@contoso.com")


def accepted(
    rule: str = "ACC-002", account: str | None = None, expires: date = TODAY, owner: str = "jane@contoso.com"
) -> AcceptedFinding:
    return AcceptedFinding(rule=rule, account=account, owner=owner, reason="known", expires=expires)


def waived_audit(
    entries: Sequence[AcceptedFinding],
    tenant: dict[str, Outcome],
    found: Findings,
    earlier: Snapshot | None = None,
) -> Results:
    """Return the artefact of a run whose outcomes the exceptions were looked up for."""
    waivers = Waivers(entries, TODAY, earlier)
    rules = {rule: waivers.waive(rule, None, outcome) for rule, outcome in tenant.items()}
    accounts = {
        email: {rule: waivers.waive(rule, email, outcome) for rule, outcome in own.items()}
        for email, own in found.items()
    }
    results = audited(rules, accounts, "ACC-002")
    return replace(results, exceptions=waivers.report([rule.id for rule in results.rules]))


def only(uses: Sequence[ExceptionUse]) -> ExceptionUse:
    [use] = uses
    return use


@each_of("outcome", [ALIAS, warn("odd")])
def test_a_waived_finding_keeps_its_text_and_its_own_status(outcome: Outcome) -> None:
    found = Waivers([accepted()], TODAY).waive("ACC-002", ANN, outcome)
    assert (found.status, found.observed, found.remedy) == ("waived", outcome.observed, outcome.remedy)
    assert found.waiver == Waiver(
        status=outcome.status, owner="jane@contoso.com", reason="known", expires="2026-11-23"
    )


def test_only_what_failed_or_warns_is_ever_waived() -> None:
    from nylas_readiness.fixtures.strategies.profile import given, st

    @given(st.sampled_from(Status), st.sampled_from([None, ANN, ROOM]), st.dates())
    def holds(status: Status, email: str | None, expires: date) -> None:
        outcome = Outcome(status=status, observed="seen", reason="said")
        found = Waivers([accepted(expires=expires)], TODAY).waive("ACC-002", email, outcome)
        is_waived = status in {Status.FAIL, Status.WARN} and expires >= TODAY
        assert found.status == (Status.WAIVED if is_waived else status)
        assert (found == outcome) is not is_waived

    holds()


def test_the_day_of_expiry_still_counts_and_the_next_does_not() -> None:
    from nylas_readiness.fixtures.strategies.profile import given, st

    @given(st.dates(max_value=date.max - timedelta(days=1)))
    def holds(expires: date) -> None:
        on_the_day = Waivers([accepted(expires=expires)], expires)
        day_after = Waivers([accepted(expires=expires)], expires + timedelta(days=1))
        assert on_the_day.waive("ACC-002", ANN, ALIAS).status is Status.WAIVED
        assert day_after.waive("ACC-002", ANN, ALIAS) is ALIAS
        assert only(on_the_day.report(["ACC-002"])).state == "used"
        assert only(day_after.report(["ACC-002"])).state == "expired"

    holds()


@each_of(
    ("account", "covered"),
    [
        (None, {ANN, BEN, ROOM}),
        ("ANN@Contoso.com", {ANN}),
        ("room-*@contoso.com", {ROOM}),
        ("*@contoso.com", {ANN, BEN, ROOM}),
        ("*", {ANN, BEN, ROOM}),
        ("b?n@contoso.com", {BEN}),
        ("[ab]*@contoso.com", {ANN, BEN}),
        ("[!ab]*@contoso.com", {ROOM}),
        ("room-[0-9]@contoso.com", {ROOM}),
        ("ann@contoso.com*", {ANN}),
        ("nn@contoso.com", set()),
        ("ann@contoso.co", set()),
        ("*@CONTOSO.com.example", set()),
    ],
)
def test_an_exception_covers_the_accounts_that_it_names(account: str | None, covered: set[str]) -> None:
    waivers = Waivers([accepted(account=account)], TODAY)
    found = {email for email in (ANN, BEN, ROOM) if waivers.waive("ACC-002", email, ALIAS).waiver}
    assert found == covered
    assert only(waivers.report(["ACC-002"])).findings == len(covered)


@each_of(
    "account",
    [
        "ann@bücher.example",
        "ANN@BÜCHER.example",
        "ann@xn--bcher-kva.example",
        "*@bücher.example",
        "*@XN--bcher-kva.example",
        "ann@*.example",
        "ann@b?cher.*",
        "*bücher.example",
        "*xn--bcher-kva.*",
    ],
)
def test_an_exception_covers_an_address_in_either_form_of_its_domain(account: str) -> None:
    waivers = Waivers([accepted(account=account)], TODAY)
    for email in ("Ann@bücher.example", "ann@xn--bcher-kva.example", "ann@Xn--Bcher-Kva.example"):
        assert waivers.waive("ACC-002", email, ALIAS).waiver, email
    for email in ("ann@fabrikam.org", "ann@bücherei.org"):
        assert waivers.waive("ACC-002", email, ALIAS).waiver is None, email


def test_patterns_are_found_as_if_each_were_tried() -> None:
    from nylas_readiness.fixtures.strategies.profile import given, st

    texts = st.text("ab*?[]!-@.A", max_size=8)

    @given(st.lists(texts, max_size=6), st.text("ab-@.AB[]", max_size=8))
    def holds(patterns: list[str], address: str) -> None:
        many = Patterns()
        for place, pattern in enumerate(patterns):
            many.add(place, pattern)
        tried = (n for n, one in enumerate(patterns) if fnmatchcase(address.lower(), one.lower()))
        assert many.first(address) == next(tried, None)

    holds()


def test_the_first_of_several_exceptions_is_used_and_the_other_said_to_be_unused() -> None:
    entries = [accepted(account="*@contoso.com", owner="first"), accepted(account=ANN, owner="second")]
    for order, states in ((entries, ["used", "unused"]), (entries[::-1], ["used", "unused"])):
        waivers = Waivers(order, TODAY)
        waiver = waivers.waive("ACC-002", ANN, ALIAS).waiver
        assert waiver is not None
        assert waiver.owner == order[0].owner
        assert [use.state for use in waivers.report(["ACC-002"])] == states


def test_an_expired_exception_says_what_it_would_have_waived() -> None:
    """Of what a later one in force covers it would have waived nothing."""
    past = TODAY - timedelta(days=1)
    entries = [accepted(expires=past, account="*@contoso.com"), accepted(account=BEN)]
    results = waived_audit(entries, {}, {ANN: {"ACC-002": ALIAS}, BEN: {"ACC-002": ALIAS}})
    expired, used = results.exceptions
    assert (expired.state, expired.findings, expired.examples) == ("expired", 1, [ANN])
    assert (used.state, used.findings, used.examples) == ("used", 1, [BEN])
    statuses = {one.email: one.findings["ACC-002"].status for one in results.accounts}
    assert statuses == {ANN: "fail", BEN: "waived"}


def test_an_exception_that_covers_nothing_is_unused_but_not_where_its_rule_was_not_decided() -> None:
    results = waived_audit(
        [accepted("ACC-002", BEN), accepted("USR-003"), accepted("EWS-002")],
        {"USR-003": passed("never expires")},
        {ANN: {"ACC-002": ALIAS}},
    )
    assert [use.state for use in results.exceptions] == ["unused", "unused", "not-judged"]


def earlier(tenant: dict[str, Outcome], found: Findings) -> Snapshot:
    results = audited(tenant, found, "ACC-002")
    return snapshot(RUN, results.rules, ((one.email, one.findings) for one in results.accounts))


WAIVED_WARNING = Outcome(
    status=Status.WAIVED,
    observed="odd",
    waiver=Waiver(status=Status.WARN, owner="jane", reason="known", expires="2026-10-31"),
)


@each_of(
    ("before", "now", "state"),
    [
        (warn("odd"), ALIAS, "hides-worsened"),
        (passed("ok"), warn("odd"), "hides-worsened"),
        (WAIVED_WARNING, ALIAS, "hides-worsened"),
        (WAIVED_WARNING, warn("odd"), "used"),
        (ALIAS, ALIAS, "used"),
        (ALIAS, warn("odd"), "used"),
        (unknown("HTTP 503"), warn("odd"), "used"),
    ],
)
def test_an_exception_that_hides_what_is_worse_than_in_the_baseline_says_so(
    before: Outcome, now: Outcome, state: str
) -> None:
    """What counts is the status without a waiver, then and now."""
    of_account = waived_audit(
        [accepted()], {}, {ANN: {"ACC-002": now}}, earlier({}, {ANN: {"ACC-002": before}})
    )
    of_tenant = waived_audit([accepted("USR-003")], {"USR-003": now}, {}, earlier({"USR-003": before}, {}))
    for results, examples in ((of_account, [ANN]), (of_tenant, [])):
        use = only(results.exceptions)
        assert (use.state, use.findings, use.worsened) == (state, 1, state == "hides-worsened")
        assert use.examples == examples


def test_what_the_baseline_did_not_audit_is_not_said_to_be_worse() -> None:
    results = waived_audit([accepted()], {}, {ANN: {"ACC-002": ALIAS}}, earlier({}, {BEN: {}}))
    assert only(results.exceptions).state == "used"


def test_of_many_worsened_findings_the_first_are_named() -> None:
    emails = [f"user{number}@contoso.com" for number in range(9)]
    found = {email: {"ACC-002": ALIAS} for email in emails}
    before = {email: {"ACC-002": ALIAS if n < 4 else warn("odd")} for n, email in enumerate(emails)}
    use = only(waived_audit([accepted()], {}, found, earlier({}, before)).exceptions)
    assert (use.findings, use.worsened, use.examples) == (9, 5, emails[4:7])


def test_a_waived_finding_stands_in_nobodys_way() -> None:
    """It blocks nothing and asks for nothing, and the verdict still says that it is there."""
    found = {ANN: {"ACC-002": ALIAS}}
    without = waived_audit([], {"ENT-002": passed("redeemed")}, found)
    results = waived_audit([accepted()], {"ENT-002": passed("redeemed")}, found)
    assert (exit_code_of(without), exit_code_of(results)) == (1, 0)
    assert results.verdict is not None
    assert results.verdict.v2 == "ready-with-warnings"
    [account] = results.accounts
    assert account.next == MOVE
    assert without.accounts[0].next != MOVE
    [rule] = [rule for rule in results.rules if rule.id == "ACC-002"]
    assert (rule.status, rule.affected, results.counts[Status.WAIVED]) == ("waived", 1, 1)
    assert rule.waiver == account.findings["ACC-002"].waiver


def test_an_account_rule_is_waived_only_if_all_that_it_found_is() -> None:
    results = waived_audit([accepted(account=ANN)], {}, {ANN: {"ACC-002": ALIAS}, BEN: {"ACC-002": ALIAS}})
    [rule] = results.rules
    assert (rule.status, rule.affected, rule.waiver) == ("fail", 1, None)
    assert rule.observed.startswith("2 accounts: 1 fail, 1 waived; ben@contoso.com: ")


def test_equal_findings_under_two_exceptions_stay_apart() -> None:
    entries = [accepted(account=ANN, owner="ann's"), accepted(account=BEN, owner="ben's")]
    results = waived_audit(entries, {}, {ANN: {"ACC-002": ALIAS}, BEN: {"ACC-002": ALIAS}})
    waivers = [account.findings["ACC-002"].waiver for account in results.accounts]
    assert [waiver and waiver.owner for waiver in waivers] == ["ann's", "ben's"]


def page(results: Results) -> "HtmlElement":
    from lxml.html import document_fromstring

    return document_fromstring(render(results))


def text_of(element: "HtmlElement") -> str:
    return " ".join(element.text_content().split())


def test_nothing_open_hides_behind_what_somebody_accepted() -> None:
    """The accepted cause is in its own group; what hangs on it is still to be decided."""
    tenant = {"ENT-002": ALIAS, "ENT-003": depends_on("ENT-002", "the refresh token was refused")}
    document = page(waived_audit([accepted("ENT-002")], tenant, {}))
    accepted_cards = document.xpath("//section[@aria-labelledby='accepted']//article")
    assert [task.get("id") for task in accepted_cards] == ["ENT-002"]
    assert [task.get("id") for task in document.iter("article")] == ["ENT-003", "ENT-002"]


def test_the_page_shows_who_accepted_what_and_what_asks_for_attention_first() -> None:
    past = TODAY - timedelta(days=1)
    results = waived_audit(
        [accepted(), accepted("USR-003"), accepted("ENT-002", expires=past)],
        {"USR-003": passed("never"), "ENT-002": fail("refused")},
        {ANN: {"ACC-002": ALIAS}},
    )
    document = page(results)
    rows = [text_of(row) for row in document.xpath("//section[@aria-labelledby='exceptions']//tbody/tr")]
    assert [row.split()[0] for row in rows] == ["ENT-002", "USR-003", "ACC-002"]
    assert "expired Would have waived 1 finding" in rows[0]
    assert "unused Covers no finding: take it out of the file" in rows[1]
    assert "used 1 finding waived ann@contoso.com accepted by jane@contoso.com known 2026-11-23" in rows[2]
    task = text_of(document.get_element_by_id("ACC-002"))
    assert "alias of boss@contoso.com (fail, accepted by jane@contoso.com until 2026-11-23)" in task
    assert "Why it is accepted: known" in task
    [account] = document.xpath("//tbody[@id='rows']/tr")
    assert "(fail, accepted by jane@contoso.com until 2026-11-23)" in text_of(account)


def test_without_exceptions_the_page_has_no_word_of_them() -> None:
    text = render(audited({"ENT-002": fail("refused")}))
    assert 'id="exceptions"' not in text


def test_many_exceptions_are_listed_to_a_bound() -> None:
    results = waived_audit(
        [accepted(account=f"u{n}@contoso.com") for n in range(LISTED_EXCEPTIONS + 5)], {}, {ANN: {}}
    )
    [section] = page(results).xpath("//section[@aria-labelledby='exceptions']")
    assert len(section.xpath(".//tbody/tr")) == LISTED_EXCEPTIONS
    assert "and 5 more, all in results.json" in text_of(section)


HOSTILE = "</td><script>alert(1)</script><b>\u202e {{ 7*7 }}"


def test_hostile_text_of_an_exceptions_file_stays_in_its_place() -> None:
    one = AcceptedFinding(
        rule="ACC-002", account=f"*{HOSTILE}*", owner=f"={HOSTILE}", reason=HOSTILE, expires=TODAY
    )
    results = waived_audit([one, replace(one, account=None)], {}, {ANN: {"ACC-002": ALIAS}})
    document = page(results)
    assert document.xpath("//main//script | //b") == []
    assert "\u202e" not in document.text_content()
    assert not any("\u202e" in line for line, _ in summary_lines(results))
    assert "\u202e" not in worklist.render(results)


def test_the_terminal_counts_the_exceptions_and_names_those_that_ask_for_attention() -> None:
    past = TODAY - timedelta(days=1)
    results = waived_audit(
        [accepted(account=BEN), accepted(), accepted("ENT-002", expires=past)],
        {"ENT-002": fail("refused")},
        {ANN: {"ACC-002": ALIAS}},
    )
    lines = [line for line, _ in summary_lines(results)]
    at = lines.index("exceptions: 1 expired, 1 unused, 1 used")
    assert [line.strip() for line in lines[at + 1 :]] == [
        "expired: ENT-002, by jane@contoso.com until 2026-11-22, 1 finding",
        "unused: ACC-002  ben@contoso.com, by jane@contoso.com until 2026-11-23, 0 findings",
    ]


def test_the_worklist_shows_the_status_behind_the_waiver() -> None:
    results = waived_audit([accepted()], {}, {ANN: {"ACC-002": ALIAS}})
    assert "ACC-002 waived (fail until 2026-11-23): alias of boss@contoso.com" in worklist.render(results)


def test_a_wait_is_not_waived_away() -> None:
    """Nor does an exception count as used for it."""
    results = waived_audit([accepted()], {}, {ANN: {"ACC-002": wait("recheck at 11:00", observed="denied")}})
    assert results.accounts[0].findings["ACC-002"].status == "wait"
    assert only(results.exceptions).state == "unused"


def test_a_broken_rule_of_a_payload_can_be_accepted_too(tmp_path: Path) -> None:
    body = json.dumps({**GOOD, "provider": "office365"})
    (tmp_path / "body.json").write_text(body, "utf-8")
    entry = 'owner = "jane"\nreason = "renamed on our side"\nexpires = 2026-11-23\n'
    (tmp_path / "accepted.toml").write_text(f'[[exception]]\nrule = "PAY-002"\n{entry}', "utf-8")
    given: list[str | Path] = [PAYLOADS, "--payload", "body.json", "--exceptions", "accepted.toml", "--as-of"]
    ended = run_each(
        tmp_path, {day: [*given, day, "--report-dir", day] for day in ("2026-11-23", "2026-11-24")}
    )
    assert [one.exit_code for one in ended.values()] == [0, 1]
    assert "exceptions: 1 used" in ended["2026-11-23"].lines
    assert "exceptions: 1 expired" in ended["2026-11-24"].lines
