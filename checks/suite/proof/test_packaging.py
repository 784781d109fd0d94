"""The wheel holds the whole suite under one namespace, and runs where nothing else of it is."""

import os
import re
import subprocess
import sys
import sysconfig
import tomllib
from importlib.metadata import PackageNotFoundError, distributions, version
from itertools import chain
from pathlib import Path
from shutil import copytree, ignore_patterns
from typing import Any
from zipfile import ZipFile

import pytest

from nylas_readiness.checks.suite.support.cases import each_of

ROOT = Path(__file__).parents[3]
FOLDERS = ("checks", "fixtures", "reports")
GENERATED = ("__pycache__", "out", "node_modules", ".*")
BUILD = "from setuptools import build_meta; build_meta.build_wheel('dist')"
# The copy that the wheel is built from has no history, so no tag tells its version.
FALLBACK_VERSION = "0.1.0"
PIN = re.compile(r"([a-z0-9-]+)==([\w.]+)(?: ; .+)?")  # a name, a version, and where it is installed
REPORTS = {"readiness.html", "results.json", "accounts.csv", "run.html"}
# Python looks into the folder that `python -m pytest` is started in first: `fixtures` is the user's there.
OWN_FILES = {
    "fixtures/__init__.py": "OWNER = 'the user'\n",
    "conftest.py": "from fixtures import OWNER\n\nassert OWNER == 'the user'\n",
    "tests/check_own.py": (
        "import pytest\n\n@pytest.mark.live\ndef check_live(): ...\n\n"
        "@pytest.mark.bench\ndef check_bench(): ...\n\n"
        "@pytest.mark.anyio\nasync def check_async(): ...\n"
    ),
    "pytest.ini": (
        "[pytest]\ntestpaths = tests\npython_files = check_*.py\npython_functions = check_*\n"
        "filterwarnings = error\naddopts = --strict-markers\nmarkers =\n    live: of the user's\n"
    ),
}

pytestmark = [
    pytest.mark.offline,
    pytest.mark.skipif(
        not (ROOT / "pyproject.toml").is_file(),
        reason="there is no checkout to build from: this runs from a wheel",
    ),
]


def project() -> dict[str, Any]:
    """Return pyproject.toml as written."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def packaged_files(root: Path) -> set[str]:
    """Return the files that belong into the wheel, as names in it."""
    found = (path for folder in FOLDERS for path in (root / folder).rglob("*") if path.is_file())
    return {f"nylas_readiness/{path.relative_to(root).as_posix()}" for path in found}


def run(*command: str | Path, cwd: Path, code: int = 0, **environment: str) -> str:
    """Return what a command prints; it must end with this exit code."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "PYTHON"))
    }
    done = subprocess.run(  # noqa: S603 -- this interpreter, with arguments from this file
        [sys.executable, *command],
        cwd=cwd,
        env=inherited | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == code, f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the sources: a build leaves files beside them and takes up those of an earlier one."""
    copy = tmp_path_factory.mktemp("source")
    for folder in FOLDERS:
        copytree(ROOT / folder, copy / folder, ignore=ignore_patterns(*GENERATED))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        (copy / name).write_bytes((ROOT / name).read_bytes())
    return copy


@pytest.fixture(scope="session")
def wheel(source: Path) -> Path:
    """Return the wheel, built by the installed setuptools: a build of its own environment needs a network."""
    from packaging.requirements import Requirement

    for requirement in map(Requirement, project()["build-system"]["requires"]):
        try:
            found = version(requirement.name)
        except PackageNotFoundError:
            found = "0"
        if found not in requirement.specifier:
            pytest.skip(f"the build needs {requirement}: pip install -e '.[dev]'")
    run("-c", BUILD, cwd=source)
    [wheel] = (source / "dist").iterdir()
    return wheel


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that the wheel is unpacked in, which is all that installing a pure wheel does."""
    target = tmp_path_factory.mktemp("installed")
    ZipFile(wheel).extractall(target)
    return target


@pytest.fixture
def project_of_a_user(wheel: Path, tmp_path: Path) -> Path:
    """Return a project with tests, packages and pytest settings of its own, and the wheel in its `.venv`."""
    for name, text in OWN_FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    ZipFile(wheel).extractall(tmp_path / ".venv" / "lib")
    (tmp_path / ".venv" / "pyvenv.cfg").touch()
    return tmp_path


def run_installed(installed: Path, folder: Path, *command: str, code: int = 0) -> str:
    """Run Python in `folder`. `-S` hides an editable install, which is found by a .pth file."""
    places = (str(installed), sysconfig.get_path("purelib"), sysconfig.get_path("platlib"))
    return run("-S", *command, cwd=folder, code=code, PYTHONPATH=os.pathsep.join(places))


def run_suite(installed: Path, folder: Path, *options: str, code: int = 0) -> str:
    """Run pytest in `folder`."""
    command = ("-m", "pytest", "-p", "no:cacheprovider", *options)
    return run_installed(installed, folder, *command, code=code)


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def constraints() -> list[str]:
    """Return the lines of the file that pins what is installed."""
    return (ROOT / ".ci" / "constraints.txt").read_text("utf-8").splitlines()


def test_every_requirement_is_pinned_to_a_version_that_pyproject_toml_allows() -> None:
    """Run `.ci/constraints` when this fails."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    pins = {pin[1]: pin[2] for pin in map(PIN.fullmatch, constraints()) if pin}
    table = project()["project"]
    lines = chain(table["dependencies"], *table["optional-dependencies"].values())
    unpinned = [
        str(requirement)
        for requirement in map(Requirement, lines)
        if pins.get(canonicalize_name(requirement.name), "0") not in requirement.specifier
    ]
    assert unpinned == []


def test_the_constraints_name_versions_and_no_index_or_folder_of_the_machine_that_wrote_them() -> None:
    """A company with an index of its own uses the same file."""
    others = [line for line in constraints() if not PIN.fullmatch(line)]
    assert [line for line in others if not line.startswith("#")] == []
    assert [line for line in others if "/" in line] == ["#    .ci/constraints"]


def test_every_folder_with_code_is_a_declared_package() -> None:
    code = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]
    folders = {".".join(("nylas_readiness", *path.parent.relative_to(ROOT).parts)) for path in code}
    assert folders == set(project()["tool"]["setuptools"]["packages"])


def test_the_wheel_holds_every_file_of_the_packages_and_no_other(wheel: Path, source: Path) -> None:
    names = {name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert names == packaged_files(source)


def test_checks_fixtures_and_reports_are_not_at_top_level_in_the_wheel(wheel: Path) -> None:
    top = {name.split("/")[0] for name in ZipFile(wheel).namelist()}
    assert top == {"nylas_readiness", f"nylas_readiness-{FALLBACK_VERSION}.dist-info"}


def test_the_wheel_makes_its_options_known_by_an_entry_point_named_like_its_module(installed: Path) -> None:
    # Asked of the wheel itself: the run below would also find the entry point of an editable install.
    (wheel_metadata,) = distributions(path=[str(installed)])
    (plugin,) = wheel_metadata.entry_points.select(group="pytest11")
    assert plugin.name == plugin.value
    assert (installed / f"{plugin.value.replace('.', '/')}.py").is_file()


def test_the_installed_suite_collects_its_checks_by_the_name_of_their_package(
    installed: Path, tmp_path: Path, source: Path
) -> None:
    # No assertion is run, so none needs to be rewritten.
    target = ("--pyargs", "nylas_readiness.checks", "-m", "offline", "--collect-only", "-q", "--assert=plain")
    listed = run_suite(installed, tmp_path, *target, "--as-of", "2026-11-23")
    collected = set(re.findall(r"^(?:.*/)?suite/([\w/]+/test_\w+\.py)::", listed, re.MULTILINE))
    suite = source / "checks" / "suite"
    assert collected == {path.relative_to(suite).as_posix() for path in suite.rglob("test_*.py")}


@pytest.fixture(scope="session")
def audited(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the report of an audit by the installed suite, in a folder with nothing else in it."""
    folder = tmp_path_factory.mktemp("audited")
    run_suite(installed, folder, "-m", "live", "--tenant", "--report-dir", "report")
    return folder / "report"


def test_the_installed_suite_audits_in_an_empty_folder(audited: Path) -> None:
    assert names_in(audited) >= REPORTS


def test_the_installed_suite_judges_a_journal_in_an_empty_folder(
    installed: Path, audited: Path, tmp_path: Path
) -> None:
    run_suite(installed, tmp_path, "--evidence", str(audited / "evidence.journal"), "--report-dir", "again")
    assert names_in(tmp_path / "again") >= REPORTS


def test_in_a_project_of_a_user_an_audit_runs_the_checks_and_none_of_the_projects_tests(
    project_of_a_user: Path,
) -> None:
    ended = run_suite(project_of_a_user / ".venv" / "lib", project_of_a_user, "--tenant", "--report-dir", "r")
    assert names_in(project_of_a_user / "r") >= REPORTS
    assert "check_own" not in ended


@each_of("options", [(), ("-m", "live or bench"), ("-m", "live")])
def test_a_projects_own_pytest_runs_its_own_tests_and_no_check(
    project_of_a_user: Path, options: tuple[str, ...]
) -> None:
    settings = ("-o", "markers=live\nbench", "--collect-only", "-q", "-o", "addopts=")
    ended = run_suite(project_of_a_user / ".venv" / "lib", project_of_a_user, *settings, *options)
    nodes = {line.partition("::")[2] for line in ended.splitlines() if "::" in line}
    # With the backend in its name, as anyio's own fixture has it and not one of the suite's.
    of_anyio = set() if options else {"check_async[asyncio]"}
    assert nodes == {"check_live"} | of_anyio | ({"check_bench"} if options != ("-m", "live") else set())


def test_live_checks_without_a_tenant_end_before_collecting_wherever_they_are_asked_for(
    installed: Path, tmp_path: Path
) -> None:
    (tmp_path / "test_broken.py").write_text("raise RuntimeError('collected')\n", "utf-8")
    ended = run_suite(installed, tmp_path, "-m", "live", code=4)
    assert "Give --tenant (the embedded sandbox), or --tenant NAME for a tenant file" in ended
    assert "collected" not in ended


def test_the_installed_console_script_prepares_a_tenant(installed: Path, tmp_path: Path) -> None:
    (wheel_metadata,) = distributions(path=[str(installed)])
    (script,) = wheel_metadata.entry_points.select(group="console_scripts")
    assert script.name == "nylas-readiness"
    # A GUID in the place of the domain: nothing is looked up.
    answers = ["init", "contoso", "--domain", "8f0c2c9e-6f0e-4d0a-9a53-0d2f6d3b7c11", "--v3-client-id", "v3"]
    run_installed(installed, tmp_path, "-c", f"from {script.module} import main; main({answers})")
    assert names_in(tmp_path / "tenants") == {"contoso", "contoso.toml"}
    assert names_in(tmp_path / "tenants" / "contoso") >= {"directory-app.sh", "directory-app.ps1"}


def test_the_installed_suite_explains_a_rule(installed: Path, tmp_path: Path) -> None:
    assert run_suite(installed, tmp_path, "--explain", "EWS-002").startswith("EWS-002  ")


def test_the_installed_suite_judges_a_builder_from_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    from nylas_readiness.checks.suite.support.hostile_builders import GOOD
    from nylas_readiness.fixtures.payloads.replay import Replay, written

    builder = "nylas_readiness.fixtures.payloads.examples.python.authorize:build"
    reports = ("--report-dir=readiness", "--junitxml=readiness/junit.xml")
    # One case is enough here: what is generated for 500 is the same wherever the suite is installed.
    replay = Replay(rule="PAY-003", case=1, fields=[], input=GOOD)
    (tmp_path / "replay.json").write_bytes(written(replay))
    asked = ("--builder", builder, "--payload", "replay.json")
    run_suite(installed, tmp_path, "-m", "offline", *asked, *reports)
    names = {path.name for path in (tmp_path / "readiness").iterdir()}
    assert names >= {"readiness.html", "results.json", "run.html", "junit.xml"}
