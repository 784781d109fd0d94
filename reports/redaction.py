"""Secrets: one type that never shows its value, and the scrubber that knows every value it held.

A secret is registered when it is made, so that text on its way out (reports, logs, tracebacks) can be
scrubbed of it whoever wrote the text and however the value got there.
"""

import html
import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import quote, quote_plus

MASK: Final = "«secret»"

_BLOCK: Final = 4
_STEP: Final = 3
# A value shorter than this is not searched for in texts: it would blank ordinary words.
_SHORTEST: Final = _BLOCK + _STEP - 1
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


# Every form of every secret, by each of its first blocks, with how far into it the block begins. So a text is
# looked through once and in steps, however many secrets there are (a run that connects accounts makes two for
# each): a form that begins between two steps has a block at the second.
_forms: dict[str, set[tuple[int, str]]] = {}


def _register(value: str) -> None:
    if len(value) < _SHORTEST or (0, value) in _forms.get(value[:_BLOCK], ()):
        return
    for form in _written_forms(value):
        for into in range(_STEP):
            _forms.setdefault(form[into : into + _BLOCK], set()).add((into, form))


def _written_forms(value: str) -> set[str]:
    """Return the ways in which a secret is commonly written: plain, in URLs, JSON, HTML, reprs, encoded."""
    in_urls = {quote(value), quote(value, safe=""), quote_plus(value)}
    twice = {quote(form, safe="") for form in in_urls}
    in_texts = {json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1], html.escape(value)}
    in_reprs = {repr(value)[1:-1], repr(value.encode())[2:-1]}
    in_hex = {value.encode().hex(), value.encode().hex().upper()}
    return {value} | in_urls | twice | in_texts | in_reprs | in_hex | _in_base64(value)


def _in_base64(value: str) -> set[str]:
    """Return a secret in base64 of either alphabet, with padding and without: alone, and as Basic has it."""
    texts = [text.encode() for text in (value, f"{value}:", f":{value}")]
    padded = {encode(text).decode() for text in texts for encode in (b64encode, urlsafe_b64encode)}
    return padded | {form.rstrip("=") for form in padded}


@contextmanager
def forgotten_afterwards() -> Iterator[None]:
    """Forget, when a run ends, the secrets that were made in it: nothing of theirs is written any more."""
    before = {block: set(alike) for block, alike in _forms.items()}
    try:
        yield
    finally:
        _forms.clear()
        _forms.update(before)


def scrub(text: str) -> str:
    """Return `text` without any known secret, JWT or authorization credential."""
    return _AUTHORIZATION.sub(rf"\1 {MASK}", _JWT.sub(MASK, "".join(_masked(text))))


def cut(text: str, longest: int) -> str:
    """Return the beginning of `text`, `longest` characters or less: no secret is torn by the cut."""
    return text[: next((begin for begin, end in _found(text, longest) if end > longest), longest)]


def _masked(text: str) -> Iterator[str]:
    """Yield the text in pieces, the mask in the place of each secret."""
    kept = 0
    for begin, end in _found(text, len(text)):
        yield text[kept:begin] + MASK
        kept = end
    yield text[kept:]


def _found(text: str, until: int) -> Iterator[tuple[int, int]]:
    """Yield where each secret that begins before `until` begins and ends; of two that overlap the first."""
    end = 0
    for at in range(0, min(len(text), until + _STEP), _STEP):
        if alike := _forms.get(text[at : at + _BLOCK]):
            here = [
                (at - into, -len(form))
                for into, form in alike
                if end <= at - into < until and text.startswith(form, at - into)
            ]
            if here:
                begin, length = min(here)
                end = begin - length
                yield begin, end
