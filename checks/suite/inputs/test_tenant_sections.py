"""What the sections of a tenant file need beside them; all that is wrong with a file is told at once."""

from pathlib import Path

import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.tenant_texts import MINIMAL, SECRET, refusals_of, tenant_of
from nylas_readiness.fixtures.inputs.errors import UsageProblem
from nylas_readiness.fixtures.inputs.sections import AccountsSection

pytestmark = pytest.mark.offline

WRONG_THROUGHOUT = f"""
[tenant]
name = " "
id = "organizations"
[service_acount]
email = "nylas-svc@contoso.com"
[dirctory]
client_secret = "env:CONTOSO_DIR_SECRET"
[microsoft]
client_id = "contoso"
client_secret = "{SECRET}"
redirect_url = "https://app.contoso.com/callback"
[nylas.v3]
client_id = "0f7a1c9e"
api_key = "env:NYLAS_V3_KEY"
region = "ireland"
[exchange]
http_proxy_logs = "logs/*.LOG"
[accounts]
domains = ["contoso.com", "@fabrikam.com"]
[endpoints]
graph = "graph.microsoft.com"
"""


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    assert refusals_of(tmp_path, WRONG_THROUGHOUT) == [
        ", service_acount: unknown key. Did you mean service_account?",
        ", dirctory: unknown key. Did you mean directory?",
        (
            ", microsoft.client_secret: a secret stands here as a reference, never as its value. "
            'Write "env:NAME", "file:PATH" or "exec:COMMAND"'
        ),
        ", microsoft.redirect_url: unknown key. Did you mean redirect_uri?",
        ", microsoft.refresh_token: it is missing. See fixtures/tenants/example.toml",
        ", nylas.v3.region: no region ireland is there: v3 calls it eu. Allowed here: us, eu",
        ', exchange.http_proxy_logs: Expected `array`, got `str`. Write a list, such as ["…"]',
        ", tenant.name: it is blank. Give the tenant a short name: it names the report",
        ", tenant.id: neither a GUID nor a domain. Copy the tenant ID from the Entra admin center",
        ', accounts.domains[1]: not a domain. Write such as "contoso.com"',
        (
            ", microsoft.client_id: not a GUID, as the ID of every app of Entra is. "
            "Copy the Application (client) ID of the app from the Entra admin center"
        ),
        ", endpoints.graph: not a plain https URL. Write https://HOST, or https://HOST:PORT/PATH",
    ]


def test_a_file_of_another_kind_does_not_flood_the_terminal(tmp_path: Path) -> None:
    lines = "".join(f"key{number} = 1\n" for number in range(1000))
    with pytest.raises(UsageProblem) as refusal:
        tenant_of(tmp_path, lines + MINIMAL)
    *_, rest = told = str(refusal.value).split("\n")
    assert rest == f"… and {1000 - len(told) + 1} more. Correct these first"
    assert len(told) < 50


V3_ALONE = MINIMAL.replace('[service_account]\nemail = "nylas-svc@contoso.com"\n', "")
APP = 'microsoft_client_id = "7c2e8d1a-0b3f-4e6a-9d5c-2a1b0c9d8e7f"\n'
DIRECTORY = f'[directory]\n{APP.removeprefix("microsoft_")}client_secret = "env:S"\n'
V2 = '[nylas.v2]\nclient_id = "c"\nclient_secret = "env:S"\n'


def test_v3_alone_needs_no_service_account_and_without_an_app_no_tenant_id(tmp_path: Path) -> None:
    tenant = tenant_of(tmp_path, V3_ALONE)
    assert (tenant.sides, tenant.settings.service_account, tenant.authority) == (("v3",), None, None)
    named = V3_ALONE.replace("[tenant]", '[tenant]\nid = "fabrikam.com"') + APP
    assert tenant_of(tmp_path, named).authority == "fabrikam.com"


@each_of(
    ("text", "what"),
    [
        (V3_ALONE + V2, ", service_account: it is missing: v2 reads every mailbox"),
        (V3_ALONE + APP, ", tenant.id: it is missing: the apps of Entra are the tenant's"),
        (V3_ALONE + DIRECTORY, ", tenant.id: it is missing"),
        (f'{V3_ALONE}[accounts]\ndomains = ["ann@contoso.com"]', ", accounts.domains[0]: not a domain"),
        (f'{V3_ALONE}[accounts]\ndomains = ["*.contoso.com"]', ", accounts.domains[0]: not a domain"),
        (f'{V3_ALONE}[accounts]\nfile = "a\\nb"', ", accounts.file: it has a line break"),
        (f'{V3_ALONE}[exchange]\news_usage = ["a\\u0007"]', ", exchange.ews_usage: it has a line break"),
    ],
)
def test_what_a_section_needs_beside_it_is_named(tmp_path: Path, text: str, what: str) -> None:
    assert refusals_of(tmp_path, text)[0].startswith(what)


def test_the_lists_of_a_file_are_read(tmp_path: Path) -> None:
    text = f"""{MINIMAL}[exchange]
ews_usage = ["usage/*.csv"]
[accounts]
domains = ["contoso.com", "münchen.example"]
"""
    settings = tenant_of(tmp_path, text).settings
    assert settings.exchange.ews_usage == ["usage/*.csv"]
    assert settings.accounts == AccountsSection(domains=["contoso.com", "münchen.example"])


def test_a_file_for_neither_side_is_refused(tmp_path: Path) -> None:
    assert "neither v2 nor v3" in refusals_of(tmp_path, MINIMAL.partition("[nylas.v3]")[0])[0]
