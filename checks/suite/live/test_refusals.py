"""Each listed code of a vendor reaches the user explained by the check that meets it; others as they came."""

import re
import tomllib
from functools import cache
from importlib.resources import files
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from nylas_readiness.checks.catalogue.explanations import Explanation, Table, explain
from nylas_readiness.checks.live.refusals import conclude, explained
from nylas_readiness.checks.outcome import Outcome, Status, unknown
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.fixtures.clients.entra import TokenRefused
from nylas_readiness.fixtures.clients.errors import Refused
from nylas_readiness.fixtures.clients.ews import EwsAnswer
from nylas_readiness.fixtures.clients.nylas_v2 import NylasError
from nylas_readiness.fixtures.evidence.asking import unread
from nylas_readiness.fixtures.evidence.measures import Trace
from nylas_readiness.fixtures.evidence.model import (
    NO_TENANT,
    AccountEvidence,
    ConnectedAccount,
    NylasAnswer,
    Redemption,
    Refusal,
    TenantEvidence,
)
from nylas_readiness.fixtures.evidence.probes import Probes
from nylas_readiness.fixtures.evidence.slots import Read

pytestmark = pytest.mark.offline

TRACE = Trace("2026-11-23T12:00:00+00:00", "the vendor", "refused")
SAID = "the vendor's own words"
UNLISTED = "ErrorNobodyHasSeen"
PROBES = Probes(succeeded=1, other=1)


@cache
def document() -> dict[str, Any]:
    text = files("nylas_readiness.checks.catalogue").joinpath("explanations.toml").read_text("utf-8")
    return tomllib.loads(text)


def listed(table: Table, *, but: str = "") -> list[str]:
    """Return every code of a table of explanations.toml, but one."""
    codes = [code for entry in document()[table] for code in entry["codes"] if code != but]
    assert codes
    return codes


class Company:
    """A tenant and one of its accounts, in which a single reading is replaced by a refusal."""

    def __init__(self, tenant: TenantEvidence, account: AccountEvidence) -> None:
        """Take what a sandbox audit read."""
        self._tenant, self._account = tenant, account

    def judge(self, rule: str, slot: str, reading: object) -> Outcome:
        """Return what a rule concludes with `reading` in the place of one slot of tenant or account."""
        from nylas_readiness.checks.suite.support.harness import live_checks

        tenant, account = self._tenant, self._account
        if hasattr(tenant, slot):
            tenant = msgspec.structs.replace(tenant, **{slot: reading})
        else:
            account = msgspec.structs.replace(account, **{slot: reading})
        check = live_checks()[rule]
        given: dict[str, Any] = {"tenant": tenant, "account": account, "probes": PROBES}
        wanted = check.__code__.co_varnames[: check.__code__.co_argcount]
        return conclude(check, {name: given[name] for name in wanted})

    def token_refused(self, code: str, error: str = "invalid_grant") -> Outcome:
        """Let the token endpoint refuse the service account's refresh token; without a code by `error`."""
        codes = [code] if code else []
        refusal = Refusal(error=error, codes=codes, description=f"AADSTS{code}: {SAID}" if code else SAID)
        return self.judge("ENT-002", "redemption", Read(Redemption(refusal=refusal), TRACE))

    def app_refused(self, code: str) -> Outcome:
        """Let the token endpoint refuse the directory app."""
        codes = (int(code),) if code.isdecimal() else ()
        error = TokenRefused(status=400, error=code, codes=codes, description=SAID, where="POST /token")
        return self.judge("CFG-003", "directory_permissions", unread(error, "POST /token"))

    def graph_refused(self, code: str) -> Outcome:
        """Let Graph refuse to list the domains."""
        error = Refused(status=403, code=code, message=SAID, where="GET /domains", action="Ask again")
        return self.judge("USR-006", "domains", unread(error, "GET /domains", "Domain.Read.All"))

    def ews_answers(self, **said: Any) -> Outcome:  # noqa: ANN401 -- members of an answer
        """Let EWS answer the impersonated read without reading."""
        answer = EwsAnswer(ok=False, message=SAID, **{"http_status": 500, **said})
        return self.judge("EWS-003", "calendar", Read(answer, TRACE))

    def application_refused(self, code: str) -> Outcome:
        """Let Nylas refuse the call of the application with this type and message."""
        answer = NylasAnswer(status=500, message=f"{SAID}: {code}", type=code)
        return self.judge("NY2-001", "nylas_application", Read(answer, TRACE))

    def list_refused(self, code: str) -> Outcome:
        """Let Nylas refuse to list the accounts, with this type or these words."""
        body: Any = SimpleNamespace(type=code, missing_fields=None, server_error=None, error=None)
        error = NylasError(status=400, message=SAID, where="GET /a", action="Ask", body=body)
        return self.judge("NY2-003", "connected", unread(error, "GET /a/{client_id}/accounts"))

    def connected_as(self, state: str) -> Outcome:
        """Let the account be connected, in this state."""
        one = ConnectedAccount(account_id="a1", email=self._account.email, sync_state=state)
        return self.judge("NY2-003", "connected", Read([one], TRACE))


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """Return the healthy company, audited once."""
    from nylas_readiness.checks.suite.support.harness import audit

    evidence = audit("healthy", tmp_path_factory.mktemp("healthy")).evidence
    assert evidence is not None
    return Company(evidence.tenant, next(iter(evidence.accounts())))


def meaning(table: Table, code: str) -> Explanation:
    found = explain(table, code)
    assert found is not None
    return found


def assert_explained(outcome: Outcome, meant: Explanation, *statuses: Status) -> None:
    """Assert that the user reads the cause, what to do with its command, and who does it."""
    assert outcome.status in statuses
    assert meant.cause.rstrip(".") in outcome.observed
    assert outcome.remedy is not None
    assert outcome.remedy.startswith(meant.remedy)
    assert outcome.owner == meant.owner
    if meant.command:
        assert "/oauth2/v2.0/authorize?" in outcome.remedy or f"    {meant.command}" in outcome.remedy


def test_a_refused_refresh_token_is_explained(company: Company, subtests: pytest.Subtests) -> None:
    for code in sorted({*listed("aadsts")} - NO_TENANT):
        with subtests.test(code=code):
            outcome, meant = company.token_refused(code), meaning("aadsts", code)
            assert f"AADSTS{code}: {SAID}" in outcome.observed
            assert_explained(outcome, meant, Status(meant.status or "fail"))


@each_of("code", ["50002", "500021", "500022"])
def test_a_network_that_lets_the_tenant_not_in_says_nothing_about_it(code: str, company: Company) -> None:
    for outcome in (company.token_refused(code), company.app_refused(code)):
        assert (outcome.status, outcome.owner) == (Status.UNKNOWN, "integrator")
        assert "from a network without tenant restrictions" in str(outcome.remedy)


@each_of("error", ["invalid_grant", "invalid_client", "interaction_required", "a_new_error"])
def test_oauths_error_alone_names_nobody(error: str, company: Company) -> None:
    for outcome, status in (
        (company.token_refused("", error), Status.REVIEW),
        (company.app_refused(error), Status.UNKNOWN),
    ):
        assert outcome.status is status
        assert SAID in outcome.observed
        assert outcome.owner is None
        assert str(outcome.remedy).startswith(f"Look {error} up at https://learn.microsoft.com/entra/")


@each_of(
    ("code", "error"),
    [
        ("90033", "invalid_grant"),
        ("90055", "invalid_request"),
        ("80005", "invalid_grant"),
        ("50087", "interaction_required"),
        ("", "temporarily_unavailable"),
        ("", "server_error"),
    ],
)
def test_trouble_of_the_moment_says_nothing_about_the_token(code: str, error: str, company: Company) -> None:
    outcome = company.token_refused(code, error)
    assert (outcome.status, outcome.owner) == (Status.UNKNOWN, None)
    assert SAID in outcome.observed
    assert outcome.remedy == "Run the audit again later: nothing needs to be changed for this."


@each_of(
    ("code", "first", "owner"),
    [
        ("500341", "Restore the service account", "tenant-admin"),
        ("50057", "Enable the service account", "tenant-admin"),
        ("9002313", "Look for a cut", "integrator"),
        ("7000222", "Create a new secret", "tenant-admin"),
    ],
)
def test_what_a_sign_in_does_not_mend_comes_before_it(
    code: str, first: str, owner: str, company: Company
) -> None:
    outcome = company.token_refused(code)
    assert (outcome.status, outcome.owner) == (Status.FAIL, owner)
    remedy = str(outcome.remedy)
    assert remedy.startswith(first)
    assert "If a new refresh token is needed after that, sign in as the service account at:\n" in remedy
    assert "login_hint=" in remedy


@each_of("code", ["50173", "700082", "50076"])
def test_what_a_sign_in_mends_shows_its_whole_address_once(code: str, company: Company) -> None:
    remedy = str(company.token_refused(code).remedy)
    assert remedy.count("/oauth2/v2.0/authorize?") == 1
    assert "<application id>" not in remedy
    assert all(part in remedy for part in ("EWS.AccessAsUser.All", "EAS.AccessAsUser.All", "offline_access"))


def test_a_code_that_only_the_text_names_is_the_code(company: Company) -> None:
    refusal = Refusal(error="invalid_grant", codes=[], description=f"AADSTS50057: {SAID}")
    outcome = company.judge("ENT-002", "redemption", Read(Redemption(refusal=refusal), TRACE))
    assert_explained(outcome, meaning("aadsts", "50057"), Status.FAIL)


def test_a_tenant_that_does_not_exist_is_that_rules_finding_by_the_code_alone(company: Company) -> None:
    outcome = company.token_refused("90002")
    assert (outcome.status, outcome.cause) == (Status.UNKNOWN, "ENT-001")


def test_a_refused_directory_app_is_explained(company: Company, subtests: pytest.Subtests) -> None:
    for code in sorted({*listed("aadsts")} - NO_TENANT):
        with subtests.test(code=code):
            assert_explained(company.app_refused(code), meaning("aadsts", code), Status.UNKNOWN)


@each_of("code", sorted(NO_TENANT))
def test_an_unknown_tenant_is_a_matter_of_its_own_rule(code: str, company: Company) -> None:
    outcome = company.app_refused(code)
    assert outcome.reason is not None
    assert outcome.reason.startswith("depends on ENT-001: ")
    assert outcome.remedy is None


def test_a_refusal_of_graph_is_explained_and_names_the_permission(
    company: Company, subtests: pytest.Subtests
) -> None:
    for code in listed("graph"):
        with subtests.test(code=code):
            outcome = company.graph_refused(code)
            assert_explained(outcome, meaning("graph", code), Status.UNKNOWN)
            assert "the permission Domain.Read.All would decide it" in (outcome.reason or "")


def test_a_response_code_of_ews_is_explained(company: Company, subtests: pytest.Subtests) -> None:
    for code in listed("ews", but="ErrorNonExistentMailbox"):
        with subtests.test(code=code):
            outcome = company.ews_answers(response_code=code)
            assert SAID in outcome.observed
            assert_explained(outcome, meaning("ews", code), Status.FAIL, Status.UNKNOWN)


def test_a_policy_refusal_of_ews_is_explained(company: Company, subtests: pytest.Subtests) -> None:
    for reason in listed("ews_policy", but="403 without header"):
        with subtests.test(reason=reason):
            outcome = company.ews_answers(http_status=403, policy_reason=reason)
            if outcome.status is Status.REVIEW:  # others were read, so it is not the list of apps
                assert "blocked by policy" in reason
            else:
                assert_explained(outcome, meaning("ews_policy", reason), Status.FAIL)


def test_a_403_of_ews_without_a_reason_is_explained(company: Company) -> None:
    outcome = company.ews_answers(http_status=403)
    assert_explained(outcome, meaning("ews_policy", "403 without header"), Status.FAIL)


@each_of(
    ("code", "header"),
    [
        ("2000003", '2000003;reason="The audience claim value is invalid.";error_category="invalid_token"'),
        # The number decides: what stands behind it may differ within one category.
        ("2000008", '2000008;reason="Unknown.";error_category="invalid_resource"'),
        ("4000000", " 4000000 ;reason=\"Flighting is not enabled for domain 'contoso.com'.\""),
        ("invalid_issuer", 'reason="The issuer is unknown.";error_category="invalid_issuer"'),
    ],
)
def test_the_diagnostics_of_a_401_are_explained(code: str, header: str, company: Company) -> None:
    outcome = company.ews_answers(http_status=401, diagnostics=header)
    assert header in outcome.observed
    assert_explained(outcome, meaning("x_ms_diagnostics", code), Status.FAIL)


def test_an_error_of_nylas_is_explained(company: Company, subtests: pytest.Subtests) -> None:
    for code in listed("nylas_v2"):
        with subtests.test(code=code):
            meant = meaning("nylas_v2", code)
            assert_explained(company.application_refused(code), meant, Status.UNKNOWN)
            assert_explained(company.list_refused(code), meant, Status.UNKNOWN)


def test_a_sync_state_has_the_status_that_is_listed(company: Company, subtests: pytest.Subtests) -> None:
    for state in listed("nylas_state"):
        with subtests.test(state=state):
            meant = meaning("nylas_state", state)
            outcome = company.connected_as(state)
            assert outcome.status == meant.status
            if outcome.status in {Status.FAIL, Status.WARN}:
                assert_explained(outcome, meant, outcome.status)


def test_a_code_that_nobody_listed_is_shown_as_it_came(company: Company) -> None:
    outcomes = [
        company.token_refused("999999"),
        company.app_refused("999999"),
        company.graph_refused(UNLISTED),
        company.ews_answers(response_code=UNLISTED),
        company.ews_answers(http_status=401, diagnostics='9999999;reason="new"'),
        company.application_refused(UNLISTED),
        company.list_refused(UNLISTED),
        company.connected_as("hibernating"),
    ]
    assert [outcome.status for outcome in outcomes] == [
        Status.REVIEW,
        Status.UNKNOWN,
        Status.UNKNOWN,
        Status.REVIEW,
        Status.UNKNOWN,
        Status.UNKNOWN,
        Status.UNKNOWN,
        Status.REVIEW,
    ]
    said = ("999999", SAID, UNLISTED, UNLISTED, "9999999", UNLISTED, UNLISTED, "hibernating")
    assert [word for word, outcome in zip(said, outcomes, strict=True) if word not in outcome.observed] == []
    assert not any("(" in outcome.observed.removesuffix(" (account a1)") for outcome in outcomes)
    assert outcomes[0].observed.endswith("; invalid_grant")
    assert [outcome.owner for outcome in outcomes] == [None] * len(outcomes)
    looked_up = (*outcomes[:3], outcomes[6])
    assert [one for one in looked_up if not re.match(r"Look \w+ up at https://", str(one.remedy))] == []


@each_of(
    ("said", "observed"),
    [
        ("The account is disabled.", "The account is disabled."),
        ("the ACCOUNT, is disabled", "the ACCOUNT, is disabled"),
        ("The account is disabledish.", "The account is disabledish. (The account is disabled)"),
        ("HTTP 403", "HTTP 403 (The account is disabled)"),
    ],
)
def test_a_cause_that_the_vendor_said_already_is_not_repeated(said: str, observed: str) -> None:
    outcome = explained(unknown(said), meaning("ews", "ErrorAccountDisabled"))
    assert (outcome.observed, outcome.reason) == (observed, observed)
    assert outcome.remedy
