"""What of a tenant's v2 goes where in v3, and its plan: made from the run's results and its evidence."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from nylas_readiness.checks.catalogue import scopes, with_trait
from nylas_readiness.checks.catalogue.requests import GRANT_TRIGGERS
from nylas_readiness.checks.live.notifications import (
    MENDING,
    NAMES,
    lacking_of_v2,
    to_mend,
    with_grant_triggers,
)
from nylas_readiness.checks.live.v3_app import CALLBACK, granted
from nylas_readiness.checks.live.v3_application import REGIONS, credential_of, is_of_another_app, region_of
from nylas_readiness.checks.migration.commands import Value, Values
from nylas_readiness.checks.migration.model import (
    Granted,
    Matched,
    Migration,
    PlanStep,
    Regions,
    ScopeRow,
    StepState,
)
from nylas_readiness.checks.migration.plan import plan_of
from nylas_readiness.checks.migration.progress import Progress, measures_of, progress_of
from nylas_readiness.checks.migration.stages import Place
from nylas_readiness.checks.outcome import Finding, RuleResult, Status, Undecided
from nylas_readiness.fixtures.evidence.journal import Evidence
from nylas_readiness.fixtures.evidence.model import TenantEvidence
from nylas_readiness.fixtures.evidence.slots import Read
from nylas_readiness.fixtures.evidence.v3_model import Addresses, Matching
from nylas_readiness.fixtures.inputs.tenant import NYLAS_V3_HOSTS
from nylas_readiness.fixtures.secrets import clean

# What of the matching the grants tell alone.
_OF_V3: Final = {"twice", "placeholders", "unlisted"}


class WayToV3(NamedTuple):
    """A tenant's plan, what of its v2 goes where, and where each account is, by address."""

    plan: list[PlanStep]
    migration: Migration
    places: Mapping[str, Place]

    @property
    def is_open(self) -> bool:
        """Whether the tenant's own steps that come before the grants are done."""
        return all(step.state is not StepState.BLOCKED for step in self.plan if step.id == "grants")


def way_to_v3(
    evidence: Evidence, rules: Mapping[str, RuleResult], findings: Mapping[str, Mapping[str, Finding]]
) -> WayToV3:
    """Return how far a tenant is. `rules`: what was decided, by id; `findings`: by address and rule."""
    tenant = evidence.tenant
    progress = progress_of(tenant, evidence.accounts(), findings)
    needed = scopes.needed()
    measures = measures_of(tenant, progress, needed, rules)
    plan = plan_of(rules, measures, values_of(tenant, progress, needed, rules))
    return WayToV3(plan, migration_of(tenant, rules), progress.places)


def first_open(plan: Sequence[PlanStep]) -> PlanStep | None:
    """Return the first step that can be done now."""
    return next((step for step in plan if step.state is StepState.TO_DO), None)


def migration_of(tenant: TenantEvidence, rules: Mapping[str, RuleResult]) -> Migration:
    """Return the tables of the migration."""
    matching = tenant.matching
    changes = [rule for rule in with_trait("lists_changes") if _applies(rules.get(rule))]
    return Migration(
        scopes=scope_rows(tenant, rules.get("NY3-004")),
        matching=_matching(matching.value, tenant) if isinstance(matching, Read) else None,
        unread=None if isinstance(matching, Read) else clean(matching.reason),
        regions=regions_of(tenant),
        changes=next(iter(changes), None),
    )


def _applies(rule: RuleResult | None) -> bool:
    return rule is not None and rule.status is not Status.NOT_APPLICABLE


def scope_rows(tenant: TenantEvidence, consent: RuleResult | None) -> list[ScopeRow]:
    """Return every v2 scope with its permissions. `consent`: what NY3-004 came to."""
    try:
        consented = granted(tenant)
    except Undecided:
        consented = None
    return [
        ScopeRow(
            scope=one.name,
            feature=one.feature,
            read=list(one.read),
            write=list(one.write),
            in_use=one.name in scopes.IN_USE,
            granted=_granted(one, consented, consent.status if consent else None),
        )
        for one in scopes.scopes().values()
    ]


def _granted(scope: scopes.Scope, consented: set[str] | None, status: Status | None) -> Granted:
    """Return whether the app may do what a scope does. `status`: NY3-004's, which takes in RBAC."""
    if consented is None:
        return Granted.UNKNOWN
    if all(scopes.is_granted(one, consented) for one in scope.needed):
        return Granted.YES
    if status in {Status.FAIL, Status.WARN} or _is_consented(consented):
        return Granted.NO
    # Roles of RBAC for Applications cannot be read: the reads of mailboxes show those in use, and no other.
    is_shown = status is Status.PASS and set(scope.needed) <= _tried()
    return Granted.BY_RBAC if is_shown else Granted.UNKNOWN


def _is_consented(consented: set[str]) -> bool:
    return all(scopes.is_granted(one, consented) for one in scopes.needed())


def _tried() -> set[str]:
    """Return the permissions that reads of mailboxes show: those in use, and what they include."""
    return {one for name in scopes.IN_USE for one in (*scopes.scopes()[name].read, *scopes.needed())}


def _matching(found: Matching, tenant: TenantEvidence) -> dict[str, Matched | None]:
    """Return what is true of how many addresses; what it takes v2's accounts to know is null without them."""
    known = {*found.__struct_fields__} if isinstance(tenant.nylas_inventory, Read) else _OF_V3
    return {
        name: _matched(getattr(found, name)) if name in known else None for name in found.__struct_fields__
    }


def _matched(addresses: Addresses) -> Matched:
    return Matched(count=addresses.count, examples=[clean(one) for one in addresses.examples])


def regions_of(tenant: TenantEvidence) -> Regions:
    """Return the region of v2, the one of v3 that goes with it, and the one that v3 is in."""
    setup = tenant.setup
    return Regions(
        v2=setup.v2_region,
        v3_wanted=REGIONS.get(setup.v2_region or ""),
        v3=region_of(tenant) if setup.v3 else None,
    )


def values_of(
    tenant: TenantEvidence, progress: Progress, permissions: Sequence[str], rules: Mapping[str, RuleResult]
) -> Values:
    """Return the tenant's own values for the commands of the plan; what is not known is a placeholder.

    `rules`: NY3-007, which finds access to every mailbox, and NY3-011, which finds a secret that ends.
    """
    setup, regions = tenant.setup, regions_of(tenant)
    v3, region = setup.v3, regions.v3_wanted or regions.v3
    host, credential = NYLAS_V3_HOSTS.get(region or ""), credential_of(tenant)
    callback, others = _callbacks(tenant)
    scope, secret = rules.get("NY3-007"), rules.get("NY3-011")
    return {
        "v2": Value(setup.v2_url, "v2 host"),
        "v3": Value(v3.url if v3 else host, "v3 host"),
        "redirect_uri": Value(CALLBACK.format(region=region) if region else None, "redirect uri of nylas"),
        "v3_region": Value(region, "us or eu"),
        "v2_application": Value(setup.v2_client_id, "v2 application id"),
        "v3_application": Value(v3.client_id if v3 else None, "v3 application id"),
        "app": Value(v3.microsoft_client_id if v3 else None, "application id of the v3 app"),
        "tenant": Value(setup.tenant_id, "tenant id"),
        "credential_name": Value((v3 and v3.credential_name) or setup.name, "credential name"),
        "credential": Value(credential.id if credential else None, "credential id"),
        "callback": Value(callback, "callback uri"),
        "service_principal": Value(_principal(tenant), "enterprise app object id"),
        "service_account": Value(setup.service_account, "service account"),
        "address": Value(progress.waiting, "address"),
        "refused": Value(progress.refused, "address"),
        "scope": scope.status.value if scope else "",
        "rotate": "yes" if secret and secret.status is Status.FAIL else "",
        "lookup": scopes.LOOKUP,
        "connector": _connector(tenant),
        **_mended(tenant),
        "lists": {
            "graph permission": list(permissions),
            "connector scope": _connector_scope(tenant, permissions),
            "other callbacks": others,
            **_triggers(tenant),
        },
    }


def _connector(tenant: TenantEvidence) -> str:
    """Return what there is of a connector, for the step that makes it."""
    slot = tenant.v3_connector
    if not isinstance(slot, Read) or slot.value is None:
        return "none"
    if is_of_another_app(tenant):
        return "another app"
    is_configured = slot.value.client_id or slot.value.has_credential or slot.value.settings
    return "configured" if is_configured else "unconfigured"


def _connector_scope(tenant: TenantEvidence, permissions: Sequence[str]) -> list[str]:
    """Return the connector's default scopes with those that it lacks: what is there stays."""
    slot = tenant.v3_connector
    there = (slot.value.scope if isinstance(slot, Read) and slot.value else None) or []
    return [*there, *(scopes.lacking(there) if there else permissions)]


def _mended(tenant: TenantEvidence) -> Values:
    """Return which webhook or channel is to be mended in its place, if any."""
    found = to_mend(tenant)
    return {
        "destination": Value(found.id if found else None, "destination id"),
        "destination_kind": NAMES[found.path] if found else "",
        "destination_status": Value(found.status if found else None, "not told"),
        "mending": MENDING[found.path] if found else "",
    }


def _triggers(tenant: TenantEvidence) -> dict[str, Sequence[str]]:
    """Return what the webhook or channel to be mended is told of, with what tells of grants."""
    found = to_mend(tenant)
    lacking = lacking_of_v2(tenant)
    if found:
        return {"trigger of the destination": list(dict.fromkeys((*with_grant_triggers(found), *lacking)))}
    return {"trigger": list(dict.fromkeys((*GRANT_TRIGGERS, *lacking)))} if lacking else {}


def _callbacks(tenant: TenantEvidence) -> tuple[str | None, list[str]]:
    """Return the callback URI to send an administrator to, the first with https, and the others."""
    slot = tenant.v3_application
    uris = (slot.value.callback_uris if isinstance(slot, Read) else None) or []
    first = next((uri for uri in uris if uri.lower().startswith("https://")), None)
    others = (Value(uri, "callback uri") for uri in uris if uri != first)
    return first, [uri for uri in others if uri.is_known]


def _principal(tenant: TenantEvidence) -> str | None:
    slot = tenant.v3_principal
    return slot.value.id if isinstance(slot, Read) and slot.value else None
