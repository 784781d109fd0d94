"""Which tenants a fleet has, and which of them are told as wrong and not audited."""

import os
import sys
from pathlib import Path

import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.fixtures.inputs.errors import UsageProblem
from nylas_readiness.fixtures.run.fleet.members import (
    Member,
    in_share,
    members_of,
    own_file,
    own_files,
    without_doubles,
)
from nylas_readiness.fixtures.run.folder import folder_name

pytestmark = pytest.mark.offline

V3 = """
[tenant]
name = "{name}"
{more}
[nylas.v3]
client_id = "0f7a1c9e"
api_key = "env:NYLAS_V3_KEY"
"""
ID = "3f1a6c5e-5b0d-4a63-9f0e-6f9c0f4f7a11"


def tenant_file(folder: Path, name: str, more: str = "", stem: str | None = None) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"{stem or name}.toml"
    path.write_text(V3.format(name=name, more=more), "utf-8")
    return path


def fleet_of(*given: Path | str) -> list[Member]:
    """Return the members that these values of `--tenant` name; a folder ends in a slash."""
    tenants = (f"{each}/" if isinstance(each, Path) and each.is_dir() else str(each) for each in given)
    return without_doubles(member for each in tenants for member in members_of(each, Path()))


def test_a_folders_tenant_files_are_the_members_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("wharf", "anchor", "mast"):
        tenant_file(tmp_path / "fleet", name)
    (tmp_path / "fleet" / "pyproject.toml").write_text("[project]\nname = 'x'\n", "utf-8")
    (tmp_path / "fleet" / "_defaults.toml").write_text("[nylas.v3]\nregion = 'eu'\n", "utf-8")
    members = fleet_of(tmp_path / "fleet")
    assert [member.name for member in members] == ["anchor", "mast", "wharf"]
    assert [member.problem for member in members] == [None, None, None]


def test_folders_files_and_scenarios_are_mixed_and_what_is_given_twice_is_audited_once(
    tmp_path: Path,
) -> None:
    lone = tenant_file(tmp_path, "lone")
    anchor = tenant_file(tmp_path / "fleet", "anchor")
    members = fleet_of("sandbox:default", lone, tmp_path / "fleet", str(anchor.parent / anchor.name))
    assert [member.name for member in members] == ["sandbox:default", "lone", "anchor"]


@each_of("text", ["", "[project]\nname = 'x'\n"])
def test_a_folder_without_a_tenant_file_is_a_usage_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "fleet").mkdir(exist_ok=True)
    if text:
        (tmp_path / "fleet" / "other.toml").write_text(text, "utf-8")
    with pytest.raises(
        UsageProblem, match=r"no tenant file is in this folder.* put paths of checks before it"
    ):
        fleet_of(tmp_path / "fleet")


def test_broken_defaults_are_told_once_for_all(tmp_path: Path) -> None:
    tenant_file(tmp_path / "fleet", "anchor")
    (tmp_path / "fleet" / "_defaults.toml").write_text("[nylas", "utf-8")
    with pytest.raises(UsageProblem, match=r"_defaults\.toml: not TOML"):
        fleet_of(tmp_path / "fleet")


def test_a_broken_file_is_told_and_the_others_are_members(tmp_path: Path) -> None:
    tenant_file(tmp_path / "fleet", "anchor")
    tenant_file(tmp_path / "fleet", "mast", more='colour = "red"')
    (tmp_path / "fleet" / "wharf.toml").write_text("[tenant", "utf-8")
    anchor, mast, wharf = fleet_of(tmp_path / "fleet")
    assert anchor.problem is None
    assert mast.problem
    assert "mast.toml, tenant.colour: unknown key" in mast.problem
    assert wharf.problem
    assert "wharf.toml: not TOML" in wharf.problem


@each_of(
    ("first", "second", "shared"),
    [
        (("anchor", ""), ("Anchor", ""), "the tenant's name anchor"),
        (("anchor", f'id = "{ID}"'), ("mast", f'id = "{ID.upper()}"'), f"the tenant id {ID}"),
        (
            ("anchor", '[accounts]\ndomains = ["a.example", "b.example"]'),
            ("mast", '[accounts]\ndomains = ["B.example"]'),
            "the domain b.example",
        ),
        (
            ("anchor", '[accounts]\ndomains = ["sea.example"]'),
            ("mast", '[service_account]\nemail = "svc@sea.example"'),
            "the domain sea.example",
        ),
    ],
)
def test_two_files_of_one_tenant_are_both_named_and_neither_is_audited(
    tmp_path: Path, first: tuple[str, str], second: tuple[str, str], shared: str
) -> None:
    files = [tenant_file(tmp_path, *first, stem="first"), tenant_file(tmp_path, *second, stem="second")]
    other = tenant_file(tmp_path, "other", '[accounts]\ndomains = ["other.example"]')
    problems = [member.problem for member in fleet_of(*files, other)]
    assert problems[2] is None
    for problem in problems[:2]:
        assert problem
        assert all(str(path) in problem for path in files)
        assert f"have {shared} in common" in problem


def test_one_list_is_not_two_tenants(tmp_path: Path) -> None:
    """A copied tenant file names the other's list: each report would show the other's accounts."""
    (tmp_path / "fleet" / "lists").mkdir(parents=True)
    for name, path in (
        ("anchor", "people.csv"),
        ("mast", "lists/../people.csv"),
        ("oar", "lists/people.csv"),
    ):
        tenant_file(tmp_path / "fleet", name, f'[accounts]\nfile = "{path}"')
    anchor, mast, oar = (member.problem for member in fleet_of(tmp_path / "fleet"))
    assert f"have the list of accounts {tmp_path / 'fleet' / 'people.csv'} in common" in str(anchor)
    assert (mast, oar) == (anchor, None)


def test_domains_of_the_accounts_stand_for_that_of_the_service_account(tmp_path: Path) -> None:
    account = '[service_account]\nemail = "svc@partner.example"\n[accounts]\ndomains = ["{}.example"]'
    files = [tenant_file(tmp_path, name, account.format(name)) for name in ("anchor", "mast")]
    assert [member.problem for member in fleet_of(*files)] == [None, None]


@each_of("name", ["letters", "LOGS", "roster.json", "Summary.md"])
def test_a_name_that_a_fleets_own_folder_has_is_told(tmp_path: Path, name: str) -> None:
    [member] = fleet_of(tenant_file(tmp_path, name, stem="customer"))
    assert member.problem
    assert f"a fleet has {name} of its own" in member.problem


@each_of(
    ("one", "other"), [("大阪", "東京"), ("Ångström", "Öngström"), ("a" * 300, "a" * 301), ("CON", "tenant")]
)
def test_names_in_any_script_and_of_any_length_are_folders_of_their_own(
    tmp_path: Path, one: str, other: str
) -> None:
    members = fleet_of(
        *(tenant_file(tmp_path, name, stem=f"t{place}") for place, name in enumerate((one, other)))
    )
    assert [member.problem for member in members] == [None, None]
    for member in members:
        (tmp_path / "out" / f"{member.folder}.log").mkdir(parents=True)
        assert folder_name(member.folder) == member.folder


def test_one_name_in_two_spellings_is_one_tenants(tmp_path: Path) -> None:
    spellings = ("Mo\u0308ller Straße", "M\u00f6ller STRASSE")
    members = fleet_of(*(tenant_file(tmp_path, name, stem=f"t{n}") for n, name in enumerate(spellings)))
    assert all("in common" in str(member.problem) for member in members)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has file names of any bytes")
def test_a_file_may_be_called_by_any_bytes(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"\xff\n\x1b[31m::error::.toml")
    path.write_text("[tenant\n", "utf-8")
    [member] = members_of(f"{tmp_path}/", tmp_path)
    assert str(member.problem).encode().startswith(bytes(tmp_path))
    for text in (member.name, member.file):
        assert text.encode()
        assert not {"\n", "\x1b"} & {*text}


@each_of("count", [1, 2, 3, 7])
def test_each_tenant_is_in_one_share_whatever_the_others_are(count: int) -> None:
    members = [Member(name=f"tenant {number}", tenant="", file=str(number)) for number in range(60)]
    shares = [in_share(members, place, count) for place in range(1, count + 1)]
    assert sorted(int(member.file) for share in shares for member in share) == [*range(60)]
    assert in_share(members[:30], 1, count) == [member for member in shares[0] if member in members[:30]]
    assert all(shares)


def test_a_members_own_file_is_called_after_the_tenant_or_its_file(tmp_path: Path) -> None:
    for name in ("Anchor Ltd", "mast", "stranger"):
        (tmp_path / f"{name}.csv").touch()
    files = own_files(tmp_path, ".csv")
    by_name = Member(name="Anchor Ltd", tenant="t/a.toml", file="t/a.toml")
    by_file = Member(name="Mast Holdings", tenant="t/mast.toml", file="t/mast.toml")
    neither = Member(name="Wharf", tenant="t/w.toml", file="t/w.toml")
    assert own_file(files, by_name) == tmp_path / "Anchor Ltd.csv"
    assert own_file(files, by_file) == tmp_path / "mast.csv"
    assert own_file(files, neither) is None
