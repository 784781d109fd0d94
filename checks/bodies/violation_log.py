"""Every violation of a run on request bodies, as it is found: twenty examples mend no million bodies."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

import msgspec

from nylas_readiness.checks.contract import Violation
from nylas_readiness.fixtures.payloads import Request
from nylas_readiness.fixtures.secrets import clean

# GitHub shows ten annotations of a kind for a step, and fifty for a job.
_MOST_ANNOTATED: Final = 50


class WrittenViolation(msgspec.Struct, frozen=True, kw_only=True):
    """One line of `violations.ndjson`. `level`: `fail`, `warn`, or `unknown` for what could not be read."""

    file: str
    line: int | None
    column: int | None
    pointer: str
    rule: str
    level: str
    observed: str


@dataclass(slots=True)
class ViolationLog:
    """The file, open while requests are judged, and the first violations for annotations."""

    path: Path
    first: list[WrittenViolation] = field(default_factory=list)
    _stream: IO[bytes] | None = None

    def __enter__(self) -> Self:
        self._stream = self.path.open("wb")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._stream:
            self._stream.close()
        if kind is not None:
            self.path.unlink(missing_ok=True)

    def add(self, request: Request, violations: Iterable[Violation]) -> None:
        """Write the violations of one request."""
        for one in violations:
            line, column = (one.line, one.column) if one.line else request.place(0)
            self._write(
                WrittenViolation(
                    file=clean(request.document.name),
                    line=line,
                    column=column,
                    pointer=clean(one.pointer),
                    rule=one.rule,
                    level=one.level,
                    observed=clean(one.message),
                )
            )

    def add_unread(self, request: Request, reason: str) -> None:
        """Write that a request could not be read."""
        line, column = request.place(0) if request.offsets else (None, None)
        self._write(
            WrittenViolation(
                file=clean(request.document.name),
                line=line,
                column=column,
                pointer="",
                rule="PAY-015",
                level="unknown",
                observed=clean(reason),
            )
        )

    def _write(self, violation: WrittenViolation) -> None:
        if self._stream:
            self._stream.write(msgspec.json.encode(violation) + b"\n")
        if len(self.first) < _MOST_ANNOTATED:
            self.first.append(violation)


def annotations(violations: Iterable[WrittenViolation], root: Path) -> Iterator[str]:
    """Yield the workflow commands with which GitHub shows violations beside the files."""
    for one in violations:
        kind = "warning" if one.level == "warn" else "error"
        places = {"file": _below(one.file, root), "line": one.line, "col": one.column, "title": one.rule}
        properties = ",".join(f"{name}={_property(str(value))}" for name, value in places.items() if value)
        where = f"{one.pointer}: " if one.pointer else ""
        yield f"::{kind} {properties}::{_escaped(where + one.observed)}"


def _below(file: str, root: Path) -> str:
    """Return a file's path from the root of the repository, which GitHub wants."""
    path = Path(file)
    is_below = path.is_absolute() and path.is_relative_to(root)
    return (str(path.relative_to(root)) if is_below else file).replace(os.sep, "/")


def _escaped(text: str) -> str:
    """Escape a text as GitHub Actions reads it (workflow commands, "escapeData")."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
