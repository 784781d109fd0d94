"""Shared reports: nobody is named in them, and the same key gives everybody the same pseudonym."""

import html
import re
from base64 import b64decode
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import msgspec
import pytest

from nylas_readiness.checks.outcome import Outcome, Status, Waiver, fail
from nylas_readiness.checks.suite.support.evidence_samples import read, setup_with, tenant_with
from nylas_readiness.checks.suite.support.report_samples import audited
from nylas_readiness.fixtures.clients.graph import User
from nylas_readiness.fixtures.evidence.journal import Evidence, begin
from nylas_readiness.fixtures.evidence.model import NylasAnswer, OrganizationConfig, RoleAssignment
from nylas_readiness.fixtures.inputs.tenant import load
from nylas_readiness.fixtures.run.results import results_of
from nylas_readiness.fixtures.run.share.copy import NOT_SHARED, copied, shared
from nylas_readiness.fixtures.run.share.originals import originals_of, own_texts
from nylas_readiness.fixtures.run.share.pseudonyms import Originals, Pseudonyms, Vocabulary
from nylas_readiness.fixtures.secrets import Secret
from nylas_readiness.reports.write import write_all

pytestmark = pytest.mark.offline

KEY = Secret("0123456789abcdef" * 4)
NOBODY = Originals(set(), set(), set(), set())
ADDRESS = re.compile(r"[A-Za-z0-9]+(?:[.+_'-][A-Za-z0-9]+)?@(?:[A-Za-z][A-Za-z0-9]*\.)+[A-Za-z]{2,}")
BASE64 = re.compile(r"[A-Za-z0-9+/]{24,}={0,2}")


@cache
def vocabulary() -> Vocabulary:
    return Vocabulary(own_texts())


def pseudonyms(key: Secret = KEY, originals: Originals = NOBODY) -> Pseudonyms:
    return Pseudonyms(key, originals, vocabulary())


def readings(text: str) -> Iterator[str]:
    """Yield a file's text as it is, and as whoever undoes its encodings reads it."""
    yield from (text, unquote(text), html.unescape(text), unquote(html.unescape(text)))
    yield re.sub(r"\\u([0-9a-f]{4})", lambda code: chr(int(code[1], 16)), text)
    for encoded in BASE64.findall(text):
        yield b64decode(encoded[: len(encoded) // 4 * 4]).decode("latin-1")


@pytest.mark.parametrize("scenario", ["default", "migration", "troubled", "logs-troubled"])
def test_nothing_of_a_company_is_in_what_is_shared(scenario: str, tmp_path: Path) -> None:
    """No address, name, domain, id or path of it is in any file, however it is written there."""
    from nylas_readiness.checks.suite.support import harness
    from nylas_readiness.checks.suite.support.originals import originals_in
    from nylas_readiness.checks.suite.support.sums import assert_sums_agree
    from nylas_readiness.fixtures.sandbox.server import start

    with start(scenario, tmp_path / "company", accounts=8) as sandbox:
        tenant = load(sandbox.tenant_file, sandbox.secrets)
        evidence = harness.read(tenant, tmp_path / "evidence.journal")
        world = sandbox._world  # noqa: SLF001 -- what the company is, told by nobody but itself
    ledger = harness.judge(evidence)
    as_of = evidence.tenant.setup.as_of
    assert as_of
    results = results_of(ledger, as_of, interrupted=False)
    copy = shared(results, evidence, KEY, tmp_path)
    written = write_all(copy, tmp_path / "share")
    assert not written.problems
    assert {"results.json", "readiness.html", "accounts.csv", "summary.md", "SHA256SUMS"} <= {
        path.name for path in written.paths
    }
    assert_sums_agree(copy)

    records = (evidence.tenant, *evidence.accounts())
    journal = "\n".join(msgspec.json.encode(record).decode() for record in records)
    secret = {one.casefold() for one in originals_in(world, journal)}
    secret = {one for one in secret if one not in vocabulary()} | {"halden", str(tmp_path), KEY.reveal()}
    shows = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, sorted(secret)))})(?!\w)")
    assert shows.search(msgspec.json.encode(results).decode().casefold())
    for path in written.paths:
        for text in readings(path.read_text("utf-8")):
            assert not (shown := shows.search(text.casefold())), (path.name, shown)


def test_same_key_same_pseudonym() -> None:
    """In any case, and in any text; another key gives another one."""
    from nylas_readiness.fixtures.strategies.profile import given, st

    @given(st.from_regex(ADDRESS, fullmatch=True), st.binary(min_size=16, max_size=16))
    def holds(address: str, other: bytes) -> None:
        pseudonym = pseudonyms().text(address)
        assert pseudonym == pseudonyms().text(address.upper()) == pseudonyms().text(address.lower())
        assert re.fullmatch(r"user-[0-9a-f]{16}@(?:host-[0-9a-f]{16}\.example|[\w.-]+)", pseudonym)
        assert pseudonyms().text(f"mail to {address} today") == f"mail to {pseudonym} today"
        assert pseudonyms(Secret(other.hex())).text(address) != pseudonym

    holds()


NAMED = Originals(
    names={"Weiß", "José", "Møller & Søn", "Room (Nord)", "Li"},
    users={"bo.moller"},
    ids={"wh-17"},
    domains={"moller.example", "bücher.example"},
)


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        pytest.param("BO.MOLLER@MOLLER.EXAMPLE", "moller", id="any case"),
        pytest.param("GET /users/bo.moller%40moller.example/calendars", "moller", id="percent"),
        pytest.param("&#98;o.moller&#64;moller.example", "moller", id="entities"),
        pytest.param(r"{\"m\": \"bo\u002emoller\u0040moller.example\"}", "moller", id="escapes"),
        pytest.param(r"MOLLER\bo.moller has the role", "moller", id="domain and user"),
        pytest.param("bo.moller is unknown, says Møller & Søn", "ller", id="names"),
        pytest.param("Weiß, not WEISS or weiß", "wei", id="a letter that is two capital ones"),
        pytest.param("of Jose\u0301 and José", "jos", id="a letter of two characters"),
        pytest.param("of “Room (Nord)”", "nord", id="a name in parentheses"),
        pytest.param("webhook wh-17 failed", "wh-17", id="a short id"),
        pytest.param("Jose and JOSE", "jose", id="a letter without its accent"),
        pytest.param("the secret jos\u00e9_2026, backup_weiss", "weiss", id="a name in an identifier"),
        pytest.param(
            "of S-1-5-21-3623811015-3361044348-30300820-1013", "30300820", id="a security identifier"
        ),
        pytest.param("/ou=x/cn=Recipients/cn=4faa9b17fd625b40-bomoll", "bomoll", id="a distinguished name"),
        pytest.param("x@xn--bcher-kva.example", "bcher", id="an international domain"),
        pytest.param("the app of BÜCHER answers", "cher", id="an international company"),
        pytest.param("at eas.intern.moller.example:443", "moller", id="a host of the domain"),
        pytest.param("asks mail.fabrikam.co.uk", "fabrikam", id="a host that nobody knows"),
        pytest.param("fabrikam.mail.protection.outlook.com", "fabrikam", id="a vendor's host for a tenant"),
        pytest.param("/home/bo/x y, /tmp/bo-7/x.toml", "bo", id="paths"),
        pytest.param(r"C:\Users\bo\x.csv and \\srv\bo\y", "bo", id="Windows paths"),
        pytest.param("logs/bo.moller/HttpProxy.LOG:17 has no date", "moller", id="a log"),
        pytest.param("10.20.30.40 and 2001:db8::17:4", "20", id="addresses of hosts"),
        pytest.param("account 4faa9b17fd625b40aa897ba1c", "4faa9b17", id="an opaque id"),
        pytest.param("app 5B6C7D8E-9F0A-4B1C-8D2E-3F4A5B6C7D8E", "5b6c7d8e", id="a GUID"),
    ],
)
def test_an_original_is_gone(text: str, gone: str) -> None:
    """Known or by its shape, in any encoding; what was shared is not changed by a second time."""
    shared_text = pseudonyms(originals=NAMED).text(text)
    plain = re.sub(r"[a-z]+-[0-9a-f]{16}", "", shared_text)
    assert gone not in plain.casefold(), shared_text
    assert "-" in shared_text
    assert pseudonyms(originals=NAMED).text(shared_text) == shared_text


@pytest.mark.parametrize(
    "text",
    [
        "AADSTS700082: the token has expired at 2026-11-23T09:00:00Z",
        "POST /EWS/Exchange.asmx GetFolder: HTTP 500 ErrorNonExistentMailbox",
        "GET /users/{id}/calendars as the v3 app at https://graph.microsoft.com/v1.0",
        "https://api.us.nylas.com/v3/webhooks, https://ireland.api.nylas.com and outlook.office365.com",
        "Calendars.ReadWrite, EWS.AccessAsUser.All; in results.json, to grant.expired",
        "appId eq '00000003-0000-0000-c000-000000000000'",
        "ann@contoso.com,Ann Lee,",
        "    Get-OrganizationConfig | Format-List EwsEnabled, EwsAllowedAppIDs",
    ],
)
def test_what_names_nobody_stays(text: str) -> None:
    """Codes, dates, permissions, commands, the vendors' public hosts and our own examples."""
    assert pseudonyms(originals=NAMED).text(text) == text


def test_a_dictionary_without_the_key_tells_nothing() -> None:
    """A pseudonym is no hash of the address alone: equal keys are the only way to equal ones."""
    keys = [Secret(f"{number:032x}") for number in range(50)]
    assert len({pseudonyms(key).of("user", "ann") for key in keys}) == len(keys)
    assert re.fullmatch(r"user-[0-9a-f]{16}", pseudonyms().of("user", "ann"))


def test_who_accepts_a_finding_is_not_shared() -> None:
    """Neither the name nor the reason, which is free text; the date stays."""
    waiver = Waiver(status=Status.FAIL, owner="Bo Møller", reason="Bo knows why", expires="2027-01-31")
    waived = Outcome(status=Status.WAIVED, observed="an alias", waiver=waiver)
    copy = copied(audited({}, {"bo@moller.example": {"ACC-002": waived}}), pseudonyms())
    found = copy.accounts[0].findings["ACC-002"].waiver
    assert found is not None
    assert (found.reason, found.expires) == (NOT_SHARED, "2027-01-31")
    assert re.fullmatch(r"name-[0-9a-f]{16}", found.owner)


def test_equal_findings_stay_one_object() -> None:
    """So that the copy of 100,000 accounts takes no more memory than the results."""
    outcome = fail("bo@moller.example is an alias")
    results = audited({}, {f"{name}@b.example": {"ACC-002": outcome} for name in ("a", "c")})
    copy = copied(results, pseudonyms())
    first, second = (account.findings["ACC-002"] for account in copy.accounts)
    assert first is second
    assert "moller" not in first.observed
    assert "moller" not in msgspec.json.encode(copy).decode()


def originals(folder: Path, **slots: object) -> Originals:
    """Return what names somebody or something in the evidence of a tenant without accounts."""
    path = folder / "evidence.journal"
    with begin(path) as writer:
        writer.tenant(tenant_with(**slots))
    return originals_of(Evidence(path))


def test_what_a_company_calls_its_things_is_an_original(tmp_path: Path) -> None:
    """The v2 application, a customer in the path of a redirect URI, a role and a user agent of its own."""
    found = originals(
        tmp_path,
        setup=setup_with(redirect_uri="https://app.vendor.example/kvarnen/callback"),
        nylas_application=read(NylasAnswer(status=200, message="Kvarn & Son booking")),
        role_assignments=read([RoleAssignment(role="Kvarnbyn Readers", holders=[])]),
        organization_config=read(
            OrganizationConfig(ews_enabled=True, allowed_app_ids=[], allowed_agents=["KvarnSync/*"])
        ),
    )
    text = (
        "Kvarn & Son booking, kvarnbyn readers, KvarnSync/2.1 to https://app.vendor.example/kvarnen/callback"
    )
    copy = pseudonyms(originals=found).text(text)
    assert "kvarn" not in copy.casefold()
    assert copy.endswith("/callback")


def test_each_part_of_a_persons_name_is_an_original(tmp_path: Path) -> None:
    user = read(User(id="u", display_name="Anna-Lena Öst-Kvarn"))
    names = originals(tmp_path, service_user=user).names
    assert {"Anna-Lena Öst-Kvarn", "Anna-Lena", "Anna", "Lena", "Öst", "Kvarn"} <= names


def test_the_words_of_a_refusal_are_no_name(tmp_path: Path) -> None:
    refused = read(NylasAnswer(status=401, message="Kvarn"))
    assert "Kvarn" not in originals(tmp_path, nylas_application=refused).names
