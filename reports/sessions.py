"""What a reader has to sign in to before the commands of their tasks can be pasted."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

# A cmdlet of Exchange: those of Microsoft Graph have a prefix, and `Set-Content` is PowerShell's own.
_EXCHANGE: Final = re.compile(r"\b(?:Add|Enable|Get|New|Remove|Set|Test)-(?!Mg|Content\b)[A-Z]\w+")
_GRAPH: Final = re.compile(r"\b([A-Z][a-z]+)-Mg(\w+)")
# The delegated permission to change something, by how its noun begins.
# Source: Microsoft, Graph permissions reference.
_WRITE, _READ = ".ReadWrite.", ".Read."
_SCOPES: Final = {
    "AuditLog": "AuditLog.Read.All",
    "Application": "Application.ReadWrite.All",
    "DirectoryDeletedItem": "User.DeleteRestore.All",
    "Domain": "Domain.ReadWrite.All",
    "IdentityConditionalAccess": "Policy.Read.All",
    "ServicePrincipalAppRoleAssignment": "AppRoleAssignment.ReadWrite.All",
    "ServicePrincipal": "Application.ReadWrite.All",
    "SubscribedSku": "LicenseAssignment.Read.All",
    "UserLicenseDetail": "LicenseAssignment.Read.All",
    "UserLicense": "LicenseAssignment.ReadWrite.All",
    "User": "User.ReadWrite.All",
}


def sign_ins(commands: Iterable[str]) -> str:
    """Return the commands that sign in to what others need, a line each; empty where they need nothing."""
    return "\n".join(_sign_ins("\n".join(commands)))


def _sign_ins(text: str) -> Iterator[str]:
    if _EXCHANGE.search(text):
        yield "Connect-ExchangeOnline  # module ExchangeOnlineManagement"
    scopes = set(filter(None, map(_scope, _GRAPH.finditer(text))))
    if needed := sorted(scopes - {scope.replace(_WRITE, _READ) for scope in scopes if _WRITE in scope}):
        yield f"Connect-MgGraph -Scopes {','.join(needed)}  # module Microsoft.Graph"


def _scope(cmdlet: re.Match[str]) -> str | None:
    """Return the permission for a cmdlet of Graph: that of the longest beginning of its noun."""
    verb, noun = cmdlet.groups()
    longest = max(filter(noun.startswith, _SCOPES), key=len, default=None)
    if longest is None:
        return None
    return _SCOPES[longest].replace(_WRITE, _READ) if verb == "Get" else _SCOPES[longest]
