"""Nylas v3 in the states that it can be found in: wrong keys, missing parts, outages, half-way companies."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.nylas_v3_visits import (
    AMARA,
    CONNECTOR,
    CREDENTIALS,
    GRANTS,
    faulty,
    grants,
    of,
)
from nylas_readiness.checks.suite.support.sandbox_visitor import Visitor, visit

pytestmark = pytest.mark.offline


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    with visit("default", tmp_path_factory.mktemp("sandbox"), faults=["nylas-v3"]) as visitor:
        yield visitor


@each_of("fault", ["nylas-v3-key-wrong", "nylas-v3-elsewhere"])
def test_a_wrong_key_and_the_other_regions_key_are_refused_alike(fault: str, tmp_path: Path) -> None:
    with faulty(tmp_path, fault) as visitor:
        answers = [visitor.nylas_v3(path) for path in ("/v3/applications", GRANTS, CONNECTOR)]
    assert [(each.status_code, each.json()["error"]["type"]) for each in answers] == [
        (401, "api.authentication_error")
    ] * 3


def test_the_key_of_another_application_answers_with_another_id(tmp_path: Path) -> None:
    with faulty(tmp_path, "nylas-v3-key-of-another-application") as visitor:
        found = visitor.nylas_v3("/v3/applications").json()["data"]
    assert found["application_id"] != visitor.v3["client_id"]


def test_the_application_can_be_in_the_eu(tmp_path: Path) -> None:
    with faulty(tmp_path, {"name": "nylas-v3-region", "region": "eu"}) as visitor:
        assert visitor.nylas_v3("/v3/applications").json()["data"]["region"] == visitor.v3["region"] == "eu"
        assert visitor.v2["region"] == "us"


def test_nothing_but_the_application_is_there_at_first(tmp_path: Path) -> None:
    with faulty(tmp_path, "nylas-v3-not-started") as visitor:
        assert visitor.nylas_v3("/v3/applications").status_code == 200
        for path in ("/v3/connectors", GRANTS, "/v3/webhooks"):
            assert visitor.nylas_v3(path).json()["data"] == []
        assert set(visitor.v3) == {"client_id", "api_key", "region"}


@each_of(
    ("fault", "statuses"),
    [
        ("nylas-v3-connector-missing", [404, 404]),
        ("nylas-v3-connector-unconfigured", [200, 200]),
        ("nylas-v3-credential-missing", [200, 200]),
    ],
)
def test_a_connector_or_its_credentials_can_be_missing(
    fault: str, statuses: list[int], tmp_path: Path
) -> None:
    with faulty(tmp_path, fault) as visitor:
        answers = [visitor.nylas_v3(CONNECTOR), visitor.nylas_v3(CREDENTIALS)]
    assert [each.status_code for each in answers] == statuses
    assert not answers[1].json().get("data")
    if fault == "nylas-v3-connector-unconfigured":
        found = answers[0].json()["data"]
        assert (found["settings"], "active_credential_id" in found) == ({}, False)


def test_a_connector_can_be_another_apps_and_a_credential_have_another_name(tmp_path: Path) -> None:
    with faulty(
        tmp_path,
        "nylas-v3-connector-of-another-app",
        "nylas-v3-credential-renamed",
        "nylas-v3-webhooks-missing",
    ) as visitor:
        app = visitor.nylas_v3(CONNECTOR).json()["data"]["settings"]["client_id"]
        [credential] = visitor.nylas_v3(CREDENTIALS).json()["data"]
        assert visitor.nylas_v3("/v3/webhooks").json()["data"] == []
    assert app != visitor.v3["microsoft_client_id"]
    assert credential["name"] != visitor.v3["credential_name"]


def test_a_grant_can_be_in_every_state_that_nylas_keeps(tmp_path: Path) -> None:
    faults = [
        of("Amara Okafor", "nylas-v3-grant-invalid"),
        of("Leyla Demir", "nylas-v3-grant-placeholder"),
        of("María Fernández", "nylas-v3-grant-blocked"),
        of("Omar Haddad", "nylas-v3-grant-twice"),
        of("Stefan Keller", "nylas-v3-grant-respelled"),
    ]
    with faulty(tmp_path, *faults) as visitor:
        found = {each["email"]: each for each in grants(visitor)}
        twice = grants(visitor, email="omar.haddad@halden.example")
    assert (found[AMARA]["grant_status"], "account_id" in found[AMARA]) == ("invalid", False)
    placeholder = found["leyla.demir@halden.example"]
    assert (placeholder["grant_status"], "credential_id" in placeholder) == ("invalid", False)
    assert placeholder["account_id"]
    assert [email for email, each in found.items() if each["blocked"]] == ["maria.fernandez@halden.example"]
    assert len({each["id"] for each in twice}) == len({each["email"] for each in twice}) == 2
    assert "STEFAN.KELLER@HALDEN.EXAMPLE" in found


def test_a_list_of_grants_can_change_while_it_is_paged(tmp_path: Path) -> None:
    with faulty(tmp_path, "nylas-v3-grants-change") as visitor:
        pages = [grants(visitor, limit=20, offset=offset, order_by="asc") for offset in (0, 20, 40)]
        left = grants(visitor)
    assert len(left) == 40
    paged = {each["id"] for page in pages for each in page}
    # What was deleted moved the others forward: one slipped from each page to the one before.
    assert len([each for each in left if each["id"] not in paged]) == 2


def test_grants_of_others_are_listed_by_the_thousand(tmp_path: Path) -> None:
    with faulty(tmp_path, {"name": "nylas-v3-grants-beside", "count": 50_000}) as visitor:
        last = grants(visitor, offset=50_000, order_by="asc")
        [mine] = grants(visitor, email=AMARA)
    assert len(last) == 40
    assert mine["email"] == AMARA


def test_a_throttled_answer_of_nylas_itself_says_no_time(tmp_path: Path) -> None:
    throttled = {"name": "service-throttles", "service": "nylas_v3", "answers": 1}
    with faulty(tmp_path, throttled) as visitor:
        answers = [visitor.nylas_v3("/v3/applications") for _ in range(2)]
    assert [each.status_code for each in answers] == [429, 200]
    assert answers[0].json()["error"]["type"] == "nylas_rate_limit_exceeded"
    assert "Retry-After" not in answers[0].headers


def test_nylas_v3_can_be_down_or_behind_a_gateway(tmp_path: Path) -> None:
    page = {"name": "unreadable", "service": "nylas_v3", "path": "^/v3/grants", "answer": "html"}
    with faulty(tmp_path / "page", page) as visitor:
        assert visitor.nylas_v3(GRANTS).text.startswith("<html>")
        assert visitor.nylas_v3("/v3/applications").status_code == 200
    down = {"name": "service-down", "service": "nylas_v3"}
    with faulty(tmp_path / "down", down) as visitor, pytest.raises(httpx.ConnectError):
        visitor.nylas_v3("/v3/applications")


def test_accounts_can_be_gone_from_v2(tmp_path: Path) -> None:
    gone = {"name": "nylas-account-disconnected", "accounts": ["Amara Okafor"]}
    with faulty(tmp_path, gone) as visitor:
        listed = visitor.nylas(f"/a/{visitor.v2['client_id']}/accounts").json()
    assert AMARA not in {each["email"] for each in listed}
    assert len(listed) == 35


def test_an_account_that_was_downgraded_stays_in_the_list_of_v2(tmp_path: Path) -> None:
    with faulty(tmp_path, {"name": "nylas-account-downgraded", "accounts": ["Amara Okafor"]}) as visitor:
        listed = visitor.nylas(f"/a/{visitor.v2['client_id']}/accounts").json()
    billed = {each["email"]: each["billing_state"] for each in listed}
    assert billed.pop(AMARA) == "cancelled"
    assert set(billed.values()) == {"paid"}


def test_a_file_can_be_of_v3_alone(tmp_path: Path) -> None:
    with visit("v3-only", tmp_path) as visitor:
        assert "microsoft" not in visitor.tenant
        assert "v2" not in visitor.tenant["nylas"]
        assert visitor.nylas_v3("/v3/applications").status_code == 200


def connected(visitor: Visitor) -> dict[str, str]:
    """Return the state of each account of the v2 application."""
    listed = visitor.nylas(f"/a/{visitor.v2['client_id']}/accounts").json()
    return {each["email"]: each["sync_state"] for each in listed}


def listed_on(folder: Path) -> set[str]:
    return set((folder / "accounts.csv").read_text("utf-8").splitlines()[1:])


def test_the_migration_differs_from_four_weeks_before_in_what_was_seeded(tmp_path: Path) -> None:
    with visit("migration-earlier", tmp_path / "earlier") as visitor:
        earlier, before, day = connected(visitor), grants(visitor), visitor.tenant["tenant"]["as_of"]
    with visit("migration", tmp_path / "now") as visitor:
        now, after, today = connected(visitor), grants(visitor), visitor.tenant["tenant"]["as_of"]
    assert (today - day).days == 28
    was, is_ = ({(each["email"], each["grant_status"]) for each in found} for found in (before, after))
    assert {email.partition(".")[0]: status for email, status in is_ - was} == {
        "ingrid": "valid",
        "lucia": "invalid",
        "stefan": "valid",
    }
    assert {email.partition(".")[0]: status for email, status in was - is_} == {
        "ingrid": "invalid",
        "lucia": "valid",
    }
    changed = {
        email.partition(".")[0]: now.get(email) for email in earlier if now.get(email) != earlier[email]
    }
    assert changed == {"aisling": "stopped", "nadia": "running", "omar": "partial", "viktor": None}
    gone, new = (
        {line.partition(".")[0] for line in lines}
        for lines in (
            listed_on(tmp_path / "earlier") - listed_on(tmp_path / "now"),
            listed_on(tmp_path / "now") - listed_on(tmp_path / "earlier"),
        )
    )
    assert (gone, new) == ({"viktor"}, {"carmen"})
