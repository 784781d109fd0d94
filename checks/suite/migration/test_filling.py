"""Remedies with the tenant's own values: whatever an address is, a command stays the command."""

import pytest

from nylas_readiness.checks.migration.filling import MOST_ADDRESSES, filled, values_of
from nylas_readiness.checks.suite.support.evidence_samples import setup_with
from nylas_readiness.fixtures.evidence.v3_model import V3Setup

pytestmark = pytest.mark.offline

POWERSHELL = """Enable the user <address>.
    Connect-MgGraph
    Get-MgUser -Filter "mail eq '<address>'"
    Update-MgUser -UserId '<address>' -AccountEnabled:$true
Then run again."""
SHELL = """Make the grant.
    curl -d '{"email": "<address>"}' 'https://api.example.com/<tenant id>'"""


def test_one_address_is_filled_in_where_it_stands_and_only_in_commands() -> None:
    lines = filled(POWERSHELL, {}, ["ann@contoso.com"]).splitlines()
    assert lines[0] == "Enable the user <address>."
    assert lines[2:4] == [
        "    Get-MgUser -Filter \"mail eq 'ann@contoso.com'\"",
        "    Update-MgUser -UserId 'ann@contoso.com' -AccountEnabled:$true",
    ]


def test_several_addresses_become_a_loop_of_powershell_after_what_is_done_once() -> None:
    assert filled(POWERSHELL, {}, ["ann@contoso.com", "bob@contoso.com"]).splitlines()[1:-1] == [
        "    Connect-MgGraph",
        "    $addresses = 'ann@contoso.com', 'bob@contoso.com'",
        "    foreach ($address in $addresses) {",
        "        Get-MgUser -Filter \"mail eq '$address'\"",
        "        Update-MgUser -UserId $address -AccountEnabled:$true",
        "    }",
    ]


def test_several_addresses_become_a_loop_of_a_shell_where_curl_is_called() -> None:
    lines = filled(SHELL, {"tenant id": "contoso.com"}, ["ann@contoso.com", "bob@contoso.com"]).splitlines()
    assert lines[1:] == [
        "    for address in ann@contoso.com bob@contoso.com; do",
        "        curl -d '{\"email\": \"'\"$address\"'\"}' 'https://api.example.com/contoso.com'",
        "    done",
    ]


def test_a_command_of_several_lines_is_looped_over_as_a_whole() -> None:
    request = """    curl -X POST 'https://a.example' \\
      -H "X: y" \\
      -d '{"to": "<address>"}'
    curl 'https://b.example'"""
    remedy = f"Ask.\n{request}"
    lines = filled(remedy, {}, ["ann@contoso.com", "bob@contoso.com"]).splitlines()
    assert [line.split()[0] for line in lines[1:]] == ["for", "curl", "-H", "-d", "curl", "done"]


def test_a_shell_expands_the_variable_in_double_quotes_and_outside_of_any() -> None:
    remedy = 'Ask.\n    curl "https://a.example/<address>?x"\n    curl -d <address>'
    lines = filled(remedy, {}, ["ann@contoso.com", "bob@contoso.com"]).splitlines()
    assert lines[2:4] == ['        curl "https://a.example/$address?x"', '        curl -d "$address"']


@pytest.mark.parametrize(
    "address",
    ["o'neill@contoso.com", "$(touch owned)@x", "`id`@x", 'a"b@x', "a b@x", "日本@x.example", "a;b@x", ""],
)
def test_an_address_that_a_shell_could_read_otherwise_stays_a_placeholder(address: str) -> None:
    assert filled(SHELL, {}, [address]) == SHELL
    assert address not in filled(POWERSHELL, {}, [address, "ann@contoso.com"]) or not address


def test_a_command_names_no_more_addresses_than_a_person_can_paste() -> None:
    many = [f"user{number}@contoso.com" for number in range(MOST_ADDRESSES + 5)]
    assert filled(POWERSHELL, {}, many).count("@contoso.com'") == MOST_ADDRESSES


def test_the_tenants_own_values_are_those_of_its_file_and_only_plain_ones() -> None:
    setup = setup_with(tenant_id="contoso.com", redirect_uri="https://app.example.com/'; rm x")
    values = values_of(setup, "v2")
    assert values["application id"] == setup.client_id
    assert "application id" not in values_of(setup, "v3")
    assert values["tenant id"] == "contoso.com"
    assert "redirect uri" not in values
    assert "credential name" not in values


def test_the_region_and_the_credential_of_the_v3_application_are_in_its_requests() -> None:
    v3 = V3Setup(client_id="app", region="eu", url="https://api.eu.nylas.com")
    asked = "Ask.\n    curl 'https://api.<region>.nylas.com/v3/grants?<credential id>'"
    told = filled(asked, values_of(setup_with(v3=v3), "v2", "c-1"))
    assert told.endswith("curl 'https://api.eu.nylas.com/v3/grants?c-1'")
    assert filled(asked, values_of(setup_with(v3=v3), "v2")).endswith("grants?<credential id>'")
