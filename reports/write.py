"""Write the artefact and its views: `results.json` first, then what is made from it."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import msgspec

from nylas_readiness.reports import schema
from nylas_readiness.reports.model import Results


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


def write_all(results: Results, directory: Path) -> Written:
    """Write `results.json`, then its views: `readiness.html` and, for a tenant, `accounts.csv`.

    Each file is written whole or not at all; a view that cannot be made costs itself only. The views are made
    from the JSON as it was written. A view of an earlier run in the same folder is removed where this run
    has none.

    Raises CannotWriteError where `results.json` cannot be written, and `fastjsonschema.JsonSchemaException`
    if the artefact breaks its own schema.
    """
    from nylas_readiness.reports import html, worklist

    text = encode(results)
    schema.validate(text)
    written = Written([_write(directory / "results.json", text)], [])
    read_back = msgspec.json.decode(text, type=Results)
    views = {"readiness.html": html.render, "accounts.csv": worklist.render}
    if results.tenant is None:
        _remove(directory / "accounts.csv")
        del views["accounts.csv"]
    for name, render in views.items():
        try:
            written.paths.append(_draw(directory / name, render, read_back))
        except (CannotWriteError, CannotDrawError) as error:
            written.problems.append(str(error))
    return written


def encode(results: Results) -> bytes:
    """Return the artefact as UTF-8 JSON, indented; equal results give equal bytes."""
    return msgspec.json.format(msgspec.json.encode(results), indent=2) + b"\n"


def _draw(path: Path, render: Callable[[Results], str], results: Results) -> Path:
    try:
        text = render(results).encode()
    except Exception as error:  # whatever it is: the other views and pytest's report can do without this one
        _remove(path)
        raise CannotDrawError(path, error) from error
    return _write(path, text)


def _write(path: Path, text: bytes) -> Path:
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(text)
        part.replace(path)
    except OSError as error:
        _discard(part)
        raise CannotWriteError(path, error) from error
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
