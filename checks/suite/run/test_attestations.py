"""Attestations at work: a person has answered a review, which settles it and stays to be seen."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from nylas_readiness.checks.migration.model import Urgency
from nylas_readiness.checks.outcome import Outcome, Status, Waiver, WaiverKind, fail, passed, review
from nylas_readiness.checks.suite.support.report_samples import Findings, audited
from nylas_readiness.fixtures.inputs.exceptions import AcceptedFinding, Attestation
from nylas_readiness.fixtures.run.assemble import exit_code_of
from nylas_readiness.fixtures.run.terminal import summary_lines
from nylas_readiness.fixtures.run.waivers import Waivers
from nylas_readiness.reports import html, letters, summary, worklist
from nylas_readiness.reports.model import Results

pytestmark = pytest.mark.offline

TODAY = date(2026, 11, 23)
ANN, BEN = "ann@contoso.com", "ben@contoso.com"
LOOK = review("odd plans", reason="nobody knows")
SAID = "attested by Jo on 20 Nov 2026: PROJ-7"


def attested(rule: str = "MIG-005", account: str | None = None, expires: date = TODAY) -> Attestation:
    return Attestation(
        kind="attested",
        rule=rule,
        account=account,
        owner="Jo",
        reason="PROJ-7",
        when=date(2026, 11, 20),
        expires=expires,
    )


def accepted(rule: str) -> AcceptedFinding:
    return AcceptedFinding(rule=rule, owner="Jo", reason="known", expires=TODAY)


def audit_with(
    entries: Sequence[AcceptedFinding], tenant: dict[str, Outcome], found: Findings | None = None
) -> Results:
    waivers = Waivers(entries, TODAY)
    rules = {rule: waivers.waive(rule, None, outcome) for rule, outcome in tenant.items()}
    accounts = {
        email: {rule: waivers.waive(rule, email, outcome) for rule, outcome in own.items()}
        for email, own in (found or {}).items()
    }
    results = audited(rules, accounts)
    return replace(results, exceptions=waivers.report([rule.id for rule in results.rules]))


@pytest.mark.parametrize("status", list(Status))
def test_only_a_review_can_be_attested(status: Status) -> None:
    """And it cannot be accepted: nobody has looked by that."""
    outcome = Outcome(status=status, observed="seen", reason="said")
    answered = Waivers([attested()], TODAY).waive("MIG-005", None, outcome)
    if status is not Status.REVIEW:
        assert answered == outcome
        return
    assert (answered.status, answered.weight, answered.observed) == (Status.WAIVED, Status.PASS, "seen")
    assert answered.waiver == Waiver(
        status=Status.REVIEW,
        owner="Jo",
        reason="PROJ-7",
        expires="2026-11-23",
        kind=WaiverKind.ATTESTED,
        when="2026-11-20",
    )
    assert Waivers([accepted("MIG-005")], TODAY).waive("MIG-005", None, outcome) == outcome


def test_it_counts_as_a_pass_does() -> None:
    """For the verdict of a side, the exit code, and whether anything is to be done."""
    tenant = {"NY3-001": passed("there"), "MIG-005": LOOK}
    open_, settled = audit_with([], tenant), audit_with([attested()], tenant)
    assert open_.verdict
    assert settled.verdict
    assert open_.verdict.v3 != "ready"
    assert settled.verdict == audited({**tenant, "MIG-005": passed("nothing")}).verdict
    assert exit_code_of(settled) == 0
    assert [task.urgency for task in settled.tasks] == [Urgency.ACCEPTED]
    assert settled.counts[Status.WAIVED] == 1
    assert settled.exceptions[0].state == "used"


def test_of_accounts_it_settles_those_that_it_names() -> None:
    """The account's own verdict is ready, and the other's is not."""
    found = {ANN: {"ACC-006": LOOK}, BEN: {"ACC-006": LOOK}}
    results = audit_with([attested("ACC-006", "ANN@contoso.com")], {"ENT-001": passed("there")}, found)
    verdicts = {account.email: account.verdict.v2 for account in results.accounts}
    assert (verdicts[ANN], verdicts[BEN]) == ("ready", "inconclusive")
    [rule] = [rule for rule in results.rules if rule.id == "ACC-006"]
    assert rule.status is Status.REVIEW
    assert rule.accounts == {Status.REVIEW: 1, Status.WAIVED: 1}


def test_what_is_accepted_speaks_before_what_is_attested() -> None:
    """So that a rule whose waiver is attested has nothing that is merely accepted."""
    found = {ANN: {"ACC-006": LOOK}, BEN: {"ACC-006": fail("no plan")}}
    for order in ([ANN, BEN], [BEN, ANN]):
        entries = [attested("ACC-006"), accepted("ACC-006")]
        results = audit_with(entries, {}, {email: found[email] for email in order})
        [rule] = results.rules
        assert rule.waiver
        assert (rule.status, rule.waiver.kind) == (Status.WAIVED, WaiverKind.ACCEPTED)


def test_one_that_has_expired_does_not_count_and_is_told() -> None:
    results = audit_with([attested(expires=TODAY - timedelta(days=1))], {"MIG-005": LOOK})
    [rule] = results.rules
    assert (rule.status, rule.waiver) == (Status.REVIEW, None)
    [use] = results.exceptions
    assert (use.state, use.findings, use.kind, use.when) == ("expired", 1, "attested", "2026-11-20")
    assert any("expired: MIG-005, by Jo until 2026-11-22" in line for line, _ in summary_lines(results))
    assert not list(summary.attested(results.tasks))


def test_one_of_a_later_day_does_not_count_and_is_told() -> None:
    """Nobody has looked yet, or the audit is judged by an earlier day; of two, the one in force answers."""
    ahead = replace(attested(expires=date(2027, 1, 1)), when=TODAY + timedelta(days=1), owner="Kim")
    results = audit_with([ahead], {"MIG-005": LOOK})
    [rule] = results.rules
    assert (rule.status, rule.waiver) == (Status.REVIEW, None)
    assert [(use.state, use.findings) for use in results.exceptions] == [("not-yet", 1)]
    assert any("not-yet: MIG-005, by Kim" in line for line, _ in summary_lines(results))
    assert "Attested on a later day than the one judged by" in html.render(results)
    both = audit_with([ahead, replace(attested(), when=TODAY)], {"MIG-005": LOOK})
    assert both.rules[0].waiver
    assert both.rules[0].waiver.owner == "Jo"
    assert [use.state for use in both.exceptions] == ["not-yet", "used"]


def test_of_two_for_one_finding_the_first_answers_and_the_other_is_told() -> None:
    second = replace(attested("ACC-006", "a*@contoso.com"), owner="Kim")
    results = audit_with([attested("ACC-006", ANN), second], {}, {ANN: {"ACC-006": LOOK}})
    found = results.accounts[0].findings["ACC-006"].waiver
    assert found
    assert found.owner == "Jo"
    assert [(use.state, use.findings) for use in results.exceptions] == [("used", 1), ("unused", 0)]


def test_every_view_shows_who_attests_what() -> None:
    """Page, terminal, summary, worklist and the owner's letter: by whom, on which day, by what evidence."""
    found = {ANN: {"ACC-006": LOOK, "ACC-005": fail("no mailbox")}}
    entries = [attested(), attested("ACC-006")]
    results = audit_with(entries, {"MIG-005": LOOK, "PAY-001": fail("odd")}, found)
    page = html.render(results)
    assert page.count(f"odd plans (review, {SAID})") >= 2
    assert "Accepted or attested: 2 findings" in page
    assert 'attested by Jo on <span class="nowrap">20 Nov 2026</span> <div class="muted">PROJ-7</div>' in page
    assert sum(SAID in line for line, _ in summary_lines(results)) == 2
    assert summary.render(results, []).count(SAID) == 2
    assert f"ACC-006 waived (review, {SAID}): odd plans" in worklist.render(results)
    owners = {task.owner for task in results.tasks if task.urgency is Urgency.ACCEPTED}
    of_owners = letters.letters_of(results)
    told = [draw(of_owners[one]) for one in owners for draw in (letters.as_html, letters.as_markdown)]
    assert "".join(told).count(SAID) == 2 * 2


def test_hostile_words_of_an_attestation_stay_words() -> None:
    hostile = replace(attested(), owner="<b>\u202e::error::x", reason="[x](https://evil.example)\n# forged")
    results = audit_with([hostile], {"MIG-005": LOOK, "PAY-001": fail("odd")})
    assert "<b>" not in html.render(results)
    told = summary.render(results, [])
    assert "\n# forged" not in told
    assert "](https://" not in told
    for line, _ in summary_lines(results):
        assert "\u202e" not in line
        assert not line.lstrip().startswith("::")
