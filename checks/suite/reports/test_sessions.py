"""What a reader signs in to: only what the commands need, and to read where they only read."""

import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.reports.sessions import sign_ins

pytestmark = pytest.mark.offline


@each_of(
    ("command", "scopes"),
    [
        ("Get-MgUser -UserId 'a@x.example'", "User.Read.All"),
        ("Update-MgUser -UserId 'a@x.example' -AccountEnabled:$true", "User.ReadWrite.All"),
        ("Get-MgUserLicenseDetail -UserId 'a@x.example'", "LicenseAssignment.Read.All"),
        ("Get-MgAuditLogSignIn -Top 10", "AuditLog.Read.All"),
        (
            "Get-MgServicePrincipalAppRoleAssignment\nRemove-MgServicePrincipalAppRoleAssignment",
            "AppRoleAssignment.ReadWrite.All",
        ),
        ("Get-MgUser; Update-MgUser; Confirm-MgDomain", "Domain.ReadWrite.All,User.ReadWrite.All"),
    ],
)
def test_graph_is_asked_for_what_its_cmdlets_need_and_no_more(command: str, scopes: str) -> None:
    assert sign_ins([command]) == f"Connect-MgGraph -Scopes {scopes}  # module Microsoft.Graph"


def test_exchange_and_graph_are_two_sign_ins_in_one_block() -> None:
    told = sign_ins(["Get-CASMailbox -Identity 'a@x.example'", "Update-MgUser -UserId 'b@x.example'"])
    assert [line.split()[0] for line in told.splitlines()] == ["Connect-ExchangeOnline", "Connect-MgGraph"]


@each_of(
    "command",
    ["curl -X POST 'https://api.us.nylas.com/v3/webhooks'", "$x | Set-Content -Encoding utf8 a.json"],
)
def test_what_is_neither_needs_no_sign_in(command: str) -> None:
    assert sign_ins([command]) == ""
