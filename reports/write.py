"""Write the artefact and its views: `results.json` first, then what is made from it."""

import os
from pathlib import Path

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


def write_all(results: Results, directory: Path) -> list[Path]:
    """Write `results.json`, `readiness.html` and, for a tenant, `accounts.csv`; return their paths.

    Each file is written whole or not at all. The views are made from the JSON as it was written. A
    worklist of an earlier run in the same folder is removed where this run has none.

    Raises CannotWriteError, and `fastjsonschema.JsonSchemaException` if the artefact breaks its own schema.
    """
    from nylas_readiness.reports import html, worklist

    text = encode(results)
    schema.validate(text)
    written = [_write(directory / "results.json", text)]
    read_back = msgspec.json.decode(text, type=Results)
    written.append(_write(directory / "readiness.html", html.render(read_back).encode()))
    accounts = directory / "accounts.csv"
    if results.tenant is None:
        _remove(accounts)
        return written
    return [*written, _write(accounts, worklist.render(read_back).encode())]


def encode(results: Results) -> bytes:
    """Return the artefact as UTF-8 JSON, indented; equal results give equal bytes."""
    return msgspec.json.format(msgspec.json.encode(results), indent=2) + b"\n"


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
