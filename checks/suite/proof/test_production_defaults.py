"""With no hosts in [endpoints], an audit asks the vendors' own hosts, by name, on the standard port."""

from pathlib import Path

import pytest

from nylas_readiness.checks.suite.support.sandbox_visitor import Visitor, visit
from nylas_readiness.fixtures.evidence.model import TenantEvidence
from nylas_readiness.fixtures.evidence.slots import Read, Unread
from nylas_readiness.fixtures.inputs.tenant import Tenant, load
from nylas_readiness.fixtures.secrets import forgotten_afterwards

pytestmark = pytest.mark.offline

LOGIN, GRAPH, OUTLOOK = "login.microsoftonline.com", "graph.microsoft.com", "outlook.office365.com"
NYLAS = {"us": "api.nylas.com", "ireland": "ireland.api.nylas.com"}
ACCOUNT = "tomasz.zielinski@halden.example"


def real_tenant(visitor: Visitor, region: str) -> Tenant:
    """Return the sandbox's tenant file as a real tenant's: no hosts, one account, another trust anchor."""
    text, _, _ = (visitor.directory / "tenant.toml").read_text("utf-8").partition("[endpoints]")
    for line in ("sandbox = true\n", "as_of = 2026-11-23\n", 'file = "accounts.csv"\n', 'region = "us"\n'):
        assert text.count(line) == 1
        text = text.replace(line, "")
    text = text.replace("[nylas.v2]\n", f'[nylas.v2]\nregion = "{region}"\n')
    text = text.replace("[accounts]\n", '[accounts]\nfile = "one.csv"\n')
    (visitor.directory / "one.csv").write_text(f"email\n{ACCOUNT}\n", "utf-8")
    path = visitor.directory / "real.toml"
    path.write_text(f'{text}\n[endpoints]\nca_file = "vendors.pem"\n', "utf-8")
    return load(path, visitor.secrets)


Sent = set[tuple[str, str, str]]


def audited(
    folder: Path, region: str, monkeypatch: pytest.MonkeyPatch, certified: tuple[str, ...] = ()
) -> tuple[TenantEvidence, Sent]:
    """Audit with the vendors' names on loopback; return the evidence, and host, method and path of all sent.

    `certified`: the names that the hosts' certificate is for; their own unless given.
    """
    from nylas_readiness.checks.suite.support import harness
    from nylas_readiness.checks.suite.support.vendor_hosts import vendors_on_loopback

    with forgotten_afterwards(), visit("default", folder) as visitor:
        services = {
            LOGIN: visitor.endpoints["login"],
            GRAPH: visitor.endpoints["graph"],
            OUTLOOK: visitor.endpoints["outlook"],
            NYLAS[region]: visitor.endpoints["nylas_v2"],
        }
        ca_file = folder / "vendors.pem"
        with vendors_on_loopback(services, visitor.http, ca_file, monkeypatch, certified) as seen:
            evidence = harness.read(real_tenant(visitor, region), folder / "journal")
    assert [each for each in seen if each.sni != each.host] == []
    return evidence.tenant, {(each.host, each.method, each.path) for each in seen}


@pytest.mark.parametrize("region", ["us", "ireland"])
def test_requests_go_to_the_vendors_hosts_by_name(
    tmp_path: Path, region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant, sent = audited(tmp_path, region, monkeypatch)
    entra, nylas = f"/{tenant.setup.tenant_id}", NYLAS[region]
    assert {host for host, _, _ in sent} == {LOGIN, GRAPH, OUTLOOK, nylas}
    assert sent >= {
        (LOGIN, "GET", f"{entra}/v2.0/.well-known/openid-configuration"),
        (LOGIN, "POST", f"{entra}/oauth2/v2.0/token"),
        (GRAPH, "GET", "/v1.0/domains"),
        (GRAPH, "POST", "/v1.0/$batch"),
        (OUTLOOK, "GET", f"/autodiscover/autodiscover.json/v1.0/{ACCOUNT}"),
        (OUTLOOK, "POST", "/EWS/Exchange.asmx"),
    }
    assert {path.split("/")[1] for host, _, path in sent if host == GRAPH} == {"v1.0", "beta"}
    assert {path.split("/")[1] for host, _, path in sent if host == nylas} == {"a"}


def test_what_the_vendors_hosts_answer_is_evidence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tenant, _ = audited(tmp_path, "us", monkeypatch)
    assert tenant.setup.kind == "live"
    for slot in (tenant.discovery, tenant.redemption, tenant.service_user, tenant.nylas_application):
        assert isinstance(slot, Read), slot


def test_nothing_is_sent_to_a_host_with_another_names_certificate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant, sent = audited(tmp_path, "us", monkeypatch, certified=("vendor.example",))
    assert sent == set()
    assert isinstance(tenant.redemption, Unread)
    assert "certificate" in tenant.redemption.reason
