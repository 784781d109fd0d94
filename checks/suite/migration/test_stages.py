"""Every account is in exactly one stage, and none is said to be moved by what could not be read."""

import msgspec
import pytest

from nylas_readiness.checks.migration.model import Stage
from nylas_readiness.checks.migration.stages import Place, place_of, stage_of
from nylas_readiness.checks.suite.support.evidence_samples import EMAIL, account_with, read, v3_tenant
from nylas_readiness.checks.verdict import Verdict
from nylas_readiness.fixtures.evidence.model import ConnectedAccount, NylasAnswer
from nylas_readiness.fixtures.evidence.slots import Absent, Slot, Unread
from nylas_readiness.fixtures.evidence.v3_model import AccountGrant

pytestmark = pytest.mark.offline

GRANT = AccountGrant(id="g1", provider="microsoft", email=EMAIL, status="valid")
BROKEN = msgspec.structs.replace(GRANT, status="invalid")
ON_V2 = ConnectedAccount(account_id="a1", email=EMAIL, sync_state="running")
OFF_V2 = msgspec.structs.replace(ON_V2, sync_state="stopped")
LOST = Unread(reason="HTTP 503")
LEFT_OUT = Absent("[nylas.v2] is left out", lacks=("nylas.v2",))


@pytest.mark.parametrize(
    ("grants", "connected", "place"),
    [
        pytest.param(read([]), read([ON_V2]), Place.V2_ALONE, id="no grant"),
        pytest.param(read([BROKEN]), read([ON_V2]), Place.V2_ALONE, id="a grant that cannot be used"),
        pytest.param(read([BROKEN, GRANT]), read([ON_V2]), Place.BOTH, id="two grants, one of them valid"),
        pytest.param(read([GRANT]), read([OFF_V2]), Place.V3_ALONE, id="disconnected from v2"),
        pytest.param(read([GRANT]), read([]), Place.V3_ALONE, id="never on v2"),
        pytest.param(read([GRANT]), LEFT_OUT, Place.V3_ALONE, id="v2 is not audited"),
        pytest.param(read([GRANT]), LOST, Place.UNREAD, id="v2 could not be read"),
        pytest.param(LOST, read([]), Place.UNREAD, id="grants could not be read"),
    ],
)
def test_the_place_follows_from_grants_and_connections(
    grants: Slot[list[AccountGrant]], connected: Slot[list[ConnectedAccount]], place: Place
) -> None:
    assert place_of(account_with(grants=grants, connected=connected), v3_tenant()) is place


def test_a_v2_that_is_gone_holds_nobody() -> None:
    tenant = v3_tenant(nylas_application=read(NylasAnswer(status=410, message="gone")))
    assert place_of(account_with(grants=read([GRANT]), connected=LOST), tenant) is Place.V3_ALONE


@pytest.mark.parametrize(
    ("place", "verdict", "is_open", "stage"),
    [
        (Place.V3_ALONE, Verdict.BLOCKED, True, Stage.FINISHED),
        (Place.BOTH, Verdict.READY, True, Stage.ON_BOTH),
        (Place.V2_ALONE, Verdict.READY_WITH_WARNINGS, True, Stage.CAN_MOVE),
        (Place.V2_ALONE, Verdict.READY, False, Stage.BLOCKED),
        (Place.V2_ALONE, Verdict.BLOCKED, True, Stage.BLOCKED),
        (Place.V2_ALONE, Verdict.INCONCLUSIVE, True, Stage.TO_CLARIFY),
        (Place.UNREAD, Verdict.READY, True, Stage.TO_CLARIFY),
        (Place.V3_ALONE, Verdict.NOT_ASSESSED, True, Stage.NOT_ASSESSED),
    ],
)
def test_the_stage_follows_from_place_verdict_and_plan(
    place: Place, verdict: Verdict, is_open: bool, stage: Stage
) -> None:
    assert stage_of(place, verdict, is_open=is_open) is stage
