"""The public sample is what the suite reports today, and names nothing of the machine that made it."""

import re

import pytest

from nylas_readiness.checks.suite.support.readme import README

pytestmark = [
    pytest.mark.offline,
    pytest.mark.skipif(not README.is_file(), reason="an installed wheel has no sample beside it"),
]

AGAIN = "run: python -m nylas_readiness.checks.browser.sample"


def words_of(text: str) -> list[str]:
    """Return a view's words: releases of the libraries may set other blanks between them."""
    return re.sub(r"\b[0-9a-f]{64}\b", "", text).split()


def test_the_sample_is_up_to_date() -> None:
    """The results are compared by their meaning, and each view with what is made of them now."""
    from nylas_readiness.checks.browser.sample import ARTEFACT, FOLDER, files_of, sample, written

    results = written()
    assert results == sample(), AGAIN
    for name, made in files_of(results).items():
        if name != ARTEFACT:
            assert words_of((FOLDER / name).read_text("utf-8")) == words_of(made.decode()), (name, AGAIN)


def test_the_fleet_of_the_sample_is_shown_as_it_is_shown_today() -> None:
    """Its audits take too long for a test: the views are compared with what is made of the artefact now."""
    from nylas_readiness.checks.browser.sample import FOLDER, fleet_files_of, written_fleet

    fleet = written_fleet()
    assert len(fleet.tenants) == 12
    for name, made in fleet_files_of(fleet).items():
        assert words_of((FOLDER / name).read_text("utf-8")) == words_of(made.decode()), (name, AGAIN)


def test_the_sample_tells_nothing_of_the_machine() -> None:
    """No loopback address, no port, no path of a home or a temporary folder, and no time but its own."""
    from nylas_readiness.checks.browser import sample
    from nylas_readiness.checks.browser.sample import ARTEFACT, FOLDER

    names = sample.files_of(sample.written()) | sample.fleet_files_of(sample.written_fleet())
    assert {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.is_file()} == set(names)
    for name in names:
        text = (FOLDER / name).read_text("utf-8")
        assert not re.search(r"127\.0\.0\.1|localhost|:\d{5}\b|/(?:home|tmp|root|Users)/", text), name
    assert set(re.findall(r"\d{4}-\d\d-\d\dT[\d:]+", (FOLDER / ARTEFACT).read_text("utf-8"))) <= {
        "2026-11-23T09:00:00",
        "2026-11-23T09:00:08",
    }
