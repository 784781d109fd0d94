"""PAY-015: the text of a body is strict JSON; the other rules judge a tolerant reading."""

import json

import pytest

from nylas_readiness.checks.contract import Context, Judgement, judge, judge_text
from nylas_readiness.checks.suite.support.cases import each_of

pytestmark = [pytest.mark.offline, pytest.mark.rule("PAY-015")]

NOTHING_KNOWN = Context()


def places(judgement: Judgement) -> list[tuple[str, int | None, int | None]]:
    return [(found.rule, found.line, found.column) for found in judgement.violations]


def test_the_strict_text_of_a_valid_body_has_no_violation() -> None:
    from nylas_readiness.fixtures.strategies.payloads import JsonObject, payloads
    from nylas_readiness.fixtures.strategies.profile import given, st

    @given(payload=payloads(), indent=st.none() | st.integers(0, 4), ascii_only=st.booleans())
    def holds(payload: JsonObject, indent: int | None, *, ascii_only: bool) -> None:
        text = json.dumps(payload, indent=indent, ensure_ascii=ascii_only)
        assert judge_text(text, NOTHING_KNOWN) == Judgement(violations=(), readable=True)
        assert judge_text(text.encode(), NOTHING_KNOWN) == Judgement(violations=(), readable=True)

    holds()


def test_a_departure_from_strict_json_is_named_with_its_place() -> None:
    from nylas_readiness.fixtures.strategies.broken_texts import BrokenText, broken_texts
    from nylas_readiness.fixtures.strategies.profile import given

    @given(broken=broken_texts())
    def holds(broken: BrokenText) -> None:
        judgement = judge_text(broken.text, NOTHING_KNOWN)
        strictness = [place for place in places(judgement) if place[0] == "PAY-015"]
        assert strictness[0] == ("PAY-015", broken.line, broken.column)

    holds()


def test_the_other_rules_judge_the_tolerant_reading() -> None:
    from nylas_readiness.fixtures.strategies.broken_texts import BrokenText, broken_texts
    from nylas_readiness.fixtures.strategies.profile import given

    @given(broken=broken_texts())
    def holds(broken: BrokenText) -> None:
        judgement = judge_text(broken.text, NOTHING_KNOWN)
        others = [(found.rule, found.pointer) for found in judgement.violations if found.rule != "PAY-015"]
        assert judgement.readable
        assert others == [(found.rule, found.pointer) for found in judge(broken.reading, NOTHING_KNOWN)]

    holds()


def test_of_a_text_that_cannot_be_read_nothing_else_is_said() -> None:
    from nylas_readiness.fixtures.strategies.broken_texts import unreadable_texts
    from nylas_readiness.fixtures.strategies.profile import given

    @given(text=unreadable_texts())
    def holds(text: str) -> None:
        judgement = judge_text(text, NOTHING_KNOWN)
        assert not judgement.readable
        assert {found.rule for found in judgement.violations} == {"PAY-015"}

    holds()


def test_a_violation_in_a_text_stands_where_its_member_does() -> None:
    from nylas_readiness.fixtures.strategies.broken_payloads import Broken, broken_payloads
    from nylas_readiness.fixtures.strategies.profile import given

    @given(broken=broken_payloads())
    def holds(broken: Broken) -> None:
        context = Context(**broken.known._asdict())
        lines = json.dumps(broken.payload, indent=1).split("\n")
        for found in judge_text("\n".join(lines), context).violations:
            assert found.line is not None
            name = found.pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~")
            holder = found.pointer.split("/")[1] if found.pointer.count("/") > 1 else ""
            assert (
                found.line == 1
                or f'"{name}"' in lines[found.line - 1]
                or f'"{holder}"' in lines[found.line - 1]
            )

    holds()


@each_of(
    ("text", "line", "column"),
    [
        ("", 1, 1),
        ("  \n ", 2, 2),
        ('{"a": NaN}', 1, 7),
        ('{"a": -Infinity}', 1, 7),
        ('{"a": 1 "b": 2}', 1, 9),
        ("{'a': 1}", 1, 2),
        ('{"a": 01}', 1, 8),
        ('{"a": .5}', 1, 7),
        ('{"a": "never closed}', 1, 7),
        ('{"a": tru}', 1, 7),
        ('{"a": 1}\n{"b": 2}', 2, 1),
        ("[1, /* never closed", 1, 5),
        ("\u201ca\u201d", 1, 1),
        ("{\n\u00a0}", 2, 1),
    ],
)
def test_an_error_is_placed_at_its_first_character(text: str, line: int, column: int) -> None:
    assert places(judge_text(text, NOTHING_KNOWN))[0] == ("PAY-015", line, column)


@pytest.mark.parametrize(
    ("data", "column"), [("{}".encode("utf-16"), 1), ('{"a": "é"}'.encode("latin-1"), 8)]
)
def test_bytes_that_are_not_utf_8_are_a_violation_at_the_first_of_them(data: bytes, column: int) -> None:
    judgement = judge_text(data, NOTHING_KNOWN)
    assert not judgement.readable
    assert places(judgement) == [("PAY-015", 1, column)]


@pytest.mark.parametrize(
    "text", ['{"microsoft_client_secret": s3cretvalue}', "{'microsoft_client_secret': 's3cretvalue'}"]
)
def test_a_message_shows_no_more_than_one_character_of_the_text(text: str) -> None:
    [found] = judge_text(text, NOTHING_KNOWN).violations
    assert "s3" not in found.message
