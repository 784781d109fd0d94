"""The sandbox's fleet: each customer is a tenant of its own, and one Nylas application has all of them."""

import base64
import ssl
import stat
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from nylas_readiness.checks.suite.support.fleet_tenants import customers, fleet_of, tenants_of
from nylas_readiness.checks.suite.support.sandbox_visitor import OUTLOOK_SCOPES
from nylas_readiness.fixtures.inputs.tenant import Tenant, load
from nylas_readiness.fixtures.secrets import forgotten_afterwards

if TYPE_CHECKING:
    from nylas_readiness.fixtures.sandbox.fleet import Fleet

pytestmark = pytest.mark.offline


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit of open files")
def test_a_fleet_raises_the_limit_of_open_files_as_far_as_the_system_allows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import resource

    from nylas_readiness.fixtures.sandbox.loopback import allow_open_files

    limits, raised = (256, 1024), list[tuple[int, int]]()
    monkeypatch.setattr(resource, "getrlimit", lambda _which: limits)
    monkeypatch.setattr(resource, "setrlimit", lambda _which, both: raised.append(both))
    allow_open_files(200)
    allow_open_files(900)
    assert raised == [(900, 1024)]
    with pytest.raises(OSError, match="needs 2000 open files, and this system allows 1024: raise its limit"):
        allow_open_files(2000)


TWO = ("garvenholt", "kestrelmere")


@contextmanager
def client(fleet: "Fleet") -> Iterator[httpx.Client]:
    trusted = ssl.create_default_context(cafile=str(fleet.directory / "ca.pem"))
    with httpx.Client(verify=trusted, trust_env=False) as http:
        yield http


def v2_emails(fleet: "Fleet", http: httpx.Client) -> list[str]:
    app = fleet.vendor.nylas
    token = base64.b64encode(f"{app.secret}:".encode()).decode()
    emails: list[str] = []
    while page := http.get(
        f"{fleet.vendor.endpoints['nylas_v2']}/a/{app.client_id}/accounts",
        params={"offset": str(len(emails))},
        headers={"Authorization": f"Basic {token}"},
    ).json():
        emails += [account["email"] for account in page]
    return emails


def v3_emails(fleet: "Fleet", http: httpx.Client) -> list[str]:
    key = fleet.secrets["SANDBOX_NYLAS_V3_KEY"]
    url = f"{fleet.vendor.endpoints['nylas_v3']}/v3/grants"
    answer = http.get(url, params={"limit": "200"}, headers={"Authorization": f"Bearer {key}"})
    return [grant["email"] for grant in answer.json()["data"]]


def domains(emails: list[str]) -> set[str]:
    return {email.rpartition("@")[2] for email in emails}


def redeem(tenant: Tenant, http: httpx.Client, *, at: Tenant | None = None) -> httpx.Response:
    settings, login = tenant.settings, (at or tenant).settings.endpoints.login
    assert settings.microsoft is not None
    secrets = ("microsoft.client_secret", "microsoft.refresh_token")
    secret, token = (tenant.secret(key).reveal() for key in secrets)
    fields = {
        "grant_type": "refresh_token",
        "client_id": settings.microsoft.client_id,
        "client_secret": secret,
        "refresh_token": token,
        "scope": OUTLOOK_SCOPES,
    }
    return http.post(f"{login}/{(at or tenant).settings.tenant.id}/oauth2/v2.0/token", data=fields)


def test_twelve_customers_have_nothing_of_their_own_in_common() -> None:
    from nylas_readiness.fixtures.sandbox.fleet import twelve

    companies = [each.company for each in twelve()]
    for own in ("key", "name", "domain", "other_domain", "initial_domain", "refresh_token"):
        assert len({getattr(company, own) for company in companies}) == 12, own
    assert {company.product for company in companies} == {"Quillhaven Booking"}
    assert all(company.domain.endswith(".example") for company in companies)


def test_a_tenant_file_says_only_what_is_the_customers_own(tmp_path: Path) -> None:
    with fleet_of(tmp_path, *TWO) as fleet:
        own = tomllib.loads((fleet.tenants / "kestrelmere.toml").read_text("utf-8"))
        shared = tomllib.loads((fleet.tenants / "_defaults.toml").read_text("utf-8"))
    assert own["tenant"].keys() == {"name", "id"}
    assert own["microsoft"] == {"refresh_token": "env:SANDBOX_KESTRELMERE_MICROSOFT_REFRESH_TOKEN"}
    assert own["nylas"] == {"v3": {"credential_name": "kestrelmere"}}
    assert own["endpoints"].keys() == {"login", "graph", "outlook"}
    assert shared["nylas"].keys() == {"v2", "v3"}
    assert shared["endpoints"].keys() == {"nylas_v2", "nylas_v3", "ca_file"}
    assert not {"service_account", "accounts"} & shared.keys()


def test_a_section_that_a_customer_is_without_is_no_default(tmp_path: Path) -> None:
    from nylas_readiness.fixtures.sandbox.fleet import Customer, start_fleet

    [kestrelmere] = customers("kestrelmere")
    [lindenvar] = customers("lindenvar")
    without = lindenvar.scenario.with_faults([{"name": "section-left-out", "section": "directory"}])
    given = [kestrelmere, Customer(company=lindenvar.company, state="", scenario=without)]
    with start_fleet(tmp_path, given) as fleet:
        assert "directory" not in tomllib.loads((fleet.tenants / "_defaults.toml").read_text("utf-8"))
        tenants = tenants_of(fleet)
    assert tenants["lindenvar"].settings.directory is None
    assert tenants["kestrelmere"].settings.directory is not None


def test_only_the_secrets_file_has_secrets_and_each_resolves(tmp_path: Path) -> None:
    with fleet_of(tmp_path, "eskelund", *TWO) as fleet:
        path = tmp_path / "secrets.env"
        lines = path.read_text("utf-8").splitlines()
        assert dict(line.split("=", 1) for line in lines) == fleet.secrets
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        others = "".join(
            each.read_text("utf-8") for each in tmp_path.rglob("*") if each.is_file() and each != path
        )
        assert not [secret for secret in fleet.secrets.values() if secret in others]
        tenants = tenants_of(fleet)
        assert not any(tenant.unresolved() for tenant in tenants.values())
        wrong, right = (
            tenants[key].secret("directory.client_secret").reveal() for key in ("eskelund", "kestrelmere")
        )
        assert wrong != right


@pytest.mark.parametrize("emails", [pytest.param(v2_emails, id="v2"), pytest.param(v3_emails, id="v3")])
def test_the_application_has_the_accounts_of_all_and_some_of_nobodys(
    emails: Callable[["Fleet", httpx.Client], list[str]], tmp_path: Path
) -> None:
    with fleet_of(tmp_path, *TWO, strangers=14) as fleet, client(fleet) as http:
        found = emails(fleet, http)
    own = {f"{key}.example" for key in TWO}
    assert domains(found) == own | {"quillhaven.example", *(f"customer{place}.example" for place in range(7))}
    assert len(found) == len(set(found))
    assert all(sum(email.endswith(f"@{name}") for email in found) == 8 for name in own)


def test_a_customers_token_is_no_other_customers(tmp_path: Path) -> None:
    with fleet_of(tmp_path, "brimstane", "kestrelmere") as fleet, client(fleet) as http:
        one, other = tenants_of(fleet).values()
        assert redeem(one, http).status_code == 200
        assert redeem(one, http, at=other).status_code == 400
        token = redeem(other, http).json()["access_token"]
        answer = http.post(
            f"{one.settings.endpoints.outlook}/EWS/Exchange.asmx",
            headers={"Authorization": f"Bearer {token}"},
        )
        assert answer.status_code == 401
        assert {key for key, *_ in fleet.requests} == {"brimstane", "kestrelmere"}


def test_what_a_customers_directory_knows_is_its_own(tmp_path: Path) -> None:
    with fleet_of(tmp_path, *TWO) as fleet:
        for key, world in fleet.worlds.items():
            addresses = [user.mail for user in world.directory.users if user.mail]
            assert domains(addresses) == {f"{key}.example", f"{key}-group.example"}
        ids = [{user.id for user in world.directory.users} for world in fleet.worlds.values()]
    assert ids[0].isdisjoint(ids[1])


def test_a_mailbox_is_connected_through_its_own_company(tmp_path: Path) -> None:
    with fleet_of(tmp_path, "brimstane", "kestrelmere") as fleet, client(fleet) as http:
        settings = {
            "microsoft_client_id": fleet.worlds["brimstane"].grant.client_id,
            "microsoft_client_secret": fleet.secrets["SANDBOX_MICROSOFT_SECRET"],
            "microsoft_refresh_token": fleet.secrets["SANDBOX_BRIMSTANE_MICROSOFT_REFRESH_TOKEN"],
            "redirect_uri": fleet.vendor.company.redirect_uri,
            "service_account": True,
        }

        def connect(email: str) -> int:
            body: dict[str, Any] = {
                "client_id": fleet.vendor.nylas.client_id,
                "name": "Somebody",
                "email_address": email,
                "provider": "exchange",
                "settings": settings,
            }
            url = f"{fleet.vendor.endpoints['nylas_v2']}/connect/authorize"
            return http.post(url, json=body).status_code

        assert connect("amara.okafor@brimstane.example") == 200
        assert connect("amara.okafor@kestrelmere.example") == 403


@pytest.mark.parametrize("key", ["brimstane", "eskelund", "lindenvar"])
def test_a_customer_is_judged_as_its_scenario_alone(key: str, tmp_path: Path) -> None:
    """The rules' statuses in the fleet are those of the same company with Nylas applications of its own."""
    from nylas_readiness.checks.suite.support.harness import judge, read
    from nylas_readiness.fixtures.run.results import results_of
    from nylas_readiness.fixtures.sandbox.server import Sandbox

    def statuses(tenant: Tenant, journal: Path) -> dict[str, str]:
        ledger = judge(read(tenant, journal))
        rules = results_of(ledger, date(2026, 11, 23), None, interrupted=False).rules
        return {rule.id: rule.status for rule in rules}

    [customer] = customers(key)
    with forgotten_afterwards(), fleet_of(tmp_path / "fleet", key) as fleet:
        in_fleet = statuses(tenants_of(fleet)[key], tmp_path / "fleet.journal")
        assert not fleet.errors
    with forgotten_afterwards(), Sandbox(customer.scenario, tmp_path / "alone", 8) as sandbox:
        alone = statuses(load(sandbox.tenant_file, sandbox.secrets), tmp_path / "alone.journal")
    assert in_fleet == alone
    assert len(alone) > 60


def test_a_fault_can_happen_at_one_customer_or_at_the_vendor(tmp_path: Path) -> None:
    with fleet_of(tmp_path, "brimstane", "kestrelmere") as fleet, client(fleet) as http:
        tenants = tenants_of(fleet)
        fleet.change("brimstane", "refresh-token-refused", code=700082)
        assert [redeem(tenant, http).status_code for tenant in tenants.values()] == [400, 200]
        fleet.change("quillhaven", "nylas-small-pages", size=3)
        emails = v2_emails(fleet, http)
    assert len(emails) == len(set(emails)) > 3


def test_a_fault_of_the_vendor_is_everybodys(tmp_path: Path) -> None:
    with fleet_of(tmp_path, *TWO, faults=["nylas-secret-wrong"]) as fleet:
        told = {tenant.secret("nylas.v2.client_secret").reveal() for tenant in tenants_of(fleet).values()}
        assert told == {"sandbox-another-applications-secret"} != {fleet.vendor.nylas.secret}


def test_customers_for_a_measurement_are_as_many_as_wanted(tmp_path: Path) -> None:
    from nylas_readiness.fixtures.sandbox.fleet import start_fleet, synthetic

    with start_fleet(tmp_path, synthetic(3), accounts=9) as fleet, client(fleet) as http:
        tenants = tenants_of(fleet)
        assert [redeem(tenant, http).status_code for tenant in tenants.values()] == [200, 200, 200]
        assert sum(email.endswith("@synthetic-0003.example") for email in v3_emails(fleet, http)) == 9


def test_a_second_start_leaves_no_tenant_file_of_the_first(tmp_path: Path) -> None:
    mine = tmp_path / "tenants" / "my-company.toml"
    mine.parent.mkdir()
    mine.write_text('[tenant]\nname = "My company"\n', "utf-8")
    with fleet_of(tmp_path, *TWO):
        pass
    with fleet_of(tmp_path, "kestrelmere") as fleet:
        names = {path.name for path in fleet.tenants.glob("*.toml")}
    assert names == {"_defaults.toml", "kestrelmere.toml", "my-company.toml"}
