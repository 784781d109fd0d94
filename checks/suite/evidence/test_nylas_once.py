"""Nylas, read once for a fleet: a tenant's run with its share concludes what it concludes alone."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from nylas_readiness.checks.suite.support.fleet_tenants import fleet_of, tenants_of
from nylas_readiness.fixtures.clients.patience import FIRM
from nylas_readiness.fixtures.evidence.claims import Claims, claimed_domains
from nylas_readiness.fixtures.evidence.measures import Trace
from nylas_readiness.fixtures.evidence.model import AccountCounts, ConnectedAccount
from nylas_readiness.fixtures.evidence.nylas_once import read_nylas_once
from nylas_readiness.fixtures.evidence.nylas_readings import NylasReadings, V2Share, V3Share, decode
from nylas_readiness.fixtures.evidence.slots import Absent, Read, Unread
from nylas_readiness.fixtures.evidence.v3_model import AccountGrant, GrantCounts
from nylas_readiness.fixtures.inputs.tenant import Tenant, load
from nylas_readiness.fixtures.secrets import forgotten_afterwards

if TYPE_CHECKING:
    from nylas_readiness.fixtures.evidence.journal import Evidence
    from nylas_readiness.fixtures.sandbox.fleet import Fleet
    from nylas_readiness.reports.model import Results

pytestmark = pytest.mark.offline

THREE = ("brimstane", "eskelund", "lindenvar")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]+(\+00:00|Z)?")
_NYLAS = ("nylas_v2", "nylas_v3")
# What tells of the requests that this process sent, and when.
_OF_THE_MOMENT = ("CFG-004", "CFG-005")
_OF_A_LINE = re.compile(r',"(digest|seal)":"[^"]*"|"(iat|exp|nbf)":\d+,')


@pytest.fixture(autouse=True)
def _secrets_are_forgotten() -> Iterator[None]:
    with forgotten_afterwards():
        yield


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Book what a vendor asks to wait, and do not wait."""
    from nylas_readiness.checks.suite.support.harness import book_only
    from nylas_readiness.fixtures.clients.transport import Service

    monkeypatch.setattr(Service, "pause", book_only)


def audited(
    tenant: Tenant,
    journal: Path,
    share: bytes | None = None,
    say: Callable[[str], None] = lambda _line: None,
) -> "Evidence":
    """Audit a tenant, with what a fleet read of Nylas or alone."""
    from nylas_readiness.fixtures.evidence.collect import Limits, collect
    from nylas_readiness.fixtures.run.subject import listed

    given = decode(share) if share else NylasReadings()
    limits = Limits(concurrency=8)
    return collect(tenant, listed(tenant), limits, journal, lambda _d, _t: None, say=say, nylas=given)


def results_of(evidence: "Evidence") -> "Results":
    from nylas_readiness.checks.suite.support.harness import judge
    from nylas_readiness.fixtures.run import results

    return results.results_of(judge(evidence), date(2026, 11, 23), None, interrupted=False)


def results(evidence: "Evidence") -> Any:  # noqa: ANN401 - the artefact as JSON
    """Return the results without times and the request budget."""
    written = msgspec.json.encode(results_of(evidence)).decode()
    found = msgspec.json.decode(_TIME.sub("(time)", written))
    del found["run"], found["budget"]
    for rule in found["rules"]:
        if rule["id"] in _OF_THE_MOMENT:
            del rule["observed"]
    return found


def records(journal: Path) -> list[str]:
    """Return what a journal has of tenant and accounts, without times and seals."""
    lines = journal.read_text("utf-8").splitlines()
    own = [line for line in lines if line.startswith(('{"type":"tenant"', '{"type":"account"'))]
    return [_TIME.sub("(time)", _OF_A_LINE.sub("", line)) for line in own]


def asked(fleet: "Fleet") -> int:
    return sum(count for (_, service, *_), count in fleet.requests.items() if service in _NYLAS)


@pytest.mark.parametrize("key", THREE)
def test_a_run_with_its_share_writes_what_it_writes_alone(key: str, tmp_path: Path) -> None:
    with fleet_of(tmp_path, *THREE) as fleet:
        tenants = tenants_of(fleet)
        alone = audited(tenants[key], tmp_path / "alone.journal")
        share = read_nylas_once(tenants.values()).share_of(tenants[key])
        fleet.requests.clear()
        shared = audited(tenants[key], tmp_path / "shared.journal", share)
        assert asked(fleet) == 0
    assert records(tmp_path / "shared.journal") == records(tmp_path / "alone.journal")
    assert results(shared) == results(alone)
    assert shared.clocks.keys() == alone.clocks.keys()


def test_the_budget_of_a_run_with_its_share_has_no_request_to_nylas(tmp_path: Path) -> None:
    with fleet_of(tmp_path, "brimstane") as fleet:
        [tenant] = tenants_of(fleet).values()
        share = read_nylas_once([tenant]).share_of(tenant)
        budget = audited(tenant, tmp_path / "journal", share).budget
    assert {(budget[name].predicted, budget[name].sent) for name in _NYLAS} == {(0, 0)}
    assert budget["graph"].sent > 0


def test_the_requests_are_those_of_one_tenant(tmp_path: Path) -> None:
    with fleet_of(tmp_path, *THREE) as fleet:
        tenants = tenants_of(fleet)
        audited(tenants["brimstane"], tmp_path / "journal")
        alone = asked(fleet)
        fleet.requests.clear()
        once = read_nylas_once(tenants.values())
        assert asked(fleet) == once.requests <= alone


def test_a_share_has_no_address_of_another_tenant_and_all_of_its_own(tmp_path: Path) -> None:
    with fleet_of(tmp_path, *THREE) as fleet:
        tenants = tenants_of(fleet)
        once = read_nylas_once(tenants.values())
        shares = {key: once.share_of(tenant) for key, tenant in tenants.items()}
    for key, share in shares.items():
        others = [f"@{other}.example" for other in tenants if other != key]
        assert not [other for other in others if other.encode() in share.lower()]
        readings = decode(share)
        assert readings.v2 is not None
        assert readings.v3 is not None
        assert sum(account.email.endswith(f"@{key}.example") for account in readings.v2.accounts) >= 7
        assert f"night.watch@{key}.example" not in [account.email for account in readings.v2.accounts]
        assert "customer0.example" in share.decode("latin-1")


def test_no_file_of_a_tenant_has_an_address_of_another(tmp_path: Path) -> None:
    """What no tenant file claims is in every share, and the run only counts it."""
    from nylas_readiness.reports.write import write_all

    with fleet_of(tmp_path / "fleet", *THREE) as fleet:
        tenants = tenants_of(fleet)
        once = read_nylas_once(tenants.values())
        for key, tenant in tenants.items():
            (folder := tmp_path / key).mkdir()
            evidence = audited(tenant, folder / "evidence.journal", once.share_of(tenant))
            write_all(results_of(evidence), folder, [folder / "evidence.journal"])
    for key in tenants:
        own = {f"{key}.example", f"{key}-group.example", f"{key}.onmicrosoft.example"}
        texts = [path.read_text("utf-8").lower() for path in (tmp_path / key).rglob("*") if path.is_file()]
        domains = {domain for text in texts for domain in re.findall(r"@([a-z0-9.-]+\.example)\b", text)}
        assert f"{key}.example" in domains <= own
        assert len(texts) > 6


def test_each_application_is_told_with_what_is_nobodys(tmp_path: Path) -> None:
    with fleet_of(tmp_path, *THREE, strangers=5) as fleet:
        told = read_nylas_once(tenants_of(fleet).values()).applications
        own = sum(
            sum(a.email.endswith(f"@{key}.example") for a in fleet.vendor.nylas.accounts) for key in THREE
        )
    assert [each.version for each in told] == ["v2", "v3"]
    assert all(each.tenants == ["Brimstane Logistics", "Eskelund Dairy", "Lindenvar Pharma"] for each in told)
    assert all(each.problem is None for each in told)
    [v2, _] = told
    assert v2.accounts is not None
    assert v2.nobodys is not None
    assert v2.accounts - v2.nobodys == own


@pytest.mark.parametrize(
    ("fault", "version", "part"),
    [
        pytest.param("nylas-secret-wrong", "v2", "HTTP 401", id="v2"),
        pytest.param("nylas-v3-key-wrong", "v3", "HTTP 401", id="v3"),
    ],
)
def test_a_refusal_is_told_once_and_leaves_the_other_half_decided(
    fault: str, version: str, part: str, tmp_path: Path
) -> None:
    with fleet_of(tmp_path, "brimstane", "lindenvar", faults=[fault]) as fleet:
        tenants = tenants_of(fleet)
        once = read_nylas_once(tenants.values())
        with_share = audited(tenants["brimstane"], tmp_path / "shared", once.share_of(tenants["brimstane"]))
        alone = audited(tenants["brimstane"], tmp_path / "alone")
        secrets = [*fleet.secrets.values()]
    [problem] = [each.problem for each in once.applications if each.problem]
    assert [each.version for each in once.applications if each.problem] == [version]
    assert part in problem
    assert not [secret for secret in secrets if secret in problem]
    assert records(tmp_path / "shared") == records(tmp_path / "alone")
    assert results(with_share) == results(alone)


@pytest.mark.usefixtures("patient")
def test_what_was_in_trouble_is_asked_for_once_more(tmp_path: Path) -> None:
    fault = {"name": "in-trouble-at-first", "service": "nylas_v2", "path": "/accounts", "answers": FIRM.tries}
    with fleet_of(tmp_path, "brimstane", faults=[fault]) as fleet:
        once = read_nylas_once(tenants_of(fleet).values())
    [v2, v3] = once.applications
    assert (v2.problem, v3.problem) == (None, None)
    assert v2.accounts is not None


@pytest.mark.usefixtures("patient")
def test_trouble_that_stays_is_asked_about_by_the_fleet_alone(tmp_path: Path) -> None:
    """The tenant's run asks nobody again for it, which it does where it was in trouble itself."""
    fault = {"name": "in-trouble-at-first", "service": "nylas_v2", "path": "", "answers": 1000}
    told: list[str] = []
    with fleet_of(tmp_path, "brimstane", faults=[fault]) as fleet:
        [tenant] = tenants_of(fleet).values()
        once = read_nylas_once([tenant])
        fleet.requests.clear()
        evidence = audited(tenant, tmp_path / "journal", once.share_of(tenant), told.append)
    [problem] = [each.problem for each in once.applications if each.problem]
    assert "503" in problem
    assert isinstance(evidence.tenant.nylas_application, Unread)
    assert isinstance(evidence.tenant.v3_grants, Read)
    assert (told, asked(fleet)) == ([], 0)


def test_a_secret_that_does_not_resolve_is_told_once_and_left_to_each_run(tmp_path: Path) -> None:
    with fleet_of(tmp_path, "brimstane", "lindenvar") as fleet:
        del fleet.secrets["SANDBOX_NYLAS_V2_SECRET"]
        tenants = list(tenants_of(fleet).values())
        once = read_nylas_once(tenants)
        readings = decode(once.share_of(tenants[0]))
    [problem] = [each.problem for each in once.applications if each.problem]
    assert "SANDBOX_NYLAS_V2_SECRET is not set" in problem
    assert readings.v2 is None
    assert readings.v3 is not None


def test_applications_are_apart_where_a_tenant_file_says_otherwise(tmp_path: Path) -> None:
    with fleet_of(tmp_path, *THREE) as fleet:
        path = fleet.tenants / "lindenvar.toml"
        own = '[nylas.v2]\nclient_secret = "env:SANDBOX_NYLAS_V3_KEY"\n'
        path.write_text(path.read_text("utf-8") + own, "utf-8")
        told = read_nylas_once(tenants_of(fleet).values()).applications
    assert [(each.version, len(each.tenants), bool(each.problem)) for each in told] == [
        ("v2", 2, False),
        ("v3", 3, False),
        ("v2", 1, True),
    ]


def test_domains_of_a_tenant_that_another_machine_audits_are_claimed_too(tmp_path: Path) -> None:
    with fleet_of(tmp_path, "brimstane", "lindenvar") as fleet:
        mine, other = tenants_of(fleet).values()
        share = decode(read_nylas_once([mine], fleet=[mine, other]).share_of(mine))
    assert share.v2 is not None
    assert not [each.email for each in share.v2.accounts if "lindenvar" in each.email]


def claimant(folder: Path, name: str, *, service_account: str, domains: str = "") -> Tenant:
    """Return a tenant by a file that claims domains."""
    path = folder / f"{name}.toml"
    lines = ["[tenant]", f'name = "{name}"', "[service_account]", f'email = "{service_account}"']
    lines += ["[accounts]", f"domains = {domains}"] if domains else []
    sections = ["[nylas.v2]", 'client_id = "none"', 'client_secret = "env:NONE"']
    path.write_text("\n".join([*lines, *sections]), "utf-8")
    return load(path, {})


def test_a_tenant_claims_its_domains_else_its_service_accounts(tmp_path: Path) -> None:
    one = claimant(tmp_path, "one", service_account="svc@one.example")
    two = claimant(
        tmp_path, "two", service_account="svc@two.example", domains='["zwei.example", "bücher.example"]'
    )
    claims = Claims([one, two])
    assert claimed_domains(two) == {"zwei.example", "xn--bcher-kva.example"}
    assert claims.of("Ada@ONE.example") == {one.path}
    assert claims.of("ada@two.example") == claims.of("ada@sub.one.example") == claims.of("") == set()
    assert claims.of("ada@bücher.example") == claims.of("ada@XN--BCHER-KVA.example") == {two.path}
    assert claims.may_have(one.path, None)
    assert claims.may_have(one.path, "ada@elsewhere.example")
    assert not claims.may_have(one.path, "ada@zwei.example")


def test_a_grant_that_was_cloned_from_a_tenants_account_is_in_its_share(tmp_path: Path) -> None:
    one = claimant(tmp_path, "one", service_account="svc@one.example")
    two = claimant(tmp_path, "two", service_account="svc@two.example")
    trace = Trace(at="2026-11-23T09:00:00+00:00", source="a test", what="")
    accounts = [
        ConnectedAccount(account_id=f"id-{name}", email=f"ada@{name}.example", sync_state="stopped")
        for name in ("one", "two", "three")
    ]
    grants = [
        AccountGrant(id="1", provider="microsoft", email="formerly@two.example", account_id="id-one"),
        AccountGrant(id="2", provider="microsoft", email="ada@three.example", account_id="id-three"),
        AccountGrant(id="3", provider="microsoft", email="ada@two.example", account_id="id-two"),
        AccountGrant(id="4", provider="microsoft"),
    ]
    answer = Absent("not of interest")
    v2 = V2Share(application=answer, counts=Read(AccountCounts(total=3, others=4), trace), accounts=accounts)
    slots = dict.fromkeys(("application", "connector", "credentials", "webhooks", "pubsub", "sns"), answer)
    v3 = V3Share(**slots, counts=Read(GrantCounts(total=9, others=5), trace), grants=grants)
    claims = Claims([one, two])
    own = claims.share_of_v2(v2, one.path)
    share = claims.share_of_v3(v3, one.path, own)
    assert [each.account_id for each in own.accounts] == ["id-one", "id-three"]
    assert own.counts == Read(AccountCounts(total=2, disconnected=2, others=5), trace)
    assert [each.id for each in share.grants] == ["1", "2", "4"]
    assert share.counts == Read(GrantCounts(total=9, others=6), trace)
