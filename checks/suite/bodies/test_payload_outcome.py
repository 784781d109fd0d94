"""What the PAY rules come to over a user's request bodies."""

import json
from io import BufferedReader, BytesIO
from pathlib import Path

import pytest

from nylas_readiness.checks.bodies.payload_outcome import Judged, judge_requests, outcome_of
from nylas_readiness.checks.contract import BODY_RULES, Context
from nylas_readiness.checks.outcome import Status
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.payload_samples import GOOD
from nylas_readiness.fixtures.payloads.source import read, read_stdin

pytestmark = pytest.mark.offline

AT = "2026-11-23T09:00:00Z"
RULES = [f"PAY-{number:03}" for number in range(1, 23)]
URL = "https://api.nylas.com/connect/authorize"

# The shape of the vendor's sample: prose around it, placeholders, and a comment inside the JSON.
PAGE = """Connect a user
Send the service account's refresh token with the request.
curl -X POST https://api.nylas.com/connect/authorize -d '{
"client_id": "<NYLAS_ID>",
"name": "Ann",
"email_address": "ann@contoso.example",
"provider": "exchange",
"settings":
{
"microsoft_client_id": "<APP_ID>",
"microsoft_client_secret": "<APP_SECRET>",
"microsoft_refresh_token": "<TOKEN>",
"redirect_uri": "<URI>",
"service_account": true,
"eas_server_host": "eas.contoso.example" # Only where autodiscovery fails.
},
"scopes": "calendar"
}'
Then keep the code that is answered.
"""


def judged(*texts: str, context: Context = Context()) -> Judged:  # noqa: B008 -- frozen
    requests = [request for text in texts for request in read_stdin(BufferedReader(BytesIO(text.encode())))]
    return judge_requests(requests, context, AT)


def statuses(subject: Judged) -> dict[str, Status]:
    return {rule: outcome_of(rule, subject).status for rule in RULES}


def test_the_vendors_sample_fails_for_its_comment_and_its_placeholders_alone() -> None:
    found = statuses(judged(PAGE))
    by_status = {status: {rule for rule in RULES if found[rule] is status} for status in set(found.values())}
    assert by_status == {
        Status.FAIL: {"PAY-014", "PAY-015"},
        Status.NOT_APPLICABLE: {"PAY-010", "PAY-011", "PAY-012", "PAY-013",
                                "PAY-017", "PAY-018", "PAY-020", "PAY-021"},
        Status.PASS: {"PAY-001", "PAY-002", "PAY-003", "PAY-004", "PAY-005", "PAY-006", "PAY-007", "PAY-008",
                      "PAY-009", "PAY-016", "PAY-019", "PAY-022"},
    }  # fmt: skip


def test_the_vendors_sample_is_placed_by_line_and_column_of_its_file(tmp_path: Path) -> None:
    file = tmp_path / "page.txt"
    file.write_text(PAGE, "utf-8")
    subject = judge_requests(read(file), Context(), AT)
    comment = next(line for line in PAGE.split("\n") if "#" in line)
    assert f"line 15, column {comment.index('#') + 1}: " in outcome_of("PAY-015", subject).observed
    placeholders = outcome_of("PAY-014", subject).observed
    assert "/client_id, line 4, column 14; " in placeholders
    assert "/settings/redirect_uri, line 13, column 17: " in placeholders
    assert "PAY-014" in (outcome_of("PAY-012", subject).reason or "")


def test_a_right_body_has_nothing_worse_than_not_applicable() -> None:
    assert set(statuses(judged(json.dumps(GOOD))).values()) == {Status.PASS, Status.NOT_APPLICABLE}


@pytest.mark.parametrize(
    ("account", "status"),
    [
        (None, Status.NOT_APPLICABLE),
        ("svc@CONTOSO.example", Status.PASS),
        ("svc@other.example", Status.FAIL),
    ],
)
def test_the_domain_is_judged_with_a_service_account_only(account: str | None, status: Status) -> None:
    subject = judged(json.dumps(GOOD), context=Context(service_account_email=account))
    assert outcome_of("PAY-010", subject).status is status


def test_a_service_account_that_is_no_address_is_refused() -> None:
    with pytest.raises(ValueError, match="not one bare e-mail address"):
        Context(service_account_email="nylas-svc")


def test_an_alias_is_judged_by_the_form_of_the_address_alone() -> None:
    tagged = {**GOOD, "email_address": "ann+tag@contoso.example"}
    assert outcome_of("PAY-011", judged(json.dumps(GOOD))).status is Status.NOT_APPLICABLE
    assert outcome_of("PAY-011", judged(json.dumps(tagged))).status is Status.WARN


OF_A_BODY = BODY_RULES.keys() - {"PAY-010"}
OF_AN_OBJECT = OF_A_BODY - {"PAY-001", "PAY-014", "PAY-016"}


@each_of(
    ("command", "undecided"),
    [
        (f"curl {URL}", OF_A_BODY | {"PAY-015"}),
        (f"curl {URL} -d '{{", OF_A_BODY | {"PAY-015"}),
        (f"curl {URL} -d '{{\"a\" 1}}'", OF_A_BODY),
        (f"curl {URL} -d '[]'", OF_AN_OBJECT),
        ("curl https://$HOST/connect/authorize -d '[]'", OF_AN_OBJECT | {"PAY-022"}),
    ],
)
def test_what_could_not_be_read_is_unknown_and_neither_failed_nor_passed(
    command: str, undecided: set[str]
) -> None:
    found = statuses(judged(command))
    assert {rule for rule in RULES if found[rule] is Status.UNKNOWN} == undecided


def test_the_worst_of_several_bodies_counts_and_each_has_its_trace() -> None:
    wrong = {**GOOD, "provider": "office365"}
    outcome = outcome_of("PAY-002", judged(json.dumps(GOOD), json.dumps(wrong), "curl x.com/ -d '"))
    assert outcome.status is Status.FAIL
    assert [trace.source for trace in outcome.evidence] == ["stdin", "stdin", "stdin, line 1"]
    assert [trace.what.partition(":")[0] for trace in outcome.evidence] == ["pass", "fail", "unknown"]
    assert outcome.observed.startswith("stdin: /provider, line 1, column ")


def test_a_bare_body_says_nothing_of_where_it_is_sent() -> None:
    assert outcome_of("PAY-022", judged(json.dumps(GOOD))).status is Status.NOT_APPLICABLE
    elsewhere = f"curl https://api.us.nylas.com/connect/authorize -d '{json.dumps(GOOD)}'"
    assert outcome_of("PAY-022", judged(elsewhere)).status is Status.FAIL


def test_a_secret_in_the_url_of_a_command_is_a_failure_though_its_body_passes() -> None:
    command = f"curl '{URL}?client_secret=FAKE' -d '{json.dumps(GOOD)}'"
    assert outcome_of("PAY-016", judged(command)).status is Status.FAIL


def test_of_many_violations_only_the_first_are_shown() -> None:
    crowded = {**GOOD, **{f"member{number}": 1 for number in range(50)}}
    observed = outcome_of("PAY-008", judged(json.dumps(crowded))).observed
    assert "and 45 more" in observed
    assert len(observed) < 1000
