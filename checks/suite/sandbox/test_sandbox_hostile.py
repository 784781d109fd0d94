"""The sandbox can be hostile where a check says so: unreadable answers, cut connections, wrong clocks."""

import base64
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.sandbox_visitor import Visitor, visit
from nylas_readiness.fixtures.sandbox.scenarios import UnknownFaultError

pytestmark = pytest.mark.offline

SERVICES = ("login", "graph", "outlook", "nylas_v2")
PRIMARY = "tomasz.zielinski@halden.example"
SETTINGS = f"/users/{PRIMARY}/mailboxSettings"


def unreadable(service: str, path: str, answer: str) -> dict[str, str]:
    return {"name": "unreadable", "service": service, "path": path, "answer": answer}


def batch(visitor: Visitor, *urls: str) -> dict[str, dict[str, Any]]:
    requests = [{"id": url, "method": "GET", "url": url} for url in urls]
    endpoint = f"{visitor.endpoints['graph']}/v1.0/$batch"
    answer = visitor.http.post(endpoint, json={"requests": requests}, headers=visitor.graph_headers())
    return {each["id"]: each for each in answer.json()["responses"]}


def options(visitor: Visitor, host: str) -> httpx.Response:
    url = f"{visitor.endpoints['outlook']}/Microsoft-Server-ActiveSync"
    return visitor.http.request("OPTIONS", url, headers={"Host": host})


@each_of(
    ("answer", "status", "starts"),
    [
        ("403", 403, b'{"error":{"code":"Authorization_RequestDenied"'),
        ("503", 503, b""),
        ("html", 200, b"<html>"),
        ("truncated", 200, b'{"value": [{"id": "'),
        ("null", 200, b"null"),
    ],
)
def test_a_path_of_any_service_can_be_unreadable_and_the_others_serve(
    answer: str, status: int, starts: bytes, tmp_path: Path
) -> None:
    faults = [unreadable("graph", "/domains", answer), unreadable("outlook", "Protocol=EWS", answer)]
    with visit("default", tmp_path, faults=faults) as visitor:
        found = visitor.graph("/v1.0/domains")
        located = f"{visitor.endpoints['outlook']}/autodiscover/autodiscover.json/v1.0/{PRIMARY}"
        ews = visitor.http.get(located, params={"Protocol": "EWS"})
        activesync = visitor.http.get(located, params={"Protocol": "ActiveSync"})
        assert visitor.graph("/v1.0/subscribedSkus").status_code == 200
    assert (found.status_code, ews.status_code, activesync.status_code) == (status, status, 200)
    assert found.content.startswith(starts)


def test_a_connection_can_be_cut(tmp_path: Path) -> None:
    with visit("default", tmp_path, faults=[unreadable("nylas_v2", "^/a/", "hang-up")]) as visitor:
        with pytest.raises(httpx.TransportError):
            visitor.nylas(f"/a/{visitor.v2['client_id']}")
        assert visitor.http.get(f"{visitor.endpoints['nylas_v2']}/account").status_code == 401


@each_of(
    ("answer", "status"),
    [("403", 403), ("503", 503), ("html", 200), ("truncated", 200), ("null", 200), ("hang-up", 504)],
)
def test_a_request_inside_a_batch_can_be_unreadable_too(answer: str, status: int, tmp_path: Path) -> None:
    with visit("default", tmp_path, faults=[unreadable("graph", "/mailboxSettings", answer)]) as visitor:
        found = batch(visitor, SETTINGS, f"/users/{PRIMARY}?$select=id")
    assert found[SETTINGS]["status"] == status
    assert found[f"/users/{PRIMARY}?$select=id"]["status"] == 200


def test_what_is_not_json_is_base64_inside_a_batch(tmp_path: Path) -> None:
    with visit("default", tmp_path, faults=[unreadable("graph", "/mailboxSettings", "html")]) as visitor:
        body = batch(visitor, SETTINGS)[SETTINGS]["body"]
    assert base64.b64decode(body).startswith(b"<html>")


def test_an_unknown_fault_is_told_which_there_are(tmp_path: Path) -> None:
    with (
        pytest.raises(UnknownFaultError, match=r"unknown fault 'mishap'.*role-missing"),
        visit("default", tmp_path, faults=["mishap"]),
    ):
        pytest.fail("the sandbox started")


def test_further_faults_come_after_the_scenarios_own(tmp_path: Path) -> None:
    with visit("role-missing", tmp_path, faults=["domain-unverified"]) as visitor:
        assert visitor.graph("/v1.0/domains/halden.example").json()["isVerified"] is False
        assert visitor.graph("/beta/roleManagement/exchange/roleAssignments").json()["value"]


@each_of(("minutes", "faults"), [(0, []), (10, ["clock"]), (-7, ["clock"])])
def test_every_service_tells_the_time_that_the_fault_says(
    minutes: int, faults: list[str], tmp_path: Path
) -> None:
    chosen = [{"name": "clock-off", "minutes": minutes} for _ in faults]
    with visit("default", tmp_path, faults=chosen) as visitor:
        dates = [visitor.http.get(visitor.endpoints[name]).headers["Date"] for name in SERVICES]
    expected = datetime.now(UTC) + timedelta(minutes=minutes)
    assert all(abs(parsedate_to_datetime(date) - expected) < timedelta(seconds=60) for date in dates)


def test_a_service_can_tell_no_time(tmp_path: Path) -> None:
    with visit("clock-untold", tmp_path) as visitor:
        answers = [visitor.http.get(visitor.endpoints[name]) for name in SERVICES]
    assert not [answer for answer in answers if "Date" in answer.headers]


def test_a_host_of_its_own_asks_for_credentials(tmp_path: Path) -> None:
    with visit("eas-host", tmp_path) as visitor:
        assert visitor.tenant["exchange"]["eas_server_host"] == "eas.halden.example"
        answer = options(visitor, "eas.halden.example")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic")


def test_a_host_of_its_own_can_tell_its_versions(tmp_path: Path) -> None:
    with visit("eas-host-open", tmp_path) as visitor:
        answer = options(visitor, "eas.halden.example")
    assert answer.status_code == 200
    assert "16.1" in answer.headers["MS-ASProtocolVersions"]


def test_a_host_without_activesync_answers_404_or_with_a_page(tmp_path: Path) -> None:
    with visit("eas-host-of-an-account", tmp_path) as visitor:
        page, nowhere = options(visitor, "www.halden.example"), options(visitor, "else.halden.example")
        assert "omar.haddad@halden.example,Omar Haddad,www.halden.example" in (
            (visitor.directory / "accounts.csv").read_text("utf-8")
        )
    assert (page.status_code, nowhere.status_code) == (200, 404)
    assert "MS-ASProtocolVersions" not in page.headers


def test_a_silent_host_answers_nothing_and_exchange_online_does(tmp_path: Path) -> None:
    with visit("eas-host-silent", tmp_path) as visitor:
        with pytest.raises(httpx.TransportError):
            options(visitor, "eas.halden.example")
        assert options(visitor, "outlook.office365.com").status_code == 401


def test_the_certificate_is_good_for_the_vendors_names_and_the_configured_hosts(tmp_path: Path) -> None:
    with visit("eas-host", tmp_path) as visitor:
        context = ssl.create_default_context(cafile=str(visitor.directory / "ca.pem"))
        with httpx.Client(verify=context, trust_env=False) as http:
            for host, url in [
                ("eas.halden.example", visitor.endpoints["outlook"]),
                ("login.microsoftonline.com", visitor.endpoints["login"]),
            ]:
                assert http.get(url, extensions={"sni_hostname": host}).status_code == 404
            with pytest.raises(httpx.ConnectError, match="CERTIFICATE"):
                http.get(visitor.endpoints["graph"], extensions={"sni_hostname": "elsewhere.example"})


def test_something_in_between_answers_by_turns_and_signs_nothing(tmp_path: Path) -> None:
    faults = [{"name": "strangers", "service": "graph", "answers": ["html-403", "portal", "empty-404"]}]
    with visit("default", tmp_path, faults=faults) as visitor:
        found = [visitor.graph("/v1.0/domains") for _ in range(4)]
        served = visitor.http.get(f"{visitor.endpoints['outlook']}/autodiscover/autodiscover.json")
    assert [answer.status_code for answer in found] == [403, 302, 404, 403]
    assert not any("request-id" in answer.headers for answer in found)
    assert served.headers["x-feserver"]


def test_a_service_can_be_in_trouble_at_first(tmp_path: Path) -> None:
    faults = [{"name": "in-trouble-at-first", "service": "graph", "path": "/domains", "answers": 2}]
    with visit("default", tmp_path, faults=faults) as visitor:
        found = [visitor.graph("/v1.0/domains").status_code for _ in range(3)]
    assert found == [503, 503, 200]


def test_a_share_of_all_requests_can_end_in_trouble(tmp_path: Path) -> None:
    faults = [{"name": "unsteady", "percent": 50, "seed": 7}]
    statuses = []
    with visit("default", tmp_path, faults=faults) as visitor:
        for _ in range(40):
            try:
                located = f"{visitor.endpoints['outlook']}/autodiscover/autodiscover.json/v1.0/{PRIMARY}"
                statuses.append(visitor.http.get(located, params={"Protocol": "EWS"}).status_code)
            except httpx.TransportError:
                statuses.append(0)
    assert 10 < statuses.count(200) < 38
    assert {0, 429, 503} <= set(statuses)
