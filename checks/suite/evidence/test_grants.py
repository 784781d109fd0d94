"""The v3 grants by address: however it is spelled, whatever became of it, and however many there are."""

import tracemalloc
from collections.abc import AsyncIterator
from typing import Final, cast

import msgspec
import pytest

from nylas_readiness.checks.contract.addresses import mailbox_key
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.evidence_samples import read
from nylas_readiness.fixtures.clients.errors import Unreachable
from nylas_readiness.fixtures.clients.graph import User
from nylas_readiness.fixtures.clients.nylas_v3 import Grant, NylasV3Client
from nylas_readiness.fixtures.evidence.grants import GrantBook, V2Accounts, read_grants
from nylas_readiness.fixtures.evidence.model import AccountCounts, ConnectedAccount
from nylas_readiness.fixtures.evidence.ownership import Ownership
from nylas_readiness.fixtures.evidence.slots import Absent, Read, Slot, Unread
from nylas_readiness.fixtures.evidence.v3_model import AccountGrant, GrantCounts, Matching
from nylas_readiness.fixtures.inputs.accounts import Account, AccountList

pytestmark = [pytest.mark.offline, pytest.mark.anyio]

NOBODY: Slot[User | None] = Unread(reason="the directory was not read")


def grant(number: int, email: str | None, **given: str) -> AccountGrant:
    plain = AccountGrant(id=f"g{number}", provider="microsoft", status="valid", email=email)
    return msgspec.structs.replace(plain, **given)


ANN: Final[User | None] = User(
    user_principal_name="ann@contoso.onmicrosoft.com",
    mail="ann@contoso.com",
    proxy_addresses=("SMTP:ann@contoso.com", "smtp:A.Smith@contoso.com", "x500:x500-ann@contoso.com"),
)


def book(*grants: AccountGrant) -> GrantBook:
    return GrantBook(read(GrantCounts(total=len(grants))), grants)


def on_v2(*pairs: tuple[str, str]) -> V2Accounts:
    return {
        mailbox_key(email): [ConnectedAccount(account_id=account_id, email=email, sync_state="running")]
        for email, account_id in pairs
    }


def listed(*emails: str) -> AccountList:
    return AccountList(source="accounts.csv", accounts=[Account(email=email) for email in emails])


def matched(found: GrantBook, v2: V2Accounts, *emails: str) -> Matching:
    slot = found.matching(read(AccountCounts(total=len(v2))), v2, listed(*emails), "cred-1")
    assert isinstance(slot, Read)
    return slot.value


def ids_of(found: GrantBook, email: str, *connected: ConnectedAccount) -> list[str]:
    slot = found.of(email, read(list(connected)), NOBODY)
    assert isinstance(slot, Read)
    return [one.id for one in slot.value]


@each_of(
    ("one", "other", "same"),
    [
        ("Ann@Contoso.com", "ann@contoso.COM", True),
        ("ann@bücher.example", "ANN@xn--bcher-kva.example", True),
        ("ann@BÜCHER.example", "ann@bücher.example", True),
        ("Straße@contoso.com", "STRASSE@contoso.com", True),
        (" ann@contoso.com ", "ann@contoso.com", True),
        ("ann@contoso.com", "ann@mail.contoso.com", False),
        ("ann@straße.example", "ann@strasse.example", False),
        ("ann@not..a domain", "ANN@NOT..A DOMAIN", True),
        ("", "@", True),
    ],
)
def test_an_address_is_the_same_in_any_spelling(one: str, other: str, *, same: bool) -> None:
    assert (mailbox_key(one) == mailbox_key(other)) == same


def test_an_accounts_grants_are_those_of_its_address_and_of_its_v2_account() -> None:
    former = grant(2, "ann.old@contoso.com", account_id="v2-ann")
    found = book(grant(1, "ANN@contoso.com"), former, grant(3, "bob@contoso.com"), grant(4, None))
    ann = ConnectedAccount(account_id="v2-ann", email="ann@contoso.com", sync_state="running")
    assert ids_of(found, "ann@contoso.com", ann) == ["g1", "g2"]
    assert ids_of(found, "ann@contoso.com") == ["g1"]
    assert ids_of(found, "nobody@contoso.com") == []


def test_a_grant_that_both_ways_lead_to_is_there_once() -> None:
    ann = ConnectedAccount(account_id="v2-ann", email="ann@contoso.com", sync_state="running")
    assert ids_of(book(grant(1, "ann@contoso.com", account_id="v2-ann")), "ann@contoso.com", ann) == ["g1"]


@each_of(
    ("shown", "ids"),
    [
        ("ANN@contoso.onmicrosoft.com", ["g1"]),
        ("a.smith@contoso.com", ["g1"]),
        ("ann@contoso.com", ["g1"]),
        ("x500-ann@contoso.com", []),
        ("bob@contoso.com", []),
    ],
)
def test_a_grant_is_found_by_every_name_that_the_directory_gives_the_mailbox(
    shown: str, ids: list[str]
) -> None:
    found = book(grant(1, shown))
    slot = found.of("Ann@contoso.com", read([]), read(ANN))
    assert isinstance(slot, Read)
    assert [one.id for one in slot.value] == ids
    matching = matched(found, {}, "Ann@contoso.com")
    assert matching.v3_only.count == 1
    assert (matching.unlisted.count, matching.unknown.count) == ((0, 0) if ids else (1, 1))
    assert matching.renamed.count == 0


def test_a_mailbox_with_a_grant_under_its_user_name_and_a_v2_account_is_on_both() -> None:
    found = book(grant(1, "ann@contoso.onmicrosoft.com"))
    v2 = on_v2(("ann@contoso.com", "v2-ann"))
    before = matched(found, v2, "ann@contoso.com")
    assert (before.both.count, before.v2_only.count, before.v3_only.count) == (0, 1, 1)
    found.of("ann@contoso.com", read([]), read(ANN))
    after = matched(found, v2, "ann@contoso.com")
    assert (after.both.examples, after.v2_only.count, after.v3_only.count) == (["ann@contoso.com"], 0, 0)


def test_a_grant_in_a_foreign_domain_is_ours_where_the_directory_gives_the_name_to_a_mailbox() -> None:
    whole = book(grant(1, "ann@contoso.onmicrosoft.com"), grant(2, "zoe@fabrikam.example"))
    found = whole.of_tenant(Ownership(["contoso.com"]), {})
    assert ids_of(found, "ann@contoso.com") == []
    slot = found.of("ann@contoso.com", read([]), read(ANN))
    assert isinstance(slot, Read)
    assert [one.id for one in slot.value] == ["g1"]
    assert isinstance(found.reading, Read)
    assert found.reading.value.others == 1
    matching = matched(found, {}, "ann@contoso.com")
    assert (matching.v3_only.examples, matching.unlisted.count) == (["ann@contoso.com"], 0)


def test_each_address_is_counted_where_it_belongs() -> None:
    found = book(
        grant(1, "BOTH@contoso.com"),
        grant(2, "three@contoso.com"),
        grant(3, "twice@contoso.com"),
        grant(4, "Twice@contoso.com"),
        grant(5, "former@contoso.com", account_id="v2-renamed"),
        grant(6, "clone@contoso.com", account_id="v2-clone", status="invalid"),
        grant(7, "filled@contoso.com", account_id="v2-filled", status="invalid", credential_id="cred-1"),
    )
    v2 = on_v2(
        ("both@contoso.com", "v2-both"),
        ("two@contoso.com", "v2-two"),
        ("renamed@contoso.com", "v2-renamed"),
        ("clone@contoso.com", "v2-clone"),
        ("filled@contoso.com", "v2-filled"),
    )
    matching = matched(found, v2, "Both@contoso.com", "two@contoso.com", "new@contoso.com")
    assert matching.both.examples == [
        "Both@contoso.com",
        "renamed@contoso.com",
        "clone@contoso.com",
        "filled@contoso.com",
    ]
    assert matching.v2_only.examples == ["two@contoso.com"]
    assert matching.v3_only.examples == ["three@contoso.com", "twice@contoso.com"]
    assert matching.twice.examples == ["twice@contoso.com"]
    assert matching.renamed.examples == ["renamed@contoso.com"]
    assert matching.placeholders.examples == ["clone@contoso.com"]
    assert matching.unlisted.count == 5
    assert matching.unknown.examples == ["new@contoso.com"]


def test_without_v2_every_grant_is_on_v3_alone_and_an_unread_side_is_no_empty_one() -> None:
    found, nobody = book(grant(1, "ann@contoso.com")), listed()
    assert matched(found, {}).v3_only.count == 1
    without = found.matching(Absent("[nylas.v2] is left out"), {}, nobody)
    assert isinstance(without, Read)
    for unread in (Unread(reason="HTTP 500"), Unread(reason="down", cause="NY2-001")):
        assert found.matching(unread, {}, nobody) == unread
        assert GrantBook(unread).matching(read(AccountCounts(total=0)), {}, nobody) == unread
        assert GrantBook(unread).of("ann@contoso.com", read([]), NOBODY) == unread


def test_examples_are_few_and_fit_for_a_report() -> None:
    grants = [grant(number, f"user{number}@contoso.com") for number in range(50)]
    hostile = grant(99, "ann\u202e\n@contoso.com" + "x" * 5000)
    examples = matched(book(hostile, *grants), {}).v3_only
    assert (examples.count, len(examples.examples)) == (51, 20)
    assert all(text.isprintable() and len(text) <= 301 for text in examples.examples)


def test_the_grants_are_the_list_of_accounts_each_address_once() -> None:
    found = book(grant(1, "ann@contoso.com"), grant(2, "ANN@contoso.com"), grant(3, None))
    assert [one.email for one in found.as_list().accounts] == ["ann@contoso.com"]


class Many:
    """A client whose application has this many grants; `breaks`: the connection ends after them."""

    def __init__(self, count: int, *, breaks: bool = False) -> None:
        """Stand in for a `NylasV3Client`."""
        self._count, self._breaks = count, breaks

    async def grants(self) -> AsyncIterator[Grant]:
        """Yield the grants: one in four invalid, one in ten of Google's."""
        for number in range(self._count):
            yield Grant(
                id=f"{number:032}",
                provider="google" if number % 10 == 9 else "microsoft",
                email=f"user{number}@customer{number % 97}.example",
                grant_status="invalid" if number % 4 == 0 else "valid",
            )
        if self._breaks:
            raise Unreachable("no answer", kind="broken", where="GET /v3/grants", action="Run again")


async def test_grants_of_other_providers_are_counted_and_left_alone() -> None:
    found = await read_grants(cast("NylasV3Client", Many(40)))
    assert isinstance(found.reading, Read)
    assert found.reading.value == GrantCounts(total=40, others=4)
    assert len(found.as_list().accounts) == 36


class Told:
    """A client whose application has these grants; None: an entry that is none."""

    def __init__(self, *grants: Grant | None) -> None:
        """Stand in for a `NylasV3Client`."""
        self._grants = grants

    async def grants(self) -> AsyncIterator[Grant | None]:
        """Yield them."""
        for grant in self._grants:
            yield grant


async def test_a_grant_of_no_told_provider_counts_and_an_entry_that_is_none_is_said() -> None:
    untold = Grant(id=7, email="ann@contoso.com", grant_status="valid", account_id=8)
    found = await read_grants(cast("NylasV3Client", Told(untold, None, Grant(id="g", provider="google"))))
    assert isinstance(found.reading, Read)
    assert found.reading.value == GrantCounts(total=3, unreadable=1, others=1)
    assert (
        found.reading.trace.what
        == "1 grants; entries that are no grant: 1; of other customers or providers: 1"
    )
    [kept] = found.find(mailbox_key("Ann@contoso.com"), [])
    assert (kept.id, kept.provider, kept.account_id) == ("7", "", "8")
    assert kept.is_valid


@each_of(
    ("given", "is_placeholder"),
    [
        ({}, True),
        ({"credential_id": "another"}, True),
        ({"credential_id": "cred-1"}, False),
        ({"provider": "ews"}, False),
        ({"provider": ""}, False),
        ({"status": "valid"}, False),
        ({"account_id": None}, False),
    ],
)
async def test_only_an_invalid_clone_on_microsoft_is_a_placeholder(
    given: dict[str, str], is_placeholder: bool
) -> None:
    clone = grant(1, "ann@contoso.com", **({"status": "invalid", "account_id": "v2"} | given))
    assert clone.is_placeholder("cred-1") is is_placeholder


async def test_a_list_that_broke_off_is_no_shorter_list() -> None:
    found = await read_grants(cast("NylasV3Client", Many(40, breaks=True)))
    assert isinstance(found.reading, Unread)
    assert isinstance(found.of("user1@customer1.example", read([]), NOBODY), Unread)


async def test_fifty_thousand_grants_are_read_and_matched_and_none_is_lost() -> None:
    count = 50_000
    emails = [f"USER{number}@customer{number % 97}.example" for number in range(count)]
    found = await read_grants(cast("NylasV3Client", Many(count)))
    matching = matched(found, on_v2(*((email, f"v2-{email}") for email in emails)), *emails)
    assert (matching.both.count, matching.v2_only.count) == (count * 9 // 10, count // 10)
    assert (matching.unlisted.count, matching.unknown.count) == (0, 0)


async def test_a_grant_takes_little_memory() -> None:
    tracemalloc.start()
    found = await read_grants(cast("NylasV3Client", Many(5_000)))
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(found.as_list().accounts) == 4_500
    assert kept < 5_000 * 2_000
