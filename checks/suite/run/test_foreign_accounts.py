"""Other customers of a vendor's Nylas application are counted: no file and no terminal names one."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.command_line import CTRL_C, LIVE, Ended, run

if TYPE_CHECKING:
    from nylas_readiness.fixtures.sandbox.server import Sandbox

pytestmark = pytest.mark.offline

CANARY = "c4nary"
LOUDEST = ["-vv", "-rA", "--tb=long", "--showlocals", "-o", "log_cli=true", "-o", "log_cli_level=DEBUG"]
# What can be wrong with a list of accounts or grants.
BROKEN = ("v2-another-shape", "v2-page", "v2-refused", "v2-torn", "v3-another-shape", "v3-refused")


def company(folder: Path, broken: str = "", *, has_list: bool = False) -> "Sandbox":
    from nylas_readiness.checks.suite.support.foreign_customers import company

    return company(folder, broken, has_list=has_list)


def audit(sandbox: "Sandbox", folder: Path, *arguments: str | Path) -> Ended:
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


@pytest.mark.parametrize("broken", [pytest.param(name, id=name) for name in BROKEN])
def test_a_list_that_cannot_be_read_quotes_no_customer(broken: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with company(tmp_path / "sandbox", broken) as sandbox:
        ended = audit(sandbox, tmp_path, "--report-dir", out, "-vv")
    assert ended.exit_code == 1, ended.output
    rules = {rule["id"]: rule for rule in json.loads((out / "results.json").read_bytes())["rules"]}
    assert rules["CFG-006"]["status"] == ("unknown" if broken.startswith("v2") else "pass")
    assert leaks(out, ended) == []


@each_of(
    ("broken", "unknown"),
    [
        ("v2-application v3-application", ("NY2-001", "NY3-001")),
        ("v3-credentials v3-webhooks", ("NY3-003", "NY3-012")),
    ],
)
def test_settings_that_cannot_be_read_quote_no_customer(
    broken: str, unknown: tuple[str, ...], tmp_path: Path
) -> None:
    out = tmp_path / broken.replace(" ", "-")
    with company(tmp_path / f"sandbox {broken}", broken) as sandbox:
        ended = audit(sandbox, tmp_path, "--report-dir", out, "-vv")
    rules = {rule["id"]: rule for rule in json.loads((out / "results.json").read_bytes())["rules"]}
    assert {rules[rule]["status"] for rule in unknown} == {"unknown"}, ended.output[-900:]
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
