"""Journals that a test changes: their lines without seals, and sealed anew."""

import json
from collections.abc import Iterable
from typing import Any

from nylas_readiness.fixtures.evidence.packing import unpacked
from nylas_readiness.fixtures.evidence.seal import FIRST, sealed


def sealed_lines(records: Iterable[bytes | dict[str, Any]]) -> list[bytes]:
    """Return these records as a journal has them, each with its seal and the end of its line."""
    seal, lines = FIRST, []
    for record in records:
        line, seal = sealed(plain(record), seal)
        lines.append(line + b"\n")
    return lines


def plain(record: bytes | dict[str, Any]) -> bytes:
    """Return a record without a seal and without the end of its line, unpacked."""
    members = json.loads(unpacked(record)) if isinstance(record, bytes) else dict(record)
    members.pop("digest", None)
    return json.dumps(members, separators=(",", ":"), ensure_ascii=False).encode()


def without_seals(lines: Iterable[bytes]) -> list[bytes]:
    """Return a journal's lines as a suite wrote them that knew no seals: in format 1."""
    first, *rest = [json.loads(plain(line)) for line in lines]
    return [plain(record) + b"\n" for record in ({**first, "format": 1}, *rest)]
