"""Who may import whom: one table, held over every module of the repository."""

import ast
import sys
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.fixtures.run.selection import ON_REQUEST

pytestmark = pytest.mark.offline

ROOT = "nylas_readiness"

# From the bottom up: who may import whom. The longest matching row decides. A module may always import from
# its own row's package. Only tests may import everything.
_BASE = ("checks.contract", "checks.catalogue", "fixtures.secrets", "fixtures.powershell")
_GIVEN = (
    *_BASE,
    "fixtures.payloads",
    "fixtures.exchange_logs",
    "fixtures.ews_usage",
    "fixtures.strategies",
)
_READING = (*_GIVEN, "fixtures.inputs", "fixtures.clients")
_JUDGING = (
    *_READING,
    "fixtures.evidence",
    "checks.outcome",
    "checks.verdict",
    "checks.live",
    "checks.bodies",
)
_EVERYTHING = (*_JUDGING, "checks.migration", "reports", "fixtures.sandbox", "fixtures.run", "fixtures.setup")
ALLOWED: dict[str, tuple[str, ...]] = {
    "fixtures.sandbox": (),  # an oracle must not share a bug
    "checks.contract": (),
    "checks.catalogue": (),
    "fixtures.secrets": (),
    "fixtures.powershell": (),
    "fixtures.payloads": _BASE,
    "fixtures.exchange_logs": _BASE,
    "fixtures.ews_usage": _BASE,
    "fixtures.strategies": _BASE,
    "fixtures.inputs": _GIVEN,
    "fixtures.clients": _GIVEN,
    "fixtures.evidence": _READING,
    "checks.outcome": (*_READING, "fixtures.evidence"),
    "checks.verdict": ("checks.catalogue", "checks.outcome"),
    "checks.live": _JUDGING,
    "checks.bodies": _JUDGING,
    "checks.migration": _JUDGING,
    "reports": (
        "checks.catalogue",
        "checks.outcome",
        "checks.verdict",
        "checks.migration",
        "fixtures.secrets",
        "fixtures.clients.codes",  # why something was not read: one closed set, as the artefact has it
        "fixtures.evidence.measures",  # what the artefact shows as it was measured
    ),
    "fixtures.run": _EVERYTHING,
    "fixtures.setup": _EVERYTHING,
    "fixtures.plugin": _EVERYTHING,
    "fixtures.tenants": (),
    "checks": (),
    "fixtures": (),
    "checks.suite": ("",),
    "checks.offline": ("",),
    "checks.bench": ("",),
    "checks.browser": ("",),
    "checks.fidelity": ("",),
}

# Dear to import and needed by few runs: never at the top of what pytest loads at every start.
AT_START = ("fixtures", "fixtures.plugin", "reports", "checks", "checks.catalogue")
HEAVY = (
    "httpx",
    "aiohttp",
    "distributed",
    "hypothesis",
    "jinja2",
    "jwt",
    "lxml",
    "starlette",
    "trustme",
    "uvicorn",
    "fastjsonschema",
)

# pytest-httpx, pytest-html and anyio import these of HEAVY at every start, with or without us.
ANYWAY = {"httpx", "jinja2"}
DEAR = {*HEAVY, "cryptography", "email_validator", "packaging"} - ANYWAY

Module = tuple[str, ast.Module]


def modules(folder: Traversable, prefix: str) -> Iterator[Module]:
    """Yield every module below `folder` by its dotted name, with its syntax tree."""
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from modules(entry, f"{prefix}.{entry.name}")
        elif entry.name == "__init__.py":
            yield prefix, ast.parse(entry.read_text("utf-8"))
        elif entry.name.endswith(".py"):
            yield f"{prefix}.{entry.name.removesuffix('.py')}", ast.parse(entry.read_text("utf-8"))


@cache
def all_modules() -> dict[str, ast.Module]:
    """Return every module of the repository, parsed once and only when a test runs."""
    tops = ("checks", "fixtures", "reports")
    return {name: tree for top in tops for name, tree in modules(files(f"{ROOT}.{top}"), top)}


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield what a tree imports anywhere, `from x import y` as `x.y`; relative imports begin with a dot."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ("." * node.level + f"{node.module or ''}.{name.name}" for name in node.names)


def ours(tree: ast.AST) -> Iterator[str]:
    return (name.removeprefix(f"{ROOT}.") for name in imported(tree) if name.startswith(f"{ROOT}."))


def within(name: str, package: str) -> bool:
    return package in {"", name} or name.startswith(f"{package}.")


def row_of(module: str) -> str:
    return max((row for row in ALLOWED if within(module, row)), key=len)


def trespasses(module: str, tree: ast.AST) -> list[str]:
    row = row_of(module)
    return [name for name in ours(tree) if not any(within(name, allowed) for allowed in (row, *ALLOWED[row]))]


def test_every_module_imports_only_what_its_layer_may() -> None:
    found = {module: names for module, tree in all_modules().items() if (names := trespasses(module, tree))}
    assert found == {}


@each_of(
    ("module", "line", "allowed"),
    [
        ("fixtures.sandbox.graph", "from nylas_readiness.fixtures.sandbox.state import State", True),
        ("fixtures.sandbox.graph", "from nylas_readiness.fixtures.clients import graph", False),
        ("fixtures.clients.ews", "from nylas_readiness.fixtures.secrets import Secret", True),
        ("fixtures.clients.ews", "from nylas_readiness.reports.model import Results", False),
        ("checks.contract.shape", "import nylas_readiness.reports.model", False),
        ("checks.live.test_ent", "from nylas_readiness.reports.model import Results", False),
        ("fixtures.evidence.slots", "from nylas_readiness.checks.outcome import Status", False),
        ("reports.html", "def f():\n    from nylas_readiness.fixtures.inputs import tenant", False),
        ("checks.live.test_ent", "from nylas_readiness.fixtures.inputs import tenant", True),
    ],
)
def test_the_table_tells_a_trespass_from_a_visit(module: str, line: str, allowed: bool) -> None:
    assert (trespasses(module, ast.parse(line)) == []) == allowed


def test_nobody_imports_a_test_module() -> None:
    found = {
        module: names
        for module, tree in all_modules().items()
        if (
            names := [
                name for name in ours(tree) if any(part.startswith("test_") for part in name.split(".")[:-1])
            ]
        )
    }
    assert found == {}


def test_imports_are_absolute_and_name_the_namespace() -> None:
    bare = ("checks", "fixtures", "reports")
    found = {
        module: names
        for module, tree in all_modules().items()
        if (names := [name for name in imported(tree) if name.startswith(".") or name.split(".")[0] in bare])
    }
    assert found == {}


def top_of(tree: ast.Module) -> ast.Module:
    return ast.Module([node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)], [])


def at_top(tree: ast.Module) -> set[str]:
    """Return the distributions that a module imports when it is itself imported."""
    return {name.split(".")[0] for name in imported(top_of(tree))}


@each_of("module", AT_START)
def test_what_pytest_loads_at_every_start_imports_nothing_heavy(module: str) -> None:
    assert at_top(all_modules()[module]).isdisjoint(HEAVY)


def loaded_with(module: str) -> set[str]:
    """Return the modules of ours that are imported when a module is, itself included."""
    found, waiting = set[str](), [module]
    while waiting:
        name = waiting.pop()
        if name in all_modules() and name not in found:
            found.add(name)
            names = list(ours(top_of(all_modules()[name])))
            waiting += [*names, *(one.rpartition(".")[0] for one in names)]  # `from module import name`
    return found


def test_an_audit_loads_no_reader_of_bodies() -> None:
    """They are a twentieth of what an audit of one account costs."""
    assert "fixtures.payloads.builder" in loaded_with("fixtures.run.tenant_run")
    assert "fixtures.payloads.source" not in loaded_with("fixtures.run.tenant_run")


def is_collected_by_default(module: str) -> bool:
    return ".test_" in module and module.split(".")[1] not in ON_REQUEST


def heavy_ones(test: str) -> list[str]:
    """Return the modules of ours that collecting a test loads, and that import what is dear."""
    return [name for name in loaded_with(test) if not at_top(all_modules()[name]).isdisjoint(DEAR)]


def test_collecting_the_tests_imports_nothing_heavy() -> None:
    tests = filter(is_collected_by_default, all_modules())
    found = {test: heavy for test in tests if (heavy := heavy_ones(test))}
    assert found == {}, "import these inside the test, fixture or function that needs them"


def test_the_contract_needs_only_the_standard_library_and_the_two_address_libraries() -> None:
    beside = {"idna", "email_validator", ROOT}
    for module, tree in all_modules().items():
        if within(module, "checks.contract"):
            assert {name.split(".")[0] for name in imported(tree)} - set(sys.stdlib_module_names) <= beside, (
                module
            )
