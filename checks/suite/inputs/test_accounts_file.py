"""An accounts file is read line by line: a bad line costs that line only, and is named by its number."""

import codecs
import time
from pathlib import Path

import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.fixtures.inputs import accounts
from nylas_readiness.fixtures.inputs.accounts import Account, AccountList, ListFormat, read_accounts
from nylas_readiness.fixtures.inputs.errors import UsageProblem
from nylas_readiness.fixtures.inputs.spreadsheet import Encoding

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
    read = accounts_in(tmp_path, newline.join(lines))
    assert [(account.email, account.name) for account in read.accounts] == [
        ("ann@contoso.com", "Lund, Ann"),
        ("bob@contoso.com", None),
    ]
    assert not read.bad_lines


@each_of(
    ("line", "what"),
    [
        ("not-an-address,x", "@-sign"),
        ("a@b@c.example,x", "invalid characters"),
        ("Ann <ann@contoso.com>,x", "display name"),
        (",x", "no address"),
        ("ann@contoso.com,x,y", "more cells than the header has"),
        ('"ann@contoso.com,x', "not CSV: a quote does not end"),
        ('"ann"@contoso.com,x', "not CSV"),
        ("x" * 200_000, "not CSV: field larger"),
    ],
)
def test_a_bad_line_costs_that_line_only_and_is_named_by_its_number(
    tmp_path: Path, line: str, what: str
) -> None:
    read = accounts_in(tmp_path, f"email,name\nbob@contoso.com\n{line}\neve@contoso.com\n")
    assert [account.email for account in read.accounts] == ["bob@contoso.com", "eve@contoso.com"]
    [bad] = read.bad_lines
    assert bad.startswith("line 3: ")
    assert what in bad


def test_an_address_given_again_in_any_case_is_kept_once_and_named(tmp_path: Path) -> None:
    read = accounts_in(
        tmp_path, "email,name\nann@contoso.com,first\nbob@contoso.com\nANN@contoso.com,second\n"
    )
    assert [(account.email, account.name) for account in read.accounts] == [
        ("ann@contoso.com", "first"),
        ("bob@contoso.com", None),
    ]
    assert read.duplicates == ["line 4: ANN@contoso.com again"]


@each_of(
    ("header", "what"),
    [
        ("", "line 2: an address stands where the header should"),
        ("ann@contoso.com;Ann", "line 1: an address stands where the header should"),
        ("adresse;nom", "line 1: no column `email`, or more than one; the columns are adresse, nom"),
        ("email,Email", "line 1: no column `email`, or more than one; the columns are email, Email"),
        ('"email,name', "line 1: no column `email`, or more than one; the columns are not to be read"),
    ],
)
def test_a_file_without_an_email_column_is_refused_with_the_header_to_write(
    tmp_path: Path, header: str, what: str
) -> None:
    with pytest.raises(UsageProblem) as refusal:
        accounts_in(tmp_path, f"{header}\nann@contoso.com\n")
    assert str(refusal.value).endswith(
        f"accounts.csv, {what}. Begin with `email`, or with `email,name,eas_server_host`"
    )


@each_of(
    ("content", "what"),
    [
        ("", "is empty"),
        ("\n ; ;\n\n", "is empty"),
        ("sep=;\n", "is empty"),
        (b"PK\x03\x04\x14\x00", "is an Excel workbook or another archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "is an Excel workbook"),
        (b"%PDF-1.7\n", "is a PDF document"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "is binary, not text"),
        ("email\nann@contoso.com".encode("utf-16-le"), "is binary, or in UTF-16 without its mark"),
        (b"email\nann\x81@contoso.com\n", r"is neither UTF-8 nor Windows-1252 \(byte 9\)"),
        (codecs.BOM_UTF16_LE + b"e\0m\0\x00\xd8", "is damaged UTF-16"),
    ],
)
def test_a_file_that_is_no_list_is_called_by_its_name(
    tmp_path: Path, content: str | bytes, what: str
) -> None:
    with pytest.raises(UsageProblem, match=rf"csv: the accounts file {what}.* Save the list as CSV"):
        accounts_in(tmp_path, content)


def test_a_file_without_an_end_is_not_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "LONGEST", 2 * 1024**2)
    with pytest.raises(UsageProblem, match=r"the accounts file is longer than 2 MiB\. Save"):
        accounts_in(tmp_path, "email\n" + "ann@contoso.com\n" * 150_000)


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="does not exist"):
        read_accounts(tmp_path / "missing.csv")
    with pytest.raises(UsageProblem, match="is a folder"):
        read_accounts(tmp_path)


@pytest.mark.parametrize(
    ("delimiter", "word"),
    [(",", "comma"), (";", "semicolon"), ("\t", "tab")],
    ids=["comma", "semicolon", "tab"],
)
@each_of(
    ("encoding", "shown"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("cp1252", "Windows-1252"),
    ],
)
def test_every_delimiter_and_encoding_is_read_and_named(
    tmp_path: Path, encoding: str, shown: Encoding, delimiter: str, word: str
) -> None:
    rows = [["Name", "E-Mail"], ["Björn Åberg", "bjorn@contoso.com"], ["", ""], ["Zoë", "zoe@contoso.com"]]
    text = "\r\n".join(delimiter.join(row) for row in rows)
    mark = codecs.BOM_UTF16_BE if encoding == "utf-16-be" else b""
    read = accounts_in(tmp_path, mark + text.encode(encoding))
    assert read.accounts == [
        Account(email="bjorn@contoso.com", name="Björn Åberg"),
        Account(email="zoe@contoso.com", name="Zoë"),
    ]
    assert read.format == ListFormat(encoding=shown, delimiter=word, column="E-Mail")


@each_of(
    ("header", "column"),
    [
        ("EMail", "EMail"),
        ("E-mail Address,Display name", "E-mail Address"),
        ("DisplayName,UserPrincipalName", "UserPrincipalName"),
        ("UserPrincipalName,Mail", "Mail"),
        ("mail,Email,mail", "Email"),
        ("Primary SMTP Address", "Primary SMTP Address"),
        ("WindowsEmailAddress,UPN", "WindowsEmailAddress"),
        ('"PrimarySmtpAddress","Title"', "PrimarySmtpAddress"),
    ],
)
def test_the_column_of_addresses_has_many_names(tmp_path: Path, header: str, column: str) -> None:
    names = [name.strip('"') for name in header.split(",")]
    row = ",".join(f"{name.partition(' ')[0].lower()}@contoso.com" for name in names)
    read = accounts_in(tmp_path, f"{header}\n{row}\n")
    assert [account.email for account in read.accounts] == [f"{column.partition(' ')[0].lower()}@contoso.com"]
    assert read.format is not None
    assert read.format.column == column


@each_of(
    "before",
    [
        "sep=;",
        '"sep=;"',
        "SEP=;;;",
        "#TYPE Selected.Microsoft.Exchange.Data.Directory.Management.Mailbox",
        "#TYPE Microsoft.ActiveDirectory.Management.ADUser\nsep=;\n;;;",
    ],
)
def test_lines_before_the_header_are_no_header(tmp_path: Path, before: str) -> None:
    read = accounts_in(tmp_path, f'{before}\n"Mail";"Name"\n"ann@contoso.com";"Lund, Ann"\nbob\n')
    assert read.accounts == [Account(email="ann@contoso.com", name="Lund, Ann")]
    number = before.count("\n") + 4
    [bad] = read.bad_lines
    assert bad.startswith(f"line {number}: ")


def test_a_delimiter_that_the_file_names_is_believed_where_it_fits(tmp_path: Path) -> None:
    piped = accounts_in(tmp_path, "sep=|\nemail|name\nann@contoso.com|Ann, Lund; B\n")
    assert piped.accounts == [Account(email="ann@contoso.com", name="Ann, Lund; B")]
    wrong = accounts_in(tmp_path, "sep=|\nname;email\nAnn;ann@contoso.com\n")
    assert wrong.accounts == [Account(email="ann@contoso.com", name="Ann")]
    assert [read.format.delimiter for read in (piped, wrong) if read.format] == ["|", "semicolon"]


def test_rows_without_a_word_cost_nothing(tmp_path: Path) -> None:
    rows = ["email,name,", ",,", ",", ";;;", "\t\t", '"",""', "  ", "ann@contoso.com,Ann,,,,", '" ",']
    read = accounts_in(tmp_path, "\n".join(rows))
    assert (read.accounts, read.bad_lines) == ([Account(email="ann@contoso.com", name="Ann")], [])


def test_a_quoted_cell_may_have_line_breaks(tmp_path: Path) -> None:
    text = 'name,email,note\n"Ann\r\nLund",ann@contoso.com,"Room 1\n""B""\n2nd floor"\n,not-an-address\n'
    read = accounts_in(tmp_path, text)
    assert read.accounts == [Account(email="ann@contoso.com", name="Ann Lund")]
    [bad] = read.bad_lines
    assert bad.startswith("line 6: ")


def test_a_quote_left_open_swallows_no_account(tmp_path: Path) -> None:
    rows = [
        "email,name",
        'ann@contoso.com,"Ann',
        'bob@contoso.com,Bob"',
        'eve@contoso.com,"Eve',
        "of",
        "sales",
    ]
    read = accounts_in(tmp_path, "\n".join([*rows, *["x"] * 30]))
    assert [account.email for account in read.accounts] == ["bob@contoso.com"]
    assert [bad.partition(": ")[0] for bad in read.bad_lines[:3]] == ["line 2", "line 4", "line 5"]
    assert read.bad_lines[0] == "line 2: not CSV: a quote does not end"


def test_no_line_whatever_is_in_it_hides_the_lines_around_it(tmp_path: Path) -> None:
    from nylas_readiness.fixtures.strategies.profile import given, st

    characters = st.sampled_from('",;@ a\t\x00') | st.characters(
        exclude_categories=["Cs"], exclude_characters="\r\n"
    )

    @given(st.lists(st.text(characters, max_size=12), max_size=4))
    def holds(lines: list[str]) -> None:
        read = accounts_in(tmp_path, "\n".join(["email", "ann@contoso.com", *lines, "bob@contoso.com"]))
        emails = [account.email for account in read.accounts]
        assert (emails[0], emails[-1]) == ("ann@contoso.com", "bob@contoso.com")
        told = len(emails) + len(read.bad_lines) + len(read.duplicates)
        with_text = sum(any(not (c.isspace() or c in '",;') for c in line) for line in lines)
        assert 2 + with_text <= told <= 2 + len(lines)

    holds()


def test_thousands_of_open_quotes_are_read_in_a_moment(tmp_path: Path) -> None:
    begun = time.monotonic()
    read = accounts_in(tmp_path, "email,name\n" + 'x,"y\n' * 10_000)
    assert len(read.bad_lines) == 10_000
    assert time.monotonic() - begun < 5
