"""Rules on what tells of a grant that expires: webhooks and channels of Nylas v3, and those of v2."""

from typing import Any

import pytest

from nylas_readiness.checks.outcome import Outcome, Status
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.evidence_samples import (
    decided,
    read,
    v3_tenant,
)
from nylas_readiness.fixtures.clients.nylas_v3 import NO_PATH_KIND
from nylas_readiness.fixtures.evidence.model import (
    NylasAnswer,
)
from nylas_readiness.fixtures.evidence.slots import Unread
from nylas_readiness.fixtures.evidence.v3 import PUBSUB, SNS, WEBHOOKS
from nylas_readiness.fixtures.evidence.v3_model import (
    Destination,
)

pytestmark = pytest.mark.offline


def goes(path: str, status: str | None, *triggers: str, number: int = 1) -> Destination:
    return Destination(path=path, id=f"d{number}", status=status, triggers=list(triggers))


def told(*found: Destination, **given: Any) -> Outcome:  # noqa: ANN401 -- slots
    """Judge destinations, each listed by its kind; `given`: other slots, as a kind that was not read."""
    lists: dict[str, Any] = {
        "v3_webhook_list": read([one for one in found if one.path == WEBHOOKS]),
        "v3_pubsub_channels": read([one for one in found if one.path == PUBSUB]),
        "v3_sns_channels": read([one for one in found if one.path == SNS]),
    }
    return decided("NY3-012", tenant=v3_tenant(**(lists | given)))


EXPIRED = "grant.expired"


@each_of(
    ("found", "status", "said"),
    [
        ([goes(WEBHOOKS, "active", EXPIRED)], Status.PASS, "the webhook d1 (active)"),
        ([goes(PUBSUB, "active", EXPIRED, "event.created")], Status.PASS, "the Pub/Sub channel d1"),
        ([goes(SNS, "Active", EXPIRED)], Status.PASS, "the SNS channel d1"),
        ([goes(SNS, "active", EXPIRED), goes(WEBHOOKS, "failed", "x.y")], Status.PASS, "d1 (failed)"),
        ([goes(WEBHOOKS, "failed", EXPIRED)], Status.WARN, "the webhook d1 (failed) told of"),
        ([goes(WEBHOOKS, "failing", EXPIRED)], Status.WARN, "(failing)"),
        ([goes(WEBHOOKS, "pause", EXPIRED)], Status.WARN, "(pause)"),
        ([goes(PUBSUB, "paused", EXPIRED)], Status.WARN, "(paused)"),
        ([goes(SNS, "resting", EXPIRED)], Status.REVIEW, "resting, a status that Nylas does not document"),
        ([goes(WEBHOOKS, None, EXPIRED)], Status.REVIEW, "status not told"),
        ([goes(WEBHOOKS, "inactive", EXPIRED)], Status.WARN, "(inactive)"),
        ([goes(WEBHOOKS, None, EXPIRED), goes(SNS, "active", EXPIRED)], Status.PASS, "the SNS channel"),
        ([goes(WEBHOOKS, "active", "notetaker.media", "made.up")], Status.WARN, "there are: the webhook d1"),
        ([], Status.WARN, "no webhook or channel"),
    ],
)
def test_something_active_is_told_when_a_grant_expires(
    found: list[Destination], status: Status, said: str
) -> None:
    outcome = told(*found)
    assert outcome.status is status
    assert said in outcome.observed


@each_of(
    ("path", "request_path"),
    [(WEBHOOKS, "/v3/webhooks/<destination id>"), (SNS, "/v3/channels/sns/<destination id>")],
)
def test_what_failed_is_mended_in_its_place(path: str, request_path: str) -> None:
    remedy = str(told(goes(path, "failed", EXPIRED)).remedy)
    assert "-X PUT" in remedy
    assert request_path in remedy
    assert "POST" not in remedy


def test_what_is_mended_keeps_the_triggers_that_it_has() -> None:
    remedy = str(told(goes(WEBHOOKS, "failed", "message.created", EXPIRED)).remedy)
    assert '"message.created", "grant.expired", "grant.created"' in remedy


@each_of(
    ("of_v2", "of_v3", "lacking"),
    [
        (["account.running", "event.created", "job.failed"], [EXPIRED, "event.created"], None),
        (["event.created", "message.created"], [EXPIRED, "event.created"], "message.created"),
        (["calendar.deleted"], [EXPIRED], "calendar.deleted"),
        ([], [EXPIRED], None),
        (None, [EXPIRED], None),
    ],
)
def test_what_the_webhooks_of_v2_are_told_of_is_not_lost(
    of_v2: list[str] | None, of_v3: list[str], lacking: str | None
) -> None:
    application = read(NylasAnswer(status=200, message="", triggers=of_v2))
    there = goes(SNS, "active", *of_v3)
    outcome = told(there, nylas_application=application)
    assert outcome.status is (Status.WARN if lacking else Status.PASS)
    if lacking:
        assert f"v2's webhooks are told of {lacking}, and" in outcome.observed
        triggers = ", ".join(f'"{one}"' for one in [*of_v3, lacking])
        assert "-X PUT 'https://api.<region>.nylas.com/v3/channels/sns/<destination id>'" in str(
            outcome.remedy
        )
        assert f'"trigger_types": [{triggers}]' in str(outcome.remedy)
    gate = Unread(reason="HTTP 403", vendor="nylas_v3", codes=("forbidden_error", ""))
    partly = told(there, nylas_application=application, v3_webhook_list=gate)
    assert partly.status is Status.PASS


def test_a_list_that_was_not_read_leaves_open_whether_it_is_told() -> None:
    gate = Unread(reason="HTTP 403: not on your plan", vendor="nylas_v3", codes=("forbidden_error", ""))
    assert told(v3_pubsub_channels=gate).status is Status.UNKNOWN
    assert told(goes(WEBHOOKS, "failed", EXPIRED), v3_sns_channels=gate).status is Status.UNKNOWN
    assert told(goes(WEBHOOKS, "active", EXPIRED), v3_sns_channels=gate).status is Status.PASS
    no_path = Unread(reason="HTTP 404", vendor="nylas_v3", codes=(NO_PATH_KIND, ""))
    assert told(v3_pubsub_channels=no_path, v3_sns_channels=no_path).status is Status.WARN
    assert told(v3_webhook_list=no_path).status is Status.UNKNOWN
