"""Other customers of a vendor's Nylas application are counted: no file and no terminal names one."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from nylas_readiness.checks.suite.run.test_cli_resume import CTRL_C
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.command_line import LIVE, Ended, run
from nylas_readiness.fixtures.sandbox.company_v3 import bulk_grant
from nylas_readiness.fixtures.sandbox.fault_registry import fault
from nylas_readiness.fixtures.sandbox.nylas_v3_faults import v3_of
from nylas_readiness.fixtures.sandbox.scenarios import FaultEntry, scenario_named
from nylas_readiness.fixtures.sandbox.server import Sandbox
from nylas_readiness.fixtures.sandbox.state import World, guid
from nylas_readiness.fixtures.sandbox.state_nylas import NylasAccount
from nylas_readiness.fixtures.sandbox.wire_faults import intercept

pytestmark = [pytest.mark.offline, pytest.mark.xdist_group("foreign accounts")]

CANARY = "c4nary"
# Whose domain is another, however near it comes to the tenant's.
FOREIGN = (
    f"{CANARY}.ann@fabrikam.example",
    f"{CANARY}.BOB@Fabrikam.EXAMPLE",
    f"{CANARY}.cem@bücher.example",
    f"{CANARY}.dora@branch.halden.example",
    f"{CANARY}.emil@nothalden.example",
    f"{CANARY}.fay@halden.example.evil.example",
)
# Of the tenant's domain, at another provider.
GMAIL = f"{CANARY}.gus@halden.example"
LOUDEST = ["-vv", "-rA", "--tb=long", "--showlocals", "-o", "log_cli=true", "-o", "log_cli_level=DEBUG"]
Make = Callable[[], Response]


@fault
def planted_customers(world: World, *, has_list: bool, broken: str) -> None:
    """Add the canaries to the accounts of v2 and to the grants of v3; break a list of theirs."""
    found = [NylasAccount(email=email, name=f"{CANARY} {email}", provider="exchange") for email in FOREIGN]
    gmail = NylasAccount(email=GMAIL, name=CANARY, provider="Gmail")
    world.nylas.accounts = [*found[::2], *world.nylas.accounts, gmail, *found[1::2]]
    v3_of(world).grants += [bulk_grant(email, place, guid(CANARY)) for place, email in enumerate(FOREIGN)]
    if not has_list:
        del world.files.tenant["accounts"]
    if broken:
        service, path, make = FAULTS[broken]
        intercept(world, service, lambda request: make() if _is_at(request, path) else None)


def company(folder: Path, broken: str = "", *, has_list: bool = False) -> Sandbox:
    """Return a company that shares its applications; `broken`: what is wrong with a list of theirs."""
    planted: FaultEntry = {"name": "planted-customers", "has_list": has_list, "broken": broken}
    return Sandbox(scenario_named("migration-ready").with_faults([planted]), folder, 8)


def _is_at(request: Request, path: str) -> bool:
    return request.url.path.endswith(path)


FAULTS: dict[str, tuple[str, str, Make]] = {
    "v2-another-shape": ("nylas_v2", "/accounts", lambda: JSONResponse([{"email": FOREIGN[0], "id": 7}])),
    "v2-page": ("nylas_v2", "/accounts", lambda: HTMLResponse(f"<title>{FOREIGN[0]}</title>")),
    "v2-refused": (
        "nylas_v2",
        "/accounts",
        lambda: JSONResponse(
            {"type": "api_error", "message": f"Cannot read {FOREIGN[0]}, {FOREIGN[2]}"}, 403
        ),
    ),
    "v2-torn": ("nylas_v2", "/accounts", lambda: JSONResponse(f'[{{"email": "{FOREIGN[1]}"')),
    "v3-another-shape": ("nylas_v3", "/grants", lambda: JSONResponse({"data": [{"email": FOREIGN[0]}]})),
    "v3-refused": (
        "nylas_v3",
        "/grants",
        lambda: JSONResponse(
            {"error": {"type": "api_error", "message": f"see /grants?email={CANARY}%40fabrikam.example"}}, 400
        ),
    ),
}


def audit(sandbox: Sandbox, folder: Path, *arguments: str | Path) -> Ended:
    tenant: list[str | Path] = [LIVE, "--tenant", sandbox.tenant_file, *arguments]
    return run(folder, *tenant, environ=sandbox.secrets)


def leaks(folder: Path, *ended: Ended) -> list[str]:
    """Return where a canary is: in the names of files, in their text, on the terminal."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".py"]
    texts = {str(path): str(path) + path.read_text("utf-8", "replace") for path in files}
    texts |= {f"terminal {place}": one.output for place, one in enumerate(ended)}
    assert any(name.endswith("evidence.journal") for name in texts)
    return [name for name, text in texts.items() if CANARY in text.lower()]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, list[Ended]]]:
    """Audit with everything shown, be interrupted and go on, and judge the journal again."""
    folder = tmp_path_factory.mktemp("runs")
    (folder / "ctrl_c.py").write_text(CTRL_C, "utf-8")
    with company(tmp_path_factory.mktemp("sandbox")) as sandbox:
        again = ["--evidence", "whole/evidence.journal", "--report-dir", "again"]
        yield (
            folder,
            [
                audit(sandbox, folder, "--report-dir", "whole", "--junitxml", "whole/junit.xml", *LOUDEST),
                audit(sandbox, folder, "--report-dir", "cut", "-p", "ctrl_c"),
                audit(sandbox, folder, "--report-dir", "cut", "--resume", "-v"),
                run(folder, LIVE, *again, "-v"),
            ],
        )
        assert not sandbox.errors


def test_no_file_and_no_terminal_names_another_customer(shared: tuple[Path, list[Ended]]) -> None:
    folder, ended = shared
    assert [one.exit_code for one in ended] == [0, 2, 0, 0], [one.output[-900:] for one in ended]
    assert leaks(folder, *ended) == []


@each_of("run_of", ["whole", "cut", "again"])
def test_others_are_counted_and_the_own_are_audited(shared: tuple[Path, list[Ended]], run_of: str) -> None:
    results = json.loads((shared[0] / run_of / "results.json").read_bytes())
    rules = {rule["id"]: rule for rule in results["rules"]}
    assert rules["CFG-006"]["status"] == "pass"
    assert "not the tenant's: 7 accounts of v2, 6 grants of v3" in rules["CFG-006"]["observed"]
    assert rules["CFG-002"]["observed"] == "8 accounts from the Nylas v2 application"
    assert len(results["accounts"]) == 8
    matching = results["migration"]["matching"]
    assert (matching["v3_only"]["count"], matching["unlisted"]["count"]) == (0, 0)


@pytest.mark.parametrize("broken", [pytest.param(name, id=name) for name in FAULTS])
def test_a_list_that_cannot_be_read_quotes_no_customer(broken: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with company(tmp_path / "sandbox", broken) as sandbox:
        ended = audit(sandbox, tmp_path, "--report-dir", out, "-vv")
    assert ended.exit_code == 1, ended.output
    rules = {rule["id"]: rule for rule in json.loads((out / "results.json").read_bytes())["rules"]}
    assert rules["CFG-006"]["status"] == ("unknown" if broken.startswith("v2") else "pass")
    assert leaks(out, ended) == []


def test_with_a_list_the_others_are_only_counted_too(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with company(tmp_path / "sandbox", has_list=True) as sandbox:
        ended = audit(sandbox, tmp_path, "--report-dir", out, "-v")
    results = json.loads((out / "results.json").read_bytes())
    rules = {rule["id"]: rule for rule in results["rules"]}
    assert rules["CFG-006"]["status"] == "pass"
    assert "the 8 accounts of accounts.csv; not the tenant's: 7 accounts" in rules["CFG-006"]["observed"]
    assert results["migration"]["matching"]["unlisted"] == {"count": 0, "examples": []}
    assert leaks(out, ended) == []
