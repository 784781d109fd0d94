"""The headline says the worst thing with a number, and never "ready" over accounts that are blocked."""

from datetime import date

import pytest

from nylas_readiness.checks.migration.headline import headline_of
from nylas_readiness.checks.migration.model import Headline, MoveState, Stage, TodayState
from nylas_readiness.checks.outcome import Outcome, depends_on, fail, passed, unknown, warn
from nylas_readiness.checks.suite.support.report_samples import audited
from nylas_readiness.checks.verdict import Sides, Verdict

pytestmark = pytest.mark.offline

IN_FORCE, BEFORE = date(2026, 11, 23), date(2026, 9, 1)


def headline(
    v2: Verdict, v3: Verdict, *accounts: tuple[Verdict, Stage], as_of: date = IN_FORCE, **rules: Outcome
) -> Headline:
    """Return the headline of these verdicts; `rules`: what the tenant's rules came to, `_` for the hyphen."""
    results = audited({rule.replace("_", "-"): outcome for rule, outcome in rules.items()})
    judged = [(Sides(own, v3), stage) for own, stage in accounts]
    by_id = {rule.id: rule for rule in results.rules}
    return headline_of(Sides(v2, v3), judged, by_id, results.tasks, as_of)


FINE = (Verdict.READY, Stage.CAN_MOVE)
FAILS = (Verdict.BLOCKED, Stage.BLOCKED)


def test_what_works_today_says_how_many_accounts_fail() -> None:
    told = headline(Verdict.READY_WITH_WARNINGS, Verdict.READY_WITH_WARNINGS, FINE, FINE, FAILS)
    assert (told.today, told.today_text) == (
        TodayState.WORKS_PARTLY,
        "Works today, but 1 of 3 accounts fails.",
    )
    assert (told.move, told.move_text) == (
        MoveState.NOT_READY,
        "Not ready to move: 1 of 3 accounts cannot move yet.",
    )


@pytest.mark.parametrize(
    ("as_of", "text"),
    [
        pytest.param(IN_FORCE, "Works today; it may fail any day.", id="EWS is off by default"),
        pytest.param(BEFORE, "Works today.", id="no date is in force"),
    ],
)
def test_a_date_in_force_makes_what_works_unsure(as_of: date, text: str) -> None:
    told = headline(Verdict.READY, Verdict.NOT_ASSESSED, FINE, as_of=as_of, MIG_002=warn("a date"))
    assert (told.today, told.today_text) == (TodayState.WORKS, text)
    assert told.move_text == "The move has not been checked: no v3 application is configured."


def test_what_is_blocked_says_what_to_do_first() -> None:
    told = headline(
        Verdict.BLOCKED, Verdict.NOT_ASSESSED, ENT_002=fail("x", remedy="Sign in again.\n    url")
    )
    assert told.today is TodayState.DOES_NOT_WORK
    assert told.today_text == "Does not work. First: Sign in again."


def test_the_audits_own_trouble_is_told_apart_from_what_could_not_be_read() -> None:
    own = headline(Verdict.INCONCLUSIVE, Verdict.INCONCLUSIVE, CFG_001=fail("not set", remedy="Set it."))
    assert (own.today, own.move) == (TodayState.NOT_SET_UP, MoveState.NOT_SET_UP)
    assert own.today_text == "Could not be told: the audit is not set up."
    lost = headline(
        Verdict.INCONCLUSIVE, Verdict.NOT_ASSESSED, ENT_002=unknown("HTTP 503", remedy="Run again.")
    )
    assert lost.today is TodayState.UNDECIDED
    assert lost.today_text == "Could not be told whether it works today. First: Run again."


def test_an_audit_that_lacks_secrets_says_how_much_of_each_side_it_leaves_out() -> None:
    told = headline(
        Verdict.READY,
        Verdict.READY,
        FINE,
        CFG_001=fail("a secret is not set", remedy="Set it."),
        ENT_002=depends_on("CFG-001", "no secret"),
        USR_002=depends_on("ENT-002", "no token"),
        ENT_007=unknown("HTTP 503"),
    )
    left_out = "The audit's own set-up is not whole: it leaves out 2 of its rules."
    assert told.today_text == f"Works today. {left_out}"
    assert "set-up" not in told.move_text


@pytest.mark.parametrize(
    ("stages", "state", "text"),
    [
        ([Stage.FINISHED] * 2, MoveState.FINISHED, "Move finished: 2 accounts on Nylas v3 alone."),
        ([Stage.ON_BOTH, Stage.CAN_MOVE], MoveState.READY, "Ready to move: 1 of 2 accounts is on Nylas v3."),
        (
            [Stage.ON_BOTH, Stage.ON_BOTH, Stage.FINISHED],
            MoveState.READY,
            "Ready to move: 3 of 3 accounts are on Nylas v3, 2 still to be disconnected from v2.",
        ),
        (
            [Stage.TO_CLARIFY, Stage.CAN_MOVE],
            MoveState.NOT_READY,
            "Not ready to move: 1 of 2 accounts is still to be clarified.",
        ),
        ([Stage.BLOCKED], MoveState.NOT_BEGUN, "Not ready to move: no account can move yet."),
    ],
)
def test_the_move_is_told_by_the_stages_which_add_up(
    stages: list[Stage], state: MoveState, text: str
) -> None:
    told = headline(Verdict.READY, Verdict.READY, *((Verdict.READY, stage) for stage in stages))
    assert (told.move, told.move_text) == (state, text)
    assert sum(told.stages.values()) == len(stages)


def test_the_last_day_is_one_where_ews_ends_for_this_tenant() -> None:
    told = headline(Verdict.READY, Verdict.READY, MIG_003=warn("EWS ends"))
    assert (told.last_day, told.days_left) == ("2027-04-01", 129)
    assert headline(Verdict.READY, Verdict.READY, ENT_001=passed("x")).last_day is None
