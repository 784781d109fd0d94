"""What CFG-001 and CFG-002 conclude of the tenant file and of the accounts file."""

from pathlib import Path

import pytest

from nylas_readiness.checks.outcome import Status
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.evidence_samples import decided, read, setup_with, tenant_with
from nylas_readiness.fixtures.evidence.model import AccountCounts
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
