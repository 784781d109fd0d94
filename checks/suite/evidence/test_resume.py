"""--resume: what an interrupted audit read of accounts is kept, and only the rest is asked for."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.evidence_samples import setup_with, tenant_with
from nylas_readiness.checks.suite.support.journals import plain, sealed_lines, without_seals
from nylas_readiness.fixtures.evidence.collect import Limits, collect
from nylas_readiness.fixtures.evidence.journal import Evidence, RequestCounts, begin
from nylas_readiness.fixtures.evidence.measures import ServiceBudget
from nylas_readiness.fixtures.evidence.resumed import InterruptedRun
from nylas_readiness.fixtures.evidence.saved import Saved
from nylas_readiness.fixtures.evidence.slots import Read, Unread
from nylas_readiness.fixtures.inputs.accounts import Account, AccountList
from nylas_readiness.fixtures.inputs.errors import UsageProblem
from nylas_readiness.fixtures.inputs.tenant import load
from nylas_readiness.fixtures.run.subject import listed
from nylas_readiness.fixtures.secrets import forgotten_afterwards

if TYPE_CHECKING:
    from nylas_readiness.fixtures.sandbox.server import Sandbox

pytestmark = pytest.mark.offline

Progress = Callable[[int, int], None]

# Of whose mailbox the scenario's Graph makes a bad gateway each time: there is nothing to keep.
UNANSWERED = {"elif.kaya@halden.example"}
# How many of the company's accounts are audited: enough for a run to be cut short in their middle.
ACCOUNTS = 16


def quiet(_done: int, _total: int) -> None:
    """Show nothing."""


class Audits:
    """Audits of one sandbox into one journal, each with the secrets and options of the moment."""

    def __init__(self, sandbox: "Sandbox", journal: Path) -> None:
        """`sandbox` is running."""
        self.sandbox, self.journal = sandbox, journal
        self.tenant_file = sandbox.tenant_file

    def read(
        self,
        *,
        resume: bool = False,
        accounts: AccountList | None = None,
        progress: Progress = quiet,
        lacking: str = "",
        **limits: Any,  # noqa: ANN401 -- those of `Limits`
    ) -> "Evidence":
        """Read the tenant; `lacking`: whose secret is not set."""
        secrets = {name: value for name, value in self.sandbox.secrets.items() if name != lacking}
        tenant = load(self.tenant_file, secrets)
        self.sandbox.requests.clear()
        journal = InterruptedRun(self.journal) if resume else self.journal
        bounds = Limits(**({"concurrency": 8} | limits))
        return collect(tenant, accounts or listed(tenant), bounds, journal, progress)

    def asked(self, part: str) -> Counter[str]:
        """Return how often each path with this part was asked for since the last audit began."""
        return Counter({path: count for (_, _, path), count in self.sandbox.requests.items() if part in path})


@contextmanager
def company(folder: Path) -> "Iterator[Sandbox]":
    """Run the sandbox of a company that is on its way to v3."""
    from nylas_readiness.fixtures.sandbox.server import start

    with forgotten_afterwards(), start("migration", folder) as sandbox:
        path = sandbox.tenant_file.with_name("accounts.csv")
        header, *rows = path.read_text("utf-8").splitlines(keepends=True)
        unanswered = [row for row in rows if row.partition(",")[0] in UNANSWERED]
        path.write_text("".join([header, *rows[: ACCOUNTS - len(unanswered)], *unanswered]), "utf-8")
        yield sandbox
        assert not sandbox.errors


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Sandbox]":
    """Return the sandbox of those who only read it."""
    with company(tmp_path_factory.mktemp("company")) as sandbox:
        yield sandbox


@pytest.fixture
def audits(sandbox: "Sandbox", tmp_path: Path) -> Audits:
    """Return audits that only read, with a place for their journal."""
    return Audits(sandbox, tmp_path / "evidence.journal")


@pytest.fixture
def connecting(tmp_path: Path) -> Iterator[Audits]:
    """Return audits that may connect accounts: of a sandbox of their own."""
    with company(tmp_path) as sandbox:
        yield Audits(sandbox, tmp_path / "evidence.journal")


class Whole(NamedTuple):
    """A run that was not interrupted: its journal, what it comes to, and its accounts in their order."""

    journal: bytes
    expected: dict[str, Any]
    emails: list[str]


@pytest.fixture(scope="module")
def whole(sandbox: "Sandbox", tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """Return what a run over the whole company leaves."""
    audits = Audits(sandbox, tmp_path_factory.mktemp("whole") / "evidence.journal")
    evidence = audits.read()
    return Whole(audits.journal.read_bytes(), judged(evidence), emails(evidence))


def judged(evidence: "Evidence") -> dict[str, Any]:
    """Return what every rule and account came to, without what two runs count or time apart."""
    from nylas_readiness.checks.suite.support import harness

    ledger = harness.judge(evidence)
    rules = {rule: outcome.status for rule, outcome in ledger.outcomes.items()}
    accounts = {rule: one.counts for rule, one in ledger.tally.rules.items()}
    return {"rules": rules, "accounts": accounts, "findings": statuses(ledger.findings())}


def statuses(findings: Any) -> dict[str, dict[str, str]]:  # noqa: ANN401 -- a mapping of mappings
    return {email: {rule: one.status for rule, one in found.items()} for email, found in findings.items()}


def emails(evidence: "Evidence") -> list[str]:
    return [account.email for account in evidence.accounts()]


def autodiscovered(audits: Audits) -> int:
    return len(audits.asked("autodiscover"))


def test_a_run_goes_on_where_the_bound_stopped_the_one_before(audits: Audits, whole: Whole) -> None:
    cut = audits.read(max_requests=66)
    assert not cut.is_whole
    assert judged(cut) != whole.expected
    again = audits.read(resume=True)
    assert again.is_whole
    assert (judged(again), emails(again)) == (whole.expected, whole.emails)
    assert 0 < autodiscovered(audits) < len(whole.emails)


def test_bounded_runs_come_to_an_end_one_after_another(audits: Audits, whole: Whole) -> None:
    evidence, runs = audits.read(max_requests=58), 1
    while not evidence.is_whole:
        evidence, runs = audits.read(resume=True, max_requests=58), runs + 1
        assert runs < 10
    assert runs > 2
    assert judged(evidence) == whole.expected
    use = evidence.budget["outlook"]
    assert use.predicted >= use.sent >= 2 * len(emails(evidence))


class _Killed(BaseException):
    """Ends a run as a signal does."""


def after(count: int) -> Progress:
    """Return a progress that ends the run after so many accounts."""

    def progress(done: int, _total: int) -> None:
        if done > count:
            raise _Killed

    return progress


def test_what_was_written_before_the_run_was_killed_is_kept_and_not_asked_for_again(
    audits: Audits, whole: Whole
) -> None:
    with pytest.raises(_Killed):
        audits.read(progress=after(8))
    written = [json.loads(plain(line)) for line in audits.journal.read_bytes().splitlines()]
    read = [record["evidence"]["email"] for record in written if record["type"] == "account"]
    assert 8 < len(read) < len(whole.emails)
    assert judged(audits.read(resume=True)) == whole.expected
    assert {email for email in read if audits.asked(email)} <= UNANSWERED


def test_a_run_that_goes_on_and_is_killed_too_loses_nothing(audits: Audits, whole: Whole) -> None:
    with pytest.raises(_Killed):
        audits.read(progress=after(8))
    before = audits.journal.read_bytes()
    for _ in range(2):
        with pytest.raises(_Killed):
            audits.read(resume=True, progress=after(2))
        assert audits.journal.read_bytes().startswith(before)
    again = audits.read(resume=True)
    assert judged(again) == whole.expected
    assert len(audits.journal.read_bytes().splitlines()) == len(emails(again)) + 3


@each_of("place", [120, 5_000, 40_000, -5_000, -1])
def test_a_journal_may_be_torn_at_any_byte(audits: Audits, whole: Whole, place: int) -> None:
    audits.journal.write_bytes(whole.journal[:place])
    again = audits.read(resume=True)
    assert again.is_whole
    assert judged(again) == whole.expected


def test_what_is_before_a_damaged_line_is_kept(audits: Audits, whole: Whole) -> None:
    lines = whole.journal.splitlines(keepends=True)
    audits.journal.write_bytes(
        b"".join([*lines[:9], lines[9].replace(b'"zlib":"', b'"zlib":"A', 1), *lines[10:]])
    )
    kept = InterruptedRun(audits.journal)
    assert f"{audits.journal}, line 10: it is damaged" in "".join(kept.limits())
    assert kept.count == 7
    again = audits.read(resume=True)
    assert (judged(again), emails(again)) == (whole.expected, whole.emails)
    assert not {email for email in whole.emails[:7] if audits.asked(email)} - UNANSWERED
    assert Saved(audits.journal).is_whole


def in_format_1(lines: list[bytes]) -> list[bytes]:
    return without_seals(lines)


def in_format_2(lines: list[bytes]) -> list[bytes]:
    start, *records = lines
    return sealed_lines([json.loads(plain(start)) | {"format": 2, "suite": "0.9"}, *records])


@pytest.mark.parametrize("older", [in_format_1, in_format_2])
def test_a_run_goes_on_with_the_journal_of_an_older_suite(
    audits: Audits, whole: Whole, older: Callable[[list[bytes]], list[bytes]]
) -> None:
    """Its new records are packed under the old first line, and all are read as they were written."""
    begun = older(whole.journal.splitlines()[: 2 + ACCOUNTS // 2])
    audits.journal.write_bytes(b"".join(begun))
    again = audits.read(resume=True)
    assert (judged(again), emails(again)) == (whole.expected, whole.emails)
    assert 0 < autodiscovered(audits) <= ACCOUNTS // 2 + len(UNANSWERED)
    first, *_ = written = audits.journal.read_bytes().splitlines(keepends=True)
    assert first == begun[0]
    assert sum(b'"type":"packed"' in line for line in written) >= ACCOUNTS // 2
    assert Saved(audits.journal).is_whole


def test_accounts_that_joined_left_or_changed_since_are_taken_as_the_list_is_now(audits: Audits) -> None:
    first = audits.read(max_requests=66)
    names = {account.email: account.name for account in first.accounts()}
    _, renamed, *kept, joined = [*list(names)[:8], list(names)[-1]]
    now = [Account(email=email, name=names[email]) for email in (joined, *reversed(kept))]
    now.append(Account(email=renamed, name="Renamed"))
    again = audits.read(resume=True, accounts=AccountList(source="now.csv", accounts=now))
    assert emails(again) == [joined, *reversed(kept), renamed]
    assert [account.name for account in again.accounts()][-1] == "Renamed"
    assert {email for email in names if audits.asked(email)} == {joined, renamed}
    assert (again.tenant.list_source, again.tenant.account_count) == ("now.csv", len(now))


def test_what_hung_on_the_tenant_is_read_again_when_that_is_put_right(audits: Audits, whole: Whole) -> None:
    with pytest.raises(_Killed):
        audits.read(progress=after(8), lacking="SANDBOX_DIRECTORY_SECRET")
    assert judged(audits.read(resume=True)) == whole.expected


def test_what_hangs_on_the_tenant_still_is_kept_as_it_is(audits: Audits) -> None:
    lacking = "SANDBOX_MICROSOFT_REFRESH_TOKEN"
    expected = judged(audits.read(lacking=lacking))
    with pytest.raises(_Killed):
        audits.read(progress=after(8), lacking=lacking)
    assert judged(audits.read(resume=True, lacking=lacking)) == expected
    assert autodiscovered(audits) < 10


def test_no_account_is_connected_a_second_time(connecting: Audits) -> None:
    with pytest.raises(_Killed):
        connecting.read(progress=after(10), allow_writes=True)
    done = len(connecting.journal.read_bytes().splitlines()) - 2
    again = connecting.read(resume=True, allow_writes=True)
    total = len(emails(again))
    authorized = sum(connecting.asked("/connect/authorize").values())
    assert 0 < authorized <= total - done
    connected = [account for account in again.accounts() if isinstance(account.connection, Read)]
    assert len(connected) > authorized


def unread_in(journal: Path, count: int, slot: str, **unread: str) -> list[str]:
    """Put into a journal that a slot of its first accounts could not be read; return their addresses."""
    lines = journal.read_bytes().splitlines()
    accounts = [json.loads(plain(line)) for line in lines[2 : 2 + count]]
    for account in accounts:
        account["evidence"][slot] = {"type": "unread", **unread}
    journal.write_bytes(b"".join(sealed_lines([*lines[:2], *accounts, *lines[2 + count :]])))
    return [account["evidence"]["email"] for account in accounts]


@each_of(
    ("slot", "unread", "again"),
    [
        ("calendar", {"reason": "no answer within 30 s"}, True),
        ("mailbox", {"reason": "HTTP 503"}, True),
        ("mailbox", {"reason": "HTTP 403", "permission": "MailboxSettings.Read"}, False),
        ("calendar", {"reason": "the refresh token was refused", "depends_on": "ACC-001"}, False),
        ("connected", {"reason": "HTTP 503"}, False),
        ("log", {"reason": "the logs name more addresses than can be told apart"}, False),
    ],
)
def test_what_could_not_be_read_for_no_known_cause_is_read_again(
    audits: Audits, whole: Whole, slot: str, unread: dict[str, str], again: bool
) -> None:
    """What is read anew for every account in any case decides nothing here."""
    audits.journal.write_bytes(whole.journal)
    emails = unread_in(audits.journal, 3, slot, **unread)
    lines = audits.journal.read_bytes().splitlines(keepends=True)
    audits.journal.write_bytes(b"".join(lines[:10]))
    evidence = audits.read(resume=True)
    assert [email for email in emails if audits.asked(email)] == (emails if again else [])
    if again:
        slots = [getattr(one, slot) for one in evidence.accounts()]
        assert not [one for one in slots if isinstance(one, Unread) and one.reason == unread["reason"]]


def test_an_account_that_is_read_again_is_not_connected_again(connecting: Audits) -> None:
    with pytest.raises(_Killed):
        connecting.read(progress=after(10), allow_writes=True)
    emails = unread_in(connecting.journal, 10, "calendar", reason="no answer within 30 s")
    kept = {one.email: one for one in Evidence(connecting.journal).accounts()}
    connected = {email: one.connection for email, one in kept.items() if isinstance(one.connection, Read)}
    again = {one.email: one for one in connecting.read(resume=True, allow_writes=True).accounts()}
    assert len([email for email in emails if email in connected and connecting.asked(email)]) > 5
    assert sum(connecting.asked("/connect/authorize").values()) <= len(again) - len(kept)
    assert {email: again[email].connection for email in connected} == connected


def test_a_run_that_connects_accounts_does_not_go_on_with_one_that_did_not(audits: Audits) -> None:
    audits.read(max_requests=66)
    with pytest.raises(UsageProblem, match="that run was not given --allow-writes"):
        audits.read(resume=True, allow_writes=True)


def test_another_tenants_journal_is_refused_and_left_as_it_is(audits: Audits) -> None:
    audits.read(max_requests=66)
    text = audits.journal.read_bytes()
    other = audits.tenant_file.read_text("utf-8").replace("nylas-svc@", "other-svc@")
    audits.tenant_file = audits.tenant_file.with_name("other.toml")
    audits.tenant_file.write_text(other, "utf-8")
    with pytest.raises(UsageProblem, match="of another tenant file: service_account"):
        audits.read(resume=True)
    assert audits.journal.read_bytes() == text


def kept_of(path: Path, use: RequestCounts, **setup: Any) -> InterruptedRun:  # noqa: ANN401 -- settings of every type
    """Return what an interrupted run left that had these settings, and asked so much."""
    with begin(path) as writer:
        writer.tenant(tenant_with(setup=setup_with(**setup)))
        writer.use(use)
    return InterruptedRun(path)


@each_of(("then", "now"), [({"directory": "…"}, {}), ({}, {"directory": "…"})])
def test_a_tenant_file_with_other_sections_is_another_one(
    tmp_path: Path, then: dict[str, str], now: dict[str, str]
) -> None:
    """What hung on a section would be kept as left out, or as read of what is left out now."""
    kept = kept_of(tmp_path / "j", RequestCounts(services={}), left_out=then)
    kept.check(setup_with(left_out=then), writes=False)
    with pytest.raises(UsageProblem, match="the tenant file had other sections then"):
        kept.check(setup_with(left_out=now), writes=False)


@each_of(
    ("earlier", "expected"),
    [
        (ServiceBudget(10, 4, 1, 0.5), ServiceBudget(10, 10, 1, 0.5)),
        (ServiceBudget(4, 7, 3, 0.5), ServiceBudget(10, 13, 3, 0.5)),
    ],
)
def test_what_an_earlier_run_predicted_and_did_not_send_is_predicted_by_the_next(
    tmp_path: Path, earlier: ServiceBudget, expected: ServiceBudget
) -> None:
    kept = kept_of(tmp_path / "j", RequestCounts(services={"ews": earlier}, left_out=6))
    added = kept.added(RequestCounts(services={"ews": ServiceBudget(6, 6, 0, 0.0)}))
    assert added == RequestCounts(services={"ews": expected})
