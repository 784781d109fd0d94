"""Where Autodiscover says that a mailbox is: the judgement behind EWS-001, EAS-001 and ACC-005.

Hosts decide it. An address that Exchange Online does not know is redirected to the host that was asked; a
mailbox on the customer's own servers to the customer's. The query, which may have the address, says nothing.
Source: Microsoft, Using hybrid Modern Authentication with Outlook for iOS and Android.
"""

from typing import Final

from nylas_readiness.checks.live.refusals import UNLISTED
from nylas_readiness.checks.outcome import Outcome, fail, passed, review
from nylas_readiness.fixtures.clients.autodiscover import Discovered
from nylas_readiness.fixtures.clients.errors import excerpt
from nylas_readiness.fixtures.evidence.measures import Trace
from nylas_readiness.fixtures.evidence.model import AccountEvidence, TenantEvidence
from nylas_readiness.fixtures.evidence.slots import Read

# Source: Microsoft, Office 365 URLs and IP address ranges: worldwide, GCC High, DoD, China (21Vianet).
EXCHANGE_ONLINE: Final = frozenset(
    {
        *("outlook.office365.com", "outlook.office.com", "outlook.cloud.microsoft"),
        *("outlook.office365.us", "webmail.apps.mil", "partner.outlook.cn"),
        *("autodiscover-s.outlook.com", "autodiscover-s.office365.us", "autodiscover-s.partner.outlook.cn"),
    }
)
MOVE: Final = """Move the mailbox to Exchange Online, or take the address off the list.
    Get-MailUser -Identity '<address>' | Format-List RecipientTypeDetails, ExternalEmailAddress"""
_TRY: Final = """Microsoft lists no errors of Autodiscover. See whether its own test finds the mailbox:
    https://testconnectivity.microsoft.com"""
_SHOWN: Final = 100


def judge_location(found: Discovered, account: AccountEvidence, tenant: TenantEvidence) -> Outcome:
    """Judge what Autodiscover answered: a server of Exchange Online, the customer's, another one, or none."""
    target = found.target
    if target is None:
        return _judge_nothing(found, account, tenant)
    if found.host is None:
        observed = f"Autodiscover leads to {excerpt(target, _SHOWN)}"
        return review(observed, reason="that is no https address of a server: ask who answers for Exchange")
    if found.url and found.host in {found.asked, *EXCHANGE_ONLINE}:
        return passed(found.url)
    observed = f"Autodiscover points to another server: {found.host}"
    if tenant.setup.hosting != "online" and found.host not in EXCHANGE_ONLINE:
        return passed(observed)
    return review(observed, reason=f"hosting is {tenant.setup.hosting}, so the mailbox should not be there")


def _judge_nothing(found: Discovered, account: AccountEvidence, tenant: TenantEvidence) -> Outcome:
    """Judge an answer without a server, which is no finding of its own where Graph finds no mailbox.

    A redirect to itself says that the address is not known. What Autodiscover's codes say nobody lists.
    """
    observed = f"Autodiscover answers {found.status} {found.error_code or ''}".rstrip()
    if found.redirect:
        observed = f"Autodiscover does not know the address: it redirects to itself, {found.asked}"
    if missing_mailbox(account, tenant):
        return without_mailbox(observed)
    return fail(observed) if found.redirect else review(observed, reason=UNLISTED, remedy=_TRY)


def without_mailbox(observed: str, *evidence: Trace) -> Outcome:
    """Conclude that a protocol fails for the mailbox that ACC-005 finds missing: one cause, told once."""
    remedy = "Put ACC-005 right first, then run the audit again."
    return fail(observed, *evidence, cause="ACC-005", remedy=remedy)


def missing_mailbox(account: AccountEvidence, tenant: TenantEvidence) -> str | None:
    """Return with which code Graph finds no mailbox, where ACC-005 judges that; else None."""
    if tenant.setup.hosting == "on-premises" or not isinstance(account.mailbox, Read):
        return None
    return account.mailbox.value.missing


def lost_mailbox(account: AccountEvidence, tenant: TenantEvidence) -> str | None:
    """Return that code in a hybrid company, where the mailbox may be on one of the company's own servers."""
    return missing_mailbox(account, tenant) if tenant.setup.hosting == "hybrid" else None


def customer_server(account: AccountEvidence, tenant: TenantEvidence) -> str | None:
    """Return the company's own server on which a mailbox is, by Autodiscover; None: none is named."""
    found = account.ews_endpoint.value if isinstance(account.ews_endpoint, Read) else None
    if found is None or lost_mailbox(account, tenant) is None:
        return None
    return None if found.host in {found.asked, *EXCHANGE_ONLINE} else found.host
