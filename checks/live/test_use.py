"""USE: the use of EWS in Exchange Online, by reports that an administrator exports."""

from datetime import date

import pytest

from nylas_readiness.checks.live.ews_usage import judge_files, judge_other_apps, judge_v2_use
from nylas_readiness.checks.outcome import Outcome
from nylas_readiness.fixtures.evidence.model import TenantEvidence

pytestmark = pytest.mark.live


@pytest.mark.rule("USE-001")
def test_the_reports_of_ews_usage_can_be_read(tenant: TenantEvidence) -> Outcome:
    """The files are read by their columns, and the days that each tells of are named."""
    return judge_files(tenant.ews_usage)


@pytest.mark.rule("USE-002")
def test_the_app_of_v2_is_quiet_after_the_cut_over(tenant: TenantEvidence, as_of: date) -> Outcome:
    """No use of EWS by the v2 app is seen in 14 days after the cut-over; use that is seen is a warning."""
    return judge_v2_use(tenant, as_of)


@pytest.mark.rule("USE-003")
def test_no_other_app_relies_on_ews(tenant: TenantEvidence) -> Outcome:
    """The other apps that use EWS are named before it is shut down."""
    return judge_other_apps(tenant)
