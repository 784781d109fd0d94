"""Runs Chromium without a window on one page: what the page becomes, its picture, its printed pages."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from urllib.parse import unquote

import pytest

HERE: Final = Path(__file__).parent
LONGEST_S: Final = 120
_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "chrome")
# Nothing but the page is loaded: a fresh profile, no service of the browser's own.
_QUIET: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
_POLICY: Final = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
_RESULT: Final = "result-of-the-probe"


def need_chromium() -> str:
    """Return the browser's path; skip where there is none."""
    path = next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        pytest.skip(f"no browser found ({', '.join(_NAMES)}): install Chromium")
    return path


def install_axe(folder: Path) -> str:
    """Return the script of axe, installed as it is locked; skip where there is no npm."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm not found: install Node.js")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, folder)
    done = subprocess.run(  # noqa: S603 -- npm, with arguments from this file
        [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return (folder / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")


def asked(page: str, probe: str, *options: str) -> Any:  # noqa: ANN401 -- whatever the probe returns
    """Return what a script that runs in the page returns: `probe` is the body of an async function.

    The page's own policy would keep such a script out: it is taken from this copy of the page.
    """
    script = (
        f"(async () => {{ {probe} }})().then((value) => {{ const told = document.createElement('pre');"
        f" told.id = '{_RESULT}'; told.textContent = encodeURIComponent(JSON.stringify(value));"
        " document.body.append(told); });"
    )
    escaped = script.replace("</", "<\\/")
    dom = loaded(f"{_POLICY.sub('', page)}<script>{escaped}</script>", *options)
    found = re.search(f'<pre id="{_RESULT}">([^<]*)</pre>', dom)
    assert found, "the probe did not end"
    return json.loads(unquote(found[1]))


def loaded(page: str, *options: str, at: str = "") -> str:
    """Return what the page is once its scripts have run. `at`: a part of it, such as `#rules`."""
    with _opened(page) as (folder, url):
        return _run(folder, "--virtual-time-budget=20000", "--dump-dom", *options, f"{url}{at}")


def printed_pages(page: str) -> int:
    """Return on how many sheets of A4 the page is printed."""
    with _opened(page) as (folder, url):
        _run(folder, "--no-pdf-header-footer", f"--print-to-pdf={folder / 'page.pdf'}", url)
        return len(re.findall(rb"/Type\s*/Page\b", (folder / "page.pdf").read_bytes()))


def picture(page: str, path: Path, width: int, height: int) -> None:
    """Write a picture of the page's first screen."""
    with _opened(page) as (folder, url):
        _run(folder, f"--window-size={width},{height}", f"--screenshot={path}", url)


@contextmanager
def _opened(page: str) -> Iterator[tuple[Path, str]]:
    with TemporaryDirectory(prefix="nylas-readiness-browser-", ignore_cleanup_errors=True) as name:
        file = Path(name, "page.html")
        file.write_text(page, "utf-8")
        yield Path(name), file.as_uri()


def _run(folder: Path, *arguments: str) -> str:
    command = [need_chromium(), *_QUIET, f"--user-data-dir={folder / 'profile'}", *arguments]
    done = subprocess.run(  # noqa: S603 -- the browser, on a page of ours
        command, capture_output=True, text=True, encoding="utf-8", timeout=LONGEST_S, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout
