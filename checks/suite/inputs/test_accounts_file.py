"""An accounts file is read line by line: a bad line costs that line only, and is named by its number."""

from pathlib import Path

import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.fixtures.inputs.accounts import Account, AccountList, read_accounts
from nylas_readiness.fixtures.inputs.errors import UsageProblem

pytestmark = pytest.mark.offline


def accounts_in(folder: Path, content: str | bytes) -> AccountList:
    path = folder / "accounts.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_accounts(path)


def test_the_columns_are_found_by_name_in_any_order_and_case(tmp_path: Path) -> None:
    header = "EAS_server_host, Name ,department,email"
    lines = [header, "eas.contoso.com,Ann,Sales, ann@contoso.com ", ",,,bob@contoso.com"]
    assert accounts_in(tmp_path, "\n".join(lines)).accounts == [
        Account(email="ann@contoso.com", name="Ann", eas_server_host="eas.contoso.com"),
        Account(email="bob@contoso.com"),
    ]


@each_of("newline", ["\n", "\r\n", "\r"])
def test_line_ends_a_byte_order_mark_quotes_and_blank_lines_are_no_errors(
    tmp_path: Path, newline: str
) -> None:
    lines = ["\ufeffemail,name", "", 'ann@contoso.com,"Lund, Ann"', "   ", "bob@contoso.com", ""]
    found = accounts_in(tmp_path, newline.join(lines))
    assert [(one.email, one.name) for one in found.accounts] == [
        ("ann@contoso.com", "Lund, Ann"),
        ("bob@contoso.com", None),
    ]
    assert not found.bad_lines


@each_of(
    ("line", "what"),
    [
        ("not-an-address,x", "@-sign"),
        ("a@b@c.example,x", "invalid characters"),
        ("Ann <ann@contoso.com>,x", "display name"),
        (",x", "no address"),
        ("ann@contoso.com,x,y", "more cells than the header has"),
        ('"ann@contoso.com,x', "not CSV: unexpected end of data"),
        ('"ann"@contoso.com,x', "not CSV"),
        ("x" * 200_000, "not CSV: field larger"),
    ],
)
def test_a_bad_line_costs_that_line_only_and_is_named_by_its_number(
    tmp_path: Path, line: str, what: str
) -> None:
    found = accounts_in(tmp_path, f"email,name\nbob@contoso.com\n{line}\neve@contoso.com\n")
    assert [one.email for one in found.accounts] == ["bob@contoso.com", "eve@contoso.com"]
    [bad] = found.bad_lines
    assert bad.startswith("line 3: ")
    assert what in bad


def test_an_address_given_again_in_any_case_is_kept_once_and_named(tmp_path: Path) -> None:
    found = accounts_in(
        tmp_path, "email,name\nann@contoso.com,first\nbob@contoso.com\nANN@contoso.com,second\n"
    )
    assert [(one.email, one.name) for one in found.accounts] == [
        ("ann@contoso.com", "first"),
        ("bob@contoso.com", None),
    ]
    assert found.duplicates == ["line 4: ANN@contoso.com again"]


@each_of("header", ["", "mail,name", "email;name", "email,email", '"email,name', "ann@contoso.com"])
def test_a_file_without_an_email_column_is_refused_with_the_header_to_write(
    tmp_path: Path, header: str
) -> None:
    with pytest.raises(
        UsageProblem, match=r"accounts\.csv, line 1: no column `email`.*email,name"
    ) as refusal:
        accounts_in(tmp_path, f"{header}\nann@contoso.com\n")
    assert str(refusal.value).isprintable()


@each_of(
    ("content", "what"),
    [
        ("email\nann@contoso.com\n".encode("utf-16"), "in UTF-16: save it as UTF-8"),
        (b"email\nann\xe9@contoso.com\n", r"not UTF-8 \(byte \d+\)"),
    ],
)
def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path, content: bytes, what: str) -> None:
    with pytest.raises(UsageProblem, match=rf"accounts\.csv: the accounts file is {what}"):
        accounts_in(tmp_path, content)


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="does not exist"):
        read_accounts(tmp_path / "missing.csv")
    with pytest.raises(UsageProblem, match="is a folder"):
        read_accounts(tmp_path)


def test_no_line_whatever_is_in_it_hides_the_lines_around_it(tmp_path: Path) -> None:
    from nylas_readiness.fixtures.strategies.profile import given, st

    characters = st.sampled_from('",;@ a\t\x00') | st.characters(
        exclude_categories=["Cs"], exclude_characters="\r\n"
    )

    @given(st.lists(st.text(characters, max_size=12), max_size=4))
    def holds(lines: list[str]) -> None:
        found = accounts_in(tmp_path, "\n".join(["email", "ann@contoso.com", *lines, "bob@contoso.com"]))
        emails = [one.email for one in found.accounts]
        assert (emails[0], emails[-1]) == ("ann@contoso.com", "bob@contoso.com")
        told = len(emails) + len(found.bad_lines) + len(found.duplicates)
        assert told == 2 + sum(bool(line.strip()) for line in lines)

    holds()
