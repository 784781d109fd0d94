"""Whose accounts: by the tenant's domains in any spelling, by its list, and by Nylas's providers."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pytest

from nylas_readiness.checks.contract.addresses import mailbox_key
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.evidence_samples import read
from nylas_readiness.checks.suite.support.tenant_texts import tenant_of
from nylas_readiness.fixtures.clients.graph import Domain
from nylas_readiness.fixtures.clients.nylas_v2 import Account as V2Account
from nylas_readiness.fixtures.clients.nylas_v2 import NylasV2Client
from nylas_readiness.fixtures.evidence.application import read_inventory
from nylas_readiness.fixtures.evidence.grants import GrantBook
from nylas_readiness.fixtures.evidence.measures import Trace
from nylas_readiness.fixtures.evidence.model import AccountCounts, ConnectedAccount, OwnDomains
from nylas_readiness.fixtures.evidence.ownership import Ownership, nameless, own_domains, ownership_of
from nylas_readiness.fixtures.evidence.slots import Read, Slot, Unread
from nylas_readiness.fixtures.evidence.v3_model import AccountGrant, GrantCounts
from nylas_readiness.fixtures.inputs.accounts import Account, AccountList

pytestmark = [pytest.mark.offline, pytest.mark.anyio]


@each_of(
    ("domain", "email", "is_own"),
    [
        ("Fjord.Example", "liv@fjord.EXAMPLE", True),
        ("bücher.example", "liv@XN--BCHER-KVA.example", True),
        ("xn--bcher-kva.example", "liv@BÜCHER.example", True),
        ("fjord.example", "liv@mail.fjord.example", False),
        ("mail.fjord.example", "liv@fjord.example", False),
        ("fjord.example", "liv@my-fjord.example", False),
        ("fjord.example", "liv@fjord.example.net", False),
        ("fjord.example", "liv%fjord.example@else.example", False),
        ("fjord.example", "", False),
        ("fjord.example", None, False),
    ],
)
def test_a_domain_is_the_tenants_in_any_spelling_and_no_other_is(
    domain: str, email: str | None, is_own: bool
) -> None:
    assert Ownership([domain]).has(email) is is_own


def test_what_the_list_has_is_the_tenants_whatever_its_domain() -> None:
    own = Ownership(
        ["fjord.example"], AccountList(source="x", accounts=[Account(email="Ola@Partner.example")])
    )
    assert own.has("ola@partner.EXAMPLE")
    assert not own.has("kari@partner.example")


FILE = """
[tenant]
name = "fjord"
id = "5b1f6f0e-9a1c-4c5e-8a3e-1c2d3e4f5a6b"
[nylas.v3]
client_id = "c"
api_key = "env:K"
"""
SERVICE = '[service_account]\nemail = "svc@Fjord.example"\n'
DOMAINS = '[accounts]\ndomains = ["BÜCHER.example", "fjell.example"]\n'
DIRECTORY = read(
    [
        Domain(id="Fjord.example", is_verified=True),
        Domain(id="fjord.onmicrosoft.example", is_verified=True),
        Domain(id="bought.example", is_verified=False),
        Domain(id="told.by-nobody.example"),
    ]
)
REFUSED = Unread(reason="HTTP 403", permission="Domain.Read.All")


@each_of(
    ("text", "directory", "names", "origin"),
    [
        (SERVICE + DOMAINS, DIRECTORY, ["fjell.example", "xn--bcher-kva.example"], "tenant file"),
        (SERVICE, DIRECTORY, ["fjord.example", "fjord.onmicrosoft.example"], "directory"),
        (SERVICE, REFUSED, ["fjord.example"], "service account"),
        (SERVICE, read([Domain(id="new.example", is_verified=False)]), ["fjord.example"], "service account"),
    ],
)
def test_domains_are_the_files_else_the_directorys_else_the_service_accounts(
    tmp_path: Path, text: str, directory: Slot[list[Domain]], names: list[str], origin: str
) -> None:
    slot = own_domains(tenant_of(tmp_path, FILE + text), directory, has_list=False)
    assert isinstance(slot, Read)
    assert (slot.value.names, slot.value.origin) == (names, origin)


def test_where_no_domain_is_known_nobody_is_the_tenants_but_whom_a_list_names(tmp_path: Path) -> None:
    tenant = tenant_of(tmp_path, FILE)
    slot = own_domains(tenant, REFUSED, has_list=False)
    assert isinstance(slot, Unread)
    assert not ownership_of(slot, None).has("svc@fjord.example")
    listed = own_domains(tenant, REFUSED, has_list=True)
    assert isinstance(listed, Read)
    assert listed.value == OwnDomains(names=[], origin=None, has_list=True)


class Listing:
    """A client of an application with these accounts."""

    def __init__(self, *accounts: V2Account) -> None:
        """Stand in for a `NylasV2Client`."""
        self._accounts = accounts

    async def accounts(self) -> AsyncIterator[V2Account]:
        """Yield them."""
        for account in self._accounts:
            yield account


def on(email: str | None, provider: str | None, state: str = "running") -> V2Account:
    return V2Account(account_id=f"{email}{provider}", email=email, provider=provider, sync_state=state)


async def test_accounts_of_other_domains_and_providers_are_counted() -> None:
    listing = Listing(
        on("liv@fjord.example", "EAS"),
        on("Liv@FJORD.example", "exchange", "stopped"),
        on("ola@fjord.example", None),
        on("per@fjord.example", "gmail"),
        on(None, "eas"),
        on("una@fjell.example", "eas", "stopped"),
    )
    found = (await read_inventory(cast("NylasV2Client", listing))).of_tenant(Ownership(["fjord.example"]))
    assert isinstance(found.reading, Read)
    assert found.reading.value == AccountCounts(total=3, disconnected=1, others=3)
    assert [one.email for one in found.as_list().accounts] == ["liv@fjord.example", "ola@fjord.example"]
    elsewhere = found.of("una@fjell.example")
    assert isinstance(elsewhere, Read)
    assert elsewhere.value == []


def test_a_grant_is_the_tenants_by_its_address_or_by_its_v2_account() -> None:
    grants = [
        AccountGrant(id="own", provider="microsoft", email="liv@FJORD.example"),
        AccountGrant(id="cloned", provider="microsoft", email="liv@formerly.example", account_id="a1"),
        AccountGrant(id="other", provider="microsoft", email="una@fjell.example", account_id="a2"),
        AccountGrant(id="nobody's", provider="microsoft"),
    ]
    book = GrantBook(read(GrantCounts(total=7, unreadable=1, others=2)), grants)
    connected = ConnectedAccount(account_id="a1", email="liv@fjord.example", sync_state="running")
    own = book.of_tenant(Ownership(["fjord.example"]), {mailbox_key(connected.email): [connected]})
    assert isinstance(own.reading, Read)
    assert own.reading.value == GrantCounts(total=7, unreadable=1, others=4)
    assert own.reading.value.own == 2
    slot = own.of("liv@fjord.example", read([connected]), read(None))
    assert isinstance(slot, Read)
    assert {grant.id for grant in slot.value} == {"own", "cloned"}
    assert own.find(mailbox_key("una@fjell.example"), []) == []


@each_of(
    "said",
    [
        "Cannot read una@fjell.example.",
        'HTTP 500: {"email":"UNA@fjell.example"}',
        "GET /v3/grants?email=una%40fjell.example&limit=200",
        "<una@fjell.example>; una@xn--bcher-kva.example",
    ],
)
def test_a_vendors_words_about_a_list_name_no_address(said: str) -> None:
    trace = Trace(at="2026-11-23T12:00:00+00:00", source="GET /list", what=said)
    masked = nameless(Unread(reason=said, codes=(said,), trace=trace))
    assert masked.trace is not None
    for text in (masked.reason, *masked.codes, masked.trace.what):
        assert "una" not in text.lower()
        assert "(an address)" in text
