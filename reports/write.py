"""Write the artefact and its views: `results.json` first, then what is made from it."""

import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from nylas_readiness.reports import summary, words
from nylas_readiness.reports.model import Results
from nylas_readiness.reports.stream import ResultsStream

LETTERS: Final = "letters"
SUMMARY: Final = "summary.md"
SUMS: Final = "SHA256SUMS"
# Every file that `write_all` may write into a folder.
REPORTS: Final = frozenset(
    {"results.json", "readiness.html", "accounts.csv", SUMMARY, SUMS}
    | {f"{LETTERS}/{owner}.{suffix}" for owner in words.OWNERS for suffix in ("html", "md")}
)


class CannotWriteError(Exception):
    """A report could not be written. The message says which, why, and what to do next."""

    def __init__(self, path: Path, error: OSError) -> None:
        why = error.strerror or str(error)
        super().__init__(
            f"{path}: the report cannot be written: {why}; name another folder with --report-dir"
        )


class CannotDrawError(Exception):
    """A view could not be made of the artefact. The message says which, and where its content is."""

    def __init__(self, path: Path, error: Exception) -> None:
        # No more of the error: its message may quote what a tenant or an edited journal says.
        super().__init__(
            f"{path}: the report cannot be drawn ({type(error).__name__}); results.json beside it has all of "
            "it. If a journal was judged, give it as it was written"
        )


class Written(NamedTuple):
    """The paths of the reports, and a sentence for each view that there is none of."""

    paths: list[Path]
    problems: list[str]


def write_all(results: Results, directory: Path, beside: Sequence[Path] = ()) -> Written:
    """Write `results.json`, then its views, then `SHA256SUMS` of them all and of what is `beside` them.

    Each file is written whole or not at all; a view that cannot be made costs itself only. The views are made
    from the JSON as it was written. A view of an earlier run in the same folder is removed where this run
    has none.

    Raises CannotWriteError where `results.json` cannot be written, and `fastjsonschema.JsonSchemaException`
    if the artefact breaks its own schema.
    """
    stream = ResultsStream(results)
    path = write_file(directory / "results.json", stream.pieces())
    written = Written([path], [])
    views = views_of(stream.read, _sum(path))
    for name, draw in views.items():
        add(written, directory / name, draw)
    if results.tenant:
        names = [name_in(path, directory) for path in written.paths]
        add(written, directory / SUMMARY, lambda: summary.render(results, names))
    add(written, directory / SUMS, lambda: sums([*written.paths, *beside], directory))
    return written


def remove_all(directory: Path) -> None:
    """Remove the reports of an earlier run, and their folder where nothing else is in it.

    Raises CannotWriteError.
    """
    if directory.is_symlink() or not directory.is_dir():
        return
    for name in REPORTS:
        _remove(directory / name)
    for folder in (directory / LETTERS, directory):
        with suppress(OSError):  # there is none, or it has files of the user's
            folder.rmdir()


def views_of(results: Results, checksum: str) -> dict[str, Callable[[], str] | None]:
    """Return how each view is made, by its name; None: this run has no such view."""
    from nylas_readiness.reports import html, letters, worklist

    is_audit = results.tenant is not None
    of_owners = letters.letters_of(results) if is_audit else {}
    views: dict[str, Callable[[], str] | None] = {
        "readiness.html": partial(html.render, results, checksum),
        "accounts.csv": partial(worklist.render, results) if is_audit else None,
        SUMMARY: None,
    }
    for owner in words.OWNERS:
        letter = of_owners.get(owner)
        for suffix, draw in (("html", letters.as_html), ("md", letters.as_markdown)):
            views[f"{LETTERS}/{owner}.{suffix}"] = partial(draw, letter) if letter else None
    return views


def add(written: Written, path: Path, draw: Callable[[], str] | None) -> None:
    """Write one view, or remove an earlier run's; what goes wrong is noted."""
    try:
        if draw is None:
            _remove(path)
        else:
            written.paths.append(_draw(path, draw))
    except (CannotWriteError, CannotDrawError) as error:
        written.problems.append(str(error))


def sums(paths: Sequence[Path], directory: Path) -> str:
    """Return what `sha256sum -c` takes: the sum and the name of each file."""
    return "".join(f"{_sum(path)}  {name_in(path, directory)}\n" for path in paths)


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def name_in(path: Path, directory: Path) -> str:
    """Return what a file is called in a folder of reports."""
    return path.relative_to(directory).as_posix()


def _draw(path: Path, draw: Callable[[], str]) -> Path:
    try:
        text = draw().encode()
    except Exception as error:  # whatever it is: the other views and pytest's report can do without this one
        _remove(path)
        raise CannotDrawError(path, error) from error
    return write_file(path, [text])


def write_file(path: Path, pieces: Iterable[bytes]) -> Path:
    """Write a file whole or not at all. Raises CannotWriteError."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            file.writelines(pieces)
        part.replace(path)
    except OSError as error:
        raise CannotWriteError(path, error) from error
    finally:
        _discard(part)
    return path


def _discard(part: Path) -> None:
    """Leave no half-written file; that it cannot be removed either is not the news to tell."""
    try:
        part.unlink(missing_ok=True)
    except OSError:
        return


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise CannotWriteError(path, error) from error
