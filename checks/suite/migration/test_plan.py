"""The plan: its steps are in order, and a state follows from what was decided and counted, not from a gap."""

from collections.abc import Mapping

import pytest

from nylas_readiness.checks.catalogue import catalogue
from nylas_readiness.checks.catalogue.deadlines import deadlines
from nylas_readiness.checks.migration.model import PlanStep, StepState
from nylas_readiness.checks.migration.plan import plan_of, steps
from nylas_readiness.checks.outcome import Outcome, RuleResult, Status
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.plan_samples import COUNTED, RULES, all_pass, measured, values
from nylas_readiness.checks.suite.support.report_samples import audited
from nylas_readiness.fixtures.secrets import Secret

pytestmark = pytest.mark.offline

DONE, TO_DO, BLOCKED = StepState.DONE, StepState.TO_DO, StepState.BLOCKED


def planned(rules: Mapping[str, RuleResult], **is_done: bool | None) -> dict[str, PlanStep]:
    """Return the plan's steps by id."""
    return {step.id: step for step in plan_of(rules, measured(**is_done), values())}


def test_the_steps_are_those_of_the_move_each_after_what_it_needs() -> None:
    order = [step.id for step in steps()]
    assert order == [
        "v3-application",
        "azure-app",
        "permissions",
        "connector",
        "credential",
        "admin-consent",
        "mailbox-access",
        "grants",
        "webhooks",
        "cut-over",
        "v2-shutdown",
    ]
    late = {
        step.id: need for step in steps() for need in step.needs if need not in order[: order.index(step.id)]
    }
    assert late == {}


def test_the_steps_name_rules_dates_and_owners_that_there_are() -> None:
    for step in steps():
        assert set(step.rules) <= {rule.id for rule in catalogue().values() if rule.retired is None}, step.id
        assert step.rules or step.id in COUNTED, step.id
        assert step.deadline is None or step.deadline in deadlines(), step.id
        assert step.owner in {"integrator", "tenant-admin", "nylas-admin"}, step.id
        assert "https://" in step.source, step.id


def test_where_all_holds_every_step_is_done_waits_for_nothing_and_has_no_date() -> None:
    plan = planned(all_pass(MIG_003=Status.WARN)).values()
    assert {step.state for step in plan} == {DONE}
    assert [step for step in plan if step.waits_for or step.due or step.deadline] == []


def test_where_nothing_was_decided_the_first_steps_are_to_do_and_the_others_wait_for_them() -> None:
    plan = planned({}, **dict.fromkeys(("permissions", "grants", "webhooks", "cut_over", "v2_shutdown")))
    assert {one for one, step in plan.items() if step.state is TO_DO} == {"v3-application", "azure-app"}
    assert {step.state for step in plan.values()} == {TO_DO, BLOCKED}
    assert plan["connector"].waits_for == ["v3-application", "azure-app"]
    assert "NY3-002: not decided in this run" in plan["connector"].observed


@each_of(
    ("status", "state"),
    [
        (Status.PASS, DONE),
        (Status.FAIL, TO_DO),
        (Status.WARN, TO_DO),
        (Status.UNKNOWN, TO_DO),
        (Status.WAIT, TO_DO),
        (Status.REVIEW, TO_DO),
        (Status.NOT_APPLICABLE, TO_DO),
        (Status.WAIVED, TO_DO),
    ],
)
def test_a_step_of_one_decisive_rule_is_done_by_its_pass_alone(status: Status, state: StepState) -> None:
    assert planned(all_pass(NY3_003=status))["credential"].state is state


def test_an_accepted_finding_settles_what_decides_no_verdict() -> None:
    """NY3-005 is of medium severity: who accepts it has decided that the app is as it shall be."""
    assert planned(all_pass(NY3_005=Status.WAIVED))["azure-app"].state is DONE


def test_what_does_not_apply_settles_a_step_only_beside_something_that_was_seen() -> None:
    alone = all_pass(NY3_001=Status.NOT_APPLICABLE, NY3_009=Status.NOT_APPLICABLE)
    assert planned(all_pass(NY3_009=Status.NOT_APPLICABLE))["v3-application"].state is DONE
    assert planned(alone)["v3-application"].state is TO_DO


@each_of(("counted", "state"), [(True, DONE), (False, TO_DO), (None, TO_DO)])
def test_a_counted_step_is_done_by_its_count(counted: bool | None, state: StepState) -> None:
    step = planned(all_pass(), webhooks=counted)["webhooks"]
    assert step.state is state
    assert ("Could not be read: counted for webhooks." in step.observed) is (counted is None)


@each_of(("status", "state"), [(Status.WARN, DONE), (Status.FAIL, TO_DO), (Status.UNKNOWN, TO_DO)])
def test_a_count_outweighs_a_warning_beside_it_and_nothing_graver(status: Status, state: StepState) -> None:
    assert planned(all_pass(NY3_008=status))["grants"].state is state


def test_a_step_that_is_done_stays_done_whatever_is_open_before_it() -> None:
    plan = planned(all_pass(NY3_005=Status.WARN))
    assert (plan["azure-app"].state, plan["connector"].state) == (TO_DO, DONE)


def test_a_blocked_step_names_those_that_it_waits_for_and_no_other() -> None:
    plan = planned(all_pass(NY3_004=Status.FAIL), grants=False, cut_over=False)
    assert (plan["grants"].state, plan["grants"].waits_for) == (BLOCKED, ["admin-consent"])
    assert (plan["cut-over"].state, plan["cut-over"].waits_for) == (BLOCKED, ["admin-consent", "grants"])


def test_a_rule_that_could_not_be_read_says_so_with_its_reason() -> None:
    step = planned(all_pass(NY3_002=Status.UNKNOWN))["connector"]
    assert (step.state, step.observed) == (TO_DO, "NY3-002: could not be read: why.")
    assert step.unread == "NY3-002: why"


@each_of(
    ("first", "second", "unread"),
    [
        (Status.UNKNOWN, Status.UNKNOWN, "NY3-006: why; NY3-007: why"),
        (Status.PASS, Status.WAIT, "NY3-007: why"),
        (Status.UNKNOWN, Status.WARN, None),
        (Status.FAIL, Status.UNKNOWN, None),
        (Status.PASS, Status.PASS, None),
        (Status.NOT_APPLICABLE, Status.NOT_APPLICABLE, None),
    ],
)
def test_a_step_is_unread_where_nothing_shows_that_it_is_open(
    first: Status, second: Status, unread: str | None
) -> None:
    assert planned(all_pass(NY3_006=first, NY3_007=second))["mailbox-access"].unread == unread


@each_of(("counted", "unread"), [(None, "counted for webhooks"), (False, None), (True, None)])
def test_a_count_that_could_not_be_read_leaves_its_step_unread(
    counted: bool | None, unread: str | None
) -> None:
    assert planned(all_pass(), webhooks=counted)["webhooks"].unread == unread


@each_of(("cause", "is_unread"), [(Status.FAIL, False), (Status.UNKNOWN, True)])
def test_what_hangs_on_a_step_that_is_known_to_be_open_is_open_itself(
    cause: Status, *, is_unread: bool
) -> None:
    hanging = Outcome(
        status=Status.UNKNOWN, observed="x", cause="NY3-002", reason="depends on NY3-002: no connector"
    )
    connector = Outcome(status=cause, observed="x", reason="x")
    ran = audited({"NY3-002": connector, "NY3-003": hanging}).rules
    rules = all_pass(NY3_002=cause) | {rule.id: rule for rule in ran}
    assert (planned(rules)["credential"].unread is not None) == is_unread


@each_of(
    ("status", "due"),
    [(Status.WARN, "2027-04-01"), (Status.FAIL, "2027-04-01"), (Status.NOT_APPLICABLE, None)],
)
def test_a_date_that_is_one_for_this_tenant_is_the_steps_until_it_is_done(
    status: Status, due: str | None
) -> None:
    plan = planned(all_pass(MIG_003=status), webhooks=False)
    assert (plan["webhooks"].due, plan["grants"].due) == (due, None)
    assert plan["webhooks"].deadline == ("MIG-003" if due else None)


def test_no_state_rests_on_a_gap_and_every_blocked_step_waits_for_one_that_is_open() -> None:
    from nylas_readiness.fixtures.strategies.profile import given, st

    names = [one.replace("-", "_") for one in COUNTED]
    statuses = st.fixed_dictionaries(
        {rule.replace("-", "_"): st.sampled_from(Status) for rule in (*RULES, "MIG-003")}
    )
    counts = st.fixed_dictionaries({name: st.sampled_from([True, False, None]) for name in names})
    needs = {step.id: step.needs for step in steps()}

    @given(statuses, counts)
    def holds(given_statuses: dict[str, Status], counted: dict[str, bool | None]) -> None:
        rules = all_pass(**given_statuses)
        plan = planned(rules, **counted)
        for step in plan.values():
            of_rules = {rules[rule].status for rule in step.rules}
            if step.state is DONE:
                assert of_rules.isdisjoint({Status.FAIL, Status.UNKNOWN, Status.WAIT, Status.REVIEW})
                assert counted.get(step.id.replace("-", "_"), True) is True
            assert step.unread is None or step.state is not DONE
            open_before = [need for need in needs[step.id] if plan[need].state is not DONE]
            assert step.waits_for == ([] if step.state is DONE else open_before)
            assert (step.state is BLOCKED) == bool(step.waits_for)

    holds()


def test_what_a_vendor_said_is_bounded_and_free_of_secrets_in_the_plan() -> None:
    secret = Secret("p4ss/w\\rd~of-planning")
    said = f"{secret.reveal()} {'x' * 9_000}"
    rules = {rule.id: rule for rule in audited({"NY3-002": Outcome(status=Status.FAIL, observed=said)}).rules}
    [step] = [step for step in plan_of(rules, {}, values(app=secret.reveal())) if step.id == "connector"]
    assert len(step.observed) < 4_100
    assert step.observed.startswith("NY3-002: «secret» xxx")
    assert '"client_id": "«secret»"' in step.how
