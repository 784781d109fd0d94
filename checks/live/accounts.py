"""The user behind an end-user account, for the rules that hang on it."""

from typing import Final

from nylas_readiness.checks.outcome import Undecided, depends_on, require
from nylas_readiness.fixtures.clients.graph import User
from nylas_readiness.fixtures.evidence.model import NO_USER, AccountEvidence

TAKE_GROUP_OFF: Final = "Take the group's address off the list and list its members: a group has no mailbox."


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
