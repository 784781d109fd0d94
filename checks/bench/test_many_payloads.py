"""A million NDJSON bodies in one pass, a thousandth broken, beside ten thousand: time, counts and memory."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest

from nylas_readiness.checks.suite.support.payload_samples import GOOD

pytestmark = [
    pytest.mark.bench,
    pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="only Linux tells a process's peak"),
]

BREAKS = (
    {"provider": "office365"},
    {"scopes": ""},
    {"settings": {**GOOD["settings"], "service_account": "true"}},
)
BROKEN_RULES = ("PAY-002", "PAY-006", "PAY-003", "PAY-015")
APART = 1000
MOST_APART_KB = 20 * 1024

# What a run with `--payload -` does, without pytest around it. A new process: a peak never goes down again.
JUDGE = """
import json, re, sys
from pathlib import Path
from nylas_readiness.checks.contract import Context
from nylas_readiness.checks.bodies.payload_outcome import RULES, judge_requests, outcome_of
from nylas_readiness.fixtures.payloads.source import read_stdin
judged = judge_requests(read_stdin(sys.stdin.buffer), Context(), "now")
outcomes = {rule: outcome_of(rule, judged) for rule in RULES}
failed = {rule: one.affected for rule, one in outcomes.items() if one.status == "fail"}
peak = re.search(r"VmHWM:\\s*(\\d+) kB", Path("/proc/self/status").read_text())
print(json.dumps({"failed": failed, "peak_kb": int(peak[1])}))
"""


class Benchmark(Protocol):
    """pytest-benchmark's fixture, which has no types of its own."""

    def pedantic(self, action: Callable[[], object], *, rounds: int) -> object:
        """Run `action` so many times."""
        ...  # pragma: no cover


def lines(count: int) -> Iterator[bytes]:
    """Yield bodies of people who are all different; each thousandth breaks one of four rules, in turn."""
    for number in range(count):
        body = {**GOOD, "name": f"Ann {number}", "email_address": f"ann.{number}@contoso.example"}
        turn, is_right = divmod(number, APART)
        breaks = {} if is_right else (*BREAKS, {})[turn % len(BROKEN_RULES)]
        text = json.dumps({**body, **breaks}).encode()
        yield (text if is_right or breaks else text[:-1]) + b"\n"


def judged(count: int) -> dict[str, Any]:
    """Judge so many bodies in a process of their own; return what failed, and its peak memory."""
    command = [sys.executable, "-c", JUDGE]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: S603 -- ours
        assert process.stdin
        assert process.stdout
        process.stdin.writelines(lines(count))
        process.stdin.close()
        found: dict[str, Any] = json.load(process.stdout)
    return found


@pytest.fixture(scope="module")
def found() -> dict[int, dict[str, Any]]:
    """Return what was found, by the number of bodies."""
    return {}


@pytest.mark.parametrize("count", [10_000, 1_000_000])
def test_every_broken_body_is_found(
    benchmark: Benchmark, found: dict[int, dict[str, Any]], count: int
) -> None:
    benchmark.pedantic(lambda: found.update({count: judged(count)}), rounds=1)
    each, more = divmod(count // APART, len(BROKEN_RULES))
    assert found[count]["failed"] == {rule: each + (place < more) for place, rule in enumerate(BROKEN_RULES)}


def test_a_hundred_times_as_many_take_no_more_memory(found: dict[int, dict[str, Any]]) -> None:
    peaks = {count: one["peak_kb"] for count, one in sorted(found.items())}
    assert len(peaks) > 1
    assert max(peaks.values()) - min(peaks.values()) < MOST_APART_KB, peaks
