"""How far a tenant is on its way to Nylas v3, counted over its accounts: what decides steps of the plan."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from nylas_readiness.checks.catalogue import with_trait
from nylas_readiness.checks.live.v3_application import is_of_another_app
from nylas_readiness.checks.live.v3_mailboxes import is_read_by_app
from nylas_readiness.checks.migration.plan import Measure
from nylas_readiness.checks.migration.stages import Place, place_of
from nylas_readiness.checks.outcome import Finding, RuleResult, Status
from nylas_readiness.fixtures.evidence.model import AccountEvidence, TenantEvidence
from nylas_readiness.fixtures.evidence.slots import Absent, Read, Unread

# Who leaves the section out has not begun, as far as anybody told.
_NOT_BEGUN: Final = Measure(False, "[nylas.v3] is left out")


@dataclass(slots=True)
class Progress:
    """Accounts by how far they are. `movable`: v3 can hold them; `granted`: movable, with a valid grant.

    `connected`: still connected to v2. `no_grants`, `no_v2`: why grants or v2 accounts are not known.
    `waiting`: the first movable one without a valid grant; `refused`: the first that the app may not read.
    `places`: where each account is, by address.
    """

    accounts: int = 0
    movable: int = 0
    granted: int = 0
    connected: int = 0
    no_grants: str | None = None
    no_v2: str | None = None
    waiting: str | None = None
    refused: str | None = None
    places: dict[str, Place] = field(default_factory=dict)

    def add(self, account: AccountEvidence, place: Place, *, can_move: bool) -> None:
        """Take in one account."""
        self.accounts += 1
        self.places[account.email] = place
        self._add_v2(account)
        if can_move:
            self.movable += 1
            self._add_grants(account)

    def _add_v2(self, account: AccountEvidence) -> None:
        if isinstance(account.connected, Read):
            self.connected += not all(one.is_disconnected for one in account.connected.value)
        else:
            self.no_v2 = _no_v2(account.connected)

    def _add_grants(self, account: AccountEvidence) -> None:
        if not isinstance(account.grants, Read):
            self.no_grants = account.grants.reason
        elif any(grant.is_valid for grant in account.grants.value):
            self.granted += 1
            return
        self.waiting = self.waiting or account.email


def progress_of(
    tenant: TenantEvidence,
    accounts: Iterable[AccountEvidence],
    findings: Mapping[str, Mapping[str, Finding]],
) -> Progress:
    """Count the accounts. `findings`: what is open about each, by address and rule."""
    progress, holding = Progress(), with_trait("blocks_cutover")
    for account in accounts:
        found = findings.get(account.email, {})
        can_move = is_read_by_app(account) or not any(_is_broken(found.get(rule)) for rule in holding)
        progress.add(account, place_of(account, tenant), can_move=can_move)
        if _is_broken(found.get("NY3-006")):
            progress.refused = progress.refused or account.email
    return progress


def _is_broken(finding: Finding | None) -> bool:
    """Return whether a rule is broken; that somebody accepts it gives the account no mailbox."""
    if finding is None:
        return False
    return Status.FAIL in {finding.status, finding.waiver.status if finding.waiver else None}


def measures_of(
    tenant: TenantEvidence,
    progress: Progress,
    permissions: Collection[str],
    rules: Mapping[str, RuleResult],
) -> dict[str, Measure]:
    """Return what decides those steps that no rule decides alone. `permissions`: those that the app needs."""
    refused = _refused(tenant, rules.get("NY3-001"))
    app = _elsewhere(tenant, rules.get("NY3-005")) or _unnamed(tenant)
    begun = tenant.setup.v3 is not None
    return {
        **({"v3-application": refused} if refused else {}),
        **({"azure-app": app} if app and begun else _ending(rules.get("NY3-011"))),
        **_of_another_app(tenant, rules.get("NY3-002")),
        "permissions": app or _permissions(tenant, permissions, rules.get("NY3-004")),
        "grants": _grants(progress) if begun else _NOT_BEGUN,
        "cut-over": _cut_over(tenant, progress),
        "v2-shutdown": _shutdown(tenant, rules.get("USE-002")),
    }


def _refused(tenant: TenantEvidence, application: RuleResult | None) -> Measure | None:
    """Return that Nylas refuses the key, which says of no application that there is none; else None."""
    slot = tenant.v3_application
    if application is None or application.status is not Status.FAIL:
        return None
    if not isinstance(slot, Read) or slot.value.status == HTTPStatus.OK:
        return None
    return Measure(None, f"HTTP {slot.value.status} for the key, whichever applications there are")


def _ending(secret: RuleResult | None) -> dict[str, Measure]:
    """Return that the secret of the app ends, which is the app's own step; else nothing."""
    ends = secret is not None and secret.status is Status.FAIL
    return {"azure-app": Measure(False, f"NY3-011: {secret.observed}")} if secret and ends else {}


def _of_another_app(tenant: TenantEvidence, connector: RuleResult | None) -> dict[str, Measure]:
    """Return that the connector is another app's, whose scopes are its owner's to set; else nothing."""
    if tenant.setup.v3 is None or connector is None or not is_of_another_app(tenant):
        return {}
    return {"connector": Measure(True, "the connector is for another app, and is left as it is")}


def _unnamed(tenant: TenantEvidence) -> Measure | None:
    """Return that nobody has named an Azure app, which is where the way to v3 begins; else None."""
    if tenant.setup.v3 is None:
        return _NOT_BEGUN
    if tenant.setup.v3.microsoft_client_id is None:
        return Measure(False, "no Azure app is named in [nylas.v3]")
    return None


def _elsewhere(tenant: TenantEvidence, registration: RuleResult | None) -> Measure | None:
    """Return that another tenant registered the app, where NY3-005 leaves it to that one; else None.

    There it is registered, and told what to ask for; this tenant consents to that, or does not (NY3-004).
    """
    slot = tenant.v3_principal
    if registration is None or registration.status is not Status.NOT_APPLICABLE:
        return None
    if not isinstance(slot, Read) or slot.value is None:
        return None
    return Measure(True, f"the app is that of another tenant ({slot.value.app_owner_organization_id})")


def _permissions(tenant: TenantEvidence, needed: Collection[str], consent: RuleResult | None) -> Measure:
    """Measure what the app asks for; what it has it need not ask for."""
    if consent is not None and consent.status is Status.PASS:
        return Measure(True, "the app has what it needs, as NY3-004 shows")
    if not isinstance(tenant.v3_requested, Read):
        return Measure(None, tenant.v3_requested.reason)
    missing = sorted(set(needed) - set(tenant.v3_requested.value))
    said = f"does not ask for {', '.join(missing)}" if missing else f"asks for {', '.join(sorted(needed))}"
    return Measure(not missing, f"the app {said}")


def _grants(progress: Progress) -> Measure:
    if not progress.movable:
        return Measure(False, f"{_counted(progress.accounts, 'account')} audited, none that v3 can hold")
    if progress.no_grants is not None:
        return Measure(None, progress.no_grants)
    others = progress.accounts - progress.movable
    of = f"{progress.granted} of {_counted(progress.movable, 'account')}"
    aside = f"; v3 cannot hold that of {_counted(others, 'other')}" if others else ""
    observed = f"{of} whose mailbox v3 can hold have a valid grant{aside}"
    return Measure(progress.granted == progress.movable, observed)


def _cut_over(tenant: TenantEvidence, progress: Progress) -> Measure:
    """Nobody is left on v2, and whoever can move is on v3: it takes both to have moved."""
    gone, grants = _gone(tenant), _grants(progress)
    if gone:
        return Measure(grants.is_done, f"{gone.observed}; {grants.observed}")
    if progress.no_v2 is not None:
        return Measure(None, progress.no_v2)
    still = f"{progress.connected} of {_counted(progress.accounts, 'account')} still connected to v2"
    return Measure(bool(progress.accounts) and not progress.connected and bool(grants.is_done), still)


def _shutdown(tenant: TenantEvidence, usage: RuleResult | None) -> Measure:
    """Nobody is left on v2, and no report shows that its app still calls EWS."""
    measure = _gone(tenant) or _left_on_v2(tenant)
    is_used = usage is not None and usage.status is Status.WARN
    return Measure(False, measure.observed) if is_used else measure


def _left_on_v2(tenant: TenantEvidence) -> Measure:
    if not isinstance(tenant.nylas_inventory, Read):
        return Measure(None, _no_v2(tenant.nylas_inventory))
    left = tenant.nylas_inventory.value.total - tenant.nylas_inventory.value.disconnected
    return Measure(not left, f"{_counted(left, 'account')} of the v2 application not disconnected yet")


def _no_v2(slot: Unread | Absent) -> str:
    """Return why nothing is known of v2."""
    return f"v2 is not audited: {slot.reason}" if isinstance(slot, Absent) else slot.reason


def _gone(tenant: TenantEvidence) -> Measure | None:
    """Return that the v2 application is no more, where its host said so."""
    slot = tenant.nylas_application
    if isinstance(slot, Read) and slot.value.is_gone:
        return Measure(True, f"the v2 application is gone: HTTP {slot.value.status}")
    return None


def _counted(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"
