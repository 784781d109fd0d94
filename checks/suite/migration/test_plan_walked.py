"""The plan is proved by following it: each step is done as printed, and the next audit finds it done."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from http import HTTPStatus
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from nylas_readiness.checks.migration.model import PlanStep, StepState
from nylas_readiness.checks.suite.support.plan_walker import PlanWalker, quoted
from nylas_readiness.fixtures.secrets import forgotten_afterwards
from nylas_readiness.reports import worklist
from nylas_readiness.reports.model import Results

if TYPE_CHECKING:
    from nylas_readiness.fixtures.sandbox.server import Sandbox

pytestmark = pytest.mark.offline

ORDER = (
    "azure-app",
    "permissions",
    "connector",
    "credential",
    "admin-consent",
    "mailbox-access",
    "grants",
    "webhooks",
    "cut-over",
)
VALUES = {
    "your webhook url": "https://app.halden.example/nylas/v3",
    "who is told when it fails": "ops@halden.example",
    "projects path of the topic": "projects/halden/topics/nylas-v3",
    "topic arn": "arn:aws:sns:eu-north-1:123456789012:nylas-v3",
    "role arn": "arn:aws:iam::123456789012:role/nylas-sns",
}
SECRET = "SANDBOX_V3_MICROSOFT_SECRET"


class Company:
    """A company that follows the plan, with the files that its people write."""

    def __init__(self, sandbox: "Sandbox", folder: Path) -> None:
        from nylas_readiness.fixtures.sandbox import company_v3

        self._sandbox, self._folder, self._runs = sandbox, folder, count()
        self._secrets = sandbox.secrets | company_v3.SECRETS
        self.app = {"microsoft_client_id": company_v3.APP_ID, "microsoft_client_secret": f"env:{SECRET}"}

    def follows(self, step: PlanStep, **values: str) -> list[httpx.Response]:
        """Run the printed requests of a step, with values for its placeholders."""
        named = {name.replace("_", " "): value for name, value in values.items()}
        filled = VALUES | {"secret value": self._secrets[SECRET]} | named
        return PlanWalker(self._sandbox, self._folder, filled).follow(step)

    def audit(self) -> Results:
        """Audit the company, and leave the worklist where the plan looks for it."""
        from nylas_readiness.checks.suite.support import harness
        from nylas_readiness.fixtures.inputs.tenant import load
        from nylas_readiness.fixtures.run.results import results_of

        tenant = load(self._sandbox.tenant_file, self._secrets)
        evidence = harness.read(tenant, self._folder / f"journal-{next(self._runs)}")
        as_of = evidence.tenant.setup.as_of
        assert as_of is not None
        results = results_of(harness.judge(evidence), as_of, interrupted=False)
        (self._folder / "accounts.csv").write_text(worklist.render(results), "utf-8")
        return results

    def has(self, fault: str, **arguments: object) -> None:
        """Do in the directory or in Exchange what a step's PowerShell does."""
        self._sandbox.change(fault, **arguments)

    def writes(self, section: str, values: Mapping[str, str]) -> None:
        """Write settings into a section of the tenant file."""
        file = self._sandbox.tenant_file
        lines = "".join(f'{key} = "{value}"\n' for key, value in values.items())
        file.write_text(file.read_text("utf-8").replace(f"[{section}]\n", f"[{section}]\n{lines}"), "utf-8")

    def leaves_v2_out(self) -> None:
        """Take the sections of v2 out of the tenant file."""
        file = self._sandbox.tenant_file
        parts = file.read_text("utf-8").split("\n[")
        kept = [part for part in parts if not part.startswith(("microsoft]", "nylas.v2]"))]
        file.write_text("\n[".join(kept), "utf-8")


def followed(company: Company, plan: Mapping[str, PlanStep], name: str) -> None:
    """Do what a step says."""
    step = plan[name]
    match name:
        case "azure-app":
            company.has("v3-app-registered")
            company.writes("nylas.v3", company.app)
        case "permissions":
            company.has("v3-app-asks-for", permissions=quoted(step.how, "Value -in"))
        case "mailbox-access":
            assert quoted(step.how, "-Role") == ["Application Calendars.ReadWrite", "Nylas v3"]
            company.has("v3-app-limited")
        case "cut-over":
            [listed] = company.follows(plan["v2-shutdown"])
            for account in listed.json():
                [answer] = company.follows(step, v2_account_id=account["id"])
                assert answer.status_code == HTTPStatus.OK, answer.text
        case _:
            requested(company, step)


def requested(company: Company, step: PlanStep) -> None:
    """Run the requests of a step: each is accepted. What comes back goes where the step says."""
    answers = company.follows(step)
    assert [one.text for one in answers if one.is_error] == []
    match step.id:
        case "credential":
            company.writes("nylas.v3", {"credential_name": answers[0].json()["data"]["name"]})
        case "admin-consent":
            assert "admin_consent=True" in answers[0].headers["location"]
            assert "error" not in answers[0].headers["location"]
        case "grants":
            first, *others = [one.json()["data"] for one in answers]
            assert first["id"] in {one["id"] for one in others}, "a second request keeps the grant"


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    from nylas_readiness.fixtures.sandbox.server import start

    with ExitStack() as stack:
        stack.enter_context(forgotten_afterwards())
        sandbox = stack.enter_context(start("v3-not-started", tmp_path / "sandbox", accounts=8))
        yield Company(sandbox, tmp_path)


def test_who_follows_the_plan_step_by_step_is_ready_for_v3(company: Company) -> None:
    results = company.audit()
    for name in ORDER:
        plan = {step.id: step for step in results.plan}
        assert plan[name].state is StepState.TO_DO, (name, plan[name].observed)
        followed(company, plan, name)
        results = company.audit()
        done = {step.id: step for step in results.plan}[name]
        assert done.state is StepState.DONE, (name, done.observed)
    assert {step.state for step in results.plan} == {StepState.DONE}
    company.leaves_v2_out()
    verdict = company.audit().verdict
    assert verdict is not None
    assert verdict.v3 == "ready"
