"""`letters/<owner>.html` and `.md`: for a person who gets only their own part, to be pasted into an e-mail.

A letter says what it is about, and has the headline, the owner's tasks with their commands, and the vendors'
dates. It has nothing of other owners, and nothing that only whoever runs the audit can do.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from nylas_readiness.checks.migration.model import MoveState, Task, Urgency
from nylas_readiness.fixtures.secrets import bounded
from nylas_readiness.reports import markdown, summary, words
from nylas_readiness.reports.account_table import LONGEST_TEXT, said
from nylas_readiness.reports.model import Results
from nylas_readiness.reports.sessions import sign_ins
from nylas_readiness.reports.set_up import is_of_the_audit
from nylas_readiness.reports.templates import Block, asset, blocks, digest, environment
from nylas_readiness.reports.time_line import Mark, time_line

# How the commands and the settings of the audit itself begin: they are for whoever runs it.
_OF_THE_AUDIT: Final = ("pytest ", "[")
SIGN_IN: Final = "Sign in once in PowerShell, before you paste its commands:"


class Letter(NamedTuple):
    """What an owner is told: their tasks, what somebody attests of theirs, and the vendors' dates.

    `about`: what it is about, for a reader who has never heard of it; `session`: the commands to sign in with
    before those of the tasks, empty where there are none.
    """

    owner: str
    title: str
    about: str
    session: str
    results: Results
    tasks: list[Task]
    attested: list[str]
    dates: list[Mark]


def letters_of(results: Results) -> dict[str, Letter]:
    """Return the letter of each owner who has something to do."""
    line = time_line(results.deadlines, results.run.as_of)
    dates = line.marks if line else []
    found: dict[str, list[Task]] = {}
    own = {rule.id for rule in results.rules if is_of_the_audit(rule)}
    for task in results.tasks:
        if task.urgency is not Urgency.ACCEPTED and task.rule not in own:
            found.setdefault(task.owner, []).append(task)
    return {
        owner: Letter(
            owner,
            _title(results),
            _about(results),
            _session(found[owner]),
            results,
            found[owner],
            _attested(results, owner),
            dates,
        )
        for owner in words.OWNERS
        if owner in found
    }


def _attested(results: Results, owner: str) -> list[str]:
    return list(summary.attested(task for task in results.tasks if task.owner == owner))


def _title(results: Results) -> str:
    checked = results.headline is not None and results.headline.move is not MoveState.NOT_CHECKED
    name = results.tenant.name if results.tenant else ""
    return f"{name}: your part of {'the move to Nylas v3' if checked else 'the connection to Nylas'}"


def _about(results: Results) -> str:
    """Say what is connected, and why it has to move."""
    about = "An application reads this company's calendars through the service Nylas."
    if not results.headline or not results.headline.last_day or results.headline.days_left is None:
        return about
    ends = "ends" if results.headline.days_left > 0 else "ended"
    return (
        f"{about} Its connection through Nylas v2 uses Exchange Web Services (EWS), which Microsoft {ends} "
        f"on {words.day(results.headline.last_day)}: its accounts have to move to Nylas v3."
    )


def _session(tasks: list[Task]) -> str:
    return sign_ins(step.text for task in tasks for step in steps(task) if step.is_code)


def as_html(letter: Letter) -> str:
    """Return a letter as a page that needs nothing else."""
    style = asset("letter.css")
    template = environment().get_template("letter.html")
    return template.render(
        letter=letter, style=style, hash=digest(style), steps=steps, facts=facts, sign_in=SIGN_IN
    )


def as_markdown(letter: Letter) -> str:
    """Return a letter as Markdown."""
    return "\n\n".join(_parts(letter)) + "\n"


def _parts(letter: Letter) -> Iterator[str]:
    """Yield the paragraphs of a letter."""
    results = letter.results
    yield f"# {markdown.plain(letter.title)}"
    sandbox = " This is a sandbox: its accounts are invented." if _is_sandbox(results) else ""
    yield f"For the {words.in_sentence(letter.owner)}, as of {words.day(results.run.as_of)}.{sandbox}"
    yield letter.about
    if results.headline:
        yield f"**{markdown.plain(results.headline.move_text)}**"
        yield f"Today: {markdown.plain(results.headline.today_text)}"
    yield f"## You have {words.plural(len(letter.tasks), 'task')}"
    if letter.session:
        yield SIGN_IN
        yield markdown.block(letter.session)
    for number, task in enumerate(letter.tasks, 1):
        yield from _task(number, task, results.run.as_of)
    if letter.attested:
        yield "## Attested"
        yield "\n".join(f"- {markdown.plain(line)}" for line in letter.attested)
    if letter.dates:
        yield "## Dates"
        yield "\n".join(
            f"- {words.day(mark.deadline.date)}: {markdown.plain(mark.deadline.what)}"
            for mark in letter.dates
        )
    yield f"Made from the audit of {results.run.finished}, run {results.run.id}."


def _is_sandbox(results: Results) -> bool:
    return results.tenant is not None and results.tenant.kind == "sandbox"


def _task(number: int, task: Task, as_of: str) -> Iterator[str]:
    """Yield the paragraphs of a task."""
    yield f"### {number}. {markdown.prose(task.what)}"
    yield " · ".join([*facts(task, as_of), markdown.plain(task.why)])
    yield "\n".join(_accounts(task)) if task.concerned else f"Seen: {markdown.plain(_bounded(task.observed))}"
    for step in steps(task):
        yield markdown.block(step.text) if step.is_code else markdown.prose(step.text)
    yield f"Done when {markdown.plain(words.within(task.done_when))}"


def _accounts(task: Task) -> Iterator[str]:
    for alike in task.concerned:
        yield f"- {', '.join(map(markdown.plain, alike.emails))}: {markdown.plain(_bounded(said(alike)))}"
    if task.more:
        yield f"- and {task.more:,} more"


def _bounded(text: str) -> str:
    return bounded(text, LONGEST_TEXT)


def facts(task: Task, as_of: str) -> Iterator[str]:
    """Yield what is to know of a task in a few words: how urgent it is, how many accounts, until when."""
    yield words.URGENCIES[task.urgency]
    if task.accounts:
        yield words.plural(task.accounts, "account")
    if task.by:
        yield f"{'since' if task.by <= as_of else 'by'} {words.day(task.by)}"
    if task.takes:
        yield f"takes {task.takes}"


def steps(task: Task) -> list[Block]:
    """Return how a task is done. Left out is what is for whoever runs the audit, with its first sentence."""
    kept: list[Block] = []
    for block in list(blocks(task.remedy))[1:]:
        if not (block.is_code and block.text.startswith(_OF_THE_AUDIT)):
            kept.append(block)
        elif kept and not kept[-1].is_code and kept[-1].text.endswith(":"):
            kept.pop()
    return kept
