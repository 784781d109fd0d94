"""What pytest and its plugins keep of a test holds no secret, and what they show steers no terminal."""

import logging
from collections.abc import Iterator
from types import SimpleNamespace
from typing import cast

import pytest
from msgspec.structs import replace

from nylas_readiness.checks.catalogue import catalogue
from nylas_readiness.checks.outcome import fail, not_applicable
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.report_samples import audited, judged_bodies
from nylas_readiness.fixtures.run.pytest_report import end, failure_text, scrub_report, scrubbed_logs
from nylas_readiness.fixtures.run.terminal import harmless, summary_lines, told_once
from nylas_readiness.fixtures.secrets import MASK, Secret, forgotten_afterwards
from nylas_readiness.reports.model import TenantId

pytestmark = pytest.mark.offline

SECRET = "pl4nted-secret-of-the-log"


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    """Let the secret be forgotten with the test: each one makes every later scrub dearer."""
    with forgotten_afterwards():
        yield


def test_a_tests_report_keeps_no_secret_in_its_failure_its_output_or_its_properties() -> None:
    Secret(SECRET)
    report = pytest.TestReport(
        nodeid="live/test_ent.py::test_x",
        location=("live/test_ent.py", 1, "test_x"),
        keywords={},
        outcome="failed",
        longrepr=f"client_secret = {SECRET!r}",
        when="call",
        sections=[("Captured stdout call", f"sent {SECRET}")],
        user_properties=[("observed", SECRET)],
    )
    scrub_report(report)
    assert SECRET not in str(vars(report))
    assert report.longreprtext == f"client_secret = '{MASK}'"
    assert report.sections == [("Captured stdout call", f"sent {MASK}")]


def test_a_log_record_keeps_no_secret_in_its_message_its_arguments_or_its_exception(
    caplog: pytest.LogCaptureFixture,
) -> None:
    Secret(SECRET)
    log = logging.getLogger("vendor")
    with scrubbed_logs(), caplog.at_level(logging.DEBUG):
        log.debug("sent %s", SECRET)
        log.error("it failed", exc_info=ValueError(SECRET))
    assert SECRET not in caplog.text
    assert f"sent {MASK}" in caplog.text
    assert f"ValueError: {MASK}" in caplog.text


def test_logs_are_as_they_were_after_the_run() -> None:
    before = logging.getLogRecordFactory()
    with scrubbed_logs():
        assert logging.getLogRecordFactory() is not before
    assert logging.getLogRecordFactory() is before


HOSTILE = "a\x1b[31m\x07b\u202ec"
SHOWN = "a⟨U+001B⟩[31m⟨U+0007⟩b⟨U+202E⟩c"


def test_what_a_tenant_wrote_cannot_steer_the_terminal() -> None:
    said = fail(HOSTILE, expected=HOSTILE, remedy=HOSTILE)
    assert failure_text("ENT-002", said) == (f"ENT-002 fail: {SHOWN}\nexpected: {SHOWN}\nwhat to do: {SHOWN}")
    results = replace(audited({"ENT-002": said}), tenant=TenantId(HOSTILE, None, "live"))
    lines = [line for line, _ in summary_lines(results)]
    assert lines[0] == f"tenant {SHOWN} (live), as of 23 Nov 2026"
    assert f"1. {SHOWN} (Microsoft 365 administrator, frees all accounts)  ENT-002" in lines
    [line, advice] = [line for line, _ in summary_lines(judged_bodies({"PAY-001": said}))]
    assert line == f"fail    PAY-001  {catalogue()['PAY-001'].title}: {SHOWN}"
    assert advice.strip() == f"what to do: {SHOWN}"
    with pytest.raises(pytest.skip.Exception) as skipped:
        end("NY3-008", not_applicable(HOSTILE))
    assert skipped.value.msg == SHOWN


@each_of(
    ("written", "shown"),
    [
        ("::error::no", ": :error::no"),
        ("a\n  ::stop-commands::x", "a\n  : :stop-commands::x"),
        ("go ##[add-path]/tmp", "go # #[add-path]/tmp"),
        ("a::b", "a::b"),
    ],
)
def test_what_a_vendor_wrote_is_no_command_of_a_ci(written: str, shown: str) -> None:
    assert harmless(written) == shown
    assert shown in failure_text("ENT-002", fail("refused", expected="x", remedy=f"do\n{written}"))


def ended_as(status: str | None) -> pytest.TestReport:
    """Return the report of a check that failed: with a status as its rule's finding, else it broke."""
    return pytest.TestReport(
        nodeid="live/test_ent.py::test_x",
        location=("live/test_ent.py", 1, "test_x"),
        keywords={},
        outcome="failed",
        longrepr="why",
        when="call",
        user_properties=[("status", status)] if status else [],
    )


@each_of(("verbosity", "shown"), [(0, [None]), (-1, [None]), (1, ["fail", None])])
def test_pytest_tells_again_only_what_broke_unless_it_is_asked_for_more(
    verbosity: int, shown: list[str | None]
) -> None:
    reports = [ended_as("fail"), ended_as(None)]
    terminal = cast(
        "pytest.TerminalReporter", SimpleNamespace(stats={"failed": reports}, verbosity=verbosity)
    )
    with told_once(terminal):
        told = [dict(one.user_properties).get("status") for one in terminal.stats["failed"]]
        assert told == shown
    assert terminal.stats["failed"] == reports
