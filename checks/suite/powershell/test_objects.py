"""Exports are read as objects: JSON, CSV in any form, or a list. What loses values is refused by its name."""

import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.fixtures.powershell.objects import objects_of
from nylas_readiness.fixtures.powershell.tables import table_of

pytestmark = pytest.mark.offline

ROWS = [{"Name": "Ann", "Boss": None}, {"Name": "Ben; B.", "Boss": "Ann"}]


@each_of(
    "text",
    [
        '#TYPE Selected.System.Object\r\n"Name","Boss"\r\n"Ann",\r\n"Ben; B.","Ann"\r\n',
        'sep=;\n"Name";"Boss"\n"Ann";""\n\n"Ben; B.";"Ann"\n',
        'Name\tBoss\nAnn\t\n"Ben; B."\tAnn',
        "\n\nName : Ann\nBoss : \n\n\nName : Ben;\n       B.\nBoss : Ann\n\n",
    ],
)
def test_rows_are_the_same_in_every_form(text: str) -> None:
    assert objects_of(text) == ROWS


def test_what_was_typed_at_the_prompt_is_no_object() -> None:
    typed = "PS C:\\Users\\ann> Get-It | ConvertTo-Json\r\n"
    assert objects_of(f'{typed}{{"Name":"Ann\u2028PS x> y"}}\r\n{typed}') == {"Name": "Ann\u2028PS x> y"}
    assert objects_of(f"{typed}\r\nName : Ann\r\nBoss :\r\n\r\n{typed}") == [ROWS[0]]


def test_json_is_read_as_it_is() -> None:
    assert objects_of(' [{"Name": null}] ') == [{"Name": None}]


@each_of(
    ("text", "why"),
    [
        ("", "it is empty"),
        ("  \n", "it is empty"),
        ("Dear Sir", "neither JSON"),
        ("Name\nAnn\n", "neither JSON"),
        ('"Name","Boss"\n', "neither JSON"),
        ('[{"Name": "An', "truncated"),
        ("Name Boss\n---- ----\nAnn", "a table for the screen"),
        ("<Objs Version='1.1.0.1'>", "CliXml"),
        ("#< CLIXML\n<Objs", "CliXml"),
        ("Name,Boss\nAnn\n", "its row 1 has 1 columns where the header has 2"),
        (f'"Name","Boss"\n"Ann","{"x" * 140_000}"\n', "not CSV"),
    ],
)
def test_a_text_without_objects_is_refused_by_its_name(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        objects_of(text)


def test_any_text_is_objects_or_a_value_error() -> None:
    from nylas_readiness.fixtures.strategies.profile import given, st

    @given(st.text(alphabet='ab ,;:"\n\r\t-{}[]#', max_size=60))
    def holds(text: str) -> None:
        try:
            objects_of(text)
        except ValueError:
            return

    holds()


def test_a_table_without_a_line_has_no_names_and_no_rows() -> None:
    names, rows = table_of([])
    assert (names, list(rows)) == ([], [])
