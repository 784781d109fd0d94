"""What the webhooks of the v2 application are told of is read beside it, as far as Nylas tells."""

import httpx
import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.fixtures.clients.allowed import READS, allow
from nylas_readiness.fixtures.clients.nylas_v2 import NylasV2Client
from nylas_readiness.fixtures.clients.transport import Network
from nylas_readiness.fixtures.evidence.application import read_application
from nylas_readiness.fixtures.evidence.slots import Read
from nylas_readiness.fixtures.secrets import Secret

pytestmark = [pytest.mark.offline, pytest.mark.anyio]

URL = "https://api.nylas.example"
HOOKS = [
    {
        "state": "active",
        "triggers": ["event.created", "account.invalid"],
        "callback_url": "https://a.example",
    },
    {"state": "inactive", "triggers": ["contact.created"]},
    {"triggers": ["event.created", "message.created"]},
]


@each_of(
    ("status", "answer", "triggers"),
    [
        (200, HOOKS, ["event.created", "account.invalid", "message.created"]),
        (200, [], []),
        (404, {"type": "api_error", "message": "no such page"}, None),
        (200, {"whatever": "else"}, None),
        (200, [{"triggers": 7}], None),
    ],
)
async def test_triggers_are_those_of_the_webhooks_that_are_not_inactive(
    status: int,
    answer: object,
    triggers: list[str] | None,
) -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/a/app-1":
            return httpx.Response(200, json={"application_name": "n", "redirect_uris": []})
        assert request.url.path == "/a/app-1/webhooks"
        return httpx.Response(status, json=answer)

    network = Network(allow(READS, {"nylas_v2": URL}), transport=httpx.MockTransport(respond))
    slot = await read_application(NylasV2Client(network.service("nylas_v2", URL), "app-1", Secret("s")))
    assert isinstance(slot, Read)
    assert (slot.value.status, slot.value.triggers) == (200, triggers)
