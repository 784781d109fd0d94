"""Conditional Access policies as Graph writes them, and the tenant that has them."""

from typing import Any

import msgspec

from nylas_readiness.checks.suite.support.evidence_samples import read, tenant_with
from nylas_readiness.fixtures.clients.graph import User
from nylas_readiness.fixtures.clients.graph_apps import ConditionalAccessPolicy
from nylas_readiness.fixtures.evidence.model import TenantEvidence

ME, GROUP, ROLE = "AAAA-1", "bbbb-2", "cccc-3"
EVERYBODY = {"includeUsers": ["All"]}


def policy(users: dict[str, Any] | None, **changed: Any) -> ConditionalAccessPolicy:  # noqa: ANN401 -- JSON
    """Return an enabled MFA policy on all applications; `conditions` are added to its own."""
    conditions = {"users": users, "applications": {"includeApplications": ["All"]}, "clientAppTypes": ["all"]}
    conditions |= changed.pop("conditions", {})
    wire = {
        "displayName": "Require MFA",
        "state": "enabled",
        "conditions": conditions,
        "grantControls": {"operator": "OR", "builtInControls": ["mfa"]},
        "sessionControls": None,
    }
    return msgspec.convert(wire | changed, ConditionalAccessPolicy)


def tenant_of(*policies: ConditionalAccessPolicy, **given: Any) -> TenantEvidence:  # noqa: ANN401 -- slots
    """Return a tenant with these policies; its service account is in no group."""
    slots = {"service_user": read(User(id=ME)), "memberships": read([])}
    return tenant_with(access_policies=read(list(policies)), **(slots | given))
