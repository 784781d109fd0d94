"""Whom the exported role assignments name, and whether that is the service account."""

import re
from collections.abc import Iterator
from typing import Final

from nylas_readiness.checks.contract.addresses import domain_key
from nylas_readiness.checks.live.service_account import email_of
from nylas_readiness.fixtures.clients.graph import User
from nylas_readiness.fixtures.evidence.model import RoleAssignment, TenantEvidence
from nylas_readiness.fixtures.evidence.slots import Read

ROLE: Final = "ApplicationImpersonation"
EXPORT_AGAIN: Final = (
    f"export again with Get-ManagementRoleAssignment -Role {ROLE} -GetEffectiveUsers, with all its columns"
)
_SMTP: Final = "smtp:"
_COMMON_NAME: Final = re.compile(r"cn=((?:\\.|[^,\\])*)")
_ESCAPED: Final = re.compile(r"\\(.)")
_SEPARATOR: Final = re.compile(r"[/\\]")
_OBJECT_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def own_assignments(exported: list[RoleAssignment], tenant: TenantEvidence) -> Iterator[RoleAssignment]:
    """Yield the exported assignments that give the service account the role."""
    return _naming_account(of_the_role(exported), tenant)


def is_disabled(exported: list[RoleAssignment], tenant: TenantEvidence) -> bool:
    """Return whether the service account's own assignment is there, and is not in effect."""
    disabled = [row for row in exported if _is_of_the_role(row) and not row.is_enabled]
    return any(_naming_account(disabled, tenant)) and not any(own_assignments(exported, tenant))


def _naming_account(rows: list[RoleAssignment], tenant: TenantEvidence) -> Iterator[RoleAssignment]:
    names = names_of(tenant)
    for row in rows:
        if any(not names.isdisjoint(spellings(holder)) for holder in row.holders):
            yield row


def of_the_role(exported: list[RoleAssignment]) -> list[RoleAssignment]:
    """Return the rows that give the role to anybody."""
    return [row for row in exported if _is_of_the_role(row) and row.is_enabled]


def _is_of_the_role(row: RoleAssignment) -> bool:
    """Return whether a row is of the role, whose name an export may leave out."""
    return row.role.casefold() in {ROLE.casefold(), ""}


def names_of(tenant: TenantEvidence) -> set[str]:
    """Return the names under which Exchange may list the service account, in lower case.

    Exchange shows a user's `Name`. That is the object id for mailboxes made since November 2022, and the
    alias or the display name for older ones.
    """
    email, user = email_of(tenant), tenant.service_user
    local = email.partition("@")[0]
    names = {email, local, f"{local}@{domain_key(email)}"}
    if isinstance(user, Read) and user.value:
        names |= names_in_directory(user.value)
    return {name.casefold() for name in names}


def names_in_directory(user: User) -> set[str]:
    """Return every name that the directory gives a user."""
    upn = user.user_principal_name or ""
    addresses = {address.partition(":")[2] for address in user.proxy_addresses or () if is_smtp(address)}
    named = {user.id, upn, upn.partition("@")[0], user.mail, user.mail_nickname, user.display_name}
    return {name for name in (*named, user.on_premises_sam_account_name, *addresses) if name}


def is_smtp(address: str) -> bool:
    """Return whether a proxy address is one for mail, and no X500 or SIP address."""
    return address[: len(_SMTP)].casefold() == _SMTP


def spellings(holder: str) -> set[str]:
    r"""Return a holder as it is written and by its last name alone, in lower case.

    A path (`contoso.com/Users/name`), a distinguished name (`CN=name,…`) and `DOMAIN\name` have it.
    """
    text = holder.casefold()
    if common_name := _COMMON_NAME.match(text):
        return {text, _ESCAPED.sub(r"\1", common_name[1])}
    return {text, _SEPARATOR.split(text)[-1]}


def unexpanded_groups(exported: list[RoleAssignment]) -> list[str]:
    """Return the groups whose members the export does not list. The words stand for one without a name."""
    rows = of_the_role(exported)
    expanded = {row.group for row in rows if row.is_expanded}
    groups = {row.group or "a holder without a name" for row in rows if not row.is_expanded}
    return sorted(groups - expanded)


def why_unmatched(exported: list[RoleAssignment], tenant: TenantEvidence) -> str | None:
    """Return why an export without the service account proves nothing; None: it names all holders."""
    if is_disabled(exported, tenant):
        return None
    if groups := unexpanded_groups(exported):
        return f"it does not list the members of {', '.join(groups)}"
    holders = {holder for row in of_the_role(exported) for holder in row.holders}
    if not holders:
        return f"it names no holder of {ROLE} at all"
    has_directory = isinstance(tenant.service_user, Read) and tenant.service_user.value is not None
    if not has_directory and any(_OBJECT_ID.fullmatch(holder) for holder in holders):
        return "it names object ids, and the directory did not tell that of the service account"
    return None


def unmatched(tenant: TenantEvidence) -> str:
    """Return that the export does not show the service account, and how to export better; else nothing."""
    export = tenant.role_assignments
    if not isinstance(export, Read) or any(own_assignments(export.value, tenant)):
        return ""
    if is_disabled(export.value, tenant):
        return "the export shows the service account's assignment, which is disabled"
    why = why_unmatched(export.value, tenant) or "it names others only"
    return f"the export of role assignments cannot be matched with the service account: {why}; {EXPORT_AGAIN}"
