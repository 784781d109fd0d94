"""What CFG-001 and CFG-002 conclude of the tenant file and of the accounts file."""

from pathlib import Path

import pytest

from nylas_readiness.checks.outcome import Status
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.evidence_samples import decided, read, setup_with, tenant_with
from nylas_readiness.fixtures.evidence.model import AccountCounts, Origin, OwnDomains
from nylas_readiness.fixtures.evidence.slots import Absent, Slot, Unread
from nylas_readiness.fixtures.evidence.v3_model import GrantCounts
from nylas_readiness.fixtures.inputs.accounts import read_accounts

pytestmark = pytest.mark.offline


@each_of(
    ("keys", "sides", "named"),
    [
        (["nylas.v3.api_key"], ("v3",), ["(for v3)"]),
        (["microsoft.refresh_token", "nylas.v2.client_secret"], ("v2",), ["(for v2)", "(for v2)"]),
        (["directory.client_secret"], ("v2", "v3"), ["(for v2 and v3)"]),
        (
            ["nylas.v3.microsoft_client_secret", "microsoft.client_secret"],
            ("v2", "v3"),
            ["(for v3)", "(for v2)"],
        ),
    ],
)
def test_an_unresolved_reference_counts_for_the_sides_that_it_serves(
    keys: list[str], sides: tuple[str, ...], named: list[str]
) -> None:
    setup = setup_with(
        sides=("v2", "v3"), unresolved={key: f"{key}: the variable is not set" for key in keys}
    )
    outcome = decided("CFG-001", tenant=tenant_with(setup=setup))
    assert (outcome.status, outcome.sides) == (Status.FAIL, sides)
    told = outcome.observed.split("; ")
    assert told == [f"{key}: the variable is not set {sides}" for key, sides in zip(keys, named, strict=True)]


def test_the_directorys_secret_serves_the_one_side_that_is_audited() -> None:
    setup = setup_with(sides=("v3",), unresolved={"directory.certificate": "no such file"})
    outcome = decided("CFG-001", tenant=tenant_with(setup=setup))
    assert (outcome.sides, outcome.observed) == (("v3",), "no such file (for v3)")


@each_of(
    ("content", "status", "observed"),
    [
        (
            b"email\nann@contoso.com\n",
            Status.PASS,
            "1 accounts from list.csv (addresses from the column email; comma between cells; UTF-8)",
        ),
        (
            "Name;E-Mail\nZo\xeb;zoe@contoso.com\n".encode("cp1252"),
            Status.PASS,
            (
                "1 accounts from list.csv (addresses from the column E-Mail; semicolon between cells; "
                "Windows-1252, as it is not UTF-8: names may be misread)"
            ),
        ),
        (
            "UPN\tName\nann@contoso.com\tAnn\nANN@contoso.com\tAnn\n".encode("utf-16"),
            Status.WARN,
            (
                "list.csv: line 3: ANN@contoso.com again (kept once) (addresses from the column UPN; "
                "tab between cells; UTF-16)"
            ),
        ),
        (
            b"mail\nann@contoso.com\n,x\nann@contoso.com\n",
            Status.FAIL,
            (
                "list.csv: line 3: more cells than the header has; line 4: ann@contoso.com again (kept once) "
                "(addresses from the column mail; comma between cells; UTF-8)"
            ),
        ),
        (
            b"email\n",
            Status.FAIL,
            "list.csv has no account (addresses from the column email; comma between cells; UTF-8)",
        ),
    ],
)
def test_what_was_read_of_the_accounts_file_is_named(
    tmp_path: Path, content: bytes, status: Status, observed: str
) -> None:
    (tmp_path / "list.csv").write_bytes(content)
    accounts = read_accounts(tmp_path / "list.csv", "list.csv")
    tenant = tenant_with(
        list_source=accounts.source,
        account_count=len(accounts.accounts),
        bad_lines=accounts.bad_lines,
        duplicates=accounts.duplicates,
        list_format=accounts.format,
        nylas_inventory=read(AccountCounts(total=0)),
    )
    outcome = decided("CFG-002", tenant=tenant)
    assert (outcome.status, outcome.observed) == (status, observed)


def owned(origin: Origin | None, *, has_list: bool = False) -> Slot[OwnDomains]:
    return read(OwnDomains(names=["fjell.example", "fjord.example"], origin=origin, has_list=has_list))


LOST = Unread(reason="HTTP 503")
ABSENT = Absent("[nylas.v2] is left out")


@each_of(
    ("domains", "v2", "v3", "status", "observed"),
    [
        (owned("directory"), AccountCounts(total=9, others=4), 2, "pass", "4 accounts of v2, 2 grants of v3"),
        (owned("directory"), AccountCounts(total=9), 0, "pass", "not the tenant's: none"),
        (owned("tenant file"), AccountCounts(total=0, others=1), 0, "pass", "(by the tenant file)"),
        (owned("service account"), AccountCounts(total=9), 0, "pass", "fjell.example, fjord.example"),
        (owned("service account"), AccountCounts(total=9, others=1), 0, "warn", "in other domains"),
        (
            owned("service account", has_list=True),
            AccountCounts(total=9, others=1),
            0,
            "pass",
            "the 9 accounts of list;",
        ),
        (owned("directory", has_list=True), LOST, 0, "pass", "accounts of v2 were not read"),
        (owned("directory"), LOST, 0, "unknown", "HTTP 503"),
        (owned("directory"), ABSENT, 5, "pass", "not the tenant's: 5 grants of v3"),
        (LOST, AccountCounts(total=9), 0, "unknown", "HTTP 503"),
    ],
)
def test_whose_accounts_were_audited_is_said_and_the_others_are_counted(
    domains: Slot[OwnDomains],
    v2: AccountCounts | Unread | Absent,
    v3: int,
    status: str,
    observed: str,
) -> None:
    tenant = tenant_with(
        own_domains=domains,
        list_source="list",
        account_count=9,
        nylas_inventory=read(v2) if isinstance(v2, AccountCounts) else v2,
        v3_grants=read(GrantCounts(total=14, others=v3)),
    )
    outcome = decided("CFG-006", tenant=tenant)
    assert outcome.status == status
    assert observed in outcome.observed


def test_an_application_that_has_only_other_customers_accounts_says_so() -> None:
    counts = read(AccountCounts(total=0, others=3))
    tenant = tenant_with(account_count=0, list_source="the Nylas v2 application", nylas_inventory=counts)
    outcome = decided("CFG-002", tenant=tenant)
    assert outcome.observed == "the Nylas v2 application has no account of the tenant's"
