"""`sign-in` with a real browser: headless Chromium at the sandbox's page, and back to the listener."""

import asyncio
import io
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
CLICK = "document.evaluate(\"//button[.='{name}']\", document, null, 9).singleNodeValue.click()"
SERVICE = "nylas-svc@halden.example"
READY = re.compile(r"DevTools listening on ws://([^/]+)/")

pytestmark = [
    pytest.mark.fidelity,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine"),
]


@contextmanager
def browser() -> Iterator[str]:
    """Start Chromium, which need not know the sandbox's CA; give the host and port of its debugger."""
    with TemporaryDirectory(prefix="nylas-readiness-chromium-", ignore_cleanup_errors=True) as profile:
        command = [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0"]
        command += ["--ignore-certificate-errors", f"--user-data-dir={profile}", "about:blank"]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)  # noqa: S603 -- Chromium
        assert process.stderr is not None
        try:
            yield next(found[1] for line in process.stderr if (found := READY.search(line)))
        finally:
            process.kill()
            process.wait()
            process.stderr.close()


async def click(debugger: str, url: str, name: str) -> None:
    """Open a page, and click the button with a name once it is there."""
    import aiohttp

    async with aiohttp.ClientSession() as http:
        async with http.get(f"http://{debugger}/json") as answer:
            page = next(each for each in await answer.json() if each["type"] == "page")
        async with http.ws_connect(page["webSocketDebuggerUrl"]) as connection:
            await connection.send_json({"id": 1, "method": "Page.navigate", "params": {"url": url}})
            for number in range(2, 100):
                script = {"expression": CLICK.format(name=name)}
                await connection.send_json({"id": number, "method": "Runtime.evaluate", "params": script})
                while (told := await connection.receive_json()).get("id") != number:
                    pass
                if "exceptionDetails" not in told["result"]:
                    return
                await asyncio.sleep(0.1)


def free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port: int = bound.getsockname()[1]
        return port


def test_a_person_signs_in_at_the_page_and_the_listener_takes_the_answer(tmp_path: Path) -> None:
    from nylas_readiness.fixtures.inputs.tenant import load
    from nylas_readiness.fixtures.sandbox.server import start
    from nylas_readiness.fixtures.setup.sign_in import sign_in

    uri = f"http://localhost:{free_port()}/nylas"
    with start("healthy", tmp_path, accounts=8) as sandbox, browser() as debugger:
        sandbox._world.directory.apps[0].redirect_uris.append(uri)  # noqa: SLF001 -- as its faults change it
        text = sandbox.tenant_file.read_text("utf-8")
        text = text.replace("env:SANDBOX_MICROSOFT_REFRESH_TOKEN", "file:token")
        sandbox.tenant_file.write_text(
            re.sub('redirect_uri = ".*"', f'redirect_uri = "{uri}"', text), "utf-8"
        )
        people: list[Thread] = []

        def open_page(url: str) -> None:
            people.append(Thread(target=lambda: asyncio.run(click(debugger, url, SERVICE))))
            people[0].start()

        with redirect_stdout(io.StringIO()):
            path = sign_in(
                load(sandbox.tenant_file, sandbox.secrets), paste=False, signs_in_as=None, open_page=open_page
            )
        people[0].join()
        assert path.read_text("utf-8").strip() in sandbox._world.grant.refresh_tokens  # noqa: SLF001
