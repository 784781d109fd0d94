"""The sandbox's mailboxes are where, what and as licensed as a fault left them, whoever is asked."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.sandbox_visitor import Visitor, visit

pytestmark = pytest.mark.offline

OMAR, STEFAN, GRETA = (
    "omar.haddad@halden.example",
    "stefan.keller@halden.example",
    "greta.vogel@halden.example",
)
PROBE = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"'
    ' xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types"'
    ' xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages">'
    "<s:Header><t:ExchangeImpersonation><t:ConnectingSID><t:PrimarySmtpAddress>{}</t:PrimarySmtpAddress>"
    "</t:ConnectingSID></t:ExchangeImpersonation></s:Header><s:Body><m:GetFolder><m:FolderIds>"
    '<t:DistinguishedFolderId Id="calendar"/></m:FolderIds></m:GetFolder></s:Body></s:Envelope>'
)


def impersonated(visitor: Visitor, email: str) -> httpx.Response:
    headers = {"Content-Type": "text/xml", "X-AnchorMailbox": email, **visitor.exchange_headers()}
    url = f"{visitor.endpoints['outlook']}/EWS/Exchange.asmx"
    return visitor.http.post(url, content=PROBE.format(email), headers=headers)


def discovered(visitor: Visitor, email: str) -> int:
    url = f"{visitor.endpoints['outlook']}/autodiscover/autodiscover.json/v1.0/{email}"
    return visitor.http.get(url, params={"Protocol": "EWS"}).status_code


def settings(visitor: Visitor, email: str) -> dict[str, Any]:
    found: dict[str, Any] = visitor.graph(f"/v1.0/users/{email}/mailboxSettings").json()
    return found


def test_a_mailbox_elsewhere_is_in_no_service_of_exchange_online(tmp_path: Path) -> None:
    with visit("mailboxes-elsewhere", tmp_path) as visitor:
        codes = [settings(visitor, email)["error"]["code"] for email in (OMAR, STEFAN)]
        assert codes == ["MailboxNotEnabledForRESTAPI", "ResourceNotFound"]
        assert discovered(visitor, OMAR) == 302
        assert "ErrorNonExistentMailbox" in impersonated(visitor, OMAR).text
        assert visitor.graph(f"/v1.0/users/{OMAR}/licenseDetails").json()["value"]


def test_a_mailbox_can_be_nobodys_own(tmp_path: Path) -> None:
    with visit("mailboxes-of-nobody", tmp_path) as visitor:
        purposes = [settings(visitor, email)["userPurpose"] for email in (OMAR, STEFAN, GRETA)]
        assert impersonated(visitor, OMAR).status_code == 200
        assert settings(visitor, "amara.okafor@halden.example")["userPurpose"] == "user"
    assert purposes == ["shared", {"value": "room"}, "equipment"]


@each_of(
    ("scenario", "status", "assigned"),
    [("information-protection", "Success", True), ("information-protection-off", "Disabled", False)],
)
def test_a_service_plan_can_be_turned_off(scenario: str, status: str, assigned: bool, tmp_path: Path) -> None:
    plan_id = "6c57d4b6-3b23-47a5-9bc9-69f17b4947b3"
    with visit(scenario, tmp_path) as visitor:
        key = "/v1.0/users/leyla.demir@halden.example"
        details = visitor.graph(f"{key}/licenseDetails").json()["value"]
        user = visitor.graph(key, select="assignedPlans,assignedLicenses").json()
    plans = [plan for sku in details for plan in sku["servicePlans"] if plan["servicePlanId"] == plan_id]
    assert [plan["provisioningStatus"] for plan in plans] == [status]
    assert (plan_id in {plan["servicePlanId"] for plan in user["assignedPlans"]}) == assigned
    assert (plan_id in user["assignedLicenses"][1]["disabledPlans"]) != assigned


def test_a_custom_scope_denies_whom_it_leaves_out(tmp_path: Path) -> None:
    with visit("role-scope-leaves-out", tmp_path) as visitor:
        assert "ErrorImpersonateUserDenied" in impersonated(visitor, OMAR).text
        assert impersonated(visitor, STEFAN).status_code == 200
        assignment = visitor.graph("/beta/roleManagement/exchange/roleAssignments").json()["value"][-1]
    assert assignment["appScopeId"]
    assert assignment["directoryScopeId"] is None


def test_a_dead_role_is_listed_and_denied(tmp_path: Path) -> None:
    with visit("role-dead", tmp_path) as visitor:
        user = visitor.graph(f"/v1.0/users/{visitor.tenant['service_account']['email']}").json()["id"]
        wanted = f"principalId eq '/Users/{user}'"
        listed = visitor.graph("/beta/roleManagement/exchange/roleAssignments", filter=wanted).json()["value"]
        assert len(listed) == 1
        assert "ErrorImpersonateUserDenied" in impersonated(visitor, OMAR).text


def test_a_mailbox_stays_busy_or_unavailable_and_the_others_are_served(tmp_path: Path) -> None:
    with visit("ews-overloaded", tmp_path) as visitor:
        busy = [impersonated(visitor, OMAR) for _ in range(4)]
        assert {answer.status_code for answer in busy} == {500}
        assert all("BackOffMilliseconds" in answer.text for answer in busy)
        assert [impersonated(visitor, STEFAN).status_code for _ in range(4)] == [503] * 4
        assert impersonated(visitor, GRETA).status_code == 200


def test_a_kiosk_licence_is_refused_without_a_reason(tmp_path: Path) -> None:
    with visit("kiosk", tmp_path) as visitor:
        answer = impersonated(visitor, "sofia.papadaki@halden.example")
    assert (answer.status_code, answer.headers.get("X-EWS-Policy-Reason")) == (403, None)
