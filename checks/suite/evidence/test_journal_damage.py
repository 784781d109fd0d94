"""A journal is judged as it was written or not at all; a run goes on from what is before the damage."""

import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.evidence_samples import account_with, read, tenant_with
from nylas_readiness.checks.suite.support.journals import plain, sealed_lines, without_seals
from nylas_readiness.fixtures.clients.codes import Unreadable
from nylas_readiness.fixtures.clients.ews import EwsAnswer
from nylas_readiness.fixtures.evidence.journal import RequestCounts, begin
from nylas_readiness.fixtures.evidence.measures import ServiceBudget
from nylas_readiness.fixtures.evidence.model import Mailbox
from nylas_readiness.fixtures.evidence.resumed import InterruptedRun, interrupted_in
from nylas_readiness.fixtures.evidence.saved import Saved
from nylas_readiness.fixtures.evidence.slots import Slot, Unread
from nylas_readiness.fixtures.inputs.errors import UsageProblem

pytestmark = pytest.mark.offline

# How many damaged journals of each kind are read.
DAMAGES = 75
USE = RequestCounts(services={"ews": ServiceBudget(6, 6, 0, 0.0)})


def journal(path: Path, accounts: int = 6, calendar: Slot[EwsAnswer] | None = None) -> Path:
    """Write the whole journal of a run; `calendar`: what its last account's slot holds."""
    answer = EwsAnswer(http_status=200, ok=True, response_code="NoError")
    with begin(path) as writer:
        writer.tenant(tenant_with(account_count=accounts))
        for number in range(accounts):
            own = calendar if calendar and number == accounts - 1 else read(answer)
            user = f"user{number}@contoso.com"
            writer.account(account_with(email=user, calendar=own, mailbox=read(Mailbox(purpose="user"))))
        writer.use(USE)
    return path


class Content(NamedTuple):
    """What a journal says."""

    accounts: list[object]
    tenant: object
    use: object
    is_whole: bool


def content(saved: Saved) -> Content:
    """Return what a saved journal says."""
    return Content([saved.account(email) for email in saved], saved.tenant, saved.use, saved.is_whole)


def changed(text: bytes, chance: random.Random) -> bytes:
    place, byte = chance.randrange(len(text)), chance.randrange(256)
    return text[:place] + bytes([byte]) + text[place + 1 :]


def cut(text: bytes, chance: random.Random) -> bytes:
    return text[: chance.randrange(len(text))]


def swapped(text: bytes, chance: random.Random) -> bytes:
    lines = text.splitlines(keepends=True)
    one, other = chance.sample(range(len(lines)), 2)
    lines[one], lines[other] = lines[other], lines[one]
    return b"".join(lines)


def repeated(text: bytes, chance: random.Random) -> bytes:
    lines = text.splitlines(keepends=True)
    lines.insert(chance.randrange(len(lines)), chance.choice(lines))
    return b"".join(lines)


def left_out(text: bytes, chance: random.Random) -> bytes:
    lines = text.splitlines(keepends=True)
    del lines[chance.randrange(len(lines) - 1)]
    return b"".join(lines)


@each_of("damage", [changed, cut, swapped, repeated, left_out])
def test_a_damaged_journal_is_refused_or_says_the_same_as_the_whole_one(
    tmp_path: Path, damage: Callable[[bytes, random.Random], bytes]
) -> None:
    """What was cut off behind a line, or within the last, is the journal of an interrupted run."""
    whole = journal(tmp_path / "whole")
    text, expected, refused = whole.read_bytes(), content(Saved(whole)), 0
    chance = random.Random(11)  # noqa: S311 -- which places are damaged is no secret
    for number in range(DAMAGES):
        path = tmp_path / f"{number}.journal"
        path.write_bytes(damaged := damage(text, chance))
        if problem := problem_of(path):
            refused += 1
            check_what_is_kept(path, problem, expected)
        elif damaged != text:
            assert damage is cut
            check_is_beginning(content(Saved(path)), expected)
            assert not Saved(path).is_whole
    assert damage is cut or refused > DAMAGES * 0.9


def problem_of(path: Path) -> str | None:
    """Return where a journal is refused, or None."""
    try:
        Saved(path)
    except UsageProblem as problem:
        return problem.where
    return None


def check_what_is_kept(path: Path, where: str, expected: Content) -> None:
    """Check that what a run would keep of a damaged journal is as it was written."""
    begins = where.partition(", line ")[2] in {"", "1"}
    if not begins:
        check_is_beginning(content(Saved(path, keeps_beginning=True)), expected)


def check_is_beginning(content: Content, expected: Content) -> None:
    assert content.accounts == expected.accounts[: len(content.accounts)]
    assert content.tenant in (None, expected.tenant)
    assert content.use in (None, expected.use)


@each_of("end", [b"x", b" ", b"\r", b"}"])
def test_what_stands_in_the_place_of_the_last_line_end_is_damage_and_no_interruption(
    tmp_path: Path, end: bytes
) -> None:
    path = journal(tmp_path / "j")
    path.write_bytes(path.read_bytes()[:-1] + end)
    with pytest.raises(UsageProblem, match="line 9: it is damaged at its end"):
        Saved(path)


@each_of("number", [0, 1, 4, 8])
def test_a_member_that_this_suite_does_not_write_is_refused_in_its_own_journals(
    tmp_path: Path, number: int
) -> None:
    path = journal(tmp_path / "j")
    lines = [plain(line) for line in path.read_bytes().splitlines()]
    lines[number] = lines[number].replace(b'{"type":', b'{"by":"hand","type":', 1)
    for changed_lines in (sealed_lines(lines), without_seals(lines)):
        path.write_bytes(b"".join(changed_lines))
        with pytest.raises(
            UsageProblem, match=rf"line {number + 1}: .* no journal of this suite has: \$\.by"
        ):
            Saved(path)
        path.write_bytes(b"".join(sealed_lines([lines[0].replace(b'"0.', b'"9.'), *lines[1:]])))
        assert Saved(path).is_whole


def test_format_1_is_not_a_way_around_the_seals(tmp_path: Path) -> None:
    path = journal(tmp_path / "j")
    path.write_bytes(path.read_bytes().replace(b'"format":3', b'"format":1'))
    with pytest.raises(UsageProblem, match="line 1: it is damaged"):
        Saved(path)


def test_a_run_goes_on_with_a_journal_without_seals_as_it_is(tmp_path: Path) -> None:
    path = journal(tmp_path / "j")
    path.write_bytes(b"".join(without_seals(path.read_bytes().splitlines())[:5]))
    earlier = InterruptedRun(path)
    assert [limit for limit in earlier.limits() if "without digests" in limit]
    with earlier.open() as writer:
        writer.account(account_with())
        writer.use(USE)
    saved = Saved(path)
    assert (len(saved), saved.seal, saved.is_closed) == (4, None, True)
    earlier.tidy()
    assert (len(Saved(path)), path.read_bytes().count(b"\n")) == (1, 3)


@each_of(
    ("calendar", "goes_on"),
    [
        (None, False),
        (Unread(reason="HTTP 503", code=Unreadable.TROUBLE), True),
        (Unread(reason="a portal answered", code=Unreadable.STRANGER), True),
        (Unread(reason="no permission", code=Unreadable.PERMISSION, permission="Mail.Read"), False),
        (Unread(reason="waits", code=Unreadable.CAUSE, cause="ENT-002"), False),
    ],
)
def test_a_finished_run_is_gone_on_with_where_something_is_worth_asking_again(
    tmp_path: Path, calendar: Slot[EwsAnswer] | None, goes_on: bool
) -> None:
    path = journal(tmp_path / "evidence.journal", calendar=calendar)
    (tmp_path / "results.json").write_bytes(b"{}")
    if goes_on:
        assert interrupted_in(tmp_path) == path
    else:
        with pytest.raises(UsageProblem, match="is finished: everything was read that can be"):
            interrupted_in(tmp_path)


def test_a_run_that_was_ended_before_its_reports_is_gone_on_with(tmp_path: Path) -> None:
    path, reports = journal(tmp_path / "evidence.journal"), tmp_path / "results.json"
    assert interrupted_in(tmp_path) == path
    reports.write_bytes(b"{}")
    os.utime(reports, (1, 1))  # of an earlier reading, which this one has replaced
    assert interrupted_in(tmp_path) == path
    os.utime(path, (0, 0))
    with pytest.raises(UsageProblem, match="is finished"):
        interrupted_in(tmp_path)


def test_a_finished_run_whose_journal_is_damaged_is_gone_on_with(tmp_path: Path) -> None:
    path = journal(tmp_path / "evidence.journal")
    path.write_bytes(path.read_bytes().replace(b'"zlib":"', b'"zlib":"A', 1))
    (tmp_path / "results.json").write_bytes(b"{}")
    assert interrupted_in(tmp_path) == path


class _SecondCtrlCError(BaseException):
    """Ends a write before its line is on the disk."""


def test_nothing_follows_a_record_that_was_not_written_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nylas_readiness.fixtures.evidence import journal as module

    path = tmp_path / "j"
    with begin(path) as writer:
        writer.tenant(tenant_with())
        monkeypatch.setattr(module, "written", _interrupting)
        with pytest.raises(_SecondCtrlCError):
            writer.account(account_with())
        monkeypatch.undo()
        writer.account(account_with(email="ben@contoso.com"))
    assert [*Saved(path)] == []


def _interrupting(_path: object) -> None:
    raise _SecondCtrlCError
