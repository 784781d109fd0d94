"""Tasks: what is most urgent comes first, and what a vendor did not answer is one task in people's words."""

import pytest

from nylas_readiness.checks.outcome import depends_on, fail, review, unknown, warn
from nylas_readiness.checks.suite.support.report_samples import audited
from nylas_readiness.fixtures.clients.codes import Unreadable
from nylas_readiness.reports import summary

pytestmark = pytest.mark.offline

MANY = [f"user{number}@contoso.com" for number in range(5)]


def test_what_holds_up_everybody_comes_before_what_holds_up_a_few() -> None:
    """A rule of the tenant frees all accounts, and is told so."""
    found = {email: {"ACC-001": fail("no user has this address")} for email in MANY}
    results = audited({"ENT-002": fail("refused"), "CFG-004": fail("an hour")}, found)
    assert [task.rule for task in results.tasks] == ["ENT-002", "ACC-001", "CFG-004"]
    first, second, _ = map(summary.told, results.tasks)
    assert first.endswith("frees all accounts)")
    assert second.endswith("frees 5 accounts)")


def test_a_task_of_some_accounts_frees_those_and_not_all_that_wait_for_its_rule() -> None:
    """Two remedies of one rule are two tasks: what waits for the rule waits for either of them."""
    waits = {"NY3-010": depends_on("ACC-005", "no mailbox")}
    found = {email: waits | {"ACC-005": fail("gone", remedy="Restore it.")} for email in MANY}
    found |= {"ann@contoso.com": waits | {"ACC-005": fail("elsewhere", remedy="Move it.")}}
    assert [(task.what, task.frees) for task in audited({}, found).tasks] == [
        ("Restore it.", len(MANY)),
        ("Move it.", 1),
    ]


def test_to_run_again_is_for_whoever_runs_the_audit() -> None:
    """An administrator cannot: the rule's owner acts where something is refused."""
    owners = {
        code: audited({"USR-001": unknown("HTTP 502", code=code)}).tasks[0].owner
        for code in (Unreadable.TROUBLE, Unreadable.THROTTLED, Unreadable.REFUSED, Unreadable.PERMISSION)
    }
    assert list(owners.values()) == ["integrator", "integrator", "tenant-admin", "tenant-admin"]


def test_of_what_frees_as_much_the_next_date_comes_first() -> None:
    """What is graver goes before; a task without a date goes behind those that have one."""
    dated = {"MIG-004": warn("ended"), "MIG-001": warn("ended"), "MIG-003": warn("soon")}
    results = audited({"EWS-002": warn("odd"), **dated, "MIG-002": warn("off")})
    assert [task.rule for task in results.tasks] == ["MIG-002", "MIG-003", "EWS-002", "MIG-004", "MIG-001"]


@pytest.mark.parametrize("code", [Unreadable.TROUBLE, Unreadable.UNREACHABLE, Unreadable.STRANGER])
def test_what_a_vendor_did_not_answer_is_one_task_in_our_words(code: Unreadable) -> None:
    """Each account's own refusal is quoted behind its address, and not in the line that says what to do."""
    found = {
        email: {"ACC-001": unknown(f"GET /users/{email}: HTTP 502: <html>oops", code=code)} for email in MANY
    }
    results = audited({}, found)
    [task] = results.tasks
    assert task.accounts == len(MANY)
    assert "HTTP" not in task.what
    assert "502" not in task.remedy
    assert task.concerned[0].observed == f"GET /users/{MANY[0]}: HTTP 502: <html>oops"
    assert {account.next.action for account in results.accounts} == {task.what}


def test_our_own_reason_stays_in_what_is_to_be_done() -> None:
    """A permission, a section or a secret that is missing is what to do."""
    results = audited(
        {"USR-001": unknown("the permission User.Read.All is missing", code=Unreadable.PERMISSION)}
    )
    [task] = results.tasks
    assert "User.Read.All" in task.what


def test_a_task_is_done_when_something_can_be_seen_and_not_when_a_rule_has_a_title() -> None:
    results = audited(
        {"MIG-005": review("go through it", reason="nobody knows"), "USR-005": warn("no licence")},
        {MANY[0]: {"MIG-006": warn("no v3 grant yet")}},
    )
    done = {task.rule: task.done_when for task in results.tasks}
    assert done["MIG-005"].endswith("attests it in the exceptions file.")
    assert done["MIG-006"] == "The next audit finds nothing left to do for these accounts."
    why = {task.rule: task.why for task in results.tasks}
    assert why["USR-005"] == "Nothing breaks if it stays as it is."
    assert why["MIG-006"].startswith("It works today")
