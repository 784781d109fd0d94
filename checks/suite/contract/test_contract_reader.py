"""The tolerant reader: equal to `json.loads` on strict JSON, and safe on hostile text."""

import json
from typing import TYPE_CHECKING, Any

import pytest

from nylas_readiness.checks.contract import Context, judge_text
from nylas_readiness.checks.contract.reader import LONGEST_TEXT, read, value_of
from nylas_readiness.checks.suite.support.cases import each_of

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

pytestmark = pytest.mark.offline


def documents() -> "SearchStrategy[Any]":
    from nylas_readiness.fixtures.strategies.profile import st

    texts = st.text(st.characters(exclude_categories=["Cs"]))
    numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    return st.recursive(
        st.none() | st.booleans() | numbers | texts,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
        max_leaves=20,
    )


def test_a_strict_text_is_read_as_json_reads_it() -> None:
    from nylas_readiness.fixtures.strategies.profile import given, st

    @given(document=documents(), ascii_only=st.booleans(), indent=st.none() | st.just(2))
    def holds(document: object, *, ascii_only: bool, indent: int | None) -> None:
        text = json.dumps(document, ensure_ascii=ascii_only, indent=indent)
        reading = read(text)
        assert reading.problems == []
        assert reading.complete
        assert repr(reading.body) == repr(json.loads(text))

    holds()


def refuse(word: str) -> None:
    raise ValueError(word)


def test_no_text_is_called_strict_that_json_refuses() -> None:
    from nylas_readiness.fixtures.strategies.profile import given, st

    @given(text=st.text(st.sampled_from('{}[]",:0123456789.eE+-tfnrualse \\\n/*#')))
    def holds(text: str) -> None:
        reading = read(text)
        if reading.complete and not reading.problems:
            assert repr(json.loads(text, parse_constant=refuse)) == repr(reading.body)
        else:
            assert reading.problems

    holds()


def test_the_fast_reading_says_what_the_slow_one_says_or_nothing() -> None:
    from nylas_readiness.fixtures.strategies.profile import given, st

    pieces = [
        "{",
        "}",
        "[",
        "]",
        '"',
        ",",
        ":",
        "\\u",
        "d83d",
        "de00",
        "dc00",
        "0",
        "1e5",
        "true",
        "NaN",
        " ",
        "#",
    ]
    nearly = st.lists(st.sampled_from([*pieces, '"a":1', "{}", "\ufeff", "é"])).map("".join)
    strict = documents().map(json.dumps)

    @given(text=st.text() | nearly | strict)
    def holds(text: str) -> None:
        try:
            value = value_of(text)
        except ValueError:
            return
        assert read(text).problems == []
        assert repr(read(text).body) == repr(value)

    holds()


@each_of("text", ['{"a": [1, "é", null]}', "[" * 64 + "]" * 64, '{"\\u00e9": -0.5e3}'])
def test_a_strict_text_is_read_fast(text: str) -> None:
    assert value_of(text) == json.loads(text)


@each_of(
    "text", ['{"a":1,"a":1}', "[NaN]", '"\\ud83d"', '"\ud83d"', "\ufeff1", "[1,]", "[" * 65 + "]" * 65, "1 2"]
)
def test_what_may_not_be_strict_is_left_to_the_slow_reading(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        value_of(text)


def test_any_text_at_all_is_judged_without_an_error() -> None:
    from nylas_readiness.fixtures.strategies.profile import given, st

    @given(text=st.text())
    def holds(text: str) -> None:
        judgement = judge_text(text, Context())
        assert judgement.violations
        assert all(found.line and found.column for found in judgement.violations)

    holds()


def test_every_value_is_found_at_its_pointer() -> None:
    from nylas_readiness.fixtures.strategies.profile import given

    @given(document=documents())
    def holds(document: object) -> None:
        text = json.dumps(document)
        decoder = json.JSONDecoder()
        for pointer, offset in read(text).offsets.items():
            found: Any = document
            for step in pointer.split("/")[1:]:
                name = step.replace("~1", "/").replace("~0", "~")
                found = found[int(name)] if isinstance(found, list) else found[name]
            assert repr(decoder.raw_decode(text, offset)[0]) == repr(found)

    holds()


HOSTILE: dict[str, tuple[str, str, int, str]] = {
    "long": ("", "[", 10_000_000, ""),
    "deep array": ("", "[", 1_000_000, ""),
    "deep object": ("", '{"a":', 200_000, ""),
    "array": ("[", "1,", 150_000, ""),
    "comment": ("", "/*", 500_000, ""),
    "comments": ("", "#\n", 100_000, ""),
    "backslashes": ('"', "\\", 400_000, ""),
    "quotes": ('"', '\\"', 200_000, ""),
    "duplicates": ("{", '"a":1,', 50_000, '"a":1}'),
    "surrogates": ("", "\ud800", 100_000, ""),
}


@each_of(("start", "unit", "times", "end"), list(HOSTILE.values()))
def test_hostile_text_ends_with_a_violation(start: str, unit: str, times: int, end: str) -> None:
    assert judge_text(start + unit * times + end, Context()).violations[0].rule == "PAY-015"


@pytest.mark.parametrize("number", ["1" * 100_000, "-" + "9" * 5000, "1e999999999"])
def test_a_huge_number_is_a_number(number: str) -> None:
    reading = read(f"[{number}]")
    assert reading.problems == []
    assert reading.body == [float(number)]


def test_text_up_to_the_limit_is_read() -> None:
    text = json.dumps("a" * (LONGEST_TEXT - 2))
    assert read(text).complete
    assert not read(text + " ").complete
