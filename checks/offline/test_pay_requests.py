"""PAY-022, and PAY-016 over the URL: where a request goes, and how."""

import pytest

from nylas_readiness.checks.contract import Context, is_fixed, judge_request
from nylas_readiness.checks.suite.support.cases import each_of

pytestmark = pytest.mark.offline

AUTHORIZE = "https://api.nylas.com/connect/authorize"


def judged(method: str, url: str, secret: str | None = None) -> list[tuple[str, str]]:
    violations = judge_request(method, url, Context(nylas_secret=secret))
    return [(found.rule, found.message) for found in violations]


@pytest.mark.rule("PAY-022")
@each_of("host", ["api.nylas.com", "ireland.api.nylas.com", "canada.api.nylas.com", "API.Nylas.com:443"])
def test_a_post_to_authorize_of_a_v2_host_passes(host: str) -> None:
    assert judged("POST", f"https://{host}/connect/authorize") == []


@pytest.mark.rule("PAY-022")
@each_of(
    ("method", "url", "told"),
    [
        ("GET", AUTHORIZE, "GET"),
        ("post", AUTHORIZE, "post"),
        ("POST", AUTHORIZE.replace("https", "http"), "http"),
        ("POST", "api.nylas.com/connect/authorize", "no named scheme"),
        ("POST", "https://api.nylas.com/connect/token", "/connect/token"),
        ("POST", "https://api.nylas.com/v2/connect/authorize", "/v2/"),
        ("POST", "https://api.us.nylas.com/connect/authorize", "v3"),
        ("POST", "https://api.eu.nylas.com/connect/authorize", "v3"),
        ("POST", "https://api.nylas.com.attacker.example/connect/authorize", "attacker"),
        ("POST", "https://api.nylas.com:8443/connect/authorize", "8443"),
        ("POST", "https://[::1/connect/authorize", "host or port"),
        ("POST", "", "no named scheme"),
    ],
)
def test_a_request_that_goes_elsewhere_is_named(method: str, url: str, told: str) -> None:
    found = judged(method, url)
    assert {rule for rule, _ in found} == {"PAY-022"}
    assert told in found[0][1]


@pytest.mark.rule("PAY-022")
@each_of(
    "url",
    [
        "https://$HOST/connect/authorize",
        "${API}/connect/authorize",
        "https://<HOST>/connect/authorize",
        "%API%/x",
    ],
)
def test_a_url_that_is_not_written_out_is_not_judged(url: str) -> None:
    assert not is_fixed(url)
    assert judged("POST", url) == []


@pytest.mark.rule("PAY-016")
@each_of(
    "url",
    [
        f"{AUTHORIZE}?client_secret=FAKE-nylas-secret",
        f"{AUTHORIZE}?x=1&microsoft_refresh_token=FAKE-token",
        f"{AUTHORIZE}?%7B%22microsoft_client_secret%22:%22FAKE%22%7D",
        "https://FAKE-nylas-secret:@api.nylas.com/connect/authorize",
        f"{AUTHORIZE}?state=FAKE%2Dnylas%2Dsecret",
    ],
)
def test_a_secret_in_the_url_is_named_and_not_shown(url: str) -> None:
    [(rule, message)] = judged("POST", url, secret="FAKE-nylas-secret")
    assert rule == "PAY-016"
    assert "FAKE" not in message
