"""The exceptions file: what it may say, and one line for everything that it may not."""

from datetime import date
from pathlib import Path

import pytest

from nylas_readiness.checks.catalogue import catalogue
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.fixtures.inputs import exceptions
from nylas_readiness.fixtures.inputs.errors import UsageProblem
from nylas_readiness.fixtures.inputs.exceptions import AcceptedFinding, read_exceptions

pytestmark = pytest.mark.offline

GOOD = {
    "rule": '"ACC-007"',
    "account": '"room-*@contoso.com"',
    "owner": '"jane@contoso.com"',
    "reason": '"Rooms are cut over last."',
    "expires": "2027-01-31",
}


def entry(**changed: str | None) -> str:
    """Return one entry; a key that is None is left out."""
    lines = [f"{key} = {value}" for key, value in {**GOOD, **changed}.items() if value is not None]
    return "\n".join(["[[exception]]", *lines, ""])


def read(folder: Path, content: str | bytes) -> list[AcceptedFinding]:
    path = folder / "accepted.toml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_exceptions(path)


def test_entries_are_read_in_their_order(tmp_path: Path) -> None:
    first, second = read(tmp_path, entry() + entry(rule='"ENT-002"', account=None, expires='"2027-02-28"'))
    assert first == AcceptedFinding(
        rule="ACC-007",
        account="room-*@contoso.com",
        owner="jane@contoso.com",
        reason="Rooms are cut over last.",
        expires=date(2027, 1, 31),
    )
    assert (second.rule, second.account, second.expires) == ("ENT-002", None, date(2027, 2, 28))


def test_an_empty_file_accepts_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, "# nothing is accepted\n") == []


def test_a_byte_order_mark_is_no_part_of_it(tmp_path: Path) -> None:
    assert read(tmp_path, f"\ufeff{entry()}") == read(tmp_path, entry())


def test_the_example_in_the_module_is_one(tmp_path: Path) -> None:
    examples = read(tmp_path, str(exceptions.__doc__).partition("\n\n")[2])
    assert [example.kind for example in examples] == ["accepted", "attested"]
    assert {example.rule for example in examples} <= catalogue().keys()


def problem(folder: Path, content: str | bytes) -> str:
    """Return the one line that refuses a file, without the file's name."""
    with pytest.raises(UsageProblem) as caught:
        read(folder, content)
    message = str(caught.value)
    assert message.isprintable()
    assert len(message) < 2500
    assert message.startswith(str(folder / "accepted.toml"))
    return message.removeprefix(str(folder / "accepted.toml"))


@each_of(
    ("content", "said"),
    [
        (b"# \xff", ": the exceptions file is not UTF-8 (byte 2). Name a TOML file in UTF-8"),
        (entry().encode("utf-16"), ": the exceptions file is in UTF-16: save it as UTF-8. Name a TOML file"),
        (entry(rule=f'"{"X" * 100_000}"'), ", exception 1, rule: no rule is called XXXX"),
        (f"{'k' * 100_000} = 1\n", ", kkkk"),
        ("[[exception]\n", ": not TOML: "),
        ("exception = " + "[" * 5000, ": not TOML: "),
        ("x = " + "9" * 5000, ": not TOML: "),
        ('[[exceptions]]\nrule = "ACC-007"\n', ", exceptions: unknown key. Did you mean exception?"),
        ("weather = 1\n", ", weather: unknown key. Begin each entry with [[exception]]"),
        ('[exception]\nrule = "ACC-007"\n', ", exception: it is one table, not a list of them. Begin each"),
        ("exception = [1]\n", ", exception 1: not a table. Begin each entry"),
        (entry(expires="2027-02-30"), ": not TOML: "),
    ],
)
def test_a_file_that_is_none_is_one_line(content: str | bytes, said: str, tmp_path: Path) -> None:
    assert problem(tmp_path, content).startswith(said)


@each_of(
    ("changed", "said"),
    [
        ({"rule": None}, "rule: it is missing. Begin each entry"),
        ({"owner": None}, "owner: it is missing"),
        ({"reason": None}, "reason: it is missing"),
        ({"expires": None}, "expires: it is missing"),
        ({"expiry": "2027-01-31"}, "expiry: unknown key. Did you mean expires?"),
        ({"rule": '"ACC-07"'}, "rule: no rule is called ACC-07. Did you mean ACC-007?"),
        ({"rule": '"acc-007"'}, "rule: no rule is called acc-007. Did you mean ACC-007?"),
        ({"rule": '"weather\\u202e"'}, r"rule: no rule is called weather\u202e. Begin each entry"),
        ({"rule": "7"}, "rule: Expected `str`, got `int`. Write it in quotes"),
        ({"rule": '"API-001"'}, "rule: API-001 is about this suite's own client and in no report. Remove"),
        ({"rule": '"ENT-002"'}, "account: ENT-002 is not decided for accounts. Leave the key out"),
        ({"rule": '"PAY-001"'}, "account: PAY-001 is not decided for accounts"),
        ({"account": '"ann"'}, "account: neither an address nor a pattern. Write such as room-*@contoso.com"),
        ({"account": '""'}, "account: neither an address nor a pattern"),
        ({"account": '["ann@contoso.com"]'}, "account: Expected `str | null`, got `array`"),
        ({"owner": '""'}, "owner: it is empty. Say who"),
        ({"owner": '" \\u200b\\t"'}, "owner: it is empty"),
        ({"reason": '"""\n"""'}, "reason: it is empty. Say why"),
        ({"reason": "true"}, "reason: Expected `str`, got `bool`"),
        (
            {"expires": '"soon"'},
            "expires: Invalid RFC3339 encoded date. Write a date without a time, such as",
        ),
        ({"expires": "2027-01-31T00:00:00Z"}, "expires: Expected `date`, got `datetime`. Write a date"),
        ({"expires": "10:00:00"}, "expires: Expected `date`, got `time`"),
        ({"expires": "2027"}, "expires: Expected `date`, got `int`"),
    ],
)
def test_a_wrong_entry_is_named_by_its_number_and_key(
    changed: dict[str, str | None], said: str, tmp_path: Path
) -> None:
    assert problem(tmp_path, entry() + entry(**changed)).startswith(f", exception 2, {said}")


ATTESTED = {
    "kind": '"attested"',
    "rule": '"MIG-005"',
    "account": None,
    "owner": None,
    "reason": None,
    "who": '"jo@contoso.com"',
    "when": "2026-11-20",
    "evidence": '"PROJ-7"',
}


def test_an_attestation_says_who_looked_when_and_what_shows_it(tmp_path: Path) -> None:
    attested, plain = read(tmp_path, entry(**ATTESTED) + entry(kind='"accepted"'))
    assert (attested.kind, attested.owner, attested.reason) == ("attested", "jo@contoso.com", "PROJ-7")
    assert (attested.attested_on, attested.expires) == (date(2026, 11, 20), date(2027, 1, 31))
    assert (plain.kind, plain.attested_on) == ("accepted", None)


@each_of(
    ("changed", "said"),
    [
        ({"who": None}, "who: it is missing. Give an attestation rule, who, when, evidence and expires"),
        ({"owner": '"jo"'}, "owner: unknown key. Give an attestation"),
        ({"when": None}, "when: it is missing. Give an attestation"),
        ({"evidence": None, "evidance": '"x"'}, "evidance: unknown key. Did you mean evidence?"),
        ({"evidence": '" "'}, "evidence: it is empty. Say what shows it"),
        ({"who": '"\u200b"'}, "who: it is empty. Say who looked"),
        (
            {"when": '"lately"'},
            "when: Invalid RFC3339 encoded date. Write a date without a time, such as when",
        ),
        ({"when": "2027-02-01"}, "when: it is later than expires. Correct one of the two dates"),
        ({"kind": '"atested"'}, "kind: no kind is called atested. Did you mean attested?"),
        ({"rule": '"MIG-05"'}, "rule: no rule is called MIG-05. Did you mean MIG-005?"),
        ({"account": '"ann@contoso.com"'}, "account: MIG-005 is not decided for accounts"),
    ],
)
def test_a_wrong_attestation_is_named_by_its_number_and_key(
    changed: dict[str, str | None], said: str, tmp_path: Path
) -> None:
    assert problem(tmp_path, entry() + entry(**ATTESTED | changed)).startswith(f", exception 2, {said}")


@each_of(
    ("kind", "said"),
    [
        ('"waived"', "kind: no kind is called waived. Write accepted or attested"),
        ("7", "kind: no kind is called 7. Write accepted or attested"),
    ],
)
def test_a_kind_that_is_none_is_named(kind: str, said: str, tmp_path: Path) -> None:
    assert problem(tmp_path, entry(kind=kind)).startswith(f", exception 1, {said}")


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    broken = entry(rule='"ACC-07"', account='"ann"', owner='" "', expires='"soon"')
    misspelt = entry(reasons='"x"', reason=None, expires="2027")
    with pytest.raises(UsageProblem) as caught:
        read(tmp_path, "weather = 1\n" + broken + entry() + misspelt + entry(rule='"ENT-002"', owner=None))
    where = f"{tmp_path / 'accepted.toml'}, "
    lines = str(caught.value).split("\n")
    assert all(line.startswith(where) for line in lines)
    assert [line.removeprefix(where).partition(". ")[0] for line in lines] == [
        "weather: unknown key",
        "exception 1, expires: Invalid RFC3339 encoded date",
        "exception 1, rule: no rule is called ACC-07",
        "exception 1, account: neither an address nor a pattern",
        "exception 1, owner: it is empty",
        "exception 3, reasons: unknown key",
        "exception 3, expires: Expected `date`, got `int`",
        "exception 4, owner: it is missing",
        "exception 4, account: ENT-002 is not decided for accounts",
    ]


def test_a_rule_that_no_check_decides_has_nothing_to_accept(tmp_path: Path) -> None:
    gone = [rule for rule in catalogue().values() if rule.retired or rule.planned]
    assert gone
    for rule in gone:
        said = problem(tmp_path, entry(rule=f'"{rule.id}"', account=None))
        why = "is retired: " if rule.retired else "is decided by no check yet"
        assert said.startswith(f", exception 1, rule: {rule.id} {why}")
        assert said.endswith("Remove the entry")


def test_a_missing_file_and_a_folder_are_one_line(tmp_path: Path) -> None:
    for path, said in ((tmp_path / "missing.toml", "does not exist"), (tmp_path, "is a folder")):
        with pytest.raises(UsageProblem, match=f"the exceptions file {said}. Name a TOML file"):
            read_exceptions(path)


def test_ten_thousand_entries_are_read(tmp_path: Path) -> None:
    assert len(read(tmp_path, entry() * 10_000)) == 10_000
