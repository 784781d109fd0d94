"""From outcomes to the artefact: worst of the accounts, next actions, order, counts and verdicts."""

import pytest

from nylas_readiness.checks.catalogue import catalogue
from nylas_readiness.checks.outcome import (
    Outcome,
    Status,
    fail,
    not_applicable,
    passed,
    review,
    unknown,
    wait,
    warn,
)
from nylas_readiness.checks.suite.support.report_samples import audited, judged_bodies, tallied
from nylas_readiness.checks.verdict import worst
from nylas_readiness.fixtures.evidence.measures import Trace
from nylas_readiness.fixtures.run.assemble import exit_code_of
from nylas_readiness.fixtures.secrets import Secret

pytestmark = pytest.mark.offline

ALIAS = fail("alias of ann@contoso.com")
OK = {"ENT-001": passed("tenant 8f0c"), "ENT-002": passed("redeemed")}
ADDRESSES = ("ann@contoso.com", "bob@contoso.com", "cy@contoso.com")


def test_an_account_rule_has_the_worst_status_of_its_accounts_and_counts_them() -> None:
    from nylas_readiness.fixtures.strategies.profile import given, st

    account_outcomes = st.builds(Outcome, status=st.sampled_from(Status), observed=st.just("seen"))

    @given(st.lists(account_outcomes, min_size=1, max_size=8))
    def holds(outcomes: list[Outcome]) -> None:
        tally = tallied({f"user{n}@contoso.com": {"ACC-002": one} for n, one in enumerate(outcomes)})
        rule = tally.rules["ACC-002"]
        expected = worst(one.status for one in outcomes)
        assert rule.outcome().status == expected
        assert rule.counts[expected] == sum(one.status == expected for one in outcomes)
        for number, one in enumerate(outcomes):
            kept = tally.accounts[f"user{number}@contoso.com"].findings
            assert ("ACC-002" in kept) == (one.status not in {"pass", "not-applicable"})

    holds()


def test_an_account_rule_says_how_many_and_names_the_first_of_the_worst() -> None:
    found = {email: {"ACC-002": ALIAS if email != ADDRESSES[0] else warn("odd")} for email in ADDRESSES}
    [rule] = [rule for rule in audited(OK, found).rules if rule.id == "ACC-002"]
    assert (rule.status, rule.affected) == ("fail", 2)
    assert rule.observed.startswith("3 accounts: 2 fail, 1 warn; bob@contoso.com: alias of ann@contoso.com")
    assert "odd" not in rule.observed


def test_the_evidence_of_an_account_rule_names_the_account_and_stays_small() -> None:
    trace = Trace("2026-11-23T09:00:00Z", "GET /users", "mail is ann@contoso.com")
    many = {f"user{n}@contoso.com": {"ACC-002": fail("alias", trace)} for n in range(50)}
    [rule] = [rule for rule in audited(OK, many).rules if rule.id == "ACC-002"]
    assert rule.affected == 50
    assert len(rule.evidence) <= 5
    assert rule.evidence[0].what == "user0@contoso.com: mail is ann@contoso.com"


def test_an_account_rule_without_accounts_is_not_applicable_with_the_reason() -> None:
    [rule] = [rule for rule in audited(OK, {}, "ACC-002").rules if rule.id == "ACC-002"]
    assert (rule.status, rule.reason) == ("not-applicable", "no account was audited")


def test_accounts_keep_the_order_of_their_list_and_are_ranked_by_what_is_worst() -> None:
    found = {
        "calm@contoso.com": {},
        "warned@contoso.com": {"NY2-003": warn("partial")},
        "asked@contoso.com": {"ACC-004": unknown("HTTP 403")},
        "mild@contoso.com": {"EAS-001": fail("no host")},
        "z-blocked@contoso.com": {"ACC-002": ALIAS},
        "a-blocked@contoso.com": {"ACC-002": fail("alias of zoe@contoso.com")},
        "grave@contoso.com": {"NY2-003": fail("stopped")},
    }
    accounts = audited(OK, found, "ACC-002").accounts
    assert [account.email for account in accounts] == list(found)
    assert [account.email for account in sorted(accounts, key=lambda one: one.order)] == [
        "a-blocked@contoso.com",
        "z-blocked@contoso.com",
        "grave@contoso.com",
        "asked@contoso.com",
        "warned@contoso.com",
        "mild@contoso.com",
        "calm@contoso.com",
    ]
    assert sorted(account.order for account in accounts) == list(range(1, 8))


def next_of(outcomes: dict[str, Outcome], tenant: dict[str, Outcome] | None = None) -> tuple[str, str]:
    [account] = audited(OK | (tenant or {}), {"ann@contoso.com": outcomes}, "ACC-002").accounts
    return account.next.action, account.next.owner


def first_line(rule_id: str) -> str:
    return catalogue()[rule_id].remedy.splitlines()[0]


def test_an_account_without_findings_moves_to_v3() -> None:
    assert next_of({}) == ("Move to a Nylas v3 grant.", "integrator")
    assert next_of({"ACC-004": Outcome(status=Status.WAIVED)}) == ("Move to a Nylas v3 grant.", "integrator")


def test_the_next_action_is_the_first_line_of_the_gravest_findings_remedy() -> None:
    assert next_of({"NY2-003": warn("partial"), "ACC-004": fail("no plan")}) == (
        first_line("ACC-004"),
        "tenant-admin",
    )
    assert next_of({"ACC-004": fail("no plan", remedy="Buy one.\n    Buy-One", owner="user")}) == (
        "Buy one.",
        "user",
    )


def test_the_cause_comes_before_the_probe_that_shows_it() -> None:
    assert next_of({"EWS-003": fail("ErrorNonExistentMailbox"), "ACC-002": ALIAS})[0] == first_line("ACC-002")


def test_what_could_not_be_read_asks_for_reading_and_not_for_mending() -> None:
    action, owner = next_of({"ACC-004": unknown("HTTP 403: LicenseAssignment.Read.All is missing")})
    assert action == (
        "Let the audit read what it could not, then run it again: "
        "HTTP 403: LicenseAssignment.Read.All is missing."
    )
    assert owner == "tenant-admin"
    action, _ = next_of({"NY2-003": wait("recheck at 11:00 UTC", observed="initializing")})
    assert action == "Run the audit again later: recheck at 11:00 UTC."


def test_a_blocked_tenant_is_the_next_action_of_an_account_that_is_not_blocked_itself() -> None:
    expired = {"ENT-002": fail("AADSTS700082")}
    assert next_of({"EWS-003": unknown("depends on ENT-002")}, expired)[0] == first_line("ENT-002")
    assert next_of({"ACC-002": ALIAS}, expired)[0] == first_line("ACC-002")


def test_account_findings_lower_the_tenant_and_leave_the_other_side_alone() -> None:
    results = audited(OK, {"ann@contoso.com": {"ACC-002": ALIAS}, "bob@contoso.com": {}}, "ACC-002")
    assert results.verdict is not None
    assert (results.verdict.v2, results.verdict.v3) == ("ready-with-warnings", "not-assessed")
    assert [account.verdict.v2 for account in results.accounts] == ["blocked", "ready"]
    assert exit_code_of(results) == 1


def test_a_review_that_leaves_an_account_inconclusive_ends_with_one() -> None:
    odd = review("state is 'hibernating'", reason="nobody documents this state")
    results = audited(OK, {"ann@contoso.com": {"NY2-003": odd}, "bob@contoso.com": {}}, "ACC-002")
    assert results.counts[Status.REVIEW] == 1
    assert exit_code_of(results) == 1


def test_warnings_alone_end_with_zero() -> None:
    results = audited(OK | {"MIG-003": warn("in 129 days")}, {"ann@contoso.com": {}}, "ACC-002")
    assert exit_code_of(results) == 0


def test_accounts_with_the_same_next_action_stand_together_in_the_worklist() -> None:
    found = {
        "ann@contoso.com": {"MIG-006": warn("on both", remedy="Switch to v3.")},
        "bob@contoso.com": {"MIG-006": warn("no grant", remedy="Create the grant.")},
        "cy@contoso.com": {"MIG-006": warn("on both", remedy="Switch to v3.")},
        "di@contoso.com": {"MIG-006": warn("no grant", remedy="Create the grant.")},
    }
    accounts = audited({}, found).accounts
    assert [account.order for account in accounts] == [3, 1, 4, 2]


def test_rules_come_in_the_catalogues_order_and_every_status_is_counted() -> None:
    results = audited({"USR-005": warn("none"), "CFG-001": passed("well-formed"), "ENT-001": unknown("down")})
    assert [rule.id for rule in results.rules] == ["CFG-001", "ENT-001", "USR-005"]
    assert {str(status): count for status, count in results.counts.items()} == {
        "fail": 0,
        "unknown": 1,
        "wait": 0,
        "review": 0,
        "warn": 1,
        "waived": 0,
        "pass": 1,
        "not-applicable": 0,
    }
    assert results.planned == []


def test_a_payload_run_has_no_tenant_no_verdict_and_no_rule_of_the_client() -> None:
    results = judged_bodies(
        {"PAY-001": passed("ok"), "API-001": fail("x"), "PAY-017": not_applicable("a file")}
    )
    assert (results.tenant, results.verdict, results.accounts) == (None, None, [])
    assert [rule.id for rule in results.rules] == ["PAY-001", "PAY-017"]
    assert exit_code_of(results) == 0


def test_a_finding_keeps_its_own_words_and_else_takes_the_catalogues() -> None:
    own = fail("x", expected="y", remedy="Do z.", owner="nylas-admin")
    rule, other = audited({"ENT-003": own, "ENT-004": fail("no scope")}).rules
    assert (rule.expected, rule.remedy, rule.owner) == ("y", "Do z.", "nylas-admin")
    stated = catalogue()["ENT-004"]
    assert (other.expected, other.remedy, other.owner) == (stated.statement, stated.remedy, stated.owner)


def test_texts_are_scrubbed_bounded_and_made_valid_on_their_way_in() -> None:
    secret = Secret("p4ss/w\\rd~of-assembling")
    text = f"{secret.reveal()} \ud800 " + "long " * 2000
    results = audited({"ENT-002": fail(text, Trace("", text, text), expected=text, remedy=text)})
    [rule] = results.rules
    for said in (rule.observed, rule.expected, rule.remedy, rule.evidence[0].source, rule.evidence[0].what):
        assert secret.reveal() not in said
        assert said.startswith("«secret» \\ud800 long")
        assert len(said) < 4100
