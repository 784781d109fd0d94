"""Whatever a host answers, a client gives a value or a `ClientError`: never another exception."""

import asyncio
import json

import httpx
import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.client_calls import CALLS, SECRET, ask, errors_in
from nylas_readiness.fixtures.clients.entra import claims
from nylas_readiness.fixtures.clients.errors import ClientError
from nylas_readiness.fixtures.secrets import Secret, forgotten_afterwards

pytestmark = pytest.mark.offline

LONGEST_ERROR = 2000
DEFECT = "a defect of the suite"


@each_of("name", tuple(CALLS))
def test_a_hostile_answer_is_a_value_or_a_client_error(name: str) -> None:
    from nylas_readiness.fixtures.strategies.hostile_answers import responses
    from nylas_readiness.fixtures.strategies.profile import HealthCheck, given, settings, st

    @given(data=st.data())
    @settings(
        max_examples=40,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    def holds(data: st.DataObject) -> None:
        call, good = CALLS[name]
        response = data.draw(responses(good))

        try:
            problems = errors_in(asyncio.run(ask(call, response)))
        except ClientError as error:
            problems = [error]

        for problem in problems:
            text = str(problem)
            assert text.isprintable()
            assert len(text) < LONGEST_ERROR
            assert SECRET.reveal() not in text
            assert DEFECT not in text, text

    holds()


@each_of("name", tuple(CALLS))
def test_the_good_answer_of_each_call_is_understood(name: str) -> None:
    call, good = CALLS[name]
    content = good.encode() if isinstance(good, str) else json.dumps(good).encode()
    headers = {"Content-Type": "application/json", "MS-ASProtocolVersions": "16.1"}
    response = httpx.Response(200, headers=headers, content=content)

    value = asyncio.run(ask(call, response))

    assert value


def test_any_text_as_a_token_is_opaque_or_has_claims() -> None:
    from nylas_readiness.fixtures.strategies.profile import given, settings, st

    @given(text=st.text(max_size=200) | st.builds("{}.{}.{}".format, st.text(), st.text(), st.text()))
    @settings(max_examples=100)
    def holds(text: str) -> None:
        read = claims(Secret(text))

        assert read is None or read.tid is None

    holds()


@each_of(
    ("status", "kind", "before"),
    [
        (500, "text/html", "<title>" + "a" * 180),
        (500, "text/html", "<title>"),
        (200, "text/plain", " " * 300),
        (200, "application/json", "[" + " " * 310),
        (502, "text/plain", " " * 4076),
        (401, "application/json", '{"error":{"type":"unauthorized","message":"' + " " * 4076),
    ],
)
def test_a_key_that_is_cut_off_is_not_begun(status: int, kind: str, before: str) -> None:
    end = '"}}' if before.startswith("{") else ""
    key = "nyk_v0_a-key+with/=<signs>&0123456789"
    answer = httpx.Response(status, headers={"Content-Type": kind}, content=f"{before}{key}{end}".encode())
    with forgotten_afterwards():
        Secret(key)
        with pytest.raises(ClientError) as caught:
            asyncio.run(ask(CALLS["v3 application"][0], answer))
    assert key[:8] not in str(caught.value)
