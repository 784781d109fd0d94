"""The letters and the summary: each owner gets their own part, and no text leaves its place in Markdown."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nylas_readiness.checks.outcome import fail, lacks, passed, unknown, warn
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.report_samples import audited, judged_bodies
from nylas_readiness.fixtures.clients.codes import Unreadable
from nylas_readiness.fixtures.run.step_summary import show_on_github
from nylas_readiness.reports import letters, markdown, summary
from nylas_readiness.reports.model import Results

if TYPE_CHECKING:
    from lxml.html import HtmlElement

pytestmark = pytest.mark.offline

ANN, BEN = "ann@contoso.com", "ben@contoso.com"
HOSTILE = (
    "</pre><script>alert(1)</script>\n# forged\n```\n::error::x ##[add-path]/x [a](https://evil.example) "
    "![i](//x) | a | b |\n- item <b> https://evil.example www.evil.example $x$ `code\u202e\x1b[31m"
)


@pytest.fixture(scope="module")
def results() -> Results:
    found = {ANN: {"ACC-002": fail("alias of chris@contoso.com")}, BEN: {"ACC-004": fail("no plan")}}
    return audited({"ENT-002": passed("redeemed"), "MIG-003": warn("in 129 days")}, found)


def page(text: str) -> "HtmlElement":
    from lxml.html import document_fromstring

    return document_fromstring(text)


def both(results: Results, owner: str) -> tuple[str, str]:
    letter = letters.letters_of(results)[owner]
    return page(letters.as_html(letter)).text_content(), letters.as_markdown(letter)


def test_each_owner_with_something_to_do_gets_a_letter_with_their_accounts_alone(results: Results) -> None:
    assert list(letters.letters_of(results)) == ["tenant-admin", "integrator"]
    for text in both(results, "tenant-admin"):
        assert BEN in text
        assert ANN not in text
    for text in both(results, "integrator"):
        assert ANN in text
        assert BEN not in text


def test_a_letter_has_the_headline_the_commands_when_it_is_done_and_the_dates(results: Results) -> None:
    for text in both(results, "integrator"):
        assert "Works today, but 2 of 2 accounts fail" in text or "Does not work" in text
        assert "You have 1 task" in text
        assert "Get-MgUser -Filter \"proxyAddresses/any(p:p eq 'smtp:ann@contoso.com')" in text
        assert "Done when the next audit finds:" in text
        assert "1 Apr 2027" in text
        assert "This is a sandbox" in text


def test_a_letter_says_what_it_is_about_to_a_reader_who_never_heard_of_it(results: Results) -> None:
    for text in both(results, "tenant-admin"):
        assert "reads this company's calendars through the service Nylas" in text
        assert "which Microsoft ends on 1 Apr 2027" in text
    for text in both(audited({"ENT-002": fail("refused")}), "tenant-admin"):
        assert "reads this company's calendars" in text
        assert "Microsoft ends" not in text


def test_a_letter_begins_with_the_sign_in_that_its_own_commands_need(results: Results) -> None:
    for text in both(results, "tenant-admin"):
        assert text.index("Connect-MgGraph -Scopes LicenseAssignment.ReadWrite.All") < text.index("Set-Mg")
    for text in both(audited({"ENT-002": fail("refused", remedy="Sign in again.")}), "tenant-admin"):
        assert "Sign in once" not in text


@each_of(
    "remedy",
    [
        "Mend it.\nThis shows it:\n    pytest --explain '<rule id>'",
        "Mend it.\nIt stands here:\n    [exchange]\n    mode = 1",
    ],
)
def test_what_only_whoever_runs_the_audit_can_do_is_not_in_a_letter(remedy: str) -> None:
    told = f"{remedy}\nThen wait.\n    Get-It"
    results = audited({"ENT-002": fail("refused", remedy=told)})
    for text in both(results, "tenant-admin"):
        assert not any(word in text for word in ("pytest", "[exchange]", "shows it", "stands here"))
        assert "Then wait." in text
        assert "Get-It" in text


def test_what_the_audit_itself_lacks_is_nobodys_letter_and_stands_in_the_summary() -> None:
    left_out = unknown("[nylas.v3] is left out", code=Unreadable.SECTION)
    refused = lacks("RoleManagement.Read.Exchange", "HTTP 403")
    results = audited({"CFG-001": fail("X is not set"), "ENT-002": left_out, "ROL-001": refused})
    assert [task.rule for one in letters.letters_of(results).values() for task in one.tasks] == ["ROL-001"]
    told = list(summary.not_set_up(results))
    assert [line.rpartition("(")[2] for line in told] == ["CFG-001)", "ENT-002)", "ROL-001)"]
    assert "## Not set up" in summary.render(results, [])


def test_the_summary_has_the_headline_what_to_do_first_and_by_whom(results: Results) -> None:
    text = summary.render(results, ["results.json"])
    assert text.startswith("# Nylas readiness: contoso (sandbox), 23 Nov 2026\n")
    assert "- Last day: 1 Apr 2027, 129 days left" in text
    assert re.search(
        r"^1\. .*\((Microsoft 365 administrator|Integrator), frees 1 account\)$", text, re.MULTILINE
    )
    assert "- `results.json`" in text
    assert "Do first" not in summary.render(audited({"ENT-002": passed("redeemed")}), [])


def test_hostile_text_stays_text_in_every_letter_and_in_the_summary() -> None:
    found = {f"{HOSTILE[:20]}@contoso.com": {"ACC-002": fail(HOSTILE, remedy=f"{HOSTILE}\n    {HOSTILE}")}}
    results = audited({"ENT-002": fail(HOSTILE, remedy=f"{HOSTILE}\n    {HOSTILE}")}, found)
    for letter in letters.letters_of(results).values():
        assert page(letters.as_html(letter)).xpath("//script | //b | //img | //a") == []
        assert_markdown_is_ours(letters.as_markdown(letter))
    assert_markdown_is_ours(summary.render(results, [HOSTILE]))


def assert_markdown_is_ours(text: str) -> None:
    """Assert that outside of code no heading, link, table, HTML or command stands that we did not write."""
    assert not re.search("[\u202e\x1b]", text)
    outside = re.sub(r"(?ms)^(`{3,})\n.*?^\1$", "", text)
    outside = re.sub(r"(`+)[^`].*?\1", "", outside)
    assert not re.search(r"(?<!\\)[<\[|]|(?<!\\):(?=//)|www\.|^\s*::|##\[", outside, re.MULTILINE)
    ours = ("# ", "## You have", "## Dates", "## Do first", "## Not set up", "## Files", "### ")
    assert all(line.startswith(ours) for line in outside.splitlines() if line.startswith("#"))
    assert "forged" not in [line.strip("# ") for line in outside.splitlines()]


@each_of(
    ("text", "shown"),
    [
        ("# a", r"\# a"),
        ("1. a", r"1\. a"),
        ("- a", r"\- a"),
        ("=== ", r"\==="),
        ("::set-env::", r"\::set-env::"),
        ("a\n\n## b", r"a \#\# b"),
        ("a|b_c*d", r"a\|b\_c\*d"),
        ("see https://a.example", r"see https\://a.example"),
        ("Www.a.example", r"Www\.a.example"),
        ("ann@contoso.com", "ann@contoso.com"),
    ],
)
def test_a_text_is_one_line_that_shows_itself(text: str, shown: str) -> None:
    assert markdown.plain(text) == shown


def test_code_is_fenced_by_more_than_it_has() -> None:
    assert markdown.block("a\n````\nb") == "`````\na\n````\nb\n`````"
    assert markdown.span("a`b``") == "``` a`b`` ```"
    assert markdown.prose("set `a_b` to `c`, not d_e") == r"set `a_b` to `c`, not d\_e"


def test_any_text_is_one_line_without_a_mark_of_its_own() -> None:
    from nylas_readiness.fixtures.strategies.profile import given, st

    @given(st.text(alphabet=st.sampled_from("`#*_[]()<>|~&$:/w.-+=1 \n\\a"), max_size=40))
    def holds(text: str) -> None:
        line = markdown.plain(text)
        assert "\n" not in line
        assert not re.search(r"(?<!\\)(\\\\)*[`#*_\[\]<>|~&$]", line)
        assert re.sub(r"\\(.)", r"\1", line) == " ".join(text.split())

    holds()


def test_the_steps_summary_is_appended_to_where_github_names_a_file(results: Results, tmp_path: Path) -> None:
    written, step = tmp_path / "summary.md", tmp_path / "step"
    written.write_text(summary.render(results, []), "utf-8")
    step.write_text("before\n", "utf-8")
    assert show_on_github(written, {"GITHUB_STEP_SUMMARY": str(step)}) is None
    assert step.read_text("utf-8") == f"before\n\n{written.read_text('utf-8')}"
    assert show_on_github(written, {}) is None
    assert show_on_github(tmp_path / "none", {"GITHUB_STEP_SUMMARY": str(step)}) is None
    told = show_on_github(written, {"GITHUB_STEP_SUMMARY": str(tmp_path)})
    assert told is not None
    assert told.startswith(f"GITHUB_STEP_SUMMARY: {tmp_path} cannot be written: ")


def test_a_payload_run_has_no_letter() -> None:
    assert summary.first_tasks(judged_bodies({"PAY-001": passed("ok")})) == []
