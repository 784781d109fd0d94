"""The plan and the tables of the migration on the page, and in the artefact of a company that moves."""

import json
import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from nylas_readiness.checks.catalogue import with_trait
from nylas_readiness.checks.migration.model import Granted, Matched, Migration, Regions, ScopeRow, StepState
from nylas_readiness.checks.migration.plan import plan_of
from nylas_readiness.checks.outcome import Status, passed, warn
from nylas_readiness.checks.suite.support.plan_samples import all_pass, measured, values
from nylas_readiness.checks.suite.support.report_samples import audited, judged_bodies
from nylas_readiness.fixtures.run.results import results_of
from nylas_readiness.fixtures.run.terminal import summary_lines
from nylas_readiness.reports import schema
from nylas_readiness.reports.html import render
from nylas_readiness.reports.model import Results
from nylas_readiness.reports.stream import encode

if TYPE_CHECKING:
    from lxml.html import HtmlElement

pytestmark = pytest.mark.offline

HOSTILE = "</script><img src=x onerror=alert(1)>{{ 7*7 }} \u202egnp.exe"
CALENDAR = ScopeRow(
    scope="calendar",
    feature="Calendars",
    read=["Calendars.Read"],
    write=["Calendars.ReadWrite"],
    in_use=True,
    granted=Granted.BY_RBAC,
)


def moving(example: str = "ann@contoso.com", name: str = "bulk") -> Results:
    """Return an audit with done, open and blocked steps."""
    rules = all_pass(NY3_003=Status.WARN, MIG_003=Status.WARN)
    known = values(credential_name=name, address=example)
    migration = Migration(
        scopes=[CALENDAR],
        matching={"both": Matched(count=2, examples=[]), "v2_only": Matched(count=31, examples=[example])},
        unread=None,
        regions=Regions(v2="ireland", v3_wanted="eu", v3="us"),
        changes="MIG-005",
    )
    results = audited({"NY3-003": warn("no credential yet"), "MIG-003": warn("in 129 days")})
    plan = plan_of(rules, measured(grants=False, cut_over=False), known)
    return msgspec.structs.replace(results, plan=plan, migration=migration)


def page(results: Results) -> "HtmlElement":
    from lxml.html import document_fromstring

    return document_fromstring(render(results))


def section(results: Results, name: str) -> str:
    [found] = page(results).xpath(f"//section[@aria-labelledby='{name}']")
    return " ".join(found.text_content().split())


def test_the_plan_is_an_ordered_list_of_steps_with_state_owner_date_and_what_each_waits_for() -> None:
    steps = page(moving()).xpath("//ol[@class='plan']/li")
    assert [step.get("class").split()[1] for step in steps].count("done") == 8
    by_id = {step.get("id"): " ".join(step.text_content().split()) for step in steps}
    assert "→ to do Nylas administrator by 1 Apr 2027, in 129 days ! warn NY3-003" in by_id["step-credential"]
    assert "Waits for: Create the connector credential of the tenant" in by_id["step-grants"]
    assert "Counted for grants." in by_id["step-grants"]
    assert "8 of 11 steps done" in section(moving(), "plan")


def test_what_could_not_be_read_has_a_badge_and_says_what_to_do_if_it_is_not_done() -> None:
    plan = plan_of(all_pass(NY3_003=Status.UNKNOWN), measured(), values())
    document = page(msgspec.structs.replace(moving(), plan=plan))
    [step] = document.xpath("//li[@id='step-credential']")
    text = " ".join(step.text_content().split())
    assert text.startswith("? Create the connector credential of the tenant could not be read")
    assert "to do" not in text
    assert "If this is not done yet: Create the credential" in text
    assert "could not be read" not in section(moving(), "plan")


def test_every_step_is_one_line_that_unfolds_to_its_command_and_what_is_done_has_none() -> None:
    document = page(moving())
    shown = {step.get("id"): step.xpath("details") for step in document.xpath("//ol[@class='plan']/li")}
    assert all(len(folded) == 1 and folded[0].get("open") is None for folded in shown.values())
    assert shown["step-grants"][0].xpath(".//pre") != []
    assert shown["step-connector"][0].xpath(".//pre") == []
    assert '"name": "bulk"' in document.xpath("//li[@id='step-credential']//pre")[0].text


def test_every_link_of_the_page_leads_to_a_place_on_it() -> None:
    document = page(moving())
    targets = {link.removeprefix("#") for link in document.xpath("//a/@href") if link.startswith("#")}
    assert {"step-credential", "NY3-003"} <= targets
    assert targets - set(document.xpath("//@id")) == {"MIG-005"}  # not decided in this sample


def test_the_tables_say_who_is_known_where_what_stands_for_a_scope_and_that_regions_differ() -> None:
    rows = [
        [" ".join(" ".join(cell.itertext()).split()) for cell in row]
        for row in page(moving()).xpath("//section[@aria-labelledby='migration']//tbody/tr")
    ]
    assert ["Known to v2 alone: no grant yet", "31", "ann@contoso.com and 30 more"] in rows
    assert ["calendar Calendars", "Calendars.Read", "Calendars.ReadWrite", "yes", "by RBAC"] in rows
    assert "v3 has to be in eu; v3 is in us ! does not match" in section(moving(), "migration")


def test_what_takes_v2_to_know_is_a_dash_in_the_table_where_v2_is_not_audited() -> None:
    results = moving()
    assert results.migration is not None
    without = msgspec.structs.replace(results.migration, matching={"v2_only": None})
    text = section(msgspec.structs.replace(results, migration=without), "migration")
    assert re.search("Known to v2 alone: no grant yet.v2 is not audited", text)


def test_a_matching_that_was_not_read_says_why() -> None:
    results = moving()
    assert results.migration is not None
    unread = msgspec.structs.replace(results.migration, matching=None, unread="HTTP 503")
    text = section(msgspec.structs.replace(results, migration=unread), "migration")
    assert "Which accounts v2 and v3 know was not read: HTTP 503." in text


def test_a_run_without_a_tenant_has_neither() -> None:
    results = judged_bodies({"PAY-001": passed("ok")})
    assert (results.plan, results.migration) == ([], None)
    assert page(results).xpath("//*[@aria-labelledby='plan' or @aria-labelledby='migration']") == []


def test_hostile_values_are_shown_and_never_interpreted() -> None:
    results = moving(example=HOSTILE, name="</pre><img src=x onerror=alert(1)>")
    document = page(results)
    assert document.xpath("//img | //@onerror | //main//script") == []
    assert document.xpath("//@style | //@*[starts-with(name(), 'on')]") == []
    assert "</pre><img src=x onerror=alert(1)>" in section(results, "plan")
    assert "⟨U+202E⟩gnp.exe" in section(results, "migration")
    assert "\u202e" not in render(results)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Return the audit of the company that is on its way to v3."""
    from nylas_readiness.checks.suite.support.harness import audit

    ledger = audit("migration", tmp_path_factory.mktemp("company"))
    return results_of(ledger, date(2026, 11, 23), interrupted=False)


def test_the_company_that_moves_has_steps_done_to_do_and_blocked(company: Results) -> None:
    states = {step.id: step.state for step in company.plan}
    assert set(states.values()) == set(StepState)
    assert states["connector"] is StepState.DONE
    assert states["grants"] is StepState.TO_DO
    assert states["cut-over"] is StepState.BLOCKED


def test_what_the_plan_counts_is_what_the_accounts_show(company: Results) -> None:
    [grants] = [step for step in company.plan if step.id == "grants"]
    found = re.match(
        r"(\d+) of (\d+) accounts whose mailbox v3 can hold have a valid grant; v3 cannot hold that of (\d+)",
        grants.observed,
    )
    assert found is not None
    granted, movable, others = map(int, found.groups())
    holding = set(with_trait("blocks_cutover"))
    broken = [
        account
        for account in company.accounts
        if any(account.findings[rule].status is Status.FAIL for rule in holding & account.findings.keys())
    ]
    assert (movable + others, others) == (len(company.accounts), len(broken))
    assert 0 < granted < movable


def test_the_terminal_says_how_far_the_plan_is_and_what_can_be_done_now(company: Results) -> None:
    [line] = [line for line, _ in summary_lines(company) if line.startswith("plan: ")]
    assert re.match(r"plan: \d+ of 11 steps done; to do now: .*Make a grant for every account", line)
    assert "Shut Nylas v2 down" not in line
    [grants] = [step for step in company.plan if step.id == "grants"]
    unread = msgspec.structs.replace(grants, unread="HTTP 503")
    open_alone = msgspec.structs.replace(company, plan=[unread])
    [line] = [line for line, _ in summary_lines(open_alone) if line.startswith("plan: ")]
    assert line == "plan: 0 of 1 steps done; to find out: Make a grant for every account"
    without = msgspec.structs.replace(company, migration=None)
    assert [line for line, _ in summary_lines(without) if line.startswith("plan: ")] == []


def test_the_companys_commands_carry_its_own_values_and_no_secret(company: Results) -> None:
    how = {step.id: step.how for step in company.plan}
    [credential] = [rule.observed for rule in company.rules if rule.id == "NY3-003"]
    found = re.search(r"the credential \S+ \(([0-9a-f-]{36})\)", credential)
    assert found is not None
    assert f'"credential_id": "{found[1]}"' in how["grants"]
    assert f"&credential_id={found[1]}&" in how["admin-consent"]
    assert company.tenant is not None
    assert f'"tenant": "{company.tenant.id}"' in how["credential"]
    assert "«secret»" not in "".join(how.values())


def test_the_plan_and_the_tables_are_in_the_artefact_and_keep_its_schema(company: Results) -> None:
    schema.validate(encode(company))
    document = json.loads(encode(company))
    assert [step["id"] for step in document["plan"]][:2] == ["v3-application", "azure-app"]
    assert document["migration"]["regions"] == {"v2": "us", "v3_wanted": "us", "v3": "us"}


def test_an_audit_of_v2_alone_shows_the_whole_way_and_that_v3_was_not_read(tmp_path: Path) -> None:
    from nylas_readiness.checks.suite.support.harness import audit

    results = results_of(audit("healthy", tmp_path), date(2026, 11, 23), interrupted=False)
    states = {step.id: step.state for step in results.plan}
    assert set(states.values()) == {StepState.TO_DO, StepState.BLOCKED}
    assert {one for one, state in states.items() if state is StepState.TO_DO} == {
        "v3-application",
        "azure-app",
    }
    assert "[nylas.v3] is left out" in results.plan[-4].observed
    assert "https://api.us.nylas.com/v3/applications" in results.plan[0].how
    assert results.migration is not None
    assert (results.migration.matching, results.migration.unread) == (None, "[nylas.v3] is left out")
