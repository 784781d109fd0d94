"""What became of all that `--payload` was given: judged, another thing, or not read."""

from dataclasses import dataclass, field
from typing import Final

from nylas_readiness.fixtures.evidence.measures import Fate, Material
from nylas_readiness.fixtures.payloads import OtherThing, Request

# So many entries are listed one by one; the others are counted in one entry for each fate.
_MOST_LISTED: Final = 2000
_MORE: Final = "more of them, in this file and in others"


@dataclass(slots=True)
class MaterialTally:
    """Counts by file and by what it is; the first of each with its line."""

    _lines: dict[tuple[str, Fate, str], int | None] = field(default_factory=dict)
    _counts: dict[tuple[str, Fate, str], int] = field(default_factory=dict)
    _files: set[str] = field(default_factory=set)

    def judged(self, request: Request) -> None:
        """Count a request that was judged."""
        self._add(request.document.name, Fate.JUDGED, "an authorize request", None)

    def unread(self, request: Request, reason: str) -> None:
        """Count what could not be read, with its line and the reason."""
        line = request.place(0)[0] if request.offsets else None
        where = f"line {line}: {reason}" if line else reason
        self._add(request.document.name, Fate.UNREAD, where, line)

    def other(self, thing: OtherThing) -> None:
        """Count another thing by what it is; its first line is kept."""
        line = thing.document.place(thing.at)[0] if thing.document.text else None
        self._add(thing.document.name, Fate.OTHER, thing.what, line)

    def _add(self, file: str, fate: Fate, what: str, line: int | None) -> None:
        self._files.add(file)
        key = (file, fate, what)
        if key not in self._counts and len(self._counts) >= _MOST_LISTED:
            key = ("", fate, _MORE)
        self._counts[key] = self._counts.get(key, 0) + 1
        self._lines.setdefault(key, line)

    def listed(self) -> list[Material]:
        """Return all of it, in the order in which it was found."""
        return [
            Material(file=file, line=self._lines[file, fate, what], fate=fate, what=what, count=count)
            for (file, fate, what), count in self._counts.items()
        ]
