"""Every page in Chromium: axe finds nothing, hostile text runs nothing, links open, few sheets of paper."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from nylas_readiness.checks.browser.chromium import (
    asked,
    install_axe,
    loaded,
    need_chromium,
    picture,
    printed_pages,
)
from nylas_readiness.checks.browser.picture import HEIGHT, WIDTH, company
from nylas_readiness.checks.outcome import fail, warn
from nylas_readiness.checks.suite.support.fleet_samples import record, stages, tenant, week, written
from nylas_readiness.checks.suite.support.report_samples import audited, judged_bodies
from nylas_readiness.fixtures.run.fleet.record import NylasRecord
from nylas_readiness.reports import html, letters

pytestmark = pytest.mark.browser

DARK = "--blink-settings=preferredColorScheme=0"
PHONE = "--window-size=390,844"
HOSTILE = (
    "</script><script>document.title='ran'</script><img src=x onerror=\"document.title='ran'\">"
    "<svg onload=\"document.title='ran'\"> javascript:document.title='ran' \u202e"
)


@pytest.fixture(autouse=True)
def _browser() -> None:
    need_chromium()


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the script of axe."""
    need_chromium()
    return install_axe(tmp_path_factory.mktemp("axe"))


@cache
def pages() -> dict[str, str]:
    """Return one page of each kind."""
    moving = company("migration", 40)
    return {
        "migration": html.render(moving),
        "logs": html.render(company("logs-troubled", 8)),
        "payload": html.render(judged_bodies({"PAY-001": fail("/name: blank"), "PAY-012": warn("http")})),
        "fleet": fleet_page(),
        **{f"letter {name}": letters.as_html(one) for name, one in letters.letters_of(moving).items()},
    }


def fleet_page() -> str:
    """Return the page of a fleet with something in every part of it."""
    before = [week("2026-11-02", stages(can_move=9)), week("2026-11-09", stages(can_move=8))]
    tenants = {
        "one": tenant(
            "One", stages(finished=2, can_move=4, blocked=3), {"ENT-002": fail("x")}, earlier=before
        ),
        "two": tenant("Two", stages(to_clarify=2), {"CFG-001": fail("env:X is not set")}),
        **{f"more-{n}": tenant(f"{HOSTILE} {n}", stages(can_move=n)) for n in range(40)},
    }
    shared = NylasRecord(version="v2", application="app", tenants=["One"], problem=HOSTILE)
    with TemporaryDirectory() as folder:
        missing = [record(f"{HOSTILE} {n}", problem=HOSTILE) for n in range(20)]
        written(Path(folder), tenants, *missing, nylas=[shared], is_whole=False)
        return Path(folder, "fleet.html").read_text("utf-8")


@pytest.mark.parametrize("options", [(), (DARK,), (PHONE,)], ids=["wide", "dark", "phone"])
@pytest.mark.parametrize("name", ["migration", "logs", "payload", "fleet", "letter tenant-admin"])
def test_axe_finds_nothing_whether_parts_are_closed_or_open(
    name: str, options: tuple[str, ...], axe: str
) -> None:
    run = """
        const told = [];
        for (const open of [false, true]) {
          document.querySelectorAll("details").forEach((part) => { part.open = open; });
          const { violations } = await axe.run(document, { resultTypes: ["violations"] });
          const tell = ({ id, nodes: [node] }) => `${id}: ${node.html} ${node.failureSummary}`;
          told.push(...violations.map(tell));
        }
        return told;
    """
    assert asked(pages()[name], f"{axe}\n{run}", *options) == []


@pytest.mark.parametrize("name", ["migration", "logs", "payload", "fleet", "letter tenant-admin"])
def test_no_page_is_wider_than_a_phone(name: str) -> None:
    probe = "return [document.documentElement.scrollWidth, innerWidth];"
    content, window = asked(pages()[name], probe, PHONE)
    assert content <= window


def test_hostile_text_runs_nothing_with_scripts_on() -> None:
    found = {f"{n}{HOSTILE[:30]}@contoso.com": {"ACC-002": fail(HOSTILE, remedy=HOSTILE)} for n in range(30)}
    results = audited({"ENT-002": fail(HOSTILE, remedy=f"{HOSTILE}\n    {HOSTILE}")}, found)
    every = [
        html.render(results),
        pages()["fleet"],
        *map(letters.as_html, letters.letters_of(results).values()),
    ]
    for page in every:
        dom = loaded(page)
        assert "<title>ran</title>" not in dom
        assert "<img" not in dom


def test_a_link_into_a_closed_part_opens_it() -> None:
    probe = """
        location.hash = "#EAS-003";
        await new Promise((done) => setTimeout(done, 200));
        const parts = [];
        for (let at = document.getElementById("EAS-003"); at; at = at.parentElement) {
          if (at.tagName === "DETAILS") parts.push(at.open);
        }
        return parts;
    """
    assert asked(pages()["migration"], probe) == [True, True]


def test_each_command_has_a_button_that_the_keyboard_reaches() -> None:
    probe = """
        const blocks = [...document.querySelectorAll("pre")];
        const buttons = blocks.map((block) => block.parentElement.querySelector("button.copy"));
        buttons[0].focus();
        buttons[0].click();
        await new Promise((done) => setTimeout(done, 100));
        return [blocks.length, buttons.filter(Boolean).length, document.activeElement === buttons[0],
          buttons[0].textContent];
    """
    blocks, buttons, is_focused, told = asked(pages()["migration"], probe)
    assert blocks == buttons > 10
    assert is_focused
    assert told in {"Copied", "Selected"}


def test_a_search_leaves_the_accounts_that_match() -> None:
    probe = """
        const form = document.getElementById("filter");
        const count = () => document.querySelectorAll("#rows tr").length;
        const all = count();
        form.elements.text.value = "GRETA.vogel";
        form.dispatchEvent(new Event("input"));
        const one = count();
        form.elements.text.value = "";
        form.elements.stage.value = "finished";
        form.dispatchEvent(new Event("input"));
        return [all, one, count()];
    """
    finished = sum(account.stage == "finished" for account in company("migration", 40).accounts)
    assert asked(pages()["migration"], probe) == [41, 1, finished]


def test_a_fleets_tenants_are_searched_and_sorted() -> None:
    probe = """
        const form = document.getElementById("filter");
        const shown = () => [...document.querySelectorAll("#rows tr")].filter((row) => !row.hidden);
        const all = shown().length;
        form.elements.text.value = "ent-002";
        form.dispatchEvent(new Event("input"));
        const broken = shown().map((row) => row.cells[0].textContent);
        form.elements.text.value = "";
        form.dispatchEvent(new Event("input"));
        const button = document.querySelectorAll("thead button")[4];
        button.click();
        const most = shown()[0].cells[4].textContent;
        button.click();
        return [all, broken, most, shown()[0].cells[4].textContent];
    """
    assert asked(pages()["fleet"], probe) == [42, ["One"], "39 of 39", "0 of 0"]


@pytest.mark.parametrize(("accounts", "sheets"), [(40, 5), (134, 8)])
def test_a_company_fits_on_few_sheets_of_paper(accounts: int, sheets: int) -> None:
    assert printed_pages(html.render(company("migration", accounts))) <= sheets


def test_the_readmes_picture_has_the_verdict_what_to_do_first_and_the_dates(tmp_path: Path) -> None:
    """What decides is on the first screen, whose size the picture has."""
    probe = "return document.querySelector('.time-line').getBoundingClientRect().bottom;"
    size = f"--window-size={WIDTH},{HEIGHT}"
    assert asked(pages()["migration"], probe, size) <= HEIGHT
    picture(pages()["payload"], tmp_path / "page.png", WIDTH, HEIGHT)
    header = (tmp_path / "page.png").read_bytes()[:24]
    assert header[:8] == b"\x89PNG\r\n\x1a\n"
    assert (int.from_bytes(header[16:20]), int.from_bytes(header[20:24])) == (WIDTH, HEIGHT)
