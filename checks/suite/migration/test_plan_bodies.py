"""Each request that is printed has the body that Nylas asks for, wherever it is printed.

The schemas are written from Nylas's specification of v3 as of August 2026; additional members are refused.
"""

import csv
import json
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import pytest

from nylas_readiness.checks.catalogue import active
from nylas_readiness.checks.catalogue.requests import printed, requests
from nylas_readiness.checks.migration.commands import filled
from nylas_readiness.checks.migration.plan import steps
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.plan_samples import PLACEHOLDERS, values
from nylas_readiness.checks.suite.support.plan_walker import in_shell_words
from nylas_readiness.reports.templates import blocks

pytestmark = pytest.mark.offline

Schema = dict[str, Any]
TEXT: Final[Schema] = {"type": "string", "minLength": 1}


def members(required: str, **known: Schema) -> Schema:
    """Return the schema of an object; `required`: names, separated by blanks."""
    closed = {"additionalProperties": False, "required": required.split()}
    return {"type": "object", "properties": known, **closed}


def texts(pattern: str = "") -> Schema:
    return {"type": "array", "minItems": 1, "uniqueItems": True, "items": TEXT | {"pattern": pattern}}


TRIGGERS: Final = texts(r"^[a-z_]+\.[a-z_.]+$")
APP: Final = members("client_id client_secret tenant", client_id=TEXT, client_secret=TEXT, tenant=TEXT)
DESTINATION: Final[Schema] = {
    "trigger_types": TRIGGERS,
    "description": TEXT,
    "notification_email_addresses": texts(),
}
MENDING: Final = members("", status={"enum": ["active", "pause"]}, trigger_types=TRIGGERS)
ONLY: Final = {"const": "microsoft"}
GRANT: Final = members("email_address credential_id", email_address=TEXT, credential_id=TEXT)
SCHEMAS: Final[dict[str, Schema]] = {
    r"POST /v3/connectors": members(
        "name provider settings scope", name=TEXT, provider=ONLY, settings=APP, scope=texts()
    ),
    r"PATCH /v3/connectors/microsoft": members("scope", settings=APP, scope=texts()),
    r"POST /v3/connectors/microsoft/creds": members(
        "name credential_type credential_data",
        name=TEXT,
        credential_type={"const": "adminconsent"},
        credential_data=APP,
    ),
    r"PATCH /v3/connectors/microsoft/creds/[^/]+": members("credential_data", credential_data=APP),
    r"POST /v3/connect/custom": members("provider settings", provider=ONLY, settings=GRANT),
    r"PATCH /v3/grants/[^/]+": members("scope", scope=texts()),
    r"POST /v3/webhooks": members("trigger_types webhook_url", webhook_url=TEXT, **DESTINATION),
    r"POST /v3/channels/pubsub": members("trigger_types topic", topic=TEXT, **DESTINATION),
    r"POST /v3/channels/sns": members(
        "trigger_types topic role_arn", topic=TEXT, role_arn=TEXT, **DESTINATION
    ),
    r"PUT /v3/(webhooks|channels/pubsub|channels/sns)/[^/]+": MENDING,
}
BODILESS: Final = {
    r"GET /v3/(applications|connectors|connectors/microsoft/creds)",
    r"DELETE /v3/grants/[^/]+",
    r"POST /v3/migration-tools/link-v2v3-apps",
}
CONSENT: Final = {"client_id", "redirect_uri", "response_type", "credential_id", "provider", "scope"}
CHOICES: Final = [
    {"connector": connector, "rotate": rotate, "mending": mending, "destination": destination}
    for connector, rotate, mending, destination in product(
        ("none", "unconfigured", "configured", "another app"),
        ("", "yes"),
        ("webhook-mend", "pubsub-channel-mend", "sns-channel-mend"),
        ("", "d-1"),
    )
]


def printed_calls(text: str, folder: Path) -> Iterator[tuple[str, Any]]:
    """Yield each call of v3 that a text prints: method and path, and the body, None without."""
    commands = [block.text for block in blocks(text) if block.is_code and block.text.startswith("curl")]
    for words in in_shell_words("\n".join(commands), folder, {"NYLAS_V3_KEY": "the-key"}):
        url = next(word for word in words if "//" in word or "<v3 host>" in word)
        method = words[words.index("-X") + 1] if "-X" in words else "GET"
        body = json.loads(words[words.index("-d") + 1]) if "-d" in words else None
        if "/v3/" in url:
            yield f"{method} {url[url.index('/v3/') :]}", body


def judged(call: str, body: object) -> None:
    """Validate a call by the one schema of its path."""
    import fastjsonschema

    if any(re.fullmatch(path, call) for path in BODILESS):
        assert body is None
        return
    [schema] = [schema for path, schema in SCHEMAS.items() if re.fullmatch(path, call)]
    fastjsonschema.compile(schema)(body)


def plan_texts() -> set[str]:
    """Return the text of every step in every state that chooses its words, with values and without."""
    hosts = {"v3": "https://api.eu.nylas.com", "v2": "https://api.nylas.com"}
    known = dict.fromkeys(PLACEHOLDERS, "it's") | hosts
    some = {filled(step.how, values(**known | choices)) for choices in CHOICES for step in steps()}
    return some | {filled(step.how, values(**hosts)) for step in steps()}


def test_every_body_that_the_plan_prints_is_as_nylas_asks(tmp_path: Path) -> None:
    seen = set()
    for text in plan_texts():
        for call, body in printed_calls(text, tmp_path):
            judged(call, body)
            seen |= {path for path in SCHEMAS if re.fullmatch(path, call)}
    assert SCHEMAS.keys() - seen == {r"PATCH /v3/grants/[^/]+"}, "a check's remedy alone prints this"


def test_every_body_that_a_remedy_prints_is_as_nylas_asks(tmp_path: Path) -> None:
    printing = ("NY3", "MIG")
    found = {
        rule.id: list(printed_calls(rule.remedy, tmp_path)) for rule in active() if rule.group in printing
    }
    for calls in found.values():
        for call, body in calls:
            judged(call, body)
    some = {"NY3-002", "NY3-003", "NY3-008", "NY3-011", "NY3-012", "MIG-006"}
    assert some <= {rule for rule, calls in found.items() if calls}


@each_of("name", [name for name, request in requests().items() if request.method])
def test_every_request_on_the_list_is_one_that_nylas_knows(name: str, tmp_path: Path) -> None:
    [(call, body)] = printed_calls(printed(name), tmp_path)
    judged(call, body)


def test_a_consent_without_its_scope_would_give_nothing() -> None:
    addresses = [
        block.text for text in plan_texts() for block in blocks(text) if block.text.startswith("https")
    ]
    assert addresses
    for address in addresses:
        query = parse_qs(urlsplit(address).query)
        assert query.keys() == CONSENT
        assert query["scope"] == ["https://graph.microsoft.com/.default"]


def test_the_app_of_a_connector_that_has_one_is_never_replaced(tmp_path: Path) -> None:
    for connector in ("configured", "another app"):
        [step] = [step for step in steps() if step.id == "connector"]
        text = filled(step.how, values(connector=connector))
        assert "settings" not in json.dumps([body for _, body in printed_calls(text, tmp_path)])
    [step] = [step for step in steps() if step.id == "azure-app"]
    rotated = filled(step.how, values(connector="another app", rotate="yes", credential="c-1"))
    assert [call for call, _ in printed_calls(rotated, tmp_path)] == [
        "PATCH /v3/connectors/microsoft/creds/c-1"
    ]


WORKLIST = [
    ("ann@contoso.com", "Create the v3 grant.", "can-move"),
    ("o'neill@contoso.com", 'Say "hello", then go.', "can-move"),
    ('"odd one"@contoso.com', "x", "can-move"),
    ("bob@contoso.com", "on v2, can-move", "blocked"),
    ("$(touch owned)@contoso.com", "x", "can-move"),
]


def test_the_loop_makes_a_grant_for_each_account_that_can_move_now_and_for_no_other(tmp_path: Path) -> None:
    with (tmp_path / "accounts.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("email", "next_action", "stage"), *WORKLIST])
    [step] = [step for step in steps() if step.id == "grants"]
    text = filled(step.how, values(v3="https://api.eu.nylas.com", credential="it's-1"))
    [loop] = [block.text for block in blocks(text) if block.text.startswith("python3")]
    calls = in_shell_words(loop, tmp_path, {"NYLAS_V3_KEY": "the-key"})
    bodies = [json.loads(words[words.index("-d") + 1]) for words in calls]
    for body in bodies:
        judged("POST /v3/connect/custom", body)
        assert body["settings"]["credential_id"] == "it's-1"
    made = [body["settings"]["email_address"] for body in bodies]
    assert made == [email for email, _, stage in WORKLIST if stage == "can-move"]
    assert all("Authorization: Bearer the-key" in words for words in calls)
    assert {path.name for path in tmp_path.iterdir()} == {"accounts.csv"}


# What the request structures of Nylas's CLI have, with those members that it requires first.
# Source: github nylas/cli at b564e79c, internal/domain/{admin,webhook,pubsub}.go. For a connector it writes
# `scopes` where the specification has `scope`, which wins.
OF_CLI: Final = {
    "connector": ("name provider", "settings scope"),
    "connector-settings": ("", "name settings scope"),
    "connector-scope": ("", "name settings scope"),
    "credential": ("name credential_type", "credential_data"),
    "credential-secret": ("", "name credential_data"),
    "webhook": ("trigger_types webhook_url", "description notification_email_addresses"),
    "webhook-mend": ("", "trigger_types webhook_url description notification_email_addresses status"),
    "pubsub-channel": ("trigger_types topic", "description encryption_key notification_email_addresses"),
    "pubsub-channel-mend": ("", "trigger_types topic description notification_email_addresses status"),
}


@each_of("name", list(OF_CLI))
def test_the_bodies_are_those_that_nylas_own_cli_sends(name: str) -> None:
    body = requests()[name].body or {}
    required, optional = ({*names.split()} for names in OF_CLI[name])
    assert required <= body.keys() <= required | optional
    settings = body.get("settings", {})
    assert settings.keys() <= {"client_id", "client_secret", "tenant"}
