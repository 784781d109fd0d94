"""The sandbox's Exchange Online: EWS with impersonation, Autodiscover v2 and ActiveSync."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.sandbox_visitor import Visitor, visit

pytestmark = pytest.mark.offline

ENVELOPE = (
    '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"'
    ' xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types"'
    ' xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages">'
    "<soap:Header>{header}</soap:Header><soap:Body>{body}</soap:Body></soap:Envelope>"
)
IMPERSONATION = "<t:ExchangeImpersonation><t:ConnectingSID>{}</t:ConnectingSID></t:ExchangeImpersonation>"
GET_FOLDER = (
    "<m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape></m:FolderShape>"
    '<m:FolderIds><t:DistinguishedFolderId Id="{}"/></m:FolderIds></m:GetFolder>'
)
FIND_ITEM = (
    '<m:FindItem Traversal="Shallow"><m:ParentFolderIds>'
    '<t:DistinguishedFolderId Id="{}"/></m:ParentFolderIds></m:FindItem>'
)
FIND_CALENDAR = FIND_ITEM.format("calendar")
ALIAS = "tomek@halden.example"
PRIMARY = "tomasz.zielinski@halden.example"


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    with visit("default", tmp_path_factory.mktemp("sandbox")) as visitor:
        yield visitor


def post(visitor: Visitor, content: str, **headers: str) -> httpx.Response:
    url = f"{visitor.endpoints['outlook']}/EWS/Exchange.asmx"
    sent = {"Content-Type": "text/xml; charset=utf-8", **visitor.exchange_headers(), **headers}
    return visitor.http.post(url, content=content, headers=sent)


def impersonate(
    visitor: Visitor,
    address: str,
    kind: str = "PrimarySmtpAddress",
    body: str = GET_FOLDER.format("calendar"),
) -> httpx.Response:
    header = IMPERSONATION.format(f"<t:{kind}>{address}</t:{kind}>")
    return post(visitor, ENVELOPE.format(header=header, body=body), **{"X-AnchorMailbox": address or "x"})


def code(answer: httpx.Response) -> str:
    from lxml import etree

    found = etree.fromstring(answer.content).findall(".//{*}ResponseCode")
    assert len(found) == 1
    return found[0].text or ""


def test_an_impersonated_read_of_the_calendar_succeeds(visitor: Visitor) -> None:
    answer = impersonate(visitor, PRIMARY)
    assert (answer.status_code, code(answer)) == (200, "NoError")
    assert answer.headers["Content-Type"].startswith("text/xml")
    assert "CalendarFolder" in answer.text
    assert "ServerVersionInfo" in answer.text


def test_the_service_account_reads_its_own_inbox(visitor: Visitor) -> None:
    answer = post(visitor, ENVELOPE.format(header="", body=GET_FOLDER.format("inbox")))
    assert (answer.status_code, code(answer)) == (200, "NoError")


@pytest.mark.parametrize("operation", [GET_FOLDER, FIND_ITEM])
def test_an_unknown_folder_is_an_error_in_a_good_answer(visitor: Visitor, operation: str) -> None:
    answer = impersonate(visitor, PRIMARY, body=operation.format("attic"))
    assert (answer.status_code, code(answer)) == (200, "ErrorFolderNotFound")


def test_a_folder_other_than_the_calendar_is_empty(visitor: Visitor) -> None:
    answer = impersonate(visitor, PRIMARY, body=FIND_ITEM.format("inbox"))
    assert code(answer) == "NoError"
    assert "CalendarItem" not in answer.text


def test_an_invented_identifier_is_malformed_and_shows_the_version(visitor: Visitor) -> None:
    answer = post(visitor, ENVELOPE.format(header="", body="<m:ConvertId/>"))
    assert (answer.status_code, code(answer)) == (200, "ErrorInvalidIdMalformed")
    assert "ServerVersionInfo" in answer.text


def test_an_item_that_is_found_can_be_read_by_its_owner_alone(visitor: Visitor) -> None:
    from lxml import etree

    found = etree.fromstring(impersonate(visitor, PRIMARY, body=FIND_CALENDAR).content)
    item = found.findall(".//{*}ItemId")[0].get("Id")
    body = f'<m:GetItem><m:ItemIds><t:ItemId Id="{item}"/></m:ItemIds></m:GetItem>'
    assert code(impersonate(visitor, PRIMARY, body=body)) == "NoError"
    assert code(impersonate(visitor, "amara.okafor@halden.example", body=body)) == "ErrorItemNotFound"


@each_of(
    ("kind", "value", "expected"),
    [
        ("PrimarySmtpAddress", PRIMARY.upper(), "NoError"),
        ("PrimarySmtpAddress", ALIAS, "ErrorNonExistentMailbox"),
        ("PrimarySmtpAddress", "nobody@halden.example", "ErrorNonExistentMailbox"),
        ("PrimarySmtpAddress", "engineering@halden.example", "ErrorNonExistentMailbox"),
        ("PrimarySmtpAddress", "admin", "ErrorInvalidSmtpAddress"),
        ("SmtpAddress", ALIAS, "NoError"),
        ("PrincipalName", "jli042@halden.example", "NoError"),
        ("PrincipalName", "johan.lindqvist@halden.example", "ErrorInvalidUserPrincipalName"),
        ("SID", "S-1-5-21-1-2-3-4", "ErrorInvalidSid"),
        ("Nickname", "tomek", "ErrorInvalidExchangeImpersonationHeaderData"),
    ],
)
def test_an_identity_is_a_mailbox_or_a_fault(visitor: Visitor, kind: str, value: str, expected: str) -> None:
    answer = impersonate(visitor, value, kind)
    assert (answer.status_code, code(answer)) == (200 if expected == "NoError" else 500, expected)


def test_an_empty_impersonation_header_is_a_fault(visitor: Visitor) -> None:
    content = ENVELOPE.format(header=IMPERSONATION.format(""), body=GET_FOLDER.format("calendar"))
    answer = post(visitor, content, **{"X-AnchorMailbox": PRIMARY})
    assert code(answer) == "ErrorInvalidExchangeImpersonationHeaderData"


def test_impersonation_without_an_anchor_is_not_served(visitor: Visitor) -> None:
    header = IMPERSONATION.format(f"<t:SmtpAddress>{PRIMARY}</t:SmtpAddress>")
    content = ENVELOPE.format(header=header, body=GET_FOLDER.format("calendar"))
    assert post(visitor, content).status_code == 503


@each_of(
    "content",
    [
        "",
        "<soap",
        "<other/>",
        ENVELOPE.format(header="", body=""),
        '<!DOCTYPE x [<!ENTITY e "x">]>' + ENVELOPE.format(header="", body=GET_FOLDER.format("&e;")),
    ],
)
def test_a_body_that_is_no_envelope_is_400(visitor: Visitor, content: str) -> None:
    assert post(visitor, content).status_code == 400


def test_an_operation_that_is_not_offered_is_a_fault(visitor: Visitor) -> None:
    assert code(impersonate(visitor, PRIMARY, body="<m:DeleteItem/>")) == "ErrorInvalidRequest"


@pytest.mark.parametrize("authorization", ["", "Bearer made-up", "Basic eDp5"])
def test_a_call_without_a_good_token_is_401_with_diagnostics(visitor: Visitor, authorization: str) -> None:
    answer = post(visitor, ENVELOPE.format(header="", body=FIND_CALENDAR), Authorization=authorization)
    assert answer.status_code == 401
    assert 'error_category="invalid_token"' in answer.headers["x-ms-diagnostics"]


def test_a_token_for_graph_is_401_for_its_audience(visitor: Visitor) -> None:
    answer = post(visitor, ENVELOPE.format(header="", body=FIND_CALENDAR), **visitor.graph_headers())
    assert answer.status_code == 401
    assert answer.headers["x-ms-diagnostics"].startswith("2000003;reason=")


@pytest.mark.parametrize(
    ("scenario", "reason"),
    [
        ("ews-off", "EWS is disabled for this user or tenant"),
        ("ews-app-not-allowed", "EWS is blocked by policy for this user or tenant"),
    ],
)
def test_a_policy_is_403_with_its_reason(tmp_path: Path, scenario: str, reason: str) -> None:
    with visit(scenario, tmp_path) as visitor:
        answer = impersonate(visitor, PRIMARY)
    assert (answer.status_code, answer.headers["X-EWS-Policy-Reason"]) == (403, reason)


@pytest.mark.parametrize("scenario", ["role-missing", "role-just-granted", "token-of-another-user"])
def test_without_the_role_in_effect_impersonation_is_denied(tmp_path: Path, scenario: str) -> None:
    with visit(scenario, tmp_path) as visitor:
        answer = impersonate(visitor, PRIMARY)
    assert (answer.status_code, code(answer)) == (500, "ErrorImpersonateUserDenied")
    assert "<faultcode>t:ErrorImpersonateUserDenied" in answer.text


def test_a_busy_server_says_how_long_to_wait_and_then_serves(tmp_path: Path) -> None:
    from lxml import etree

    with visit("ews-busy", tmp_path) as visitor:
        answers = [impersonate(visitor, PRIMARY) for _ in range(4)]
    assert [code(each) for each in answers] == [*["ErrorServerBusy"] * 3, "NoError"]
    [value] = etree.fromstring(answers[0].content).findall(".//{*}MessageXml/{*}Value")
    assert (value.get("Name"), value.text) == ("BackOffMilliseconds", "200")


def test_a_token_without_the_scope_is_401(tmp_path: Path) -> None:
    with visit("token-without-ews", tmp_path) as visitor:
        answer = impersonate(visitor, PRIMARY)
    assert answer.status_code == 401
    assert "EWS" in answer.headers["x-ms-diagnostics"]


def test_an_opaque_token_is_as_good_as_another(tmp_path: Path) -> None:
    with visit("opaque-token", tmp_path) as visitor:
        assert "." not in visitor.redeem().json()["access_token"]
        assert code(impersonate(visitor, PRIMARY)) == "NoError"


def discover(visitor: Visitor, email: str, protocol: str) -> httpx.Response:
    url = f"{visitor.endpoints['outlook']}/autodiscover/autodiscover.json/v1.0/{email}"
    return visitor.http.get(url, params={"Protocol": protocol})


@pytest.mark.parametrize(
    ("protocol", "path"),
    [
        ("EWS", "/EWS/Exchange.asmx"),
        ("Ews", "/EWS/Exchange.asmx"),
        ("ActiveSync", "/Microsoft-Server-ActiveSync"),
    ],
)
def test_autodiscover_finds_a_mailbox_by_any_address(visitor: Visitor, protocol: str, path: str) -> None:
    for email in (PRIMARY, ALIAS):
        answer = discover(visitor, email, protocol)
        assert (answer.status_code, answer.json()["Url"]) == (200, visitor.endpoints["outlook"] + path)


def test_autodiscover_redirects_to_itself_for_a_mailbox_it_does_not_know(visitor: Visitor) -> None:
    answer = discover(visitor, "nobody@halden.example", "EWS")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/autodiscover/autodiscover.json?Email=nobody%40")
    again = visitor.http.get(visitor.endpoints["outlook"] + answer.headers["Location"])
    assert again.status_code == 302


def test_autodiscover_names_the_protocols_it_supports(visitor: Visitor) -> None:
    answer = discover(visitor, PRIMARY, "POP3")
    assert (answer.status_code, answer.headers["jsonerror"]) == (400, "true")
    assert answer.json()["ErrorCode"] == "ProtocolNotSupported"


def test_activesync_asks_strangers_for_credentials_and_shows_others_its_versions(visitor: Visitor) -> None:
    url = f"{visitor.endpoints['outlook']}/Microsoft-Server-ActiveSync"
    stranger = visitor.http.options(url)
    assert (stranger.status_code, "WWW-Authenticate" in stranger.headers) == (401, True)
    known = visitor.http.options(url, headers=visitor.exchange_headers())
    assert "16.1" in known.headers["MS-ASProtocolVersions"].split(",")
    assert "Sync" in known.headers["MS-ASProtocolCommands"].split(",")
