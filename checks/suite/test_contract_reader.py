"""The tolerant reader: equal to `json.loads` on strict JSON, and safe on hostile text."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nylas_readiness.checks.contract import Context, judge_text
from nylas_readiness.checks.contract.reader import LONGEST_TEXT, read

pytestmark = pytest.mark.offline

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
DOCUMENTS: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


@given(document=DOCUMENTS, ascii_only=st.booleans(), indent=st.none() | st.just(2))
def test_a_strict_text_is_read_as_json_reads_it(
    document: object, *, ascii_only: bool, indent: int | None
) -> None:
    text = json.dumps(document, ensure_ascii=ascii_only, indent=indent)
    reading = read(text)
    assert reading.problems == []
    assert reading.complete
    assert repr(reading.body) == repr(json.loads(text))


def refuse(word: str) -> None:
    raise ValueError(word)


@given(text=st.text(st.sampled_from('{}[]",:0123456789.eE+-tfnrualse \\\n/*#')))
def test_no_text_is_called_strict_that_json_refuses(text: str) -> None:
    reading = read(text)
    if reading.complete and not reading.problems:
        assert repr(json.loads(text, parse_constant=refuse)) == repr(reading.body)
    else:
        assert reading.problems


@given(text=st.text())
def test_any_text_at_all_is_judged_without_an_error(text: str) -> None:
    judgement = judge_text(text, Context())
    assert judgement.violations
    assert all(found.line and found.column for found in judgement.violations)


@given(document=DOCUMENTS)
def test_every_value_is_found_at_its_pointer(document: object) -> None:
    text = json.dumps(document)
    decoder = json.JSONDecoder()
    for pointer, offset in read(text).offsets.items():
        found: Any = document
        for step in pointer.split("/")[1:]:
            name = step.replace("~1", "/").replace("~0", "~")
            found = found[int(name)] if isinstance(found, list) else found[name]
        assert repr(decoder.raw_decode(text, offset)[0]) == repr(found)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 10_000_000,
        "[" * 1_000_000,
        '{"a":' * 200_000,
        "[" + "1," * 150_000,
        "/*" * 500_000,
        "#\n" * 100_000,
        '"' + "\\" * 400_000,
        '"' + '\\"' * 200_000,
        "{" + '"a":1,' * 50_000 + '"a":1}',
        "\ud800" * 100_000,
    ],
    ids=[
        "long",
        "deep array",
        "deep object",
        "array",
        "comment",
        "comments",
        "backslashes",
        "quotes",
        "duplicates",
        "surrogates",
    ],
)
def test_hostile_text_ends_with_a_violation(text: str) -> None:
    assert judge_text(text, Context()).violations[0].rule == "PAY-015"


@pytest.mark.parametrize("number", ["1" * 100_000, "-" + "9" * 5000, "1e999999999"])
def test_a_huge_number_is_a_number(number: str) -> None:
    reading = read(f"[{number}]")
    assert reading.problems == []
    assert reading.body == [float(number)]


def test_text_up_to_the_limit_is_read() -> None:
    text = json.dumps("a" * (LONGEST_TEXT - 2))
    assert read(text).complete
    assert not read(text + " ").complete
