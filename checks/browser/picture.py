"""The README's picture: the first screen of the report of a company that moves.

`python -m nylas_readiness.checks.browser.picture` writes it again.
"""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from nylas_readiness.checks.browser.chromium import picture
from nylas_readiness.checks.suite.support import harness
from nylas_readiness.fixtures.run.results import results_of
from nylas_readiness.reports import html
from nylas_readiness.reports.model import Results

PICTURE: Final = Path(__file__).parents[2] / ".github" / "readiness.png"
WIDTH: Final = 1200
HEIGHT: Final = 900


@cache
def company(scenario: str, accounts: int) -> Results:
    """Return the results of a sandbox company."""
    with TemporaryDirectory() as folder:
        ledger = harness.audit(scenario, Path(folder), accounts)
        assert ledger.evidence is not None
        as_of = ledger.evidence.tenant.setup.as_of
        assert as_of is not None
        return results_of(ledger, as_of, interrupted=False)


if __name__ == "__main__":
    picture(html.render(company("migration", 40)), PICTURE, WIDTH, HEIGHT)
