"""Payloads judged a second, beside `json.loads` of the same texts; and examples generated a second."""

import json
from collections.abc import Callable

import pytest

from nylas_readiness.checks.contract import Context, judge, judge_text
from nylas_readiness.fixtures.payloads import build
from nylas_readiness.fixtures.strategies.payloads import JsonObject, builder_inputs, payloads
from nylas_readiness.fixtures.strategies.profile import Phase, given, settings

pytestmark = pytest.mark.bench

EXAMPLES = 100
NOTHING_KNOWN = Context()


def sample_texts() -> list[str]:
    texts: list[str] = []

    @settings(max_examples=EXAMPLES, phases=(Phase.generate,))
    @given(payload=payloads())
    def collect(payload: JsonObject) -> None:
        texts.append(json.dumps(payload))

    collect()
    return texts


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return sample_texts()


Benchmark = Callable[[Callable[[], object]], object]


def test_texts_read_by_the_standard_library(benchmark: Benchmark, texts: list[str]) -> None:
    assert len(texts) >= EXAMPLES
    benchmark(lambda: [json.loads(text) for text in texts])


def test_texts_judged(benchmark: Benchmark, texts: list[str]) -> None:
    assert benchmark(lambda: sum(len(judge_text(text, NOTHING_KNOWN).violations) for text in texts)) == 0


def test_bodies_judged(benchmark: Benchmark, texts: list[str]) -> None:
    bodies = [json.loads(text) for text in texts]
    assert benchmark(lambda: sum(len(judge(body, NOTHING_KNOWN)) for body in bodies)) == 0


def test_examples_generated_built_and_judged(benchmark: Benchmark) -> None:
    @settings(max_examples=EXAMPLES, phases=(Phase.generate,))
    @given(given_input=builder_inputs())
    def property_of_the_builder(given_input: JsonObject) -> None:
        body = json.loads(json.dumps(build(given_input)))
        assert not [found for found in judge(body, NOTHING_KNOWN) if found.level == "fail"]

    benchmark(property_of_the_builder)
