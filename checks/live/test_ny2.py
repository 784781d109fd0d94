"""NY2: the Nylas v2 application and its accounts."""

from http import HTTPStatus

import pytest

from nylas_readiness.checks.catalogue.explanations import explain, explain_text
from nylas_readiness.checks.live.refusals import explained
from nylas_readiness.checks.live.token import redeemed
from nylas_readiness.checks.outcome import (
    Outcome,
    Status,
    depends_on,
    fail,
    not_applicable,
    passed,
    require,
    review,
    unknown,
    wait,
    warn,
)
from nylas_readiness.fixtures.evidence.model import AccountEvidence, ConnectedAccount, TenantEvidence
from nylas_readiness.fixtures.evidence.probes import Probes
from nylas_readiness.fixtures.evidence.slots import Read, Unread

pytestmark = pytest.mark.live

# Source: Nylas, "Office 365 service accounts (v2)": without an inbox it takes very long.
LONGEST_AUTHORIZE_S = 60


@pytest.mark.rule("NY2-001")
def test_the_v2_application_answers(tenant: TenantEvidence) -> Outcome:
    """It answers with the configured id, secret and region; a retired host is no wrong secret."""
    answer = require(tenant.nylas_application)
    observed = ": ".join(filter(None, (f"HTTP {answer.status}", answer.type, answer.message)))
    if answer.status == HTTPStatus.OK:
        return passed(f"the application {answer.message!r} answers")
    if answer.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return fail(observed, expected="the client id, secret and region of one application")
    if answer.status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
        return fail(f"{observed}: the host knows no such application, or v2 is retired there")
    return explained(unknown(observed), explain_text("nylas_v2", observed))


@pytest.mark.rule("NY2-002")
def test_the_redirect_uri_is_registered(tenant: TenantEvidence) -> Outcome:
    """The payload's redirect_uri is one of the application's; otherwise it is advised against."""
    uri, slot = tenant.setup.redirect_uri, tenant.nylas_application
    if uri is None:
        return not_applicable("[microsoft] is left out: there is no redirect_uri to look for")
    if isinstance(slot, Unread) and not slot.cause:
        return depends_on("NY2-001", f"{slot.reason}")
    answer = require(slot)
    if answer.status != HTTPStatus.OK:
        return depends_on("NY2-001", "the application did not answer")
    if answer.redirect_uris is None:
        return unknown("the application's answer has no redirect_uris")
    if uri in answer.redirect_uris:
        return passed(f"{uri} is registered")
    others = [f"{answer.other_uris} that may be other customers'"] if answer.other_uris else []
    return warn(f"{uri} is not among {', '.join([*answer.redirect_uris, *others]) or 'none'}")


@pytest.mark.rule("NY2-003")
def test_the_connected_account_is_healthy(account: AccountEvidence) -> Outcome:
    """The account, if connected, is running or valid; the worst of several counts."""
    connected = require(account.connected)
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
    status = Status(state.status)
    if status is Status.WAIT:
        return wait("recheck when the first synchronisation has ended", observed=observed)
    return explained(Outcome(status=status, observed=observed), state)


@pytest.mark.rule("NY2-004")
def test_an_address_is_connected_once(account: AccountEvidence) -> Outcome:
    """One address has one connected account."""
    connected = require(account.connected)
    if not connected:
        return not_applicable("not connected to the v2 application")
    observed = ", ".join(f"{one.account_id} ({one.sync_state})" for one in connected)
    return passed(observed) if len(connected) == 1 else fail(f"{len(connected)} accounts: {observed}")


@pytest.mark.rule("NY2-005")
def test_the_account_can_be_connected(account: AccountEvidence) -> Outcome:
    """Authorize, then token, succeeds for the account; only a run with --allow-writes tries it."""
    connection = require(account.connection)
    evidence = (account.connection.trace,) if isinstance(account.connection, Read) else ()
    if connection.lost:
        return unknown(connection.lost, *evidence)
    if refusal := connection.refusal:
        observed = ": ".join(filter(None, (f"HTTP {refusal.status}", refusal.type, refusal.message)))
        return explained(fail(observed, *evidence), explain_text("nylas_v2", observed))
    observed = f"connected as account {connection.account_id}"
    others = require(account.connected)
    if others and connection.account_id not in {one.account_id for one in others}:
        ids = ", ".join(one.account_id for one in others)
        return warn(f"{observed}, another than {ids}: NY2-004 will find it twice", *evidence)
    return passed(observed, *evidence)


@pytest.mark.rule("NY2-006")
def test_authorize_takes_less_than_a_minute(tenant: TenantEvidence, probes: Probes) -> Outcome:
    """Authorize takes less than 60 s; slower points to the missing inbox of the service account."""
    if not tenant.writes:
        return not_applicable("the run is read-only: --allow-writes would connect accounts")
    redeemed(tenant)
    require(tenant.nylas_inventory)
    if probes.slowest is None or not (probes.authorized or probes.slowest_s >= LONGEST_AUTHORIZE_S):
        return unknown("no authorize request was answered")
    observed = f"the slowest of {probes.authorized} authorize requests took {probes.slowest_s:.1f} s"
    if probes.slowest_s < LONGEST_AUTHORIZE_S:
        return passed(observed, probes.slowest)
    has_inbox = tenant.service_mailbox.value if isinstance(tenant.service_mailbox, Read) else None
    hint = "USR-004 says that it has one" if has_inbox else "give it one (USR-004)"
    return warn(f"{observed}, as where the service account has no inbox: {hint}", probes.slowest)
