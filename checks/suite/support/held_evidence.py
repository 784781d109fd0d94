"""Evidence in memory, which a test changes slot by slot, and which writes down what a check reads of it."""

from collections.abc import Collection, Iterator, Sequence
from typing import Final, TypeVar, cast, get_args

import msgspec

from nylas_readiness.fixtures.evidence.journal import Evidence, RequestCounts
from nylas_readiness.fixtures.evidence.model import AccountEvidence, TenantEvidence
from nylas_readiness.fixtures.evidence.probes import Probes, probes_of
from nylas_readiness.fixtures.evidence.slots import Unread

T = TypeVar("T", TenantEvidence, AccountEvidence, Probes)

HIDDEN: Final = Unread(reason="the test hides it")
# The slots that the sums over all accounts' probes are made from; each other sum is made from `calendar`.
_PROBED: Final = {
    "authorized": "connection",
    "slowest": "connection",
    "slowest_s": "connection",
    "app_reads": "app_calendar",
    "app_denied": "app_calendar",
}


def _slots(kind: type[msgspec.Struct]) -> frozenset[str]:
    return frozenset(field.name for field in msgspec.structs.fields(kind) if Unread in get_args(field.type))


SLOTS: Final = _slots(TenantEvidence) | _slots(AccountEvidence)
# What was counted during the run, by its name in the journal: without it the run was interrupted.
COUNTS: Final = {"budget": "services", "clocks": "clocks"}


class HeldEvidence(Evidence):
    """Evidence of few accounts. `reads`: the slots that were looked at since it was made."""

    def __init__(
        self, tenant: TenantEvidence, accounts: Sequence[AccountEvidence], use: RequestCounts
    ) -> None:
        """Hold this evidence."""
        self.reads: set[str] = set()
        self._held = tenant, accounts, use
        self._use = use
        self.tenant = self._watched(tenant)
        self.probes = self._watched(probes_of(accounts))
        self._accounts = [self._watched(account) for account in accounts]

    def accounts(self) -> Iterator[AccountEvidence]:
        """Yield the accounts."""
        return iter(self._accounts)

    def without(self, slots: Collection[str]) -> "HeldEvidence":
        """Return the same evidence in which these slots could not be read."""
        tenant, accounts, use = self._held
        counts: dict[str, object] = {COUNTS[slot]: {} for slot in COUNTS.keys() & {*slots}}
        use = msgspec.structs.replace(use, **counts)
        return HeldEvidence(_hidden(tenant, slots), [_hidden(one, slots) for one in accounts], use)

    def _watched(self, value: T) -> T:
        """Return a copy that adds to `reads` the name of each slot that is looked at."""
        kind, reads = type(value), self.reads

        def look_up(evidence: T, name: str) -> object:
            reads.update(_slots_of(kind, name))
            return object.__getattribute__(evidence, name)

        watched = msgspec.defstruct(
            kind.__name__,
            [],
            bases=(kind,),
            namespace={"__getattribute__": look_up},
            frozen=True,
            kw_only=True,
        )
        return cast("T", watched(**_members(value)))


def held(evidence: Evidence) -> HeldEvidence:
    """Return a journal's evidence in memory."""
    use = RequestCounts(services=evidence.budget, clocks=evidence.clocks)
    return HeldEvidence(evidence.tenant, list(evidence.accounts()), use)


def _members(value: msgspec.Struct) -> dict[str, object]:
    return {name: getattr(value, name) for name in value.__struct_fields__}


def _hidden(value: T, slots: Collection[str]) -> T:
    """Return evidence in which those of the slots that it has could not be read."""
    hidden = dict.fromkeys(SLOTS & {*slots} & {*value.__struct_fields__}, HIDDEN)
    return msgspec.structs.replace(value, **hidden)


def _slots_of(kind: type[msgspec.Struct], name: str) -> set[str]:
    """Return the slots that a member of the evidence is or, being a sum over all accounts, is made from."""
    if kind is Probes and name in Probes.__struct_fields__:
        return {_PROBED.get(name, "calendar")}
    return {name} & SLOTS
