"""`summary.md`: a run on a tenant in one screen. The terminal shows the same."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from nylas_readiness.checks.migration.model import Stage, Task, Urgency
from nylas_readiness.reports import markdown, pace_words, words
from nylas_readiness.reports.model import Results
from nylas_readiness.reports.set_up import is_of_the_audit, lacks_permission

# How many tasks are named.
_FIRST: Final = 3


def render(results: Results, files: Sequence[str]) -> str:
    """Return the summary as Markdown. `files`: the names of the reports beside it."""
    return "\n\n".join(_parts(results, files)) + "\n"


def _parts(results: Results, files: Sequence[str]) -> Iterator[str]:
    """Yield the paragraphs of the summary."""
    tenant, first = results.tenant, first_tasks(results)
    if tenant:
        name = f"{tenant.name} ({tenant.kind}), {words.day(results.run.as_of)}"
        yield f"# Nylas readiness: {markdown.plain(name)}"
    yield "\n".join(f"- {markdown.plain(line)}" for line in headline(results))
    if first:
        yield "## Do first"
        yield "\n".join(f"{number}. {markdown.prose(told(task))}" for number, task in enumerate(first, 1))
        if more := others(results):
            yield f"More tasks: {more}."
    if answers := list(attested(results.tasks)):
        yield "## Attested"
        yield "\n".join(f"- {markdown.plain(line)}" for line in answers)
    if lacking := list(not_set_up(results)):
        yield "## Not set up"
        yield "\n".join(f"- {markdown.plain(line)}" for line in lacking)
    yield "## Files"
    yield "\n".join(f"- {markdown.span(name)}" for name in files)


def headline(results: Results) -> Iterator[str]:
    """Yield the headline: the move, today's connection, the last day, the accounts by stage, and the pace."""
    if results.headline is None:
        return
    yield results.headline.move_text
    yield f"Today: {results.headline.today_text}"
    days, last = results.headline.days_left, results.headline.last_day
    if last and days is not None:
        yield f"Last day: {words.day(last)}" + (f", {words.plural(days, 'day')} left" if days > 0 else "")
    counted = {stage: count for stage, count in results.headline.stages.items() if count}
    # Where the move was not checked, a stage of every account would only say so again.
    if counted and set(counted) != {Stage.NOT_ASSESSED}:
        stages = (f"{count:,} {words.STAGES[stage]}" for stage, count in counted.items())
        yield f"{words.plural(len(results.accounts), 'account')}: {' · '.join(stages)}"
    if results.history:
        yield pace_words.sentence(results.history.pace)
    if not results.run.complete:
        yield "This run is incomplete: what is missing here is not passed."


def first_tasks(results: Results) -> list[Task]:
    """Return the tasks to do first."""
    return _open(results)[:_FIRST]


def _open(results: Results) -> list[Task]:
    return [task for task in results.tasks if task.urgency is not Urgency.ACCEPTED]


def others(results: Results) -> str:
    """Return how many tasks are left for whom; empty where none is."""
    counts = Counter(task.owner for task in _open(results)[_FIRST:])
    return ", ".join(
        f"{counts[owner]} for the {words.in_sentence(owner)}" for owner in words.OWNERS if counts[owner]
    )


def told(task: Task) -> str:
    """Return a task in one line: what, who, and how many accounts it frees."""
    frees = f", frees {words.plural(task.frees, 'account')}" if task.frees else ""
    if not task.frees and task.urgency is Urgency.MUST:
        frees = ", frees all accounts"
    return f"{task.what.rstrip('.')} ({words.OWNERS[task.owner]}{frees})"


def attested(tasks: Iterable[Task]) -> Iterator[str]:
    """Yield what a person had to look at, and who attests it."""
    for task in tasks:
        if task.waiver and task.waiver.is_attested:
            count = f" ({words.plural(task.accounts, 'account')})" if task.accounts else ""
            yield f"{task.what.rstrip('.')}{count}: {words.settled(task.waiver)}"


def not_set_up(results: Results) -> Iterator[str]:
    """Yield what the audit lacks, and the rules that it leaves undecided."""
    lacking: dict[str, list[str]] = {}
    for rule in results.rules:
        if is_of_the_audit(rule) or lacks_permission(rule):
            lacking.setdefault(rule.reason or rule.observed, []).append(rule.id)
    for reason, rules in lacking.items():
        yield f"{reason.partition(chr(10))[0]} ({', '.join(rules)})"
