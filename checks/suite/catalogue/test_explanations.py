"""The explanations cover the vendors' codes that the suite meets, and say something usable about each."""

import re
import tomllib
from collections import Counter
from importlib.resources import files
from typing import Any, get_args
from urllib.parse import urlsplit

import pytest

from nylas_readiness.checks.catalogue.explanations import (
    Explanation,
    Table,
    aadsts_code,
    explain,
    explain_text,
    look_up,
)
from nylas_readiness.checks.live.refusals import v3_explanation
from nylas_readiness.checks.outcome import Status
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.fixtures.clients.trouble import PASSING, THROTTLING

pytestmark = pytest.mark.offline

# The codes of the vendors' own lists, not of the file under test.
CODES: dict[Table, str] = {
    "aadsts": """
        50020 50034 50053 50055 50056 50057 50059 50072 50074 50076 50078 50079 50089 50097 50105
        50126 50128 50132 50133 50144 50158 50173 50194 50196 53000 53001 53002 53003 53004 53011
        530032 530034 530035 54005 65001 65004 650052 650056 650057 70000 70001 70002 70008 70011
        70043 700011 700016 700025 700082 700084 7000112 7000215 7000218 7000222 80001 80012 90002
        90072 90094 90095 500011 9001023 9002313 900144 90014 90019 70003 500133 700005 700022 50131
        500341 7000229 1000031 65005 500021 500022 50002 500212 500213 50014 16003 51004 50125 50135
        50129 50155 50187 53010 28002 28003 650054 700020 700027 700030 90004 90008 90013 90023 90100
        901002 90038 90043 90051 900382 900432 90099 90124 90130 9002332
        530003 500014 70044 700024 7000216 900021 900023 9002327""",
    "ews": """
        ErrorImpersonateUserDenied ErrorImpersonationDenied ErrorImpersonationFailed
        ErrorInvalidExchangeImpersonationHeaderData ErrorNonExistentMailbox
        ErrorInvalidUserPrincipalName ErrorInvalidSmtpAddress ErrorInvalidSid
        ErrorMissingEmailAddress ErrorAccessDenied ErrorAccountDisabled ErrorPasswordExpired
        ErrorPasswordChangeRequired ErrorMailboxMoveInProgress ErrorMailboxStoreUnavailable
        ErrorMailboxFailover ErrorConnectionFailed ErrorInternalServerTransientError
        ErrorMailboxConfiguration ErrorFolderNotFound ErrorServerBusy ErrorExceededConnectionCount
        ErrorOrganizationAccessBlocked ErrorInvalidLicense""",
    "x_ms_diagnostics": "2000003 invalid_resource",
    "graph": """
        MailboxNotEnabledForRESTAPI ResourceNotFound ErrorMissingEmailAddress ErrorItemNotFound
        Request_ResourceNotFound Authorization_RequestDenied InvalidAudienceForResource
        ErrorAccessDenied ApplicationThrottled Authentication_RequestFromNonPremiumTenantOrB2CTenant""",
    "activesync": "400 401 403 404 449 451 456 457 500 503",
    "nylas_v3": """
        authentication_error unauthorized unauthorized_access insufficient_scopes not_found_error
        invalid_request_error invalid_request_payload resource_blocked rate_limit_error
        nylas_rate_limit_exceeded provider_error partial_success_error partial_not_found_error
        internal_error""",
    "nylas_v2": "api_error invalid_request_error auth_error setting_update_error autodiscover",
    "nylas_state": """
        valid invalid stopped running partial exception sync-error downloading initializing
        invalid-credentials""",
}
POLICY_REASONS = (
    "EWS is disabled for this user or tenant",
    "EWS is blocked by policy for this user or tenant",
    "403 without header",
)
# Messages as Nylas has sent them, and a word that the right explanation uses.
NYLAS_MESSAGES = {
    "Wrong username or password for https://outlook.com/EWS/Exchange.asmx": "credentials",
    "Sorry, the code you provided is not valid. It has already been used, or has expired.": "exchanged",
    "An unexpected error occurred during authentication.": "authenticated",
    "Office 365 returned us an email address different from the one that started the process.": "alias",
    "This proposal does not allow direct password entry. Please restart the authentication flow.": "password",
    "Redirect URI is not HTTPS or localhost": "redirect",
    "Couldn't exchange OAuth code for a Microsoft refresh token": "personal",
    "https://app.example.com/callback?code=M.R3_BAY.1234": "personal",
    "This action can't be performed because the account's sync has been stopped.": "stopped",
    "Your credentials are out of date. Please reauthenticate and try again.": "credentials",
    "The account does not exist.": "id",
    "emails.0: Not a valid string.": "string",
    "X-MS-ASThrottle: CommandFrequency": "throttles",
    "account throttled": "throttles",
}


def document() -> dict[str, Any]:
    """Return the file as written."""
    return tomllib.loads(
        files("nylas_readiness.checks.catalogue").joinpath("explanations.toml").read_text("utf-8")
    )


def raw() -> dict[str, list[dict[str, Any]]]:
    """Return the file's tables of entries as written."""
    return {table: entries for table, entries in document().items() if isinstance(entries, list)}


def every_entry() -> list[Explanation]:
    """Return each entry as callers get it."""
    found = [
        explain(table, code) for table in get_args(Table) for entry in raw()[table] for code in entry["codes"]
    ]
    return [entry for entry in found if entry is not None]


@each_of("table", CODES)
def test_every_code_that_the_vendor_lists_is_explained(table: Table) -> None:
    missing = [code for code in CODES[table].split() if explain(table, code) is None]
    assert missing == []


def test_both_policy_reasons_and_a_403_without_one_are_explained() -> None:
    missing = [reason for reason in POLICY_REASONS if explain("ews_policy", reason) is None]
    assert missing == []


@each_of(("message", "word"), NYLAS_MESSAGES.items())
def test_a_message_of_nylas_is_recognised_by_its_words(message: str, word: str) -> None:
    entry = explain_text("nylas_v2", message)
    assert entry is not None
    assert word in entry.cause.casefold()


def test_a_code_may_be_a_number_and_its_case_does_not_matter() -> None:
    assert explain("aadsts", 700082) is explain("aadsts", "700082")
    assert explain("activesync", 457) is not None
    assert explain("ews", "errorserverbusy") is explain("ews", "ErrorServerBusy") is not None


@each_of("code", ["", "1", "99999999", "AADSTS700082", "50 020"])
def test_a_code_that_is_not_listed_is_not_guessed(code: str) -> None:
    assert explain("aadsts", code) is None


@each_of(
    ("table", "code", "remedy"),
    [
        (
            "aadsts",
            "135010",
            "Look AADSTS135010 up at https://login.microsoftonline.com/error?code=135010",
        ),
        (
            "graph",
            "ErrorQuotaExceeded",
            "Look ErrorQuotaExceeded up at https://learn.microsoft.com/graph/errors",
        ),
    ],
)
def test_a_code_that_is_not_listed_is_looked_up_at_its_vendor(table: Table, code: str, remedy: str) -> None:
    assert look_up(table, code) == remedy


def test_trouble_of_the_moment_is_nobodys_fault() -> None:
    """It is no answer about the subject, so no entry names an owner for it."""
    passing = {code for code in PASSING | THROTTLING if code.isdecimal()}
    assert {code for code in passing if explain("aadsts", code)} == set()


def test_a_text_without_a_known_message_is_not_guessed() -> None:
    assert explain_text("nylas_v2", "my_api_errors are many") is None


def test_a_longer_code_wins_over_a_shorter_one_in_the_same_text() -> None:
    text = "auth_error: You've entered invalid credentials"
    assert explain_text("nylas_v2", text) is explain("nylas_v2", "You've entered invalid credentials")


@each_of(
    ("text", "code"),
    [
        ("AADSTS700082: The refresh token has expired due to inactivity.", "700082"),
        ("error: AADSTS50076: Due to a configuration change. AADSTS65001 too", "50076"),
        ("The refresh token has expired.", None),
        ("AADSTS", None),
        ("", None),
    ],
)
def test_the_first_aadsts_code_is_taken_out_of_a_description(text: str, code: str | None) -> None:
    assert aadsts_code(text) == code


def test_every_text_is_a_sentence() -> None:
    texts = [text for entry in every_entry() for text in (entry.cause, entry.remedy)]
    assert [text for text in texts if not re.fullmatch(r"\S.{15,}\.", text)] == []


def test_every_remedy_can_be_read_alone() -> None:
    """It stands in the worklist as an account's next action, without the cause beside it."""
    leans = re.compile(r"\b(that (policy|long|member)|which one it is|why it is|log why,|its scopes)")
    assert [entry.remedy for entry in every_entry() if leans.search(entry.remedy)] == []


def test_every_source_is_an_https_page() -> None:
    split = {entry.source: urlsplit(entry.source) for entry in every_entry()}
    assert [source for source, url in split.items() if url.scheme != "https" or "." not in url.netloc] == []


def test_each_table_of_the_file_can_be_asked_for() -> None:
    assert set(raw()) == set(get_args(Table))


def test_a_code_is_explained_once_in_its_table() -> None:
    for table, entries in raw().items():
        counts = Counter(code.casefold() for entry in entries for code in entry["codes"])
        assert [code for code, count in counts.items() if count > 1] == [], table


@pytest.mark.parametrize(("names", "member"), [("sources", "source"), ("commands", "command")])
def test_every_named_source_and_command_is_used(names: str, member: str) -> None:
    used = {entry[member] for entries in raw().values() for entry in entries if member in entry}
    assert set(document()[names]) == used


def test_a_command_holds_no_address_and_nothing_to_be_formatted() -> None:
    commands = {entry.command for entry in every_entry() if entry.command}
    assert [command for command in commands if "@" in command or "{" in command] == []


@each_of(
    ("states", "status"),
    [
        ("running valid", Status.PASS),
        ("downloading initializing", Status.WAIT),
        ("partial", Status.WARN),
        ("stopped invalid invalid-credentials sync-error exception", Status.FAIL),
    ],
)
def test_a_sync_state_has_the_status_that_the_catalogue_gives_it(states: str, status: Status) -> None:
    given = {state: explain("nylas_state", state) for state in states.split()}
    assert {state: entry and entry.status for state, entry in given.items()} == dict.fromkeys(given, status)


def test_sync_states_and_what_a_network_refuses_alone_carry_a_status() -> None:
    with_status = {table for table, entries in raw().items() for entry in entries if "status" in entry}
    assert with_status == {"nylas_state", "x_ms_diagnostics", "aadsts"}
    assert all("status" in entry for entry in raw()["nylas_state"])


@each_of(
    ("message", "owner", "said"),
    [
        (
            "HTTP 403: This service account does not have the permission to impersonate the requested user.",
            "tenant-admin",
            "may not impersonate",
        ),
        (
            "HTTP 500: An unexpected error occurred during authentication: No useable credentials",
            "integrator",
            "another tenant or domain than the service account",
        ),
        ("An unexpected error occurred during authentication.", "integrator", "failed inside"),
    ],
)
def test_what_v2_says_of_a_service_account_is_explained_as_public_code_met_it(
    message: str, owner: str, said: str
) -> None:
    entry = explain_text("nylas_v2", message)
    assert entry is not None
    assert (entry.owner, entry.confidence) == (owner, "community")
    assert said in entry.cause


@each_of(
    ("kind", "provider", "text", "said"),
    [
        (
            "forbidden_error",
            "",
            "HTTP 403: Bulk auth is not included in your plan. Upgrade.",
            "contract plan",
        ),
        ("invalid_request_error", "", "HTTP 402: available on Contract Plans only", "contract plan"),
        ("insufficient_scopes", "", "HTTP 403: missing scope required", "an API key has no scopes"),
        ("provider_error", "ErrorAccessDenied", "HTTP 504: x", ""),
        ("forbidden_error", "", "HTTP 403: You plan too much", None),
    ],
)
def test_nylas_words_come_before_the_kind_of_its_error(
    kind: str, provider: str, text: str, said: str | None
) -> None:
    entry = v3_explanation(kind, provider, text=text)
    assert (entry is None) == (said is None)
    assert entry is None or said is None or said in entry.cause
    assert entry is None or "right to read" not in entry.remedy
