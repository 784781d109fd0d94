"""What two journals have is joined slot by slot, setting by setting, and in any order."""

from collections.abc import Callable
from typing import Any, cast

import msgspec
import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.evidence_samples import setup_with
from nylas_readiness.fixtures.evidence.joined import add_uses, better, join_setups, join_uses
from nylas_readiness.fixtures.evidence.journal import RequestCounts
from nylas_readiness.fixtures.evidence.measures import ServiceBudget, Trace
from nylas_readiness.fixtures.evidence.model import AccountEvidence, Setup, TenantEvidence
from nylas_readiness.fixtures.evidence.slots import Absent, Read, Unread

pytestmark = pytest.mark.offline

USE = RequestCounts(services={"ews": ServiceBudget(3, 3, 0, 0.0)}, clocks={"ews": 2.0})
CASES: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "a section of one": (
        {"client_id": None, "left_out": {"microsoft": "…", "directory": "…"}, "sides": ("v3",)},
        {"client_id": "app", "left_out": {"directory": "…"}, "sides": ("v2",)},
        {"client_id": "app", "left_out": {"directory": "…"}, "sides": ("v2", "v3")},
    ),
    "a lost reference that the other has": (
        {"unresolved": {"nylas.v2.client_secret": "not set"}},
        {"unresolved": {}},
        {"unresolved": {}},
    ),
    "a lost reference that the other does not name": (
        {"unresolved": {"nylas.v2.client_secret": "not set"}},
        {"unresolved": {}, "left_out": {"nylas.v2": "…"}},
        {"unresolved": {"nylas.v2.client_secret": "not set"}, "left_out": {}},
    ),
    "a domain and a GUID": (
        {"tenant_id": "contoso.com"},
        {"tenant_id": "5B1F6F0E-9a1c-4c5e-8a3e-1c2d3e4f5a6b"},
        {"tenant_id": "5B1F6F0E-9a1c-4c5e-8a3e-1c2d3e4f5a6b"},
    ),
    "a service account, which v3 alone needs not": (
        {"service_account": None},
        {"service_account": "svc@contoso.com"},
        {"service_account": "svc@contoso.com"},
    ),
    "no id at all": ({"tenant_id": None}, {"tenant_id": "contoso.com"}, {"tenant_id": "contoso.com"}),
    "the hosting that one says": ({"hosting": "hybrid"}, {"hosting": "online"}, {"hosting": "hybrid"}),
}


@each_of("case", list(CASES))
def test_settings_are_joined_in_either_order(case: str) -> None:
    one, other, expected = CASES[case]
    for first, second in ((one, other), (other, one)):
        assert join_setups(setup_with(**first), setup_with(**second)) == setup_with(**expected)


@each_of(
    ("one", "other", "said"),
    [
        ({"tenant_id": "contoso.com"}, {"tenant_id": "fabrikam.com"}, "tenant.id is contoso.com in one and"),
        ({"kind": "live"}, {"kind": "sandbox"}, "kind is live in one and sandbox"),
        ({"service_account": "a@x.com"}, {"service_account": "b@x.com"}, "service_account.email is a@x.com"),
        ({"client_id": "a"}, {"client_id": "b"}, "client_id is a in one and b in the other"),
        ({"hosting": "hybrid"}, {"hosting": "on-premises"}, "exchange.hosting is hybrid in one"),
    ],
)
def test_settings_that_contradict_each_other_are_named(
    one: dict[str, Any], other: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        join_setups(setup_with(**one), setup_with(**other))


LATER, EARLIER = (Trace(at=f"2026-11-2{day}T12:00:00+00:00", source="GET /x", what="x") for day in (3, 2))


@each_of(
    ("good", "worse"),
    [
        (Read(1, EARLIER), Unread(reason="refused", trace=LATER)),
        (Unread(reason="refused"), Absent("left out")),
        (Read(1, LATER), Read(2, EARLIER)),
        (Unread(reason="refused", trace=EARLIER), Unread(reason="not resolved")),
        (Unread(reason="b", trace=LATER), Unread(reason="a", trace=EARLIER)),
    ],
)
def test_the_better_slot_is_taken(good: Any, worse: Any) -> None:  # noqa: ANN401 -- slots of every kind
    assert better(good, worse) == better(worse, good) == good


def test_every_field_of_evidence_is_a_slot_or_joined_by_name() -> None:
    named = {
        TenantEvidence: {
            *("setup", "concurrency", "writes", "list_source", "account_count"),
            *("bad_lines", "duplicates", "list_format", "nylas_stand_in"),
        },
        AccountEvidence: {"email", "name", "eas_server_host"},
    }
    for shape, names in named.items():
        fields = {field.name: field.type for field in msgspec.structs.fields(cast("Any", shape))}
        assert {name for name, kind in fields.items() if "Unread" not in str(kind)} == names


def generated(strategy: Callable[[Any], Any], holds: Callable[[Any, Any, Any], bool]) -> None:
    """Hold a law of three values."""
    from nylas_readiness.fixtures.strategies.profile import given, st

    values = strategy(st)

    @given(values, values, values)
    def law(one: Any, other: Any, third: Any) -> None:  # noqa: ANN401 -- what the strategy makes
        assert holds(one, other, third)

    law()


def slots(st: Any) -> Any:  # noqa: ANN401 -- hypothesis is dear to import
    traces = st.builds(
        Trace, at=st.sampled_from([LATER.at, EARLIER.at]), source=st.just(""), what=st.just("")
    )
    texts = st.sampled_from("ab")
    unread = st.builds(Unread, reason=texts, trace=st.none() | traces)
    return st.builds(Read, st.integers(0, 2), traces) | unread | st.builds(Absent, texts)


def uses(st: Any) -> Any:  # noqa: ANN401 -- hypothesis is dear to import
    count = st.integers(0, 9)
    budgets = st.builds(ServiceBudget, count, count, count, st.integers(0, 9).map(float))
    names = st.sampled_from(["ews", "graph"])
    return st.builds(
        RequestCounts,
        services=st.dictionaries(names, budgets),
        left_out=count,
        clocks=st.dictionaries(names, st.integers(-9, 9).map(float)),
    )


def test_the_better_of_slots_is_the_same_in_any_order() -> None:
    def holds(one: Any, other: Any, third: Any) -> bool:  # noqa: ANN401 -- slots
        return (
            better(better(one, other), third) == better(third, better(other, one)) and better(one, one) == one
        )

    generated(slots, holds)


def test_counts_add_up_in_any_order() -> None:
    def holds(one: RequestCounts, other: RequestCounts, third: RequestCounts) -> bool:
        return add_uses(add_uses(one, other), third) == add_uses(third, add_uses(other, one))

    generated(uses, holds)


def test_counts_of_which_one_is_missing_are_those_of_an_interrupted_run() -> None:
    assert join_uses([None, None]) is None
    found = join_uses([USE, None])
    assert found == msgspec.structs.replace(USE, interrupted=True)
    assert found is not None
    assert not found.is_whole


def test_a_setup_joined_with_itself_is_itself() -> None:
    setup: Setup = setup_with(unresolved={"microsoft.client_secret": "not set"}, left_out={"directory": "…"})
    assert join_setups(setup, setup) == setup
