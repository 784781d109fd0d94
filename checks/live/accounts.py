"""The user behind an end-user account and the kind of mailbox, for the rules that hang on them."""

from typing import Final

from msgspec.structs import replace

from nylas_readiness.checks.contract.addresses import domain_key, mailbox_key
from nylas_readiness.checks.outcome import Outcome, Undecided, depends_on, fail, passed, require, review
from nylas_readiness.fixtures.clients.graph import Owner, User
from nylas_readiness.fixtures.evidence.model import NO_USER, AccountEvidence
from nylas_readiness.fixtures.evidence.slots import Read

TAKE_GROUP_OFF: Final = "Take the group's address off the list and list its members: a group has no mailbox."
_TAKE_OFF: Final = """Take the address off the list, or correct it: no user has it.
    Get-Recipient -Identity '<address>' | Format-List RecipientTypeDetails, PrimarySmtpAddress"""
_RESTORE: Final = """Restore the user, or take the address off the list.
    Restore-MgDirectoryDeletedItem -DirectoryObjectId '<object id>'"""
# The accounts behind these have a blocked sign-in and need no licence.
# Source: Microsoft, about shared mailboxes; New-Mailbox (`-Room`, `-Equipment`, `-Shared`).
UNATTENDED: Final = frozenset({"shared", "room", "equipment"})
_BOTH_WAYS: Final = """Find out what the mailbox is for: only a person's user is to be enabled.
The sign-in of a room, a shared mailbox or equipment stays blocked, and nothing is to be done.
    Get-EXOMailbox -Identity '<address>' | Format-List RecipientTypeDetails"""


def existing_user(account: AccountEvidence) -> User:
    """Return the account's user; what hangs on a missing one is undecided."""
    user = require(account.user)
    if user is None:
        raise Undecided(depends_on("ACC-001", f"{NO_USER}"))
    return user


def addresses_of(user: User) -> list[str]:
    """Return a user's SMTP addresses, the primary one first. Graph marks it with `SMTP:` in capitals."""
    marked = sorted(one for one in user.proxy_addresses or [] if one[:5].upper() == "SMTP:")
    return [one[5:] for one in marked]  # "SMTP:" sorts before "smtp:"


def alias_of(account: AccountEvidence) -> str | None:
    """Return the primary address of the user, where the account's address is an alias of it."""
    user = account.user.value if isinstance(account.user, Read) else None
    primary = next(iter(addresses_of(user)), user.mail) if user else None
    return primary if primary and mailbox_key(primary) != mailbox_key(account.email) else None


def cause_of_refusal(account: AccountEvidence, service_account: str | None) -> str | None:
    """Return the rule that says why no body can be built for the account's address, if one does."""
    if service_account and domain_key(account.email) != domain_key(service_account):
        return "ACC-003"
    return "ACC-002" if alias_of(account) else None


def purpose_of(account: AccountEvidence) -> str | None:
    """Return what Graph says that the mailbox is for, in lower case; None: it is not told."""
    mailbox = account.mailbox.value if isinstance(account.mailbox, Read) else None
    return mailbox.purpose.lower() if mailbox and mailbox.purpose else None


def is_opened_by_graph(account: AccountEvidence) -> bool:
    """Return whether Graph opened the mailbox."""
    return isinstance(account.mailbox, Read) and account.mailbox.value.missing is None


def opened_by(account: AccountEvidence) -> str | None:
    """Return which of the run's reads opened the mailbox, or None: no table denies what was opened."""
    calendar, app = account.calendar, account.app_calendar
    if is_opened_by_graph(account):
        return "Graph"
    if isinstance(calendar, Read) and calendar.value.ok:
        return "EWS"
    return "the v3 app" if isinstance(app, Read) and app.value.succeeded else None


def judge_stranger(holder: Owner | None) -> Outcome:
    """Judge an address that no user has, by what has it; only a deleted user is to be restored."""
    observed = f"it is a {holder.kind}'s: {holder.name}" if holder else NO_USER
    if holder and holder.kind == "deleted user":
        return fail(observed, remedy=_RESTORE)
    is_group = holder is not None and holder.kind == "group"
    return fail(observed, remedy=TAKE_GROUP_OFF if is_group else _TAKE_OFF, owner="integrator")


def judge_blocked_sign_in(account: AccountEvidence) -> Outcome:
    """Judge a user whose sign-in is blocked: a person's is a failure, a room's is as it should be."""
    purpose = purpose_of(account)
    if purpose in UNATTENDED:
        return passed(f"the sign-in is blocked, as is usual for a mailbox of the kind {purpose}")
    if purpose == "user":
        return fail("the user is disabled, and the mailbox is a person's")
    try:
        require(account.mailbox)
    except Undecided as undecided:
        observed = "the user is disabled, and what the mailbox is for was not read"
        return replace(undecided.outcome, observed=observed, remedy=_BOTH_WAYS)
    observed = f"the user is disabled; the mailbox is of the kind {purpose or 'that Graph does not tell'}"
    return review(observed, reason="whether its sign-in is blocked by design is not known", remedy=_BOTH_WAYS)
