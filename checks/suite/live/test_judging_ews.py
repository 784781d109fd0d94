"""EWS-002, EWS-003, MIG-002: a refusal that all accounts get, the switch, the policy for user agents."""

from datetime import date
from typing import Any

import msgspec
import pytest

from nylas_readiness.checks.live.ews_agents import names_nylas
from nylas_readiness.checks.outcome import Outcome, Status
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.evidence_samples import (
    CLIENT_ID,
    account_with,
    decided,
    read,
    setup_with,
    tenant_with,
)
from nylas_readiness.fixtures.clients.codes import Unreadable
from nylas_readiness.fixtures.clients.entra import Claims, Discovery
from nylas_readiness.fixtures.clients.ews import EwsAnswer
from nylas_readiness.fixtures.clients.trouble import PASSING, THROTTLING
from nylas_readiness.fixtures.evidence.model import (
    AccountEvidence,
    Directory,
    OrganizationConfig,
    Redemption,
    TenantEvidence,
)
from nylas_readiness.fixtures.evidence.probes import Probes, probes_of
from nylas_readiness.fixtures.evidence.slots import Absent

pytestmark = pytest.mark.offline

AS_OF = date(2026, 11, 23)
BEFORE = date(2026, 10, 5)
OK = EwsAnswer(http_status=200, ok=True, response_code="NoError")
NO_MAILBOX = EwsAnswer(http_status=500, ok=False, response_code="ErrorNonExistentMailbox")
BARE_403 = EwsAnswer(http_status=403, ok=False)
BY_LIST = EwsAnswer(
    http_status=403, ok=False, policy_reason="EWS is blocked by policy for this user or tenant"
)
SWITCHED_OFF = EwsAnswer(http_status=403, ok=False, policy_reason="EWS is disabled for this user or tenant")


def unauthorized(diagnostics: str | None) -> EwsAnswer:
    return EwsAnswer(http_status=401, ok=False, diagnostics=diagnostics)


def reading(answer: EwsAnswer) -> AccountEvidence:
    return account_with(calendar=read(answer))


def probed(*answers: EwsAnswer) -> Probes:
    return probes_of(reading(answer) for answer in answers)


def config(enabled: bool | None = True, *apps: str, **more: Any) -> OrganizationConfig:  # noqa: ANN401
    """Return an export; without apps its list is null."""
    listed = list(apps) if apps else None
    given = {"allowed_app_ids": listed, "has_agent_policy": True} | more
    return OrganizationConfig(ews_enabled=enabled, **given)


def tenant_of(export: OrganizationConfig | None = None, **given: Any) -> TenantEvidence:  # noqa: ANN401
    """Return a tenant whose refresh token redeems, with this export."""
    slot = Absent("no export") if export is None else read(export)
    return tenant_with(**({"redemption": read(Redemption()), "organization_config": slot} | given))


def switched(
    export: OrganizationConfig | None,
    *answers: EwsAnswer,
    as_of: date = AS_OF,
    **given: Any,  # noqa: ANN401
) -> Outcome:
    """Return what EWS-002 says."""
    return decided("EWS-002", tenant=tenant_of(export, **given), probes=probed(*answers), as_of=as_of)


def test_a_switch_that_nobody_has_set_is_one_task_with_the_date_on_which_microsoft_sets_it() -> None:
    assert (switched(config(None)).status, switched(config(None)).cause) == (Status.WARN, "MIG-002")
    with_agents = switched(config(None, agent_policy="EnforceAllowList", allowed_agents=["Other*"]))
    assert (with_agents.status, with_agents.cause) == (Status.WARN, None)


# --- one refusal for all accounts


@each_of(
    ("answer", "status", "said", "owner"),
    [
        (unauthorized('2000020;reason="x";error_category="y"'), Status.UNKNOWN, "restrictions", "integrator"),
        (unauthorized('4000000;reason="Flighting"'), Status.FAIL, "modern authentication", "tenant-admin"),
        (unauthorized('2000005;reason="ambiguous"'), Status.FAIL, "several", "tenant-admin"),
        (unauthorized('2000009;error_category="invalid_issuer"'), Status.FAIL, "trust", "tenant-admin"),
        (
            unauthorized('2000099;reason="new";error_category="invalid_issuer"'),
            Status.UNKNOWN,
            "2000099",
            None,
        ),
        (unauthorized(None), Status.UNKNOWN, "no reason given", None),
        (BARE_403, Status.UNKNOWN, "without a policy reason", "tenant-admin"),
        (SWITCHED_OFF, Status.FAIL, "EWS is disabled", None),
        (BY_LIST, Status.FAIL, "EWS is blocked", None),
        (
            EwsAnswer(http_status=500, ok=False, response_code="ErrorOrganizationAccessBlocked"),
            Status.FAIL,
            "marked the organisation for removal",
            "tenant-admin",
        ),
    ],
)
def test_what_all_accounts_get_is_one_result_of_the_tenant(
    answer: EwsAnswer, status: Status, said: str, owner: str | None
) -> None:
    outcome = switched(None, answer, answer)
    assert (outcome.status, outcome.owner) == (status, owner)
    assert "all 2 EWS reads" in outcome.observed
    assert said in outcome.observed
    assert "Look at the role" not in str(outcome.remedy)
    account = decided("EWS-003", account=reading(answer), tenant=tenant_of(), probes=probed(answer, answer))
    assert (account.status, account.cause, account.code) == (Status.UNKNOWN, "EWS-002", Unreadable.CAUSE)


def test_the_refusals_of_all_accounts_need_not_be_alike() -> None:
    probes = probed(unauthorized("1;x"), unauthorized("2;y"), BARE_403)
    account = decided("EWS-003", account=reading(BARE_403), tenant=tenant_of(), probes=probes)
    assert account.cause == "EWS-002"


@each_of("other", [OK, NO_MAILBOX])
def test_a_refusal_of_one_account_is_its_own_where_others_were_served(other: EwsAnswer) -> None:
    answer = unauthorized('3131313;reason="who knows"')
    probes = probed(other, answer)
    outcome = decided("EWS-003", account=reading(answer), tenant=tenant_of(), probes=probes)
    assert (outcome.status, outcome.cause, outcome.code) == (Status.UNKNOWN, None, Unreadable.REFUSED)
    assert "3131313" in outcome.observed
    assert "search for this one" in str(outcome.remedy)


@each_of(("code", "status"), [("ErrorPasswordChangeRequired", Status.FAIL), ("ErrorBrandNew", Status.REVIEW)])
def test_an_error_that_all_accounts_get_alike_is_one_result_of_the_tenant(code: str, status: Status) -> None:
    answer = EwsAnswer(http_status=500, ok=False, response_code=code, message="words of Exchange")
    outcome = switched(None, answer, answer, answer)
    assert outcome.status is status
    assert "all 3 EWS reads" in outcome.observed
    assert code in outcome.observed
    probes = probed(answer, answer, answer)
    account = decided("EWS-003", account=reading(answer), tenant=tenant_of(), probes=probes)
    assert (account.status, account.cause) == (Status.UNKNOWN, "EWS-002")


@each_of(
    "codes",
    [
        ("ErrorBrandNew",),
        ("ErrorBrandNew", "ErrorOther"),
        ("ErrorBrandNew", "NoError"),
        ("ErrorFolderNotFound", "ErrorFolderNotFound"),
    ],
)
def test_an_error_that_need_not_have_one_cause_is_each_accounts_own(codes: tuple[str, ...]) -> None:
    given = [EwsAnswer(http_status=500, ok=code == "NoError", response_code=code) for code in codes]
    outcome = decided("EWS-003", account=reading(given[0]), tenant=tenant_of(), probes=probed(*given))
    assert outcome.cause is None
    assert codes[0] in outcome.observed


def test_a_mailbox_with_an_error_of_its_own_does_not_hide_that_the_caller_was_refused() -> None:
    answers = (NO_MAILBOX, SWITCHED_OFF, SWITCHED_OFF, SWITCHED_OFF)
    outcome = switched(None, *answers)
    assert outcome.status is Status.FAIL
    assert "3 of 4 EWS reads" in outcome.observed
    for answer, cause in ((SWITCHED_OFF, "EWS-002"), (NO_MAILBOX, None)):
        account = decided("EWS-003", account=reading(answer), tenant=tenant_of(), probes=probed(*answers))
        assert account.cause == cause


@each_of(
    ("answer", "said", "remedy"),
    [
        (
            EwsAnswer(http_status=403, ok=False, policy_reason="EWS is not part of this licence"),
            "not part of this licence",
            "X-EWS-Policy-Reason",
        ),
        (
            EwsAnswer(http_status=403, ok=False, diagnostics='2000777;reason="new"'),
            "2000777",
            "search for this one",
        ),
    ],
)
def test_a_403_for_a_reason_that_nobody_lists_is_quoted(answer: EwsAnswer, said: str, remedy: str) -> None:
    alone = decided("EWS-003", account=reading(answer), tenant=tenant_of(), probes=probed(OK, answer))
    everybody = switched(config(True, CLIENT_ID), answer, answer)
    for outcome in (alone, everybody):
        assert (outcome.status, outcome.owner) == (Status.REVIEW, None)
        assert said in outcome.observed
        assert remedy in str(outcome.remedy)
    assert not probed(answer).all_policy_refused


def test_diagnostics_explain_a_403_too() -> None:
    answer = EwsAnswer(http_status=403, ok=False, diagnostics='2000020;error_category="insufficient_claims"')
    outcome = switched(None, answer, answer)
    assert (outcome.status, outcome.owner) == (Status.UNKNOWN, "integrator")
    assert "restrictions" in outcome.observed


@each_of("host", ["login.microsoftonline.us", "login.partner.microsoftonline.cn"])
def test_another_cloud_has_no_date_from_which_an_empty_list_blocks(host: str) -> None:
    metadata = Discovery(issuer="i", token_endpoint=f"https://{host}/t/oauth2/v2.0/token")
    elsewhere: dict[str, Any] = {"discovery": read(Directory(metadata=metadata))}
    empty = switched(config(True, allowed_app_ids=[]), **elsewhere)
    assert empty.status is Status.WARN
    assert "worldwide cloud alone" in empty.observed
    unset = switched(config(None), **elsewhere)
    assert unset.status is Status.WARN
    assert "notices of their own" in unset.observed
    assert switched(config(True, "another"), **elsewhere).status is Status.FAIL
    assert (
        switched(config(True, allowed_app_ids=[]), BARE_403, BARE_403, **elsewhere).status is Status.UNKNOWN
    )
    assert switched(config(True, allowed_app_ids=[]), BARE_403, BARE_403).status is Status.FAIL


def test_a_mailbox_that_refuses_by_a_list_where_others_were_read_has_a_policy_for_user_agents() -> None:
    outcome = decided("EWS-003", account=reading(BY_LIST), tenant=tenant_of(), probes=probed(OK, BY_LIST))
    assert outcome.status is Status.REVIEW
    assert "nylas-readiness" in str(outcome.reason)
    assert "Get-CASMailbox" in str(outcome.remedy)
    off = decided(
        "EWS-003", account=reading(SWITCHED_OFF), tenant=tenant_of(), probes=probed(OK, SWITCHED_OFF)
    )
    assert (off.status, off.cause) == (Status.FAIL, None)


def test_trouble_of_other_accounts_does_not_hide_that_the_rest_were_refused() -> None:
    busy = EwsAnswer(http_status=503, ok=False)
    assert probed(BY_LIST, busy, BY_LIST).all_policy_refused
    assert not probed(BY_LIST, OK).all_refused


def test_a_refused_token_is_a_matter_of_the_rules_of_the_token() -> None:
    wrong = read(Redemption(claims=Claims(aud="https://graph.microsoft.com", tid="t", appid=CLIENT_ID)))
    answer = unauthorized('2000003;reason="audience"')
    tenant = tenant_of(config(True, CLIENT_ID), redemption=wrong)
    account = decided("EWS-003", account=reading(answer), tenant=tenant, probes=probed(answer))
    assert account.cause == "ENT-003"
    assert decided("EWS-002", tenant=tenant, probes=probed(answer), as_of=AS_OF).status is Status.PASS


@each_of("code", sorted(code for code in PASSING | THROTTLING if code.startswith("Error")))
def test_a_code_that_passes_by_itself_is_no_failure(code: str) -> None:
    answer = EwsAnswer(http_status=500, ok=False, response_code=code)
    probes = probed(answer)
    outcome = decided("EWS-003", account=reading(answer), tenant=tenant_of(), probes=probes)
    assert outcome.status is Status.UNKNOWN
    assert outcome.code in {Unreadable.TROUBLE, Unreadable.THROTTLED}
    assert code in outcome.observed
    assert "role" not in str(outcome.remedy)
    assert (probes.served, probes.answered, probes.unread) == (0, 0, 1)


def test_a_code_that_no_table_has_is_looked_up_and_is_not_laid_at_the_roles_door() -> None:
    answer = EwsAnswer(http_status=500, ok=False, response_code="ErrorOfTomorrow")
    outcome = decided("EWS-003", account=reading(answer), tenant=tenant_of(), probes=probed(OK, answer))
    assert outcome.status is Status.REVIEW
    assert "responsecode" in str(outcome.remedy)


# --- the switch and the list of apps


@each_of(
    ("export", "answers", "status", "said"),
    [
        (config(True, CLIENT_ID.upper()), [OK], Status.PASS, "is in EwsAllowedAppIDs"),
        (config(None), [OK], Status.WARN, "seven days ahead"),
        # The list has no effect while the switch is not set.
        (config(None, "another"), [OK], Status.WARN, "no effect"),
        (config(None), [], Status.WARN, "seven days ahead"),
        # Null: not retrieved, or empty.
        (config(True), [OK], Status.WARN, "-RetrieveEwsOperationAccessPolicy"),
        (config(True), [], Status.UNKNOWN, "-RetrieveEwsOperationAccessPolicy"),
        (config(True, illegible={"EwsAllowedAppIDs": "cut off"}), [OK], Status.WARN, "cut off"),
        (config(True, allowed_app_ids=[]), [OK], Status.WARN, "yet Exchange answered 1 EWS reads"),
        (config(True, allowed_app_ids=[]), [], Status.FAIL, "blocks every app from 2026-10-10"),
        (config(True, "another"), [], Status.FAIL, "is not in EwsAllowedAppIDs (another)"),
        # What was read outranks an export.
        (config(True, "another"), [OK], Status.WARN, "older, or not yet in effect"),
        (config(False), [OK, NO_MAILBOX], Status.WARN, "yet Exchange answered 2 EWS reads"),
        (config(False), [], Status.FAIL, "EwsEnabled is false"),
        (config(None, illegible={"EwsEnabled": "7 is no switch"}), [], Status.UNKNOWN, "7 is no switch"),
        (config(None, illegible={"EwsEnabled": "7 is no switch"}), [OK], Status.PASS, "EWS read succeeded"),
        (config(False), [BARE_403], Status.FAIL, "HTTP 403: no reason given"),
        (config(None), [BARE_403], Status.UNKNOWN, "HTTP 403: no reason given"),
    ],
)
def test_the_switch_is_judged_by_the_export_and_a_read_outranks_it(
    export: OrganizationConfig, answers: list[EwsAnswer], status: Status, said: str
) -> None:
    outcome = switched(export, *answers)
    assert outcome.status is status
    assert said in outcome.observed


def test_an_empty_list_blocks_nobody_before_microsofts_day() -> None:
    outcome = switched(config(True, allowed_app_ids=[]), as_of=BEFORE)
    assert (outcome.status, outcome.deadline) == (Status.WARN, "2026-10-10")


def test_exchange_on_premises_has_neither_a_list_nor_a_stage() -> None:
    setup = setup_with(hosting="on-premises")
    assert switched(config(None), OK, setup=setup).status is Status.PASS
    assert switched(config(True), setup=setup).status is Status.PASS
    assert switched(config(False), setup=setup).status is Status.FAIL


def test_the_remedy_keeps_the_app_alive_and_warns_that_the_whole_list_is_written() -> None:
    remedy = str(switched(config(None), OK).remedy)
    assert (
        f"Set-OrganizationConfig -EwsEnabled $true -EwsAllowedAppIDs '<ids of the list>,{CLIENT_ID}'"
        in remedy
    )
    assert "WRITES THE WHOLE LIST" in remedy
    assert "60 days" in remedy


# --- the policy for user agents

LISTED = config(True, CLIENT_ID)


def with_agents(policy: str | None, *agents: str, **more: Any) -> OrganizationConfig:  # noqa: ANN401
    """Return an export that lists the app and has such a policy."""
    key = "allowed_agents" if policy == "EnforceAllowList" else "blocked_agents"
    return msgspec.structs.replace(LISTED, agent_policy=policy, **{key: list(agents)}, **more)


@each_of(
    ("pattern", "is_nylas"),
    [
        ("Nylas*", True), ("*nylas-sync/2.0*", True), ("N*", True), ("*", True),
        ("OutlookService", False), ("Mozilla/5.0 (X11*", False), ("", False),
    ],
)  # fmt: skip
def test_a_pattern_is_nylas_by_name_or_because_it_matches(pattern: str, is_nylas: bool) -> None:
    assert names_nylas(pattern) is is_nylas


@each_of(
    ("export", "status", "said"),
    [
        (with_agents(None, "Nylas*"), Status.PASS, "is in EwsAllowedAppIDs"),
        (with_agents("EnforceAllowList", "Outlook*", "nylas*"), Status.PASS, "is in EwsAllowedAppIDs"),
        (with_agents("EnforceAllowList", "Outlook*"), Status.WARN, "does not name Nylas's"),
        (with_agents("EnforceAllowList"), Status.WARN, "EwsAllowList (empty)"),
        (with_agents("EnforceBlockList", "OldClient/*"), Status.PASS, "is in EwsAllowedAppIDs"),
        (with_agents("EnforceBlockList", "*Nylas*"), Status.WARN, "blocks Nylas's"),
        (
            with_agents(None, illegible={"EwsApplicationAccessPolicy": "9 is neither"}),
            Status.WARN,
            "9 is neither",
        ),
    ],
)
def test_a_policy_that_keeps_nylas_out_is_a_warning_though_the_audit_reads(
    export: OrganizationConfig, status: Status, said: str
) -> None:
    outcome = switched(export, OK)
    assert outcome.status is status
    assert said in outcome.observed
    assert ("EwsApplicationAccessPolicy" in str(outcome.remedy)) is (status is Status.WARN)


def test_both_warnings_have_both_remedies() -> None:
    outcome = switched(config(None, agent_policy="EnforceAllowList", allowed_agents=["Outlook*"]), OK)
    assert outcome.status is Status.WARN
    assert "not set" in outcome.observed
    assert "does not name Nylas's" in outcome.observed
    assert "-EwsEnabled $true" in str(outcome.remedy)
    assert "EwsAllowList" in str(outcome.remedy)


@each_of(
    "export",
    [
        with_agents("EnforceAllowList", "Nylas*"),
        with_agents("EnforceBlockList", "*audit*"),
        # While EwsEnabled is not set, no list of apps can be the reason.
        config(None, agent_policy="EnforceAllowList", allowed_agents=["Nylas*"]),
        # An export of the older command does not tell the policy; the list cannot be the reason.
        config(True, CLIENT_ID, has_agent_policy=False),
    ],
)
def test_a_policy_that_refuses_the_audits_user_agent_says_nothing_about_nylas(
    export: OrganizationConfig,
) -> None:
    outcome = switched(export, BY_LIST, BY_LIST)
    assert outcome.status is Status.REVIEW
    assert "nylas-readiness" in str(outcome.reason)
    assert "EwsApplicationAccessPolicy" in str(outcome.remedy)
    tenant, probes = tenant_of(export), probed(BY_LIST, BY_LIST)
    for rule in ("MIG-002", "ROL-005"):
        told = decided(rule, tenant=tenant, probes=probes, as_of=AS_OF)
        assert (told.status, told.cause) == (Status.UNKNOWN, "EWS-002")


@each_of(
    ("export", "answer"),
    [
        (config(True, "another", agent_policy="EnforceAllowList", allowed_agents=["Nylas*"]), BY_LIST),
        (config(False, agent_policy="EnforceAllowList", allowed_agents=["Nylas*"]), BY_LIST),
        (with_agents(None), BY_LIST),
        (with_agents("EnforceAllowList", "Nylas*"), SWITCHED_OFF),
        (config(None, has_agent_policy=False), BY_LIST),
    ],
)
def test_a_refusal_that_no_policy_for_user_agents_explains_is_a_failure(
    export: OrganizationConfig, answer: EwsAnswer
) -> None:
    outcome = switched(export, answer, answer)
    assert outcome.status is Status.FAIL
    assert str(answer.policy_reason) in outcome.observed


# --- how far Microsoft's switching off is here


@each_of(
    ("export", "answers", "status", "said"),
    [
        (config(True, CLIENT_ID), [OK], Status.WARN, "is in EwsAllowedAppIDs; 1 EWS reads were let in"),
        (config(None), [OK], Status.WARN, "seven days ahead; 1 EWS reads were let in"),
        (None, [OK], Status.WARN, "no export of the organisation's settings tells the stage"),
        (config(None), [SWITCHED_OFF], Status.FAIL, "1 were refused by policy"),
        (config(False), [SWITCHED_OFF], Status.FAIL, "EwsEnabled is false"),
        (config(None), [SWITCHED_OFF, NO_MAILBOX], Status.WARN, "1 EWS reads were let in"),
        # A 401 says nothing of the switch.
        (config(None), [unauthorized("2000020;x")], Status.UNKNOWN, "depends on EWS-002"),
        (config(None), [], Status.UNKNOWN, "depends on EWS-003"),
    ],
)
def test_the_default_off_is_told_by_the_tenants_settings_and_its_reads(
    export: OrganizationConfig | None, answers: list[EwsAnswer], status: Status, said: str
) -> None:
    outcome = decided("MIG-002", tenant=tenant_of(export), probes=probed(*answers), as_of=AS_OF)
    assert outcome.status is status
    assert said in (outcome.reason or outcome.observed)
