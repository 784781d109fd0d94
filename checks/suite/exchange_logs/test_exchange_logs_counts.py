"""What is counted of the logs is bounded, and as exact as it says."""

import math
from typing import Any

import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.fixtures.exchange_logs import traffic
from nylas_readiness.fixtures.exchange_logs.latency import SLOW_MS, Latency, bucket_of
from nylas_readiness.fixtures.exchange_logs.traffic import Request, Spans, Traffic, View

pytestmark = pytest.mark.offline

HOUR = 3600


def at(hour: int, **changed: Any) -> Request:  # noqa: ANN401 -- members of every type
    """Return a request that ended in the middle of an hour."""
    usual = Request(
        at=hour * HOUR + 1800, status=200, code="", bucket=bucket_of(50), account="ann@contoso.com"
    )
    return usual._replace(**changed)


def latency_of(*values: float) -> Latency:
    found = Latency()
    for value in values:
        found.add(bucket_of(value))
    return found


def test_a_quantile_is_within_five_percent_of_the_exact_one() -> None:
    from nylas_readiness.fixtures.strategies.profile import given, st

    values = st.lists(st.floats(1, 80_000_000), min_size=1, max_size=60)

    @given(values, st.sampled_from([0.5, 0.95, 0.99]))
    def holds(values: list[float], share: float) -> None:
        exact = sorted(values)[math.ceil(share * len(values)) - 1]
        # Half a millisecond more: the answer is in whole ones.
        assert latency_of(*values).quantile(share) == pytest.approx(exact, abs=0.05 * exact + 0.5)

    holds()


@each_of(
    ("value", "is_slow"),
    [
        (SLOW_MS - 1, False),
        (SLOW_MS, False),
        (SLOW_MS + 0.01, True),
        (SLOW_MS + 1, True),
        (SLOW_MS * 3, True),
    ],
)
def test_on_which_side_of_half_a_minute_a_quantile_is_is_exact(value: float, is_slow: bool) -> None:
    quantile = latency_of(value).quantile(0.95)
    assert quantile is not None
    assert (quantile > SLOW_MS) is is_slow


def test_the_histogram_has_a_size_that_no_number_of_requests_changes() -> None:
    found = latency_of(*(value**2 for value in range(20_000)), 1e300)
    assert len(found.counts) < 210
    assert latency_of().quantile(0.5) is None
    assert latency_of(0).quantile(0.5) == 1


def test_merged_latencies_are_those_of_both() -> None:
    one, other = latency_of(5, 40), latency_of(3000, 45_000, 7)
    one.merge(other)
    assert one.counts == latency_of(5, 40, 3000, 45_000, 7).counts


def test_hours_are_merged_when_there_are_too_many_and_none_is_lost() -> None:
    spans, total = Spans(most=24), 24 * 30
    for hour in reversed(range(total)):
        spans.add(at(hour, status=500 if hour % 3 else 200))
    found = list(spans)
    assert spans.hours == 48
    assert [start for start, _ in found] == [day * 48 * HOUR for day in range(15)]
    assert sum(one.requests for _, one in found) == total
    assert sum(one.failures for _, one in found) == total * 2 // 3
    assert found[0][1].latency.quantile(0.5) == pytest.approx(50, rel=0.05)


def test_hours_that_lie_far_apart_are_bounded_too() -> None:
    """A clock that ran wild, or a log that was made up, fills no memory."""
    spans = Spans(most=10)
    for place in range(2000):
        spans.add(at(place**2))
    assert len(list(spans)) <= 10
    assert sum(one.requests for _, one in spans) == 2000


def test_an_hour_is_kept_as_an_hour_while_there_is_room() -> None:
    spans = Spans(most=3)
    for hour in (7, 5, 5, 9):
        spans.add(at(hour))
    assert [(start // HOUR, one.requests) for start, one in spans] == [(5, 2), (7, 1), (9, 1)]
    assert spans.hours == 1


def test_made_up_codes_are_counted_together() -> None:
    found = Traffic()
    for number in range(500):
        found.add(at(0, status=500, code=f"Error{number}"))
    assert len(found.answers) <= 101
    assert sum(found.answers.values()) == found.failures == 500
    assert sum(found.failed.values()) == 500


@each_of(
    ("status", "code", "fails"),
    [
        (200, "", False),
        (302, "", False),
        (401, "", True),
        (503, "", True),
        (0, "", True),
        (200, "ErrorX", False),
        (None, "", False),
        (None, "ErrorX", True),
    ],
)
def test_an_answer_fails_by_its_status_else_by_its_code(status: int | None, code: str, fails: bool) -> None:
    found = Traffic()
    found.add(at(2, status=status, code=code))
    assert found.failures == sum(found.failed.values()) == fails
    assert found.last_failure == (2 * HOUR + 1800 if fails else None)


def test_the_last_failure_is_the_latest_in_time_not_in_the_file() -> None:
    found = Traffic()
    for hour in (5, 9, 7):
        found.add(at(hour, status=500))
    assert found.last_failure == 9 * HOUR + 1800


def test_addresses_beyond_the_bound_are_counted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traffic, "MOST_ACCOUNTS", 3)
    view = View()
    for number in range(10):
        view.add(at(0, account=f"user{number % 5}@contoso.com"))
    view.add(at(0, account=None))
    assert sorted(view.accounts) == ["user0@contoso.com", "user1@contoso.com", "user2@contoso.com"]
    assert (view.beyond.requests, view.nameless.requests, view.all().requests) == (4, 1, 11)


def test_merged_views_are_those_of_one_reading() -> None:
    from nylas_readiness.fixtures.strategies.profile import given, st

    def view_of(requests: list[Request]) -> View:
        view = View()
        view.spans = Spans(most=4)
        for request in requests:
            view.add(request)
        return view

    def shown(view: View) -> object:
        spans = [(start, span.requests, span.failures, span.latency.counts) for start, span in view.spans]
        accounts = [(name, traffic.requests, traffic.answers) for name, traffic in view.accounts.items()]
        return view.spans.hours, spans, accounts, view.nameless.requests, view.first, view.last

    requests = st.lists(
        st.builds(
            lambda hour, status, account: at(hour, status=status, account=account),
            st.integers(0, 200),
            st.sampled_from([200, 401, 500]),
            st.sampled_from([None, "ann@contoso.com", "ben@contoso.com", "cid@contoso.com"]),
        )
        | st.just(at(0, at=None)),
        max_size=20,
    )

    @given(requests, requests)
    def holds(earlier: list[Request], later: list[Request]) -> None:
        merged = view_of(earlier)
        merged.merge(view_of(later))
        assert shown(merged) == shown(view_of([*earlier, *later]))

    holds()


def test_accounts_beyond_the_bound_are_counted_together_when_views_are_merged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(traffic, "MOST_ACCOUNTS", 2)
    merged, later = View(), View()
    merged.add(at(1))
    for number in range(3):
        later.add(at(2, account=f"user{number}@contoso.com"))
    merged.merge(later)
    assert list(merged.accounts) == ["ann@contoso.com", "user0@contoso.com"]
    assert merged.beyond.requests == 2
    assert merged.all().requests == 4
