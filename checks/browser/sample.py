"""The public sample: the reports of a sandbox company that moves, and of a fleet, as a real one's look.

`python -m nylas_readiness.checks.browser.sample` writes them again. They are the same in every run: the times
are fixed, and the vendors' public hosts stand in the place of the sandbox's.
"""

import hashlib
import re
import subprocess
import sys
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import msgspec
from msgspec.structs import replace

from nylas_readiness.checks.suite.support import harness
from nylas_readiness.fixtures.inputs.tenant import load
from nylas_readiness.fixtures.run.results import results_of
from nylas_readiness.fixtures.sandbox.server import start
from nylas_readiness.fixtures.secrets import forgotten_afterwards
from nylas_readiness.reports import summary
from nylas_readiness.reports.fleet import page as fleet_page
from nylas_readiness.reports.fleet import summary as fleet_summary
from nylas_readiness.reports.fleet.model import Fleet
from nylas_readiness.reports.fleet.write import FILE as FLEET_ARTEFACT
from nylas_readiness.reports.fleet.write import encode as encode_fleet
from nylas_readiness.reports.model import Results, Run
from nylas_readiness.reports.stream import encode
from nylas_readiness.reports.write import SUMMARY, views_of

FOLDER: Final = Path(__file__).parents[2] / ".github" / "sample"
SCENARIO: Final = "migration"
ARTEFACT: Final = "results.json"
# What is shown of the views: the page and a letter; beside them is the team's summary.
SHOWN: Final = ("readiness.html", "letters/tenant-admin.html", "letters/tenant-admin.md")
RUN: Final = Run(
    id="5a3b1e00-0000-4000-8000-000000000000",
    started="2026-11-23T09:00:00Z",
    finished="2026-11-23T09:00:08Z",
    as_of="2026-11-23",
    suite_version="sample",
    complete=True,
)
_HOSTS: Final = {
    "login": "login.microsoftonline.com",
    "graph": "graph.microsoft.com",
    "nylas_v2": "api.nylas.com",
    "nylas_v3": "api.us.nylas.com",
}
_LOOPBACK: Final = "127.0.0.1"
# The one host that the fleet's artefact names: its directory's audit app is refused there.
_ENDPOINT: Final = re.compile(rf"https://{re.escape(_LOOPBACK)}:\d+")
_EXCHANGE: Final = "outlook.office365.com"
# What a clock tells: when something was read, how long was waited, how far clocks are apart.
_TIMES: Final = (
    (re.compile(r'"at":"[^"]*"'), f'"at":"{RUN.started}"'),
    (re.compile(r"\d+\.\d s waited"), "0.0 s waited"),
    (re.compile(r'"waited_s":[\d.]+'), '"waited_s":0.0'),
    (re.compile(r": [+-]\d+ s(?=[;\"])"), ": +0 s"),
)


def sample() -> Results:
    """Audit the company, and return its results without what differs from run to run."""
    with TemporaryDirectory() as folder, forgotten_afterwards():
        with start(SCENARIO, Path(folder)) as sandbox:
            tenant = load(sandbox.tenant_file, sandbox.secrets)
            ledger = harness.judge(harness.read(tenant, Path(folder) / "journal"))
            endpoints = sandbox.endpoints
        results = results_of(ledger, date.fromisoformat(RUN.as_of), interrupted=False)
    return _steady(replace(results, run=RUN), endpoints)


def _steady(results: Results, endpoints: dict[str, str]) -> Results:
    """Return the results with fixed times, and with the vendors' hosts in the place of the sandbox's."""
    text = msgspec.json.encode(results).decode()
    for service, url in endpoints.items():
        text = text.replace(url, f"https://{_HOSTS.get(service, _EXCHANGE)}")
    for pattern, fixed in _TIMES:
        text = pattern.sub(fixed, text)
    return msgspec.json.decode(text.replace(_LOOPBACK, _EXCHANGE), type=Results)


def written() -> Results:
    """Return the sample's results as they are in the repository."""
    return msgspec.json.decode((FOLDER / ARTEFACT).read_bytes(), type=Results)


def files_of(results: Results) -> dict[str, bytes]:
    """Return the sample's files by name; each view is made from the artefact as it is written."""
    text = encode(results)
    views = views_of(results, hashlib.sha256(text).hexdigest())
    drawn = {name: draw().encode() for name in SHOWN if (draw := views[name])}
    return {ARTEFACT: text, SUMMARY: summary.render(results, [ARTEFACT, *SHOWN]).encode(), **drawn}


def fleet_sample() -> Fleet:
    """Audit the sandbox's fleet, and return its artefact without what differs from run to run."""
    with TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pytest", "-q", "-m", "live", "--tenant", "sandbox:fleet"]
        subprocess.run([*command, f"--report-dir={folder}"], check=False)  # noqa: S603 -- ours
        text = (Path(folder) / FLEET_ARTEFACT).read_text("utf-8")
    fleet = msgspec.json.decode(_ENDPOINT.sub(f"https://{_HOSTS['login']}", text), type=Fleet)
    times = {"started": RUN.started, "finished": RUN.finished, "suite_version": RUN.suite_version}
    return replace(fleet, run=replace(fleet.run, **times))


def written_fleet() -> Fleet:
    """Return the sample's fleet as it is in the repository."""
    return msgspec.json.decode((FOLDER / "fleet" / FLEET_ARTEFACT).read_bytes(), type=Fleet)


def fleet_files_of(fleet: Fleet) -> dict[str, bytes]:
    """Return the fleet's files by name. Its tenants' folders are left out: a tenant is shown already."""
    text = encode_fleet(fleet)
    return {
        f"fleet/{FLEET_ARTEFACT}": text,
        "fleet/fleet.html": fleet_page.render(fleet, hashlib.sha256(text).hexdigest()).encode(),
        f"fleet/{SUMMARY}": fleet_summary.render(fleet, [FLEET_ARTEFACT, "fleet.html"]).encode(),
    }


if __name__ == "__main__":
    for name, text in (files_of(sample()) | fleet_files_of(fleet_sample())).items():
        path = FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)
