"""`sign-in` against the sandbox's own sign-in page: it writes the token, or names what went wrong."""

import io
import re
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING
from unittest.mock import Mock, patch
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from nylas_readiness.fixtures.inputs.errors import InputError, UsageProblem
from nylas_readiness.fixtures.inputs.tenant import Tenant, load
from nylas_readiness.fixtures.secrets import forgotten_afterwards

if TYPE_CHECKING:
    import httpx

    from nylas_readiness.fixtures.clients.allowed import Route
    from nylas_readiness.fixtures.sandbox.server import Sandbox
    from nylas_readiness.fixtures.sandbox.state import World

pytestmark = pytest.mark.offline

SERVICE = "nylas-svc@halden.example"
SITE = "https://scheduling.halden.example/nylas/callback"
Edit = Callable[[dict[str, str]], dict[str, str]]


def world_of(sandbox: "Sandbox") -> "World":
    """Return what the sandbox knows."""
    return sandbox._world  # noqa: SLF001 -- as its faults change it


def as_it_is(answer: dict[str, str]) -> dict[str, str]:
    return answer


@dataclass
class Browser:
    """A person's browser at the sandbox's page. `edit` changes what comes back, as an accident would."""

    sandbox: "Sandbox"
    choice: str = SERVICE
    edit: Edit = as_it_is
    came_to: str = ""
    threads: list[Thread] = field(default_factory=list)

    def open(self, url: str) -> None:
        """Choose who signs in; a redirect to this machine is followed, as a browser does."""
        with self._http() as http:
            page = http.get(url).text
            buttons = re.findall(r'formaction="([^"]+)">([^<]+)<', page)
            action = {unescape(name): unescape(where) for where, name in buttons}[self.choice]
            sent = http.post(url.partition("?")[0] + action)
        there, _, query = sent.headers["Location"].partition("?")
        self.came_to = f"{there}?{urlencode(self.edit(dict(parse_qsl(query))))}"
        if urlsplit(there).hostname == "localhost":
            self.threads.append(Thread(target=self._follow))
            self.threads[-1].start()

    def redeemed_by_the_site(self, answer: dict[str, str]) -> dict[str, str]:
        """Try to redeem the code, as the program at the redirect URI does: it does not know the verifier."""
        app = world_of(self.sandbox).directory.apps[0]
        form = {"grant_type": "authorization_code", "client_id": app.client_id, "client_secret": app.secret}
        form |= {"code": answer["code"], "redirect_uri": SITE}
        with self._http() as http:
            url = f"{self.sandbox.endpoints['login']}/common/oauth2/v2.0/token"
            assert http.post(url, data=form).json()["error_codes"] == [501481]
        return answer

    def _follow(self) -> None:
        with self._http() as http:
            http.get(self.came_to)

    def _http(self) -> "httpx.Client":
        import httpx

        context = ssl.create_default_context(cafile=self.sandbox.directory / "ca.pem")
        return httpx.Client(verify=context, trust_env=False)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Sandbox"]:
    """Return a sandbox whose app knows a redirect URI on this machine, too."""
    from nylas_readiness.fixtures.sandbox.server import start

    folder = tmp_path_factory.mktemp("sandbox")
    with forgotten_afterwards(), start("expired-refresh-token", folder, accounts=8) as sandbox:
        world_of(sandbox).directory.apps[0].redirect_uris += [SITE, "http://localhost/nylas"]
        yield sandbox


@pytest.fixture
def browser(sandbox: "Sandbox") -> Iterator[Browser]:
    browser = Browser(sandbox)
    yield browser
    for thread in browser.threads:
        thread.join()


def tenant_with(sandbox: "Sandbox", redirect_uri: str = SITE, target: str = "file:token") -> Tenant:
    """Return the sandbox's tenant file with another redirect URI, and a file for the token."""
    text = sandbox.tenant_file.read_text("utf-8")
    text = text.replace("env:SANDBOX_MICROSOFT_REFRESH_TOKEN", target).replace(SITE, redirect_uri)
    path = sandbox.directory / "another.toml"
    path.write_text(text, "utf-8")
    return load(path, sandbox.secrets)


def sign_in(
    tenant: Tenant, browser: Browser, *, paste: bool = False, signs_in_as: str | None = None
) -> tuple[Path, str]:
    """Sign in, pasting where that is asked; return the token's file and what was printed."""
    from nylas_readiness.fixtures.setup import sign_in as command

    # What is pasted is there only when the browser has come back.
    terminal = Mock(isatty=lambda: False, readline=lambda: browser.came_to)
    printed = io.StringIO()
    with redirect_stdout(printed), patch("sys.stdin", terminal):
        path = command.sign_in(tenant, paste=paste, signs_in_as=signs_in_as, open_page=browser.open)
    return path, printed.getvalue()


def free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port: int = bound.getsockname()[1]
        return port


@pytest.mark.parametrize("listens", [True, False])
def test_a_sign_in_ends_with_a_token_in_a_private_file_that_redeems_and_is_not_printed(
    sandbox: "Sandbox", browser: Browser, listens: bool
) -> None:
    from nylas_readiness.fixtures.setup.doctor import report_on

    uri = f"http://localhost:{free_port()}/nylas" if listens else SITE
    path, printed = sign_in(tenant_with(sandbox, uri), browser)
    token = path.read_text("utf-8").strip()
    assert path.stat().st_mode & 0o077 == 0
    assert token in world_of(sandbox).grant.refresh_tokens
    assert token not in printed
    assert urlsplit(browser.came_to).query not in printed
    states = {part: state for part, state, _, _ in report_on(tenant_with(sandbox, uri)).findings}
    assert states["refresh token"] == "ok"


def refused(sandbox: "Sandbox", browser: Browser) -> str:
    with pytest.raises(InputError) as problem:
        sign_in(tenant_with(sandbox, target="file:never"), browser)
    assert not (sandbox.directory / "never").exists()
    return str(problem.value)


def test_another_account_is_named_and_its_token_is_not_kept(sandbox: "Sandbox", browser: Browser) -> None:
    other = next(user.upn for user in world_of(sandbox).directory.users if user.upn != SERVICE)
    browser.choice = other
    assert f"{other} signed in, and not {SERVICE}" in refused(sandbox, browser)


def test_an_account_of_another_tenant_is_named(
    sandbox: "Sandbox", browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = "0d1e2f3a-4b5c-4d6e-8f90-a1b2c3d4e5f6"
    monkeypatch.setitem(world_of(sandbox).grant.claims, "tid", elsewhere)
    assert f"of another tenant: {elsewhere}" in refused(sandbox, browser)


def test_consent_that_was_refused_says_who_can_give_it(sandbox: "Sandbox", browser: Browser) -> None:
    browser.choice = "Cancel"
    told = refused(sandbox, browser)
    assert "consent was refused: AADSTS65004" in told
    assert "an administrator has to consent" in told


def test_an_answer_with_another_state_is_not_redeemed(sandbox: "Sandbox", browser: Browser) -> None:
    browser.edit = lambda answer: answer | {"state": "of-another-window"}
    assert "`state` is not that of this sign-in" in refused(sandbox, browser)


def test_a_code_that_the_users_own_site_has_redeemed_is_told_from_others(
    sandbox: "Sandbox", browser: Browser
) -> None:
    browser.edit = browser.redeemed_by_the_site
    assert "redeemed already: most likely the site at the redirect URI" in refused(sandbox, browser)


def test_a_port_in_use_is_named_before_anybody_signs_in(sandbox: "Sandbox", browser: Browser) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UsageProblem, match=f"nothing can listen on port {port}.*--paste"):
            sign_in(tenant_with(sandbox, f"http://localhost:{port}/nylas"), browser)
    assert not browser.came_to


def test_a_token_that_the_tenant_file_wants_from_a_variable_is_said_before(
    sandbox: "Sandbox", browser: Browser
) -> None:
    with pytest.raises(UsageProblem, match=r'an env: reference.*"file:another/refresh-token"'):
        sign_in(tenant_with(sandbox, target="env:TOKEN"), browser)
    assert not browser.came_to


def test_a_sign_in_name_that_is_not_the_address_is_taken_where_it_is_given(
    sandbox: "Sandbox", browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        world_of(sandbox).grant.claims, "preferred_username", "SVC@halden.onmicrosoft.example"
    )
    path, _ = sign_in(tenant_with(sandbox), browser, signs_in_as="svc@halden.onmicrosoft.example")
    assert path.is_file()


def test_only_sign_in_may_redeem_a_code_and_it_may_send_nothing_else() -> None:
    from nylas_readiness.fixtures.clients.allowed import CONNECTS, READS, SIGN_IN, Guard, allow

    hosts = {"login": "https://login.microsoftonline.com"}
    url = f"{hosts['login']}/common/oauth2/v2.0/token"
    code, refresh = b"grant_type=authorization_code&code=1.x", b"grant_type=refresh_token&refresh_token=x"

    def may_send(routes: "Mapping[str, tuple[Route, ...]]", body: bytes) -> bool:
        return bool(Guard(allow(routes, hosts)).written("POST", url, (), body))

    assert [may_send(routes, code) for routes in (READS, CONNECTS, SIGN_IN)] == [False, False, True]
    assert [may_send(routes, refresh) for routes in (READS, SIGN_IN)] == [True, False]
    assert not may_send(SIGN_IN, code + b"&grant_type=password")
