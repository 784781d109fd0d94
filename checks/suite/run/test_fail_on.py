"""--fail-on: what makes an audit fail, and that nothing unread counts as fine."""

import msgspec
import pytest

from nylas_readiness.checks.outcome import Outcome, fail, passed, unknown
from nylas_readiness.checks.suite.support.change_samples import accounts, compared
from nylas_readiness.checks.suite.support.report_samples import audited
from nylas_readiness.fixtures.clients.codes import Unreadable
from nylas_readiness.fixtures.run.fail_on import exit_code
from nylas_readiness.fixtures.run.options import FailOn

pytestmark = pytest.mark.offline

MEDIUM = {"ENT-001": passed("x"), "USR-003": fail("the password expires")}
BLOCKER = {"ENT-002": fail("AADSTS700082")}
LOST = {"ENT-002": unknown("HTTP 503")}


@pytest.mark.parametrize(
    ("outcomes", "fail_on", "code"),
    [
        pytest.param(MEDIUM, FailOn.ANY, 1, id="any: a fail that blocks nothing"),
        pytest.param(MEDIUM, FailOn.BLOCKED, 0, id="blocked: a fail that blocks nothing"),
        pytest.param(BLOCKER, FailOn.BLOCKED, 1, id="blocked: a blocker"),
        pytest.param(LOST, FailOn.BLOCKED, 0, id="blocked: what could not be read blocks nothing"),
        pytest.param({"ENT-001": passed("x")}, FailOn.ANY, 0, id="any: all pass"),
    ],
)
def test_a_run_fails_on_what_was_asked_for(outcomes: dict[str, Outcome], fail_on: FailOn, code: int) -> None:
    assert exit_code(audited(outcomes), fail_on) == code


def test_worse_fails_on_new_and_worse_findings_alone() -> None:
    alias = {"ann@contoso.com": {"ACC-002": fail("alias")}}
    gone: dict[str, dict[str, Outcome]] = {"ann@contoso.com": {}}
    worse = msgspec.structs.replace(audited({}), changes=compared(accounts(gone), accounts(alias)))
    better = msgspec.structs.replace(audited({}), changes=compared(accounts(alias), accounts(gone)))
    assert exit_code(worse, FailOn.WORSE) == 1
    assert exit_code(better, FailOn.WORSE) == 0


@pytest.mark.parametrize("fail_on", [FailOn.BLOCKED, FailOn.WORSE])
def test_a_check_that_broke_and_a_run_that_is_incomplete_fail_in_any_case(fail_on: FailOn) -> None:
    results = audited({"USR-003": unknown("the check itself failed", code=Unreadable.CHECK)})
    assert exit_code(results, fail_on) == 1
    cut_short = msgspec.structs.replace(results.run, complete=False)
    assert exit_code(msgspec.structs.replace(audited({}), run=cut_short), fail_on) == 1
