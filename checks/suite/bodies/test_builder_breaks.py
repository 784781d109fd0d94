"""A builder that breaks over one input: a finding that hides nothing; and findings that are made small."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from nylas_readiness.checks.bodies.builder_outcome import BuilderOptions, JudgedBuilder, builder_outcome
from nylas_readiness.checks.bodies.smallest_case import PLAIN
from nylas_readiness.checks.outcome import Status
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.defective_builders import Answering, Function, right
from nylas_readiness.checks.suite.support.hostile_builders import program
from nylas_readiness.fixtures.payloads.errors import BrokenBuilderError
from nylas_readiness.fixtures.payloads.restarts import RestartedBuilder

if TYPE_CHECKING:
    from nylas_readiness.checks.bodies.builder_audit import Audit

pytestmark = pytest.mark.offline

Given = dict[str, Any]


def audited(builder: object, *leaves: str, good: int = 40, bad: int = 60) -> "Audit":
    from nylas_readiness.checks.bodies.builder_audit import audit

    return audit(builder, leaves, good=good, bad=bad)  # type: ignore[arg-type]


def asked(function: Function, *leaves: str, **counts: int) -> "Audit":
    return audited(Answering(function), *leaves, **counts)


def failed(audit: "Audit") -> set[str]:
    judged = JudgedBuilder(audit=audit, replays=dict.fromkeys(audit.found, "pytest …"))
    rules = (f"PAY-{number:03}" for number in range(1, 23))
    return {rule for rule in rules if builder_outcome(rule, judged).status is Status.FAIL}


def test_a_crash_over_bad_inputs_is_no_finding_of_good_ones_and_stops_nothing(tmp_path: Path) -> None:
    does = (
        "sys.exit(3) if given.get('eas_server_host') in ('', 1) else answer(payload=build(given) | {'x': 1})"
    )
    with RestartedBuilder(
        program(tmp_path, f"try: {does}\n    except ValueError as e: right()"), 20
    ) as builder:
        audit = audited(builder)
    assert audit.broken is None
    assert failed(audit) == {"PAY-008", "PAY-018"}
    case = audit.found["PAY-018"]
    assert case.fields == ("eas_server_host",)
    assert "ended with exit code 3 before it answered; expected a refusal that names eas_server_host" in str(
        case.violation_of("PAY-018")
    )


def test_a_crash_over_a_good_input_is_pay_021_with_the_smallest_input(tmp_path: Path) -> None:
    does = "sys.exit('too many') if len(given.get('aliases') or []) > 1 else right()"
    with RestartedBuilder(program(tmp_path, does), 20) as builder:
        audit = audited(builder, bad=11)
    assert failed(audit) >= {"PAY-021"}
    case = audit.found["PAY-021"]
    assert len(case.given["aliases"]) == 2
    assert {name: case.given[name] for name in ("name", "redirect_uri")} == {
        "name": PLAIN["name"],
        "redirect_uri": PLAIN["redirect_uri"],
    }
    assert "too many" in getattr(case.answer, "stderr", "")


def test_a_builder_that_breaks_again_and_again_is_not_asked_on(tmp_path: Path) -> None:
    with RestartedBuilder(program(tmp_path, "sys.exit(3)"), 20) as builder:
        for _ in range(20):
            builder.ask({})
        with pytest.raises(BrokenBuilderError, match="case 21: the builder ended with exit code 3"):
            builder.ask({})


def test_a_callable_that_raises_is_asked_on_in_the_same_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = (
        "asked = []\ndef build(given):\n    asked.append(1)\n    return {'a': {'n': len(asked)}}[given['k']]"
    )
    (tmp_path / "mine.py").write_text(counts, "utf-8")
    monkeypatch.chdir(tmp_path)
    with RestartedBuilder("mine:build", 20) as builder:
        assert "raised KeyError" in getattr(builder.ask({"k": "b"}), "reason", "")
        assert '"n": 2' in getattr(builder.ask({"k": "a"}), "text", "").replace('":2', '": 2')


def fixed_scopes(given: Given) -> Given:
    return right({**given, "scopes": ["calendar"]})


def without_host(given: Given) -> Given:
    return right({**given, "eas_server_host": None})


@each_of(
    ("function", "left", "rules"),
    [
        (fixed_scopes, "scopes", {"PAY-018", "PAY-020"}),
        (without_host, "eas_server_host", {"PAY-018", "PAY-020"}),
    ],
)
def test_what_a_builder_fixes_on_purpose_can_be_declared(
    function: Function, left: str, rules: set[str]
) -> None:
    assert failed(asked(function, bad=200)) == rules
    assert failed(asked(function, left, bad=200)) == set()


def test_scopes_that_a_builder_fixes_are_judged_all_the_same() -> None:
    def fixed_mail(given: Given) -> Given:
        return right({**given, "scopes": ["calendar"]}) | {"scopes": "email"}

    assert failed(asked(fixed_mail, "scopes")) == {"PAY-006"}


def test_a_refusal_that_is_missing_is_shown_with_the_fault_alone() -> None:
    def takes_any_host(given: Given) -> Given:
        host = given.get("eas_server_host")
        body = right({**given, "eas_server_host": None})
        return body | {"settings": body["settings"] | ({"eas_server_host": host} if host is not None else {})}

    case = asked(takes_any_host, bad=200).found["PAY-018"]
    assert case.fields == ("eas_server_host",)
    assert {name: value for name, value in case.given.items() if PLAIN[name] != value}.keys() == {
        "eas_server_host"
    }


@each_of(
    ("is_wrong", "name", "value"),
    [
        (lambda given: len(given["microsoft_refresh_token"]) > 255, "microsoft_refresh_token", 256),
        (lambda given: not given["name"].isascii(), "name", 1),
        (lambda given: len(given["scopes"]) > 2, "scopes", 3),
    ],
)
def test_a_finding_has_no_more_of_a_value_than_it_takes(
    is_wrong: Callable[[Given], bool], name: str, value: int
) -> None:
    def fails(given: Given) -> Given:
        return right(given) | ({"provider": "eas"} if is_wrong(given) else {})

    case = asked(fails, good=120, bad=11).found["PAY-002"]
    assert len(case.given[name]) == value
    assert {one for one in PLAIN if case.given[one] != PLAIN[one]} == {name}


def test_the_number_of_inputs_is_told_while_they_are_asked() -> None:
    from nylas_readiness.checks.bodies.builder_audit import audit

    told: list[tuple[int, int]] = []
    audit(Answering(right), (), good=10, bad=11, tell=lambda done, total: told.append((done, total)))
    assert told[0] == (1, 21)
    assert told[-1][0] >= 20


def test_the_replay_names_what_is_left() -> None:
    options = BuilderOptions(spec="a:b", leaves=("scopes", "eas_server_host"))
    assert "--builder-leaves scopes,eas_server_host" in options.replay(Path("r.json"))
