"""Compiled templates: kept beside Python's compiled modules, where Python keeps those too."""

import sys
from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment

from nylas_readiness.reports import templates
from nylas_readiness.reports.templates import CompiledTemplates

pytestmark = pytest.mark.offline


@pytest.fixture(autouse=True)
def keeping(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Python keep what it compiles, whatever the environment of this process says."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)


def page(folder: Path, source: str = "for {{ name }}") -> str:
    """Return a page, made by an environment that has compiled nothing yet."""
    cache = CompiledTemplates(str(folder))
    environment = Environment(loader=DictLoader({"page": source}), bytecode_cache=cache, autoescape=True)
    return environment.get_template("page").render(name="Ann")


def forbid_compiling(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Environment, "compile", lambda *_args, **_options: pytest.fail("compiled"))


def test_a_template_is_compiled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert page(tmp_path) == "for Ann"
    forbid_compiling(monkeypatch)
    assert page(tmp_path) == "for Ann"


def test_a_changed_template_is_compiled_again(tmp_path: Path) -> None:
    page(tmp_path)
    assert page(tmp_path, "to {{ name }}") == "to Ann"


def test_a_change_of_a_filter_compiles_the_templates_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page(tmp_path)
    [compiled] = [path.read_bytes() for path in tmp_path.iterdir()]
    monkeypatch.setattr(templates, "_last_change", lambda: 7)
    page(tmp_path)
    assert [path.read_bytes() for path in tmp_path.iterdir()] != [compiled]


def test_a_folder_that_cannot_be_written_does_no_harm(tmp_path: Path) -> None:
    assert page(tmp_path / "missing") == "for Ann"


def test_nothing_is_kept_where_python_keeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    page(tmp_path)
    assert not list(tmp_path.iterdir())
