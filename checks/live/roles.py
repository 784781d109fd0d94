"""Which directory roles make an account an administrator's: the judgement behind USR-007."""

from collections.abc import Sequence

from nylas_readiness.checks.outcome import Outcome, fail, lacks, passed
from nylas_readiness.fixtures.clients.graph_apps import Membership

# Roles that only read, by template id. Source: Microsoft, Entra built-in roles,
# https://github.com/MicrosoftDocs/entra-docs docs/identity/role-based-access-control/permissions-reference
READERS = {
    "ffd52fa5-98dc-465c-991d-fc073eb59f8f": "Attribute Assignment Reader",
    "1d336d2c-4ae8-42ef-9711-b3604ce3fc2c": "Attribute Definition Reader",
    "9c99539d-8186-4804-835f-fd51ef9e2dcd": "Attribute Log Reader",
    "422218e4-db15-4ef9-bbe0-8afb41546d79": "Attribute Provisioning Reader",
    "88d8e3e3-8f55-4a1e-953a-9b9898b8876b": "Directory Readers",
    "f2ef992c-3afb-46b9-b7cf-a126ee74c451": "Global Reader",
    "843318fb-79a6-4168-9e6f-aa9a07481cc4": "Global Secure Access Log Reader",
    "ac16e43d-7b2d-40e0-ac05-243ff356ab5b": "Message Center Privacy Reader",
    "790c1fb9-7f7d-4f88-86a1-ef1f95c05c1b": "Message Center Reader",
    "4a5d8f65-41da-4de4-8968-e035b65339cf": "Reports Reader",
    "5d6b6bb7-de71-4623-b4af-96380a352509": "Security Reader",
    "1076ac91-f3d9-41a7-a339-dcdf5f480acc": "Teams Reader",
    "75934031-6c7e-415a-99d7-48dbd49e875e": "Usage Summary Reports Reader",
}


def judge_roles(memberships: Sequence[Membership]) -> Outcome:
    """Judge the directory roles among an account's memberships."""
    roles = [membership for membership in memberships if membership.is_role]
    names = [_name(role) for role in roles if role.role_template_id and not _only_reads(role)]
    if names:
        return fail("directory roles: " + ", ".join(sorted(names)), expected="no administrator role")
    if hidden := sum(1 for role in roles if not role.role_template_id):
        return lacks("Directory.Read.All", f"{hidden} directory roles cannot be told")
    return passed("directory roles: " + (", ".join(sorted(map(_name, roles))) or "none"))


def _only_reads(role: Membership) -> bool:
    return (role.role_template_id or "").lower() in READERS


def _name(role: Membership) -> str:
    template = (role.role_template_id or "").lower()
    return role.display_name or READERS.get(template) or f"role {template}"
