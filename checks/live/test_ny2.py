"""NY2: the Nylas v2 application and its accounts."""

from http import HTTPStatus

import pytest

from nylas_readiness.checks.explanations import explain, explain_text
from nylas_readiness.checks.live.refusals import explained
from nylas_readiness.fixtures.evidence.model import AccountEvidence, ConnectedAccount, TenantEvidence
from nylas_readiness.fixtures.evidence.slots import known
from nylas_readiness.reports.model import Outcome, Status
from nylas_readiness.reports.outcome import fail, not_applicable, passed, review, unknown, wait

pytestmark = pytest.mark.live


@pytest.mark.rule("NY2-001")
def test_the_v2_application_answers(tenant: TenantEvidence) -> Outcome:
    """It answers with the configured id, secret and region; a retired host is no wrong secret."""
    answer = known(tenant.nylas_application)
    observed = ": ".join(filter(None, (f"HTTP {answer.status}", answer.type, answer.message)))
    if answer.status == HTTPStatus.OK:
        return passed(f"the application {answer.message!r} answers")
    if answer.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return fail(observed, expected="the client id, secret and region of one application")
    if answer.status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
        return fail(f"{observed}: the host knows no such application, or v2 is retired there")
    return explained(unknown(observed), explain_text("nylas_v2", observed))


@pytest.mark.rule("NY2-003")
def test_the_connected_account_is_healthy(account: AccountEvidence) -> Outcome:
    """The account, if connected, is running or valid; the worst of several counts."""
    connected = known(account.connected)
    if not connected:
        return not_applicable("not connected to the v2 application")
    order = list(Status)
    return min((state_of(one) for one in connected), key=lambda outcome: order.index(outcome.status))


def state_of(one: ConnectedAccount) -> Outcome:
    """Judge one connected account by its sync state; explanations.toml says what each state comes to."""
    observed = f"{one.sync_state} (account {one.account_id})"
    state = explain("nylas_state", one.sync_state)
    if state is None or state.status is None:
        return review(observed, reason="the sync state is not one that Nylas documents")
    if state.status is Status.WAIT:
        return wait("recheck when the first synchronisation has ended", observed=observed)
    return explained(Outcome(status=state.status, observed=observed), state)
