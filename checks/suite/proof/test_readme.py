"""The README pages say of the product what the code says, and everything that they show is real."""

import re
import tomllib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from nylas_readiness.checks.catalogue import active
from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.checks.suite.support.command_line import PAYLOADS, run
from nylas_readiness.checks.suite.support.readme import PARTS, README, ROOT, pages, written
from nylas_readiness.fixtures.inputs.exceptions import read_exceptions
from nylas_readiness.fixtures.inputs.tenant import load
from nylas_readiness.fixtures.sandbox.scenarios import FLEET, scenarios

pytestmark = [
    pytest.mark.offline,
    pytest.mark.skipif(not README.is_file(), reason="an installed wheel has no README.md beside it"),
]

AGAIN = "run: python -m nylas_readiness.checks.suite.support.readme"
BLOCK = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
COMMAND = re.compile(r"\bpytest .*")
OPTION = re.compile(r"(?<= )--?[a-z][\w-]*")
OF_THE_CHECKOUT = re.compile(r"(?<![\w./-])(?:\.ci|checks)/[\w./-]+")
# A file that is shown from its first line to its last begins with its name.
WHOLE_FILE = re.compile(r"# (tenants/\S+\.toml)\n")
TENANT = '[tenant]\nname = "contoso"\nid = "contoso.com"\n[service_account]\nemail = "svc@contoso.com"\n'
V3 = '[nylas.v3]\nclient_id = "c"\napi_key = "env:K"\nregion = "us"\n'


def texts() -> Iterator[tuple[Path, str]]:
    for page in pages():
        yield page, page.read_text("utf-8")


def prose(text: str) -> str:
    """Return a page without its generated parts."""
    return re.sub(r"<!-- generated.*?<!-- end -->", "", text, flags=re.DOTALL)


def blocks(*languages: str) -> Iterator[str]:
    """Yield the blocks of all pages that are written in one of the languages, a continued line as one."""
    for _, text in texts():
        for language, block in BLOCK.findall(text):
            if language in languages:
                yield block.replace("\\\n", " ")


def anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub gives to a page's headings."""
    headings = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def is_broken(page: Path, link: str) -> bool:
    parts = urlsplit(link)
    if parts.scheme:
        return False
    target = page.parent / parts.path if parts.path else page
    return not target.exists() or bool(parts.fragment and parts.fragment not in anchors(target))


def test_the_generated_parts_are_up_to_date() -> None:
    stale = [str(page.relative_to(ROOT)) for page, text in texts() if written(text) != text]
    assert stale == [], AGAIN


def test_every_part_has_its_place_on_one_page() -> None:
    placed = [name for _, text in texts() for name in re.findall(r"<!-- generated: (\w+) -->", text)]
    assert sorted(placed) == sorted(PARTS)


def test_the_first_page_is_short_and_leads_to_every_other() -> None:
    text = README.read_text("utf-8")
    linked = {(ROOT / link).resolve() for link in LINK.findall(text) if link.endswith(".md")}
    assert {page for page in pages() if "examples" not in page.parts} - {README} <= linked
    assert len(text.splitlines()) <= 160, "move what is longer to the page beside its code"


def test_every_link_between_our_pages_leads_somewhere() -> None:
    links = [(page, link) for page, text in texts() for link in LINK.findall(text)]
    assert [f"{page}: {link}" for page, link in links if is_broken(page, link)] == []


@each_of(
    ("link", "broken"),
    [
        ("reports/results.md", False),
        ("checks/README.md#adding-a-rule", False),
        ("#two-commands", False),
        ("https://nylas.example/gone#x", False),
        ("reports/nothing.md", True),
        ("checks/README.md#adding-a-check", True),
        ("#three-commands", True),
    ],
)
def test_a_link_that_leads_nowhere_is_seen(link: str, broken: bool) -> None:
    assert is_broken(README, link) == broken


def test_every_option_that_a_page_shows_is_one_of_pytest(pytestconfig: pytest.Config) -> None:
    shown = {
        option
        for block in blocks("sh", "powershell", "yaml")
        for command in COMMAND.findall(block.replace("\n          --", " --"))
        for option in OPTION.findall(command.split(";")[0])
    }
    assert shown > {"-m", "--tenant", "--payload", "--builder", "--baseline", "--junitxml"}
    for option in shown - {"-q"}:  # pytest has this only as an action
        pytestconfig.getoption(option)  # raises ValueError for an option that there is not


def test_every_command_of_the_console_script_that_a_page_shows_is_there() -> None:
    from nylas_readiness.checks.suite.support.console_script import run as run_script

    shown = set(re.findall(r"nylas-readiness (\S+)", "\n".join(blocks("sh", "powershell"))))
    assert shown == {"init", "sign-in", "doctor"}
    for command in shown:
        assert run_script(ROOT, command, "--help").output.startswith(f"usage: nylas-readiness {command}")


def test_every_module_and_file_that_a_command_names_is_there() -> None:
    commands = "\n".join(blocks("sh", "powershell"))
    modules = re.findall(r"-m (nylas_readiness[\w.]*)", commands)
    assert {"nylas_readiness.fixtures.sandbox"} < set(modules)
    assert [module for module in modules if find_spec(module) is None] == []
    named = set(OF_THE_CHECKOUT.findall(commands))
    assert ".ci/run" in named
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_rule_and_scenario_that_a_page_names_is_there() -> None:
    text = "\n".join(prose(text) for _, text in texts())
    rules = set(re.findall(r"\b[A-Z][A-Z0-9]{2}-\d{3}\b", text))
    assert rules <= {rule.id for rule in active()}
    named = set(re.findall(r"--tenant sandbox:([\w-]+)", text))
    assert "migration" in named
    assert named <= {*scenarios(), FLEET}


def test_every_part_of_a_tenant_file_that_a_page_shows_is_read(tmp_path: Path) -> None:
    shown = list(blocks("toml"))
    whole = {named[1]: block for block in shown if (named := WHOLE_FILE.match(block))}
    (tmp_path / "tenants").mkdir()
    for name, block in whole.items():
        (tmp_path / name).write_text(block, "utf-8")
    assert load(tmp_path / "tenants" / "alder.toml", {}).settings.nylas.v2
    parts = [block for block in shown if block not in whole.values()]
    assert {table for block in parts for table in tomllib.loads(block)} == {"nylas", "exchange", "exception"}
    for block in parts:
        path = tmp_path / "shown.toml"
        if "[[exception]]" in block:
            path.write_text(block, "utf-8")
            assert len(read_exceptions(path)) == 1
        else:
            path.write_text(TENANT + ("" if "[nylas.v3]" in block else V3) + block, "utf-8")
            assert load(path, {}).settings.tenant.name == "contoso"


def test_our_own_pages_are_not_accused_and_the_right_request_passes(tmp_path: Path) -> None:
    """`--payload` on a folder of our pages judges one request, the right one of the page on payloads."""
    folder = tmp_path / "pages"
    folder.mkdir()
    for number, (_, text) in enumerate(texts()):
        (folder / f"{number}.md").write_text(text, "utf-8")
    ended = run(tmp_path, PAYLOADS, "--payload", folder, "--report-dir", tmp_path / "report")
    assert ended.exit_code == 0, ended.output
