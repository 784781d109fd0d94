"""Permissions of Microsoft Graph: which greater ones let the same be read.

Source: Microsoft Graph reference, the permissions table of each call ("Higher privileged permissions").
"""

from collections.abc import Collection

_GREATER = {
    "Application.Read.All": {"Application.ReadWrite.All"},
    "Directory.Read.All": {"Directory.ReadWrite.All"},
    "Domain.Read.All": {"Domain.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"},
    "LicenseAssignment.Read.All": {
        "LicenseAssignment.ReadWrite.All",
        "Directory.Read.All",
        "Directory.ReadWrite.All",
    },
    "MailboxSettings.Read": {"MailboxSettings.ReadWrite"},
    "RoleManagement.Read.Exchange": {"RoleManagement.ReadWrite.Exchange", "RoleManagement.Read.All"},
    "User.Read.All": {"User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"},
}


def lacks(granted: Collection[str], permission: str) -> bool:
    """Return whether neither a permission nor a greater one was granted."""
    return not {permission, *_GREATER.get(permission, ())} & set(granted)
