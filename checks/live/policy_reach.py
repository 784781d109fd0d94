"""Whether a Conditional Access policy reaches the redemption of the service account's refresh token.

A server redeems it for Exchange Online, as a confidential client without a device, and the token came by the
authorization code flow. What nobody lists here is told, and decides nothing. Source: Microsoft Graph,
conditionalAccessConditionSet (v1.0 and beta), and Microsoft Entra, "Conditional Access: Conditions".
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import reduce
from typing import Final, TypeVar

import msgspec

from nylas_readiness.fixtures.clients.graph_apps import (
    ConditionalAccessPolicy,
    Membership,
    PolicyApplications,
    PolicyUsers,
)
from nylas_readiness.fixtures.evidence.app_registration import EXCHANGE_APP_ID

S = TypeVar("S", bound=msgspec.Struct)

_GUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NOT_IN_FORCE: Final = {"disabled", "enabledforreportingbutnotenforced"}
_EXCHANGE: Final = {"office365", EXCHANGE_APP_ID}
_OTHER_SUITES: Final = {"none", "microsoftadminportals"}
# A service that is registered as a confidential client counts as a browser. The others are native apps and
# basic authentication.
_CLIENT: Final = {"all", "browser"}
_OTHER_CLIENTS: Final = {"mobileappsanddesktopclients", "exchangeactivesync", "eassupported", "other"}
# A refresh token keeps in mind that it came by one of these; by the authorization code flow it did not.
_OTHER_FLOWS: Final = {"devicecodeflow", "authenticationtransfer"}
# Conditions that depend on who calls the token endpoint, from where: Nylas is not the audit. Of each the
# members that it may have; one that is a list or a word has none.
_CALLERS: Final[Mapping[str, set[str]]] = {
    "locations": {"includeLocations", "excludeLocations"},
    "platforms": {"includePlatforms", "excludePlatforms"},
    "devices": {
        *("deviceFilter", "includeDevices", "excludeDevices"),
        *("includeDeviceStates", "excludeDeviceStates"),
    },
    "deviceStates": {"includeStates", "excludeStates"},
    "signInRiskLevels": set(),
    "userRiskLevels": set(),
    "insiderRiskLevels": set(),
    "times": set(),
}
# Conditions of what signs in as itself: no user's token.
_WORKLOADS: Final[Mapping[str, set[str]]] = {
    "clientApplications": {
        *("includeServicePrincipals", "excludeServicePrincipals", "servicePrincipalFilter"),
        *("includeAgentIdServicePrincipals", "excludeAgentIdServicePrincipals"),
        "agentIdServicePrincipalFilter",
    },
    "servicePrincipalRiskLevels": set(),
    "agentIdRiskLevels": set(),
}


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """The account: its object id, its groups' ids and its roles' template ids; None: not known."""

    user_id: str
    groups: frozenset[str] | None
    roles: frozenset[str] | None
    is_guest: bool = False


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a policy reaches the redemption; `holds` None: the account's memberships would decide it.

    `narrowed`: conditions that depend on the caller. `unlisted`: members that nobody knows, which may take
    the policy out or not.
    """

    holds: bool | None = True
    narrowed: tuple[str, ...] = ()
    unlisted: tuple[str, ...] = ()

    def __and__(self, other: "Reach") -> "Reach":
        """Return what two conditions come to together."""
        if self.holds is False or other.holds is False:
            return NOWHERE
        return Reach(
            holds=None if None in {self.holds, other.holds} else True,
            narrowed=self.narrowed + other.narrowed,
            unlisted=self.unlisted + other.unlisted,
        )


EVERYWHERE: Final = Reach()
NOWHERE: Final = Reach(holds=False)


def subject_of(user_id: str, memberships: Iterable[Membership] | None, *, is_guest: bool = False) -> Subject:
    """Return an account; `memberships` None: they were not read. A role without template hides them all."""
    if memberships is None:
        return Subject(user_id=user_id, groups=None, roles=None, is_guest=is_guest)
    all_of_them = list(memberships)
    templates = [one.role_template_id for one in all_of_them if one.is_role]
    told = [template.lower() for template in templates if template]
    return Subject(
        user_id=user_id,
        groups=frozenset((one.id or "").lower() for one in all_of_them if not one.is_role),
        roles=frozenset(told) if len(told) == len(templates) else None,
        is_guest=is_guest,
    )


def reach_of(policy: ConditionalAccessPolicy, subject: Subject) -> Reach:
    """Return whether a policy reaches the account at Exchange Online."""
    state = (policy.state or "").lower()
    if state in _NOT_IN_FORCE:
        return NOWHERE
    in_force = EVERYWHERE if state == "enabled" else Reach(unlisted=(f"the state {policy.state}",))
    conditions = {"users": {}, "applications": {}} | (policy.conditions or {})
    answers = (_condition(name, value, subject) for name, value in conditions.items())
    return reduce(Reach.__and__, answers, in_force)


def is_set(value: object) -> bool:
    """Return whether a member says anything: nulls, empty lists and what is switched off do not."""
    match value:
        case None | "" | "none" | False:
            return False
        case {"isEnabled": False | None}:
            return False
        case Mapping():
            return any(is_set(inner) for name, inner in value.items() if "@" not in name)
        case list() | tuple():
            return any(is_set(inner) for inner in value)
    return True


def set_members(value: Mapping[str, object]) -> Iterator[str]:
    """Yield the names of the members that say anything."""
    yield from (name for name, inner in value.items() if "@" not in name and is_set(inner))


def shaped(name: str, value: object, shape: type[S]) -> tuple[S | None, tuple[str, ...]]:
    """Return a part of a policy as `shape`, and what of it nobody knows; None: it has another shape."""
    try:
        part = msgspec.convert(value or {}, shape)
    except msgspec.ValidationError:
        return None, (name,)
    known = msgspec.structs.fields(shape)
    return part, _unlisted(name, value, {field.encode_name for field in known})


def spelled(name: str) -> str:
    """Return a member's name in words: `signInRiskLevels` as `sign in risk levels`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


def _unlisted(name: str, value: object, known: set[str]) -> tuple[str, ...]:
    members = set_members(value) if isinstance(value, Mapping) else ()
    return tuple(f"{name}.{member}" for member in members if member not in known)


def _condition(name: str, value: object, subject: Subject) -> Reach:
    if reader := _READERS.get(name):
        return reader(value, subject)
    if "@" in name or not is_set(value):
        return EVERYWHERE
    if name in _WORKLOADS:
        unlisted = _unlisted(name, value, _WORKLOADS[name])
        return Reach(unlisted=unlisted) if unlisted else NOWHERE
    if name in _CALLERS:
        unlisted = _unlisted(name, value, _CALLERS[name])
        return Reach(narrowed=() if _is_of_all(value) else (spelled(name),), unlisted=unlisted)
    return Reach(unlisted=(name,))


def _is_of_all(value: object) -> bool:
    """Return whether a condition includes everything and excludes nothing."""
    if not isinstance(value, Mapping):
        return False
    members = list(set_members(value))
    return len(members) == 1 and members[0].startswith("include") and _words(value[members[0]]) == {"all"}


def _words(value: object) -> frozenset[str]:
    """Return the words of a list, or of a text that separates them by commas, in lower case."""
    words = value.split(",") if isinstance(value, str) else value if isinstance(value, list | tuple) else ()
    return frozenset(str(word).strip().lower() for word in words) - {"", "none"}


def _users(value: object, subject: Subject) -> Reach:
    users, unlisted = shaped("users", value, PolicyUsers)
    if users is None:
        return Reach(unlisted=unlisted)
    user, guests = {subject.user_id.lower()}, {"guestsorexternalusers"} if subject.is_guest else set[str]()
    included = _any(
        _meet(users.include_users, user | guests | {"all"}),
        _meet(users.include_groups, subject.groups),
        _meet(users.include_roles, subject.roles),
        subject.is_guest and is_set(users.include_guests_or_external_users),
    )
    excluded = _any(
        _meet(users.exclude_users, user | guests),
        _meet(users.exclude_groups, subject.groups),
        _meet(users.exclude_roles, subject.roles),
        subject.is_guest and is_set(users.exclude_guests_or_external_users),
    )
    if excluded is True or (included is False and not unlisted):
        return NOWHERE
    return Reach(holds=None if included is None or excluded is None else True, unlisted=unlisted)


def _applications(value: object, _subject: Subject) -> Reach:
    applications, unlisted = shaped("applications", value, PolicyApplications)
    if applications is None:
        return Reach(unlisted=unlisted)
    included, excluded = _words(applications.include_applications), _words(applications.exclude_applications)
    if excluded & _EXCHANGE:
        return NOWHERE
    if is_set(applications.application_filter):
        unlisted += ("applications.applicationFilter",)
    suites = sorted(name for name in included | excluded if not _is_listed_application(name))
    unlisted += tuple(f"the application {name}" for name in suites)
    if included & (_EXCHANGE | {"all"}) or unlisted:
        return Reach(unlisted=unlisted)
    return NOWHERE


def _is_listed_application(name: str) -> bool:
    return name in _EXCHANGE | _OTHER_SUITES | {"all"} or _GUID.fullmatch(name) is not None


def _client_types(value: object, _subject: Subject) -> Reach:
    types = _words(value)
    unlisted = tuple(f"the client type {name}" for name in sorted(types - _CLIENT - _OTHER_CLIENTS))
    if not is_set(value) or types & _CLIENT:
        return EVERYWHERE
    if unlisted or not types:
        return Reach(unlisted=unlisted or ("clientAppTypes",))
    return NOWHERE


def _flows(value: object, _subject: Subject) -> Reach:
    if not is_set(value):
        return EVERYWHERE
    methods = _words(value.get("transferMethods")) if isinstance(value, Mapping) else frozenset[str]()
    unlisted = _unlisted("authenticationFlows", value, {"transferMethods"})
    unlisted += tuple(f"the flow {name}" for name in sorted(methods - _OTHER_FLOWS))
    if unlisted or not methods:
        return Reach(unlisted=unlisted or ("authenticationFlows",))
    return NOWHERE


_READERS: Final[Mapping[str, Callable[[object, Subject], Reach]]] = {
    "users": _users,
    "applications": _applications,
    "clientAppTypes": _client_types,
    "authenticationFlows": _flows,
}


def _meet(named: tuple[str, ...] | None, held: frozenset[str] | set[str] | None) -> bool | None:
    """Return whether one of the named is held; nothing named is never held, even where it is not known."""
    if not named:
        return False
    return None if held is None else bool(_words(named) & held)


def _any(*answers: bool | None) -> bool | None:
    """Return true where one is, else None where one is not known."""
    if True in answers:
        return True
    return None if None in answers else False
