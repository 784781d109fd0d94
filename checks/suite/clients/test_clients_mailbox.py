"""The EWS and Autodiscover clients: what they ask, and what they make of answers."""

import httpx
import msgspec
import pytest

from nylas_readiness.fixtures.clients.allowed import READS, allow
from nylas_readiness.fixtures.clients.autodiscover import AutodiscoverClient, Discovered
from nylas_readiness.fixtures.clients.codes import Unreadable
from nylas_readiness.fixtures.clients.errors import ClientError, Refused, Stranger, Unintelligible
from nylas_readiness.fixtures.clients.ews import EwsAnswer, EwsClient, EwsTrouble
from nylas_readiness.fixtures.clients.transport import Network, Service
from nylas_readiness.fixtures.secrets import Secret

pytestmark = [pytest.mark.offline, pytest.mark.anyio]

OUTLOOK = "https://outlook.example"
NAMES = {
    "s": "http://schemas.xmlsoap.org/soap/envelope/",
    "t": "http://schemas.microsoft.com/exchange/services/2006/types",
    "m": "http://schemas.microsoft.com/exchange/services/2006/messages",
    "e": "http://schemas.microsoft.com/exchange/services/2006/errors",
}
_SPACES = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMES.items())


def soap(body: str, header: str = "") -> bytes:
    return f"<s:Envelope {_SPACES}><s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>".encode()


def folder_answer(response_class: str, code: str, text: str = "") -> str:
    return (
        "<m:GetFolderResponse><m:ResponseMessages>"
        f'<m:GetFolderResponseMessage ResponseClass="{response_class}">{text}'
        f"<m:ResponseCode>{code}</m:ResponseCode><m:Folders/></m:GetFolderResponseMessage>"
        "</m:ResponseMessages></m:GetFolderResponse>"
    )


def fault(code: str, message: str, more: str = "") -> bytes:
    detail = f"<e:ResponseCode>{code}</e:ResponseCode><e:Message>{message}</e:Message>{more}"
    return soap(
        f"<s:Fault><faultcode>a:{code}</faultcode><faultstring>{message}</faultstring>"
        f"<detail>{detail}</detail></s:Fault>"
    )


SUCCESS = soap(
    folder_answer("Success", "NoError"),
    '<t:ServerVersionInfo MajorVersion="15" MinorVersion="20" '
    'MajorBuildNumber="9254" MinorBuildNumber="13"/>',
)
BUSY = fault(
    "ErrorServerBusy",
    "The server cannot service this request right now.",
    '<t:MessageXml><t:Value Name="BackOffMilliseconds">30000</t:Value></t:MessageXml>',
)


class Bench:
    """A service over a handler, with the requests it was sent and the pauses it made."""

    def __init__(self, *responses: httpx.Response) -> None:
        self.requests: list[httpx.Request] = []
        self.pauses: list[float] = []
        remaining = list(responses)

        def answer(request: httpx.Request) -> httpx.Response:
            self.requests.append(request)
            return remaining.pop(0) if len(remaining) > 1 else remaining[0]

        async def sleep(seconds: float) -> None:
            self.pauses.append(seconds)

        routes = allow(READS, {"outlook": OUTLOOK})
        self.network = Network(routes, transport=httpx.MockTransport(answer), sleep=sleep)
        self.service: Service = self.network.service("outlook", OUTLOOK)
        self.ews = EwsClient(self.service, _token)


async def _token() -> Secret:
    return Secret("ews-token")


async def test_an_impersonated_read_names_the_mailbox_in_header_and_envelope() -> None:
    from lxml import etree

    bench = Bench(httpx.Response(200, content=SUCCESS))

    answer = await bench.ews.get_folder("calendar", impersonate="änn&<o'neil>@contoso.example")

    assert answer == EwsAnswer(
        http_status=200, ok=True, response_code="NoError", server_version="15.20.9254.13"
    )
    (request,) = bench.requests
    assert (request.method, str(request.url)) == ("POST", f"{OUTLOOK}/EWS/Exchange.asmx")
    assert request.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert request.headers["Authorization"] == "Bearer ews-token"
    assert request.headers["X-AnchorMailbox"] == "änn&<o'neil>@contoso.example"
    envelope = etree.fromstring(request.content)
    found = envelope.findall("s:Header/t:ExchangeImpersonation/t:ConnectingSID/t:PrimarySmtpAddress", NAMES)
    assert [element.text for element in found] == ["änn&<o'neil>@contoso.example"]
    folder = envelope.find("s:Body/m:GetFolder/m:FolderIds/t:DistinguishedFolderId", NAMES)
    assert folder is not None
    assert folder.get("Id") == "calendar"


async def test_a_read_of_one_s_own_inbox_impersonates_nobody() -> None:
    bench = Bench(httpx.Response(200, content=SUCCESS))

    await bench.ews.get_folder("inbox")

    (request,) = bench.requests
    assert b"ExchangeImpersonation" not in request.content
    assert b'Id="inbox"' in request.content
    assert "X-AnchorMailbox" not in request.headers


WITHOUT_DETAIL = soap(
    "<s:Fault><faultcode>s:Client</faultcode><faultstring>must be present</faultstring></s:Fault>"
)
DENIED = "The account does not have permission to impersonate the requested user."


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (
            httpx.Response(500, content=fault("ErrorImpersonateUserDenied", DENIED)),
            EwsAnswer(http_status=500, ok=False, response_code="ErrorImpersonateUserDenied", message=DENIED),
        ),
        (
            httpx.Response(
                200,
                content=soap(
                    folder_answer("Error", "ErrorFolderNotFound", "<m:MessageText>Not found.</m:MessageText>")
                ),
            ),
            EwsAnswer(http_status=200, ok=False, response_code="ErrorFolderNotFound", message="Not found."),
        ),
        (
            httpx.Response(500, content=WITHOUT_DETAIL),
            EwsAnswer(http_status=500, ok=False, response_code="Client", message="must be present"),
        ),
        (
            httpx.Response(403, headers={"X-EWS-Policy-Reason": "EWS is disabled for this user or tenant"}),
            EwsAnswer(http_status=403, ok=False, policy_reason="EWS is disabled for this user or tenant"),
        ),
        (
            httpx.Response(401, headers={"x-ms-diagnostics": '2000003;reason="audience"'}, text="<html>no"),
            EwsAnswer(http_status=401, ok=False, diagnostics='2000003;reason="audience"'),
        ),
        (
            httpx.Response(404, text="not here", headers={"X-FEServer": "MAIL01"}),
            EwsAnswer(http_status=404, ok=False),
        ),
        (
            httpx.Response(401, headers={"WWW-Authenticate": "Negotiate, NTLM"}),
            EwsAnswer(http_status=401, ok=False),
        ),
    ],
    ids=[
        "denied",
        "error-in-200",
        "fault-without-detail",
        "policy",
        "unauthorized",
        "not-found",
        "challenge",
    ],
)
async def test_an_answer_of_exchange_is_a_reading(response: httpx.Response, expected: EwsAnswer) -> None:
    answer = await Bench(response).ews.get_folder(impersonate="ann@contoso.example")

    assert answer == expected
    assert msgspec.json.decode(msgspec.json.encode(answer), type=EwsAnswer) == answer


async def test_a_busy_server_is_asked_four_times_after_the_pauses_it_names() -> None:
    bench = Bench(httpx.Response(500, content=BUSY))

    with pytest.raises(EwsTrouble, match="ErrorServerBusy") as caught:
        await bench.ews.get_folder()

    assert caught.value.unreadable is Unreadable.THROTTLED
    assert bench.pauses == [30.0, 30.0, 30.0]
    assert len(bench.requests) == 4
    budget = bench.network.budgets.of("outlook")
    assert (budget.sent, budget.throttled, budget.waited_s) == (4, 4, 90.0)


async def test_a_server_that_is_busy_once_answers_the_second_time() -> None:
    silent = fault("ErrorServerBusy", "Busy.")
    bench = Bench(httpx.Response(500, content=silent), httpx.Response(200, content=SUCCESS))

    assert (await bench.ews.get_folder()).ok
    assert bench.pauses == [10.0]


async def test_an_absurd_pause_is_capped() -> None:
    absurd = BUSY.replace(b"30000", b"999999999")
    bench = Bench(httpx.Response(500, content=absurd), httpx.Response(200, content=SUCCESS))

    assert (await bench.ews.get_folder()).ok
    assert bench.pauses == [60.0]


ENTITY = b'<!DOCTYPE s [<!ENTITY x "NoError">]>' + SUCCESS.replace(b">NoError<", b">&x;<")


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"<html><title>Sign in</title></html>", Stranger),
        (b"", Stranger),
        (b"<s/>", Stranger),
        (b"<a>" * 10_000, Stranger),
        (SUCCESS[:-30], Unintelligible),
        (soap("<m:Other/>"), Unintelligible),
        (ENTITY, Unintelligible),
        (b"<!DOCTYPE s>" + SUCCESS, Unintelligible),
    ],
    ids=["page", "empty", "other-xml", "deep", "truncated", "no-code", "entity", "doctype"],
)
async def test_a_200_that_is_no_ews_answer_is_a_strangers_or_unintelligible(
    body: bytes, error: type[ClientError]
) -> None:
    with pytest.raises(error):
        await Bench(httpx.Response(200, content=body)).ews.get_folder()


@pytest.mark.parametrize("status", [302, 500, 502])
async def test_an_error_page_of_something_in_between_is_trouble(status: int) -> None:
    """A gateway's page refuses no mailbox: what it hides is unknown."""
    page = httpx.Response(status, text="<html>no", headers={"Location": "/ews/genericerrorpage.htm"})
    bench = Bench(page)

    with pytest.raises(EwsTrouble) as caught:
        await bench.ews.get_folder()

    assert caught.value.unreadable is Unreadable.TROUBLE
    assert len(bench.requests) == 4


@pytest.mark.parametrize(
    "address", ["ann\r\nX-Evil: 1@contoso.example", "ann\x00@contoso.example", "\ud800@x.example"]
)
async def test_an_address_that_xml_or_a_header_cannot_hold_is_refused_before_sending(address: str) -> None:
    bench = Bench(httpx.Response(200, content=SUCCESS))

    with pytest.raises(ClientError, match="control character"):
        await bench.ews.get_folder(impersonate=address)

    assert bench.requests == []


ASKED = "outlook.example"


async def test_autodiscover_asks_for_one_protocol_of_one_address_without_credentials() -> None:
    found = {"Protocol": "EWS", "Url": "https://outlook.office365.com/EWS/Exchange.asmx"}
    bench = Bench(httpx.Response(200, json=found))

    discovered = await AutodiscoverClient(bench.service).locate("o'neil+a/b@contoso.example", "EWS")

    url = "https://outlook.office365.com/EWS/Exchange.asmx"
    assert discovered == Discovered(status=200, url=url, asked=ASKED)
    (request,) = bench.requests
    path = b"/autodiscover/autodiscover.json/v1.0/o%27neil%2Ba%2Fb@contoso.example?Protocol=EWS"
    assert request.url.raw_path == path
    assert "Authorization" not in request.headers


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (
            httpx.Response(400, json={"ErrorCode": "ProtocolNotSupported", "ErrorMessage": "…"}),
            Discovered(status=400, error_code="ProtocolNotSupported"),
        ),
        (
            httpx.Response(302, headers={"Location": "https://mail.contoso.example/autodiscover.json"}),
            Discovered(status=302, redirect="https://mail.contoso.example/autodiscover.json"),
        ),
        (
            httpx.Response(302, headers={"Location": "/AutoDiscover/autodiscover.json?Email=a%40b"}),
            Discovered(status=302, redirect="/AutoDiscover/autodiscover.json?Email=a%40b"),
        ),
        (httpx.Response(404, headers={"request-id": "r"}), Discovered(status=404)),
    ],
    ids=["error-code", "redirect", "redirect-to-itself", "signed"],
)
async def test_autodiscover_reports_refusals_and_redirects(
    response: httpx.Response, expected: Discovered
) -> None:
    bench = Bench(response)

    found = await AutodiscoverClient(bench.service).locate("ann@contoso.example", "ActiveSync")
    assert found == msgspec.structs.replace(expected, asked=ASKED)
    assert len(bench.requests) == 1


@pytest.mark.parametrize(
    "response",
    [
        httpx.Response(302),
        httpx.Response(
            302, headers={"Location": "https://portal.example/?to=/autodiscover/autodiscover.json"}
        ),
        httpx.Response(302, headers={"Location": "https://autodiscover.portal.example/sign-in"}),
        httpx.Response(302, headers={"Location": "javascript:alert(1)"}),
        httpx.Response(404, text="<html>gone</html>"),
        httpx.Response(400, json={"ErrorCode": 7}),
    ],
    ids=["nowhere", "portal", "host-only", "script", "page", "odd-code"],
)
async def test_what_autodiscover_never_says_is_a_strangers(response: httpx.Response) -> None:
    with pytest.raises(Stranger):
        await AutodiscoverClient(Bench(response).service).locate("ann@contoso.example", "EWS")


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_an_autodiscover_service_in_trouble_says_nothing_about_the_mailbox(status: int) -> None:
    with pytest.raises(Refused, match="Run again later") as caught:
        await AutodiscoverClient(Bench(httpx.Response(status)).service).locate("ann@contoso.example", "EWS")

    assert caught.value.status == status


async def test_an_autodiscover_answer_that_is_a_page_is_a_strangers() -> None:
    page = httpx.Response(
        200, text="<html><TITLE lang=en>Guest\r\nWi-Fi</TITLE>", headers={"Content-Type": "text/html"}
    )

    with pytest.raises(
        Stranger, match=r"HTTP 200: a page titled “Guest Wi-Fi”.*a proxy or a portal answered"
    ):
        await AutodiscoverClient(Bench(page).service).locate("ann@contoso.example", "EWS")
