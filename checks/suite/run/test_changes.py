"""What changed between two runs: the comparison's laws and its bounds."""

from collections.abc import Mapping
from itertools import permutations
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from nylas_readiness.checks.outcome import Finding, Outcome, Status, fail, passed, unknown, warn
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.change_samples import (
    ALIAS,
    ANN,
    BEN,
    CY,
    WAIVED,
    WAIVER,
    accounts,
    compared,
    seen,
)
from nylas_readiness.checks.suite.support.report_samples import audited
from nylas_readiness.reports.model import ChangeKind, Changes, Results

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

pytestmark = pytest.mark.offline

ACCOUNT_RULES = ("ACC-002", "NY2-003", "EAS-001")
TENANT_RULES = ("ENT-002", "USR-003")


def incomplete(results: Results) -> Results:
    return replace(results, run=replace(results.run, complete=False))


def kinds(changes: Changes) -> list[tuple[str, str, str | None]]:
    return [(one.kind, one.rule, one.email) for one in changes.changed]


@each_of(
    ("before", "after", "kind"),
    [
        (passed("ok"), ALIAS, "new"),
        (ALIAS, passed("ok"), "fixed"),
        (Outcome(status=Status.NOT_APPLICABLE), ALIAS, "new"),
        (ALIAS, Outcome(status=Status.NOT_APPLICABLE), "fixed"),
        (warn("odd"), ALIAS, "worse"),
        (warn("odd"), unknown("HTTP 503"), "worse"),
        (unknown("HTTP 503"), warn("odd"), "better"),
        (WAIVED, ALIAS, "worse"),
        (ALIAS, WAIVED, "better"),
        (passed("ok"), WAIVED, "new"),
        (WAIVED, passed("ok"), "fixed"),
        (ALIAS, fail("alias of another"), None),
        (passed("ok"), passed("still"), None),
    ],
)
def test_a_finding_changes_by_its_status(before: Outcome, after: Outcome, kind: str | None) -> None:
    of_account = compared(accounts({ANN: {"ACC-002": before}}), accounts({ANN: {"ACC-002": after}}))
    assert kinds(of_account) == ([(kind, "ACC-002", ANN)] if kind else [])
    of_tenant = compared(audited({"USR-003": before}), audited({"USR-003": after}))
    assert kinds(of_tenant) == ([(kind, "USR-003", None)] if kind else [])


def test_both_findings_are_told_and_the_address_as_it_is_written_now() -> None:
    changes = compared(
        accounts({"Ann@Contoso.com": {"ACC-002": warn("odd")}}), accounts({ANN: {"ACC-002": ALIAS}})
    )
    [change] = changes.changed
    assert (change.email, changes.accounts_joined, changes.accounts_left) == (ANN, 0, 0)
    assert change.before == Finding(status=Status.WARN, observed="odd")
    assert change.after == Finding(status=Status.FAIL, observed="alias of boss@contoso.com")


def test_an_address_is_the_same_account_in_either_form_of_its_domain() -> None:
    unicode, ascii_ = "ann@bücher.example", "Ann@XN--bcher-kva.example"
    changes = compared(accounts({unicode: {"ACC-002": ALIAS}}), accounts({ascii_: {"ACC-002": ALIAS}}))
    assert (changes.changed, changes.accounts_joined, changes.accounts_left) == ([], 0, 0)
    assert seen(accounts({unicode: {"ACC-002": ALIAS}})).status("ACC-002", ascii_) is Status.FAIL


def test_an_account_that_left_is_gone_not_fixed_and_one_that_joined_brings_new_findings() -> None:
    changes = compared(
        accounts({ANN: {"ACC-002": ALIAS}, BEN: {}}), accounts({CY: {"ACC-002": ALIAS}, BEN: {}})
    )
    assert kinds(changes) == [("new", "ACC-002", CY), ("gone", "ACC-002", ANN)]
    assert (changes.accounts_joined, changes.accounts_left) == (1, 1)


def test_what_an_incomplete_run_lacks_is_neither_new_nor_gone() -> None:
    """The baseline may only not have reached that account, and so may this run."""
    few, many = accounts({ANN: {}}), accounts({ANN: {}, BEN: {"ACC-002": ALIAS}})
    from_few, to_few = compared(incomplete(few), many), compared(many, incomplete(few))
    for changes in (from_few, to_few):
        assert changes.changed == []
        assert (changes.accounts_joined, changes.accounts_left) == (0, 0)
    [limit] = from_few.limits
    assert limit.startswith("the baseline is incomplete: rules that it did not decide are not compared")
    assert limit.endswith("nor are accounts that it lacks (1)")
    assert to_few.limits[0].startswith("this run is incomplete: ")


def test_an_incomplete_baseline_still_compares_what_it_has() -> None:
    before, now = accounts({ANN: {}}), accounts({ANN: {"ACC-002": ALIAS}})
    assert kinds(compared(incomplete(before), now)) == [("new", "ACC-002", ANN)]


def test_a_rule_that_one_run_alone_decided_is_named_and_not_counted() -> None:
    before = audited({"ENT-002": fail("refused"), "USR-003": fail("expires")})
    now = audited({"ENT-002": fail("refused"), "USR-006": fail("disabled")}, {ANN: {"ACC-002": ALIAS}})
    changes = compared(before, now)
    assert changes.changed == []
    assert (changes.rules_joined, changes.rules_left) == (["ACC-002", "USR-006"], ["USR-003"])


def test_a_list_that_could_not_be_read_fixes_nothing() -> None:
    """Without accounts the account rule itself is undecided: that is new, and their findings are gone."""
    before = accounts({ANN: {"ACC-002": ALIAS}})
    now = audited({"ENT-002": passed("redeemed"), "ACC-002": unknown("HTTP 503")})
    assert kinds(compared(before, now)) == [("new", "ACC-002", None), ("gone", "ACC-002", ANN)]
    assert kinds(compared(now, before)) == [("new", "ACC-002", ANN), ("fixed", "ACC-002", None)]


def test_a_check_that_failed_itself_fixes_nothing() -> None:
    before = accounts({ANN: {"ACC-002": ALIAS}, BEN: {}})
    now = audited(
        {"ENT-002": passed("redeemed"), "ACC-002": unknown("the check itself failed")}, {ANN: {}, BEN: {}}
    )
    found = {(one.email, one.kind) for one in compared(before, now).changed}
    assert found == {(None, "new"), (ANN, "better")}


def test_what_a_rule_found_of_addresses_on_no_list_is_compared_as_one() -> None:
    """The logs name accounts that nobody listed (LOG-005); the rule counts them, no account has them."""
    before = accounts({ANN: {"ACC-002": ALIAS}})
    [tenant_rule, rule] = before.rules
    counted = replace(rule, affected=2, observed="2 accounts: 2 fail")
    now = replace(before, rules=[tenant_rule, counted])
    assert kinds(compared(before, now)) == [("new", "ACC-002", None)]
    assert kinds(compared(now, before)) == [("fixed", "ACC-002", None)]
    assert compared(now, now).changed == []
    assert compared(incomplete(now), before).changed == []


def test_the_accepted_are_told_from_the_mended() -> None:
    before = accounts({ANN: {"ACC-002": ALIAS}, BEN: {"ACC-002": ALIAS}, CY: {"ACC-002": WAIVED}})
    changes = compared(before, accounts({ANN: {"ACC-002": WAIVED}, BEN: {}, CY: {"ACC-002": WAIVED}}))
    assert changes.waived_since == 1
    assert {kind: count for kind, count in changes.counts.items() if count} == {"better": 1, "fixed": 1}


@each_of(
    ("run", "said"),
    [
        ({"as_of": "2026-12-24"}, "the baseline was judged as of 2026-12-24, which is later than 2026-11-23"),
        ({"suite_version": "0.10.0"}, "made with nylas-readiness 0.10.0, which is newer than 0.1.0"),
        ({"suite_version": "9" * 5000}, "which is newer"),
        ({"suite_version": "0.0.9", "as_of": "2026-11-22"}, None),
        ({"suite_version": "", "as_of": ""}, None),
    ],
)
def test_a_baseline_that_looks_later_is_compared_with_a_warning(
    run: dict[str, str], said: str | None
) -> None:
    before = audited({"USR-003": fail("expires")})
    changes = compared(replace(before, run=replace(before.run, **run)), audited({"USR-003": passed("never")}))
    assert kinds(changes) == [("fixed", "USR-003", None)]
    assert len(changes.limits) == (said is not None)
    assert all(said in limit for limit in changes.limits if said)


def test_the_gravest_come_first() -> None:
    now = {
        "ENT-002": passed("ok"),
        "USR-003": warn("soon"),
        "EWS-002": fail("denied"),
    }
    before = {"ENT-002": fail("refused"), "USR-003": passed("never"), "EWS-002": passed("allowed")}
    changes = compared(
        audited(before, {BEN: {}, ANN: {}, CY: {"ACC-002": warn("odd")}}, "ACC-002"),
        audited(now, {BEN: {"ACC-002": ALIAS}, ANN: {"ACC-002": ALIAS}, CY: {"ACC-002": ALIAS}}),
    )
    assert kinds(changes) == [
        ("new", "EWS-002", None),
        ("new", "ACC-002", ANN),
        ("new", "ACC-002", BEN),
        ("new", "USR-003", None),
        ("worse", "ACC-002", CY),
        ("fixed", "ENT-002", None),
    ]


def runs() -> "SearchStrategy[Results]":
    """Return whole runs over the same few accounts and rules, each with any statuses."""
    from nylas_readiness.fixtures.strategies.profile import st

    outcomes = st.sampled_from([passed("ok"), ALIAS, warn("odd"), unknown("HTTP 503"), WAIVED])
    found = st.fixed_dictionaries(
        {
            email: st.fixed_dictionaries({}, optional=dict.fromkeys(ACCOUNT_RULES, outcomes))
            for email in (ANN, BEN, CY)
        }
    )
    tenant = st.fixed_dictionaries(dict.fromkeys(TENANT_RULES, outcomes))
    return st.builds(lambda rules, emails: audited(rules, emails, *ACCOUNT_RULES), tenant, found)


def shuffled(results: Results, order: int) -> Results:
    """Return the same run with its rules and accounts in another order."""
    *_, rules = (
        list(each) for _, each in zip(range(order % 24 + 1), permutations(results.rules), strict=False)
    )
    *_, people = (
        list(each) for _, each in zip(range(order % 6 + 1), permutations(results.accounts), strict=False)
    )
    turned = [replace(one, findings=dict(reversed(one.findings.items()))) for one in people]
    return replace(results, rules=rules, accounts=turned)


def test_a_comparison_does_not_depend_on_any_order() -> None:
    from nylas_readiness.fixtures.strategies.profile import given, st

    @given(runs(), runs(), st.integers(0, 100), st.integers(0, 100))
    def holds(before: Results, now: Results, one: int, other: int) -> None:
        assert compared(shuffled(before, one), shuffled(now, other)) == compared(before, now)

    holds()


def test_the_other_way_round_new_is_fixed_and_worse_is_better() -> None:
    from nylas_readiness.fixtures.strategies.profile import given

    opposite = {"new": "fixed", "fixed": "new", "worse": "better", "better": "worse"}

    @given(runs(), runs())
    def holds(before: Results, now: Results) -> None:
        there, back = compared(before, now), compared(now, before)
        assert {
            (opposite[one.kind], one.rule, one.email, one.after, one.before) for one in there.changed
        } == {(one.kind, one.rule, one.email, one.before, one.after) for one in back.changed}
        assert {kind: there.counts[kind] for kind in ChangeKind if kind in opposite} == {
            kind: back.counts[ChangeKind(opposite[kind])] for kind in ChangeKind if kind in opposite
        }

    holds()


def test_a_run_has_not_changed_since_itself() -> None:
    from nylas_readiness.fixtures.strategies.profile import given

    @given(runs())
    def holds(run: Results) -> None:
        changes = compared(run, run)
        assert changes.changed == []
        assert not any(changes.counts.values())

    holds()


def test_every_difference_of_statuses_is_one_change() -> None:
    from nylas_readiness.fixtures.strategies.profile import given

    def statuses(run: Results) -> Mapping[tuple[str, str | None], Status]:
        tenant: dict[tuple[str, str | None], Status] = {
            (one.id, None): one.status for one in run.rules if one.subject == "tenant"
        }
        of_accounts: dict[tuple[str, str | None], Status] = {
            (rule, one.email): one.findings[rule].status if rule in one.findings else Status.PASS
            for one in run.accounts
            for rule in ACCOUNT_RULES
        }
        return tenant | of_accounts

    @given(runs(), runs())
    def holds(before: Results, now: Results) -> None:
        was, is_ = statuses(before), statuses(now)
        assert sorted((one.rule, one.email or "") for one in compared(before, now).changed) == sorted(
            (rule, email or "") for rule, email in is_ if is_[rule, email] is not was[rule, email]
        )

    holds()


def test_what_a_baseline_says_is_bounded() -> None:
    before = accounts({ANN: {"ACC-002": warn("odd")}})
    [account] = before.accounts
    texts = dict.fromkeys(("owner", "reason", "expires"), "x" * 100_000)
    waiver = replace(WAIVER, **texts)
    swollen = replace(account.findings["ACC-002"], observed="x" * 100_000, waiver=waiver)
    before = replace(before, accounts=[replace(account, findings={"ACC-002": swollen})])
    [change] = compared(before, accounts({ANN: {"ACC-002": ALIAS}})).changed
    assert change.before is not None
    assert len(change.before.observed) < 5000
    assert change.before.waiver is not None
    assert all(len(getattr(change.before.waiver, name)) < 5000 for name in texts)


def test_a_snapshot_tells_a_status_as_it_was_before_it_was_waived() -> None:
    run = seen(accounts({ANN: {"ACC-002": WAIVED}, BEN: {}}))
    assert run.status("ACC-002", ANN.upper()) is Status.FAIL
    assert run.status("ACC-002", BEN) is Status.PASS
    assert run.status("ACC-002", CY) is None
    assert run.status("EAS-001", ANN) is None
