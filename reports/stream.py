"""`results.json` as a stream: its accounts pass one by one, so that no text of them all is in memory."""

from collections.abc import Iterator
from typing import Final, TypeVar

import msgspec
from msgspec.structs import replace

from nylas_readiness.reports import schema
from nylas_readiness.reports.model import AccountResult, Results

T = TypeVar("T")

# Where the accounts go. A line of the artefact begins so once: deeper members are indented by more.
_PLACE: Final = b'\n  "accounts": []'


def encode(results: Results) -> bytes:
    """Return the artefact as UTF-8 JSON, indented; equal results give equal bytes."""
    return b"".join(ResultsStream(results).pieces())


class ResultsStream:
    """One run's artefact, and what it says as whoever reads it sees it."""

    def __init__(self, results: Results) -> None:
        """Take the results as they were assembled."""
        self._results = results
        self._equal: dict[object, object] = {}
        self._accounts: list[AccountResult] = []

    def pieces(self) -> Iterator[bytes]:
        """Yield the text in pieces, each of them checked.

        Raises `fastjsonschema.JsonSchemaException` if the artefact breaks its own schema.
        """
        frame = _formatted(replace(self._results, accounts=[])) + b"\n"
        schema.validate(frame, schema.RESULTS)
        self.read = msgspec.json.decode(frame, type=Results)
        before, place, after = frame.partition(_PLACE)
        yield before
        yield from self._account_pieces(place)
        self.read = replace(self.read, accounts=self._accounts)
        yield after

    def _account_pieces(self, place: bytes) -> Iterator[bytes]:
        if not self._results.accounts:
            yield place
            return
        separator = place[:-1]
        for account in self._results.accounts:
            text = _formatted(account)
            schema.validate_account(text)
            self._accounts.append(self._shared(msgspec.json.decode(text, type=AccountResult)))
            yield separator + b"\n    " + text.replace(b"\n", b"\n    ")
            separator = b","
        yield b"\n  ]"

    def _shared(self, account: AccountResult) -> AccountResult:
        """Return an account of which what equals a part of an earlier one is that part."""
        return replace(
            account,
            verdict=self._first(account.verdict),
            next=self._first(account.next),
            findings={self._first(rule): self._first(one) for rule, one in account.findings.items()},
        )

    def _first(self, part: T) -> T:
        return self._equal.setdefault(part, part)  # type: ignore[return-value]  # equal parts are of one type


def _formatted(part: msgspec.Struct) -> bytes:
    return msgspec.json.format(msgspec.json.encode(part), indent=2)
