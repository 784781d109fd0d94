"""The servers' time: what their `Date` says of this machine's clock."""

from email.utils import formatdate

import httpx
import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.fixtures.clients.allowed import READS, allow
from nylas_readiness.fixtures.clients.clocks import Clocks
from nylas_readiness.fixtures.clients.transport import Network

pytestmark = pytest.mark.offline

NOON = 1_795_435_200


def test_whatever_the_network_takes_is_not_the_clocks_fault() -> None:
    from nylas_readiness.fixtures.strategies.profile import given, st

    @given(
        skew=st.integers(-10_000, 10_000),
        there=st.floats(0, 60),
        back=st.floats(0, 60),
        fraction=st.floats(0, 0.999),
    )
    def holds(skew: int, there: float, back: float, fraction: float) -> None:
        served = NOON + fraction
        sent, received = served + skew - there, served + skew + back
        clocks = Clocks()
        clocks.note("graph", sent, received, formatdate(int(served), usegmt=True))
        told = clocks.by_service["graph"]
        assert abs(told) <= abs(skew) + 0.001
        assert abs(told - skew) <= there + back + 1.001

    holds()


def test_the_smallest_difference_of_a_service_counts() -> None:
    clocks = Clocks()
    for late in (0, 700, 30):
        clocks.note("graph", NOON, NOON, formatdate(NOON - 60 - late, usegmt=True))
    clocks.note("login", NOON, NOON, formatdate(NOON + 400, usegmt=True))
    assert clocks.by_service == {"graph": 59.0, "login": -400.0}


@each_of(
    "date",
    [
        None,
        "",
        "yesterday",
        "Mon, 99 Nov 2026 25:00:00 GMT",
        "Fri, 31 Dec 99999 00:00:00 GMT",
        "\udcff",
        "0" * 64,
    ],
)
def test_a_date_that_says_nothing_is_passed_over(date: str | None) -> None:
    clocks = Clocks()
    clocks.note("graph", NOON, NOON, date)
    assert clocks.by_service == {}


def test_a_date_without_a_zone_is_utc() -> None:
    clocks = Clocks()
    clocks.note("graph", NOON, NOON, formatdate(NOON, usegmt=False))  # ends in -0000
    assert clocks.by_service == {"graph": 0.0}


@pytest.mark.anyio
async def test_the_network_notes_each_services_time_whatever_it_answers() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        late = 900 if request.url.host == "graph.example" else 0
        return httpx.Response(404, headers={"Date": formatdate(NOON - late, usegmt=True)})

    endpoints = {"graph": "https://graph.example", "login": "https://login.example"}
    network = Network(allow(READS, endpoints), transport=httpx.MockTransport(answer), now=lambda: float(NOON))
    await network.service("graph", endpoints["graph"]).send("GET", "/v1.0/domains")
    await network.service("login", endpoints["login"]).send("GET", "/x/v2.0/.well-known/openid-configuration")
    assert network.clocks.by_service == {"graph": 899.0, "login": 0.0}
