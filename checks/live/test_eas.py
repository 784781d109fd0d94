"""EAS: ActiveSync, and the host that stands in where Autodiscover fails."""

import pytest

from nylas_readiness.fixtures.evidence.model import AccountEvidence
from nylas_readiness.fixtures.evidence.slots import known
from nylas_readiness.reports.model import Outcome
from nylas_readiness.reports.outcome import fail, passed

pytestmark = pytest.mark.live


@pytest.mark.rule("EAS-001")
def test_activesync_is_found_or_configured(account: AccountEvidence) -> Outcome:
    """Autodiscover finds ActiveSync; where it fails, eas_server_host is configured."""
    found = known(account.activesync_endpoint)
    if found.url:
        return passed(found.url)
    answer = f"Autodiscover answers {found.status} {found.error_code or ''}".rstrip()
    if account.eas_server_host:
        return passed(f"{answer}; eas_server_host is {account.eas_server_host}")
    return fail(answer, expected="an ActiveSync endpoint, or eas_server_host configured")
