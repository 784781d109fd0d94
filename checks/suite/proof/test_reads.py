"""What a rule reads, its catalogue entry says: without that it is unknown, never failed and never passed."""

import pytest

from nylas_readiness.checks.catalogue import active, catalogue
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.held_evidence import COUNTS, SLOTS, HeldEvidence
from nylas_readiness.checks.suite.support.report_samples import earlier_hosts

pytestmark = pytest.mark.offline

# Companies among which each rule is decided, and looks at each slot that its entry names.
COMPANIES = (
    "healthy",
    "troubled",
    "migration-ready",
    "migration",
    "logs",
    "logs-troubled",
    "ews-usage",
    "ews-usage-quiet",
    "consent-of-another-user",
    "directory-permission-withheld",
    "domain-federated",
    "eas-host-of-an-account",
    "eas-host-without-activesync",
    "ews-app-not-allowed",
    "ews-shut-down",
    "hybrid",
    "role-scope-leaves-out",
    "v3-connector-missing",
    "v3-connector-without-scope",
    "v3-permission-missing",
    "v3-wrong-key",
    "secret-of-another-app",
    "sign-in-frequency",
    "tenant-restrictions",
    "shared-application",
)
# Another host than now, which --baseline would tell: where it is the endpoint that is found, nothing changed.
EARLIER = earlier_hosts({"omar.haddad@halden.example": "eas.halden.example"})


def statuses(evidence: HeldEvidence, rules: set[str] | None = None) -> dict[str, str]:
    """Return each rule's status, judged without what other rules found."""
    from nylas_readiness.checks.suite.support import harness

    ledger = harness.judge(evidence, baseline=EARLIER, rules=rules)
    concluded = ledger.outcomes | {rule: one.outcome() for rule, one in ledger.tally.rules.items()}
    return {rule: str(outcome.status) for rule, outcome in concluded.items()}


class Company:
    """A company's evidence, what its rules come to, and what each looks at."""

    def __init__(self, evidence: HeldEvidence) -> None:
        from nylas_readiness.checks.suite.support import harness

        self._evidence = evidence
        self._without: dict[str, HeldEvidence] = {}
        self.looked_at: dict[str, set[str]] = {}
        self.usual = {rule: statuses(evidence, {rule})[rule] for rule in harness.live_checks()}
        evidence.reads.clear()
        harness.judge(evidence, baseline=EARLIER, watch=self._note)

    def _note(self, rule: str) -> None:
        self.looked_at[rule] = {*self._evidence.reads}
        self._evidence.reads.clear()

    def without(self, entry: str, rule: str) -> str:
        """Return what a rule comes to where none of the slots of an entry could be read."""
        if entry not in self._without:
            self._without[entry] = self._evidence.without(entry.split(" or "))
        return statuses(self._without[entry], {rule})[rule]


@pytest.fixture(scope="module")
def companies(tmp_path_factory: pytest.TempPathFactory) -> list[Company]:
    from nylas_readiness.checks.suite.support import harness

    return [
        Company(harness.read_company(name, tmp_path_factory.mktemp(name), writes=True)) for name in COMPANIES
    ]


LIVE = [rule.id for rule in active() if rule.is_live]


@each_of("rule", LIVE)
def test_without_what_a_rule_reads_it_is_unknown(rule: str, companies: list[Company]) -> None:
    """A company may show already by another slot what the rule comes to: then it comes to that."""
    for entry in catalogue()[rule].reads:
        ends = {(one.usual[rule], one.without(entry, rule)) for one in companies}
        decided = {(usual, end) for usual, end in ends if usual != "not-applicable"}
        assert {(usual, end) for usual, end in decided if end not in {"unknown", usual}} == set(), entry
        assert any(usual != end == "unknown" for usual, end in decided), f"{rule} does not need {entry}"


@each_of("rule", LIVE)
def test_without_what_a_rule_consults_it_is_the_same_or_unknown(rule: str, companies: list[Company]) -> None:
    """Most cases do not need it."""
    for slot in catalogue()[rule].consults:
        ends = {(one.usual[rule], one.without(slot, rule)) for one in companies}
        assert {(usual, end) for usual, end in ends if end not in {"unknown", usual}} == set(), slot


@each_of("rule", LIVE)
def test_a_rule_looks_at_the_slots_that_its_entry_names(rule: str, companies: list[Company]) -> None:
    seen = set().union(*(one.looked_at[rule] for one in companies))
    named = catalogue()[rule].slots - COUNTS.keys()
    assert seen - named == set(), f"add to reads or consults of {rule}, in checks/catalogue/rules/"
    assert named - seen == set(), f"take from {rule}, or add a company that needs it to COMPANIES"


def test_the_slots_that_rules_name_are_those_of_the_evidence() -> None:
    named = {slot for rule in active() for slot in rule.slots}
    assert named - SLOTS - COUNTS.keys() == set()
