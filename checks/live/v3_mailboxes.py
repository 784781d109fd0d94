"""Whether v3 reaches an account's mailbox, and can hold it at all: behind NY3-006 and NY3-010."""

from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

import msgspec

from nylas_readiness.checks.catalogue.explanations import explain, look_up
from nylas_readiness.checks.live.accounts import TAKE_GROUP_OFF
from nylas_readiness.checks.live.locations import missing_mailbox
from nylas_readiness.checks.live.refusals import explained
from nylas_readiness.checks.live.v3_app import lacks_access
from nylas_readiness.checks.outcome import Outcome, depends_on, fail, passed, require, review, unknown
from nylas_readiness.fixtures.clients.codes import Unreadable
from nylas_readiness.fixtures.evidence.model import NO_USER, AccountEvidence, TenantEvidence
from nylas_readiness.fixtures.evidence.probes import Probes
from nylas_readiness.fixtures.evidence.slots import Read

# Graph's code for a mailbox that is not in Exchange Online. Source: Nylas, errors of v3 (Microsoft).
NOT_HELD: Final = "MailboxNotEnabledForRESTAPI"
# What Graph finds missing behind a name, by the rule that finds it too.
_CAUSES: Final = {
    NOT_HELD: "NY3-010",
    "ResourceNotFound": "ACC-005",
    "ErrorInvalidUser": "ACC-001",
    "Request_ResourceNotFound": "ACC-001",
}
_BY_ADDRESS: Final = "asked by its address, which is no UPN; one run with [directory] asks for the user"
_WORLDWIDE: Final = "graph.microsoft.com"
# The hosts of Graph and of sign-in. Source: Microsoft, Microsoft Graph national cloud deployments, and
# authentication in national clouds; there are no others since Germany's was closed in 2021.
_NATIONAL: Final = {
    "graph.microsoft.us",
    "dod-graph.microsoft.us",
    "microsoftgraph.chinacloudapi.cn",
    "login.microsoftonline.us",
    "login.partner.microsoftonline.cn",
    "login.chinacloudapi.cn",
}
_ASK_NYLAS: Final = "Ask Nylas support about this tenant's cloud: v3 supports the worldwide one alone."


def judge_read(account: AccountEvidence, tenant: TenantEvidence, probes: Probes) -> Outcome:
    """Judge the v3 app's read of the account's calendars by Graph's own code."""
    read = require(account.app_calendar)
    evidence = (account.app_calendar.trace,) if isinstance(account.app_calendar, Read) else ()
    if read.succeeded:
        return passed("the v3 app reads its calendars", *evidence)
    said = f"HTTP {read.status}: {read.code}: {read.message}"
    if cause := _CAUSES.get(read.code or ""):
        if _is_other(cause, account):
            return unknown(f"{_BY_ADDRESS}: {said}", *evidence, code=Unreadable.REFUSED)
        return depends_on(cause, said, *evidence)
    denied = read.status == HTTPStatus.FORBIDDEN
    if denied and lacks_access(tenant, probes):
        return depends_on("NY3-004", f"the app may read no mailbox ({read.code})", *evidence)
    explanation = explain("graph", read.code or "")
    if explanation is None or not denied:
        remedy = look_up("graph", read.code or "")
        return explained(unknown(said, *evidence, remedy=remedy), explanation)
    # What mends a refusal is NY3-006's own remedy: the code's is about any app and any permission.
    return msgspec.structs.replace(explained(fail(said, *evidence), explanation), remedy=None)


def _is_other(cause: str, account: AccountEvidence) -> bool:
    """Return whether a user is there whom a run without the directory asked for by an address, in vain."""
    return cause == "ACC-001" and isinstance(account.user, Read) and account.user.value is not None


def judge_holding(account: AccountEvidence, tenant: TenantEvidence) -> Outcome:
    """Judge whether the mailbox is one that v3 can hold: a user's, in Exchange Online, worldwide."""
    if cloud := national_cloud(tenant):
        said = f"the tenant is in a national cloud ({cloud}), which Nylas v3 does not support"
        return fail(said, remedy=_ASK_NYLAS)
    if tenant.setup.hosting == "on-premises":
        return fail("mailboxes are on-premises, where Nylas v3 has no service accounts")
    if not is_read_by_app(account) and isinstance(account.user, Read) and account.user.value is None:
        return _judge_stranger(account)
    code, message = _missing(account)
    if code is None:
        return _judge_cloud(tenant)
    if code != NOT_HELD:
        return depends_on("ACC-005", f"{code}")
    return fail(f"{code}: {message}", cause="ACC-005" if missing_mailbox(account, tenant) else None)


def is_read_by_app(account: AccountEvidence) -> bool:
    """Return whether the v3 app reads the mailbox, which settles that v3 can hold it: nobody signs in."""
    return isinstance(account.app_calendar, Read) and account.app_calendar.value.succeeded


def _judge_cloud(tenant: TenantEvidence) -> Outcome:
    """Judge a mailbox that is there by its cloud: one that nobody lists is for a person to look at."""
    graph = _hosts(tenant)[0]
    if graph in {None, _WORLDWIDE}:
        return passed("Graph opens the mailbox")
    reason = f"whether Nylas v3 supports the cloud of {graph} is not known"
    return review(f"Graph opens the mailbox, in the cloud of {graph}", reason=reason, remedy=_ASK_NYLAS)


def _judge_stranger(account: AccountEvidence) -> Outcome:
    """Judge an address that no user has."""
    holder = account.holder.value if isinstance(account.holder, Read) else None
    if holder and holder.kind == "group":
        observed = f"it is a group's address: {holder.name}"
        return fail(observed, cause="ACC-001", remedy=TAKE_GROUP_OFF, owner="integrator")
    return depends_on("ACC-001", f"{NO_USER}")


def _missing(account: AccountEvidence) -> tuple[str | None, str]:
    """Return with which code Graph finds no mailbox, None where it finds one, and its message."""
    read = account.app_calendar.value if isinstance(account.app_calendar, Read) else None
    if read and (read.succeeded or read.code == NOT_HELD):
        return read.code, read.message
    mailbox = require(account.mailbox)
    return mailbox.missing, mailbox.message


def national_cloud(tenant: TenantEvidence) -> str | None:
    """Return the host that shows the tenant to be in a national cloud, or None where none does."""
    return next((host for host in _hosts(tenant) if host in _NATIONAL), None)


def _hosts(tenant: TenantEvidence) -> tuple[str | None, str | None]:
    """Return the tenant's hosts of Graph and of sign-in as OIDC discovery tells them."""
    metadata = tenant.discovery.value.metadata if isinstance(tenant.discovery, Read) else None
    if metadata is None:
        return None, None
    graph = metadata.msgraph_host
    return graph.casefold() if graph else None, urlsplit(metadata.token_endpoint).hostname
