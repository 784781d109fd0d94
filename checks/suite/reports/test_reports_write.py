"""The artefact on disk: its schema, its bytes, and the worklist."""

import csv
import hashlib
import io
import json
import re
from pathlib import Path

import msgspec
import pytest

from nylas_readiness.checks.outcome import fail, passed, warn
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.log_samples import LOGS
from nylas_readiness.checks.suite.support.report_samples import audited, judged_bodies
from nylas_readiness.fixtures.evidence.measures import LogSpan
from nylas_readiness.fixtures.secrets import Secret
from nylas_readiness.reports import schema
from nylas_readiness.reports.model import Results
from nylas_readiness.reports.stream import ResultsStream, encode
from nylas_readiness.reports.worklist import cell, render
from nylas_readiness.reports.write import CannotWriteError, write_all

pytestmark = pytest.mark.offline


VIEWS = ["results.json", "readiness.html", "accounts.csv"]
LETTERS = [f"letters/{owner}.{kind}" for owner in ("tenant-admin", "integrator") for kind in ("html", "md")]
LAST = ["summary.md", "SHA256SUMS"]


@pytest.fixture(scope="module")
def small() -> Results:
    return audited(
        {"ENT-002": passed("redeemed"), "MIG-003": warn("in 129 days")},
        {"ann@contoso.com": {}, "anna@contoso.com": {"ACC-002": fail("alias of ann@contoso.com")}},
        "ACC-002",
    )


def test_the_published_schema_is_the_one_that_the_types_describe() -> None:
    assert json.loads(schema.published()) == schema.schema(), "run: python -m nylas_readiness.reports.schema"


def test_every_kind_of_artefact_is_valid(small: Results) -> None:
    schema.validate(encode(small))
    schema.validate(encode(judged_bodies({"PAY-001": fail("/name: blank")})))


@each_of(
    ("path", "value"),
    [
        (("rules", 0, "status"), "passed"),
        (("verdict", "v2"), "maybe"),
        (("accounts", 0, "order"), "first"),
        (("run", "complete"), None),
        (("counts", "fail"), 0.5),
        (("deadlines",), {}),
    ],
)
def test_the_schema_refuses_another_shape(small: Results, path: tuple[str | int, ...], value: object) -> None:
    document = json.loads(encode(small))
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    from fastjsonschema import JsonSchemaException

    with pytest.raises(JsonSchemaException):
        schema.validate(json.dumps(document).encode())


@each_of("member", ["tenant", "run", "verdict", "rules", "accounts", "planned", "budget"])
def test_the_schema_misses_every_member(small: Results, member: str) -> None:
    document = json.loads(encode(small))
    del document[member]
    from fastjsonschema import JsonSchemaException

    with pytest.raises(JsonSchemaException, match=member):
        schema.validate(json.dumps(document).encode())


def test_the_artefact_has_the_published_names(small: Results) -> None:
    document = json.loads(encode(small))
    assert document["schema"].endswith("/results/2")
    assert document["tenant"] == {
        "name": "contoso",
        "id": "8f0c0000-0000-4000-8000-000000000000",
        "kind": "sandbox",
    }
    assert document["accounts"][1] == {
        "email": "anna@contoso.com",
        "verdict": {"v2": "blocked", "v3": "not-assessed"},
        "next": {
            "action": "Use the primary address instead of the alias.",
            "owner": "integrator",
            "kind": "mend",
            "rule": "ACC-002",
            "step": None,
        },
        "order": 1,
        "stage": "not-assessed",
        "eas_server_host": None,
        "findings": {
            "ACC-002": {
                "status": "fail",
                "observed": "alias of ann@contoso.com",
                "reason": None,
                "cause": None,
                "code": None,
                "waiver": None,
            }
        },
    }


def test_an_audit_leaves_the_artefact_and_its_views(small: Results, tmp_path: Path) -> None:
    folder = tmp_path / "made" / "with parents"
    written, problems = write_all(small, folder)
    assert problems == []
    assert [path.relative_to(folder).as_posix() for path in written] == [*VIEWS, *LETTERS, *LAST]
    assert {path for path in folder.rglob("*") if path.is_file()} == set(written)
    assert msgspec.json.decode(written[0].read_bytes(), type=Results) == small


def test_equal_results_give_equal_bytes(small: Results, tmp_path: Path) -> None:
    once, again = (write_all(small, tmp_path / name).paths for name in ("once", "again"))
    assert [path.read_bytes() for path in once] == [path.read_bytes() for path in again]


@each_of("accounts", [0, 1, 3])
def test_the_streamed_artefact_is_that_of_one_piece(accounts: int) -> None:
    found = {f"user{n}@contoso.com": {"ACC-002": fail('"accounts": []\n')} for n in range(accounts)}
    results = audited({"ENT-002": passed("redeemed")}, found)
    stream = ResultsStream(results)
    text = b"".join(stream.pieces())
    assert text == msgspec.json.format(msgspec.json.encode(results), indent=2) + b"\n"
    assert stream.read == results


def test_equal_parts_of_accounts_are_in_memory_once() -> None:
    found = {f"user{n}@contoso.com": {"ACC-002": fail("an alias")} for n in range(3)}
    stream = ResultsStream(audited({}, found))
    list(stream.pieces())
    assert len({id(account.findings["ACC-002"]) for account in stream.read.accounts}) == 1


def test_an_account_that_breaks_the_schema_leaves_no_file(small: Results, tmp_path: Path) -> None:
    from fastjsonschema import JsonSchemaException

    odd = msgspec.structs.replace(small.accounts[1], order="first")
    results = msgspec.structs.replace(small, accounts=[small.accounts[0], odd])
    with pytest.raises(JsonSchemaException, match="order"):
        write_all(results, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_payload_run_leaves_no_worklist_of_an_earlier_run(small: Results, tmp_path: Path) -> None:
    write_all(small, tmp_path)
    write_all(judged_bodies({"PAY-001": passed("ok")}), tmp_path)
    left = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {"results.json", "readiness.html", "SHA256SUMS"}


def test_the_sums_are_those_of_the_files_beside_them(small: Results, tmp_path: Path) -> None:
    written, _ = write_all(small, tmp_path)
    lines = [line.split("  ") for line in (tmp_path / "SHA256SUMS").read_text("utf-8").splitlines()]
    assert [name for _, name in lines] == [*VIEWS, *LETTERS, "summary.md"]
    assert [path.relative_to(tmp_path).as_posix() for path in written[:-1]] == [name for _, name in lines]
    for digest, name in lines:
        assert hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() == digest


def test_a_letter_of_an_earlier_run_in_the_folder_does_not_stay(small: Results, tmp_path: Path) -> None:
    write_all(small, tmp_path)
    write_all(audited({"ENT-002": passed("redeemed")}), tmp_path)
    assert not list((tmp_path / "letters").iterdir())


def test_a_folder_that_is_a_file_is_named_with_what_to_do(small: Results, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("not a folder")
    with pytest.raises(CannotWriteError, match=r"taken.results\.json: .*--report-dir"):
        write_all(small, taken)


def test_a_report_that_cannot_be_replaced_leaves_no_half_file(small: Results, tmp_path: Path) -> None:
    (tmp_path / "readiness.html").mkdir()
    written, [problem] = write_all(small, tmp_path)
    assert re.search(r"readiness\.html: .*--report-dir", problem)
    names = [path.relative_to(tmp_path).as_posix() for path in written]
    assert names == ["results.json", "accounts.csv", *LETTERS, *LAST]
    assert not [path for path in tmp_path.rglob("*") if path.name.endswith(".part")]


@each_of("edited", [{"span_hours": 0}, {"hours": [LogSpan("no time", 1, 0, 5, 5)]}])
def test_a_view_that_cannot_be_drawn_costs_itself_only(
    small: Results, tmp_path: Path, edited: dict[str, object]
) -> None:
    """Such as of a journal whose logs were edited by hand; no view of an earlier run stands for it."""
    write_all(small, tmp_path)
    odd = msgspec.structs.replace(small, logs=msgspec.structs.replace(LOGS, **edited))
    written, [problem] = write_all(odd, tmp_path)
    assert problem.startswith(f"{tmp_path / 'readiness.html'}: the report cannot be drawn (")
    assert "no time" not in problem
    assert "readiness.html" not in {path.name for path in tmp_path.iterdir()}
    assert written[0].name == "results.json"
    assert "accounts.csv" in {path.name for path in written}


def test_the_worklist_begins_with_what_is_to_be_done_first(small: Results) -> None:
    rows = list(csv.DictReader(io.StringIO(render(small), newline="")))
    assert list(rows[0])[:6] == ["email", "v2", "v3", "next_action", "owner", "order"]
    assert [row["email"] for row in rows] == ["anna@contoso.com", "ann@contoso.com"]
    assert rows[0]["findings"] == "ACC-002 fail: alias of ann@contoso.com"
    assert rows[1]["next_action"] == "Move to a Nylas v3 grant."
    assert not render(small).startswith("\ufeff")


@each_of("start", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "\uff1d", "\uff20"])
def test_a_cell_is_never_a_formula(start: str) -> None:
    assert cell(f"{start}cmd|' /C calc'!A0").startswith("'")


def test_whatever_a_finding_says_the_worklist_keeps_its_shape() -> None:
    from nylas_readiness.fixtures.strategies.profile import given, st

    @given(st.text(), st.emails())
    def holds(said: str, email: str) -> None:
        results = audited({}, {email: {"ACC-002": fail(said)}})
        [row] = csv.DictReader(io.StringIO(render(results), newline=""), strict=True)
        assert row["email"] in {email, f"'{email}"}
        assert row["order"] == "1"
        assert "\n" not in row["findings"]

    holds()


def test_a_planted_secret_is_in_no_file(tmp_path: Path) -> None:
    planted = [Secret(value) for value in ("q~Secret/with+signs=", 'quo"ted\\secret', "ge<heim>&\u00e4")]
    said = " ".join(secret.reveal() for secret in planted)
    results = audited(
        {"ENT-002": fail(said, expected=said, remedy=said)}, {"ann@contoso.com": {"ACC-002": fail(said)}}
    )
    for path in write_all(results, tmp_path).paths:
        text = path.read_text("utf-8")
        assert "«secret»" in text.replace("\\", "") or path.name == "SHA256SUMS"
        for part in ("q~Secret", "ted\\", "secret'", "heim", "signs"):
            assert part not in text, f"{part} in {path.name}"
