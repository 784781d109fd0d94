"""Secrets: one type that never shows its value, and the scrubber that knows every value it held.

A secret is registered when it is made, so that text on its way out (reports, logs, tracebacks) can be
scrubbed of it whoever wrote the text and however the value got there.
"""

import base64
import html
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import quote, quote_plus

MASK: Final = "«secret»"

# A value shorter than this is not searched for in texts: it would blank ordinary words.
_SHORTEST: Final = 6
_JWT: Final = re.compile(r"\beyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*")
_AUTHORIZATION: Final = re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}")


class Secret:
    """A secret's value. Only `reveal` shows it; repr, str and format are masked."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        """Hold `value` and make it known to `scrub`."""
        self._value = value
        _register(value)

    def reveal(self) -> str:
        """Return the value; call this only where it is put on the wire."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)


# Every form of every secret, by its first characters and longest first: a text is looked through once,
# however many secrets there are (a run that connects accounts makes two for each).
_forms: dict[str, list[str]] = {}


def _register(value: str) -> None:
    if len(value) < _SHORTEST or value in _forms.get(value[:_SHORTEST], ()):
        return
    for form in _written_forms(value):
        alike = _forms.setdefault(form[:_SHORTEST], [])
        if form not in alike:
            alike.append(form)
            alike.sort(key=len, reverse=True)


def _written_forms(value: str) -> set[str]:
    """Return the ways in which a secret is commonly written: plain, in URLs, JSON, HTML, reprs, Basic."""
    basic = {base64.b64encode(text.encode()).decode() for text in (value, f"{value}:", f":{value}")}
    in_urls = {quote(value), quote(value, safe=""), quote_plus(value)}
    in_texts = {json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1], html.escape(value)}
    in_reprs = {repr(value)[1:-1], repr(value.encode())[2:-1]}
    return {value} | basic | in_urls | in_texts | in_reprs


@contextmanager
def forgotten_afterwards() -> Iterator[None]:
    """Forget, when a run ends, the secrets that were made in it: nothing of theirs is written any more."""
    before = {start: list(alike) for start, alike in _forms.items()}
    try:
        yield
    finally:
        _forms.clear()
        _forms.update(before)


def scrub(text: str) -> str:
    """Return `text` without any known secret, JWT or authorization credential."""
    return _AUTHORIZATION.sub(rf"\1 {MASK}", _JWT.sub(MASK, "".join(_masked(text))))


def _masked(text: str) -> Iterator[str]:
    """Yield the text in pieces, the mask in the place of each secret."""
    at = kept = 0
    while at <= len(text) - _SHORTEST:
        form = next(
            (one for one in _forms.get(text[at : at + _SHORTEST], ()) if text.startswith(one, at)), None
        )
        if form is None:
            at += 1
        else:
            yield text[kept:at] + MASK
            at = kept = at + len(form)
    yield text[kept:]
