"""What the report shows of the logs: the picture, its text, and nothing that leaves its place."""

import re
from collections.abc import Sequence
from importlib.resources import files
from typing import TYPE_CHECKING

import msgspec
import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.log_samples import LOGS
from nylas_readiness.checks.suite.support.report_samples import RUN, TENANT
from nylas_readiness.fixtures.evidence.measures import Logs, LogSpan, UnlistedAddress
from nylas_readiness.fixtures.run.assemble import assemble
from nylas_readiness.fixtures.run.tally import AccountTally
from nylas_readiness.fixtures.secrets import Secret, forgotten_afterwards
from nylas_readiness.reports.html import render
from nylas_readiness.reports.log_picture import HEIGHT, LEFT, RIGHT, WIDTH, Picture, picture_of, worst_of
from nylas_readiness.reports.model import Results

if TYPE_CHECKING:
    from lxml.html import HtmlElement

pytestmark = pytest.mark.offline


def span(hour: int, failures: int = 0, p95: int | None = 400, day: int = 2) -> LogSpan:
    return LogSpan(f"2026-11-{day:02}T{hour:02}:00:00Z", 100, failures, None if p95 is None else 50, p95)


def logs_of(spans: Sequence[LogSpan], **changed: object) -> Logs:
    """Return logs of these spans."""
    requests, failures = (sum(getattr(one, name) for one in spans) for name in ("requests", "failures"))
    own: dict[str, object] = {
        "first": spans[0].start if spans else None,
        "last": spans[-1].start if spans else None,
        "requests": requests,
        "failures": failures,
        "statuses": {"200": requests - failures, "503": failures},
        "hours": list(spans),
    }
    return msgspec.structs.replace(LOGS, **(own | changed))


def results_with(logs: Logs | None) -> Results:
    return assemble(tenant=TENANT, run=RUN, outcomes={}, tally=AccountTally(()), logs=logs)


def section(logs: Logs | None) -> "HtmlElement | None":
    from lxml.html import document_fromstring

    sections = document_fromstring(render(results_with(logs))).iter("section")
    return next((one for one in sections if one.get("aria-labelledby") == "logs"), None)


def words(logs: Logs) -> str:
    found = section(logs)
    assert found is not None
    return " ".join(found.text_content().split())


def picture(*spans: LogSpan, **changed: object) -> Picture:
    found = picture_of(msgspec.structs.replace(logs_of(spans), **changed))
    assert found is not None
    return found


def points(path: str) -> list[tuple[str, float, float]]:
    return [(kind, float(x), float(y)) for kind, x, y in re.findall(r"([ML])([\d.]+) ([\d.]+)", path)]


def test_without_logs_the_page_says_nothing_of_them() -> None:
    assert section(None) is None


def test_the_key_has_the_colours_of_the_chart() -> None:
    """One rule of the style gives each mark its colour, in the chart and in the key that stands in it."""
    found = section(logs_of([span(9, 5), span(10)]))
    assert found is not None
    [chart] = found.find_class("chart")
    marks = set(chart.xpath(".//figcaption/span/@class"))
    assert marks == {*chart.xpath(".//path/@class"), "limit"} == marks & {*chart.xpath(".//svg/*/@class")}
    style = files("nylas_readiness.reports").joinpath("readiness.css").read_text("utf-8")
    assert sorted(re.findall(r"\.chart \.([\w-]+) \{ --mark: ", style)) == sorted(marks)
    drawn = re.findall(r"^(?:\.key \S+::before|\.chart (?:path|line)\..*) \{.*", style, re.MULTILINE)
    assert {colour for line in drawn for colour in re.findall(r"var\((.*?)\)", line)} == {"--mark"}


def test_the_section_says_how_many_requests_failed_and_how_long_they_took() -> None:
    text = words(logs_of([span(9, 5), span(10)], error_codes={"ErrorServerBusy": 5}))
    for part in (
        "200 requests of the service account by the front end\N{RIGHT SINGLE QUOTATION MARK}s log",
        "from 2026-11-02 09:00 to 2026-11-02 10:00 UTC: 5 failed (97.5 % succeeded)",
        "Half of them took 50 ms or less, 95 % 400 ms, 99 % 900 ms.",
        "200 195",
        "503 5",
        "ErrorServerBusy 5",
        "2 files, 2,000 lines.",
    ):
        assert part in text


def test_the_picture_has_a_text_and_a_table_for_who_does_not_see_it() -> None:
    found = section(logs_of([span(9, 5), span(10, 7), span(11)]))
    assert found is not None
    [svg] = found.iter("svg")
    assert svg.get("role") == "img"
    named = {element.get("id") for element in svg.iter("title", "desc")}
    assert set(svg.get("aria-labelledby").split()) == named
    rows = [[cell.text_content() for cell in row] for row in found.xpath(".//tbody/tr")]
    assert rows[0] == ["2026-11-02 10:00", "100", "7", "50 ms", "400 ms"]
    assert len(rows) == 3


def test_the_picture_needs_neither_style_attributes_nor_scripts() -> None:
    """The page's policy lets no inline style in but the sheet's own."""
    page = render(results_with(logs_of([span(9)])))
    assert "style=" not in page
    assert "<script" not in page.partition("<main>")[2].partition("</main>")[0]


@each_of("hostile", ['"><script>alert(1)</script>', "a\u202egol.exe@contoso.com", "x" * 5000])
def test_names_out_of_the_logs_are_shown_as_text(hostile: str) -> None:
    logs = logs_of(
        [span(9)],
        error_codes={hostile: 1},
        problems=[f"{hostile}: it cannot be read"],
        unlisted=[UnlistedAddress(hostile, 3)],
        unlisted_count=1,
    )
    page = render(results_with(logs))
    assert "<script>alert" not in page
    assert "\u202e" not in page
    assert "x" * 4500 not in page


def test_a_secret_in_a_log_does_not_reach_the_artefact() -> None:
    with forgotten_afterwards():
        Secret("s3cret-value-of-a-client")
        logs = logs_of([span(9)], unlisted=[UnlistedAddress("s3cret-value-of-a-client", 1)], unlisted_count=1)
        found = results_with(logs).logs
        assert found is not None
        assert "s3cret" not in found.unlisted[0].email


@each_of(
    ("count", "named", "said"),
    [
        (1, 1, "1 address"),
        (12, 12, "12 addresses"),
        (13, 13, "and 1 more, in results.json"),
        (1500, 1000, "the busiest"),
    ],
)
def test_unlisted_addresses_are_named_and_counted(count: int, named: int, said: str) -> None:
    unlisted = [UnlistedAddress(f"user{number}@contoso.com", 5) for number in range(named)]
    text = words(logs_of([span(9)], unlisted=unlisted, unlisted_count=count))
    assert said in text
    assert text.count("@contoso.com") == min(named, 12)


def test_every_point_lies_within_the_picture() -> None:
    from nylas_readiness.fixtures.strategies.profile import given, st

    latencies = st.none() | st.integers(0, 90_000_000)
    spans = st.builds(span, st.integers(0, 23), st.integers(0, 100), latencies, st.integers(1, 30))
    lists = st.lists(spans, min_size=1, max_size=30, unique_by=lambda one: one.start)

    @given(lists)
    def holds(found: list[LogSpan]) -> None:
        drawn = picture(*sorted(found, key=lambda one: one.start))
        for kind, x, y in points(drawn.p50 + drawn.p95):
            assert kind in "ML"
            assert LEFT <= x <= RIGHT <= WIDTH
            assert 0 <= y <= HEIGHT
        assert len(points(drawn.p95)) == sum(one.p95_ms is not None for one in found)
        assert drawn.requests.count("M") == len(found)
        assert drawn.failures.count("M") == sum(one.failures > 0 for one in found)

    holds()


def test_a_line_breaks_where_an_hour_has_no_request_or_no_latency() -> None:
    drawn = picture(span(7), span(8), span(10), span(11, p95=None), span(12))
    assert [kind for kind, _, _ in points(drawn.p95)] == ["M", "L", "M", "M"]


def test_time_runs_by_the_clock_and_slower_is_higher() -> None:
    drawn = picture(span(0), span(1, p95=45_000), span(3))
    (_, first, low), (_, second, high), (_, third, _) = points(drawn.p95)
    assert third - second == pytest.approx(2 * (second - first), abs=0.2)
    assert high < drawn.slow < low


def test_logs_with_years_between_them_stand_side_by_side() -> None:
    far = LogSpan("2031-01-01T00:00:00Z", 5, 0, 50, 60)
    (_, first, _), (_, second, _) = points(picture(span(0), far).p95)
    assert second - first == pytest.approx((RIGHT - LEFT) / 2, abs=0.2)


@each_of(
    ("hours", "labels"),
    [
        (1, ["02 Nov 00:00"]),
        (4, ["02 Nov 00:00", "02 Nov 01:00", "02 Nov 02:00", "02 Nov 03:00"]),
        (24 * 9, ["02 Nov", "05 Nov", "07 Nov", "10 Nov"]),
    ],
)
def test_the_axis_names_the_first_and_the_last_hour(hours: int, labels: list[str]) -> None:
    drawn = picture(*(span(hour % 24, day=2 + hour // 24) for hour in range(hours)))
    assert [mark.text for mark in drawn.times] == labels


def test_the_hours_to_look_at_are_those_that_fail_most_then_the_slowest() -> None:
    spans = [span(0, p95=100), span(1, 3), span(2, p95=9000), span(3, 9), span(4, p95=None)]
    assert [one.start[11:13] for one in worst_of(spans, 4)] == ["03", "01", "02", "00"]


def test_logs_without_a_request_have_no_picture_but_say_what_was_read() -> None:
    logs = logs_of([], problems=["b.LOG: it is in UTF-16"])
    assert picture_of(logs) is None
    text = words(logs)
    assert "2 files, 2,000 lines" in text
    assert "b.LOG: it is in UTF-16" in text
