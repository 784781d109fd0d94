"""A tolerant JSON reader. It reports everything that is not strict JSON, with its place, and continues.

Strict JSON is RFC 8259 without duplicate names, NaN, a byte order mark or lone surrogates. For a strict text,
the value is that of `json.loads`. The reader ignores comments, a byte order mark and trailing commas, and
takes the last of duplicate names. Any other error ends the reading.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Final, Never, TypeAlias

from nylas_readiness.checks.contract.wire import COMPUTED, Json, JsonObject, Unseen, pointer, quoted

# No request body comes near these limits. They stop a hostile text from filling the memory or the stack.
LONGEST_TEXT: Final = 1_048_576
_DEEPEST: Final = 64
# The most digits that Python turns into an integer. A longer number is read as a float.
_LONGEST_INTEGER: Final = 4300

Problem: TypeAlias = "tuple[int, str]"

_BLANK: Final = re.compile(r"[ \t\n\r]*")
_COMMENT: Final = re.compile(r"#[^\n]*|//[^\n]*|/\*.*?\*/", re.DOTALL)
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_WORD: Final = re.compile(r"true|false|null|NaN|-?Infinity")
_PLAIN: Final = re.compile(r'[^"\\\x00-\x1f]*')
_UNICODE_ESCAPE: Final = re.compile(r"\\u([0-9a-fA-F]{4})")
_PAIR: Final = re.compile(r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
_ESCAPED_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
# What tells a person where the text comes from, beside the character that JSON does not allow.
_SIGNS: Final = {
    **dict.fromkeys(
        "\u201c\u201d\u201e\u2018\u2019\u201a\u00ab\u00bb",
        ", a typographic quote of a wiki or a word processor; JSON knows the straight one alone,",
    ),
    "'": ", a single quote as a Python or JavaScript literal has; JSON knows double quotes alone,",
}

_STRICT_WORDS: Final[dict[str, Json]] = {"true": True, "false": False, "null": None}
_ESCAPES: Final = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a text contains. Offsets count characters from 0.

    `complete` is False where even the tolerant reading ended early; then `body` means nothing. `computed`: it
    ended at a text that is computed, in the place of a member or of what joins them.
    `offsets` gives the place of the value of each JSON pointer.
    """

    body: Json
    complete: bool
    problems: list[Problem]
    offsets: dict[str, int]
    computed: bool = False


def read(text: str, *, has_computed: bool = False) -> Reading:
    """Read `text`, and collect everything in it that is not strict JSON. Never raises.

    `has_computed`: COMPUTED in it stands for what is put there later.
    """
    reader = _Reader(text, has_computed)
    try:
        body = reader.document()
    except _EndOfReadingError:
        return Reading(
            body=None,
            complete=False,
            problems=sorted(reader.problems),
            offsets={},
            computed=reader.ends_computed,
        )
    return Reading(body=body, complete=True, problems=sorted(reader.problems), offsets=reader.offsets)


def value_of(text: str) -> Json:
    """Return the value of a strict text. This takes a tenth of the time of `read`, which also finds places.

    Raises ValueError for a text that may not be strict. Then use `read`.
    """
    if len(text) > LONGEST_TEXT or text.count("{") + text.count("[") > _DEEPEST:
        raise ValueError("long, or perhaps deep")
    if "\\u" in text and _ESCAPED_SURROGATE.search(text):
        raise ValueError("perhaps a lone surrogate")
    if not text.isascii():
        text.encode()  # UnicodeEncodeError is a ValueError
    value: Json = _STRICT.decode(text)
    return value


def _distinct(members: list[tuple[str, Json]]) -> JsonObject:
    found = dict(members)
    if len(found) < len(members):
        raise ValueError("a member twice")
    return found


def _no_constant(word: str) -> Never:
    raise ValueError(word)


_STRICT: Final = json.JSONDecoder(object_pairs_hook=_distinct, parse_constant=_no_constant)


class _EndOfReadingError(Exception):
    """The text cannot be read further; the last problem says why."""


@dataclass(slots=True)
class _Reader:
    """A recursive descent over one text; `at` is the offset of the next character."""

    text: str
    has_computed: bool = False
    at: int = 0
    ends_computed: bool = False
    problems: list[Problem] = field(default_factory=list)
    offsets: dict[str, int] = field(default_factory=dict)

    def document(self) -> Json:
        if len(self.text) > LONGEST_TEXT:
            self._end(0, f"is longer than {LONGEST_TEXT} characters; no request body is so long")
        if self.text.startswith("\ufeff"):
            self._problem(0, "begins with a byte order mark; expected UTF-8 without one")
            self.at = 1
        for lone in _SURROGATE.finditer(self.text):
            self._problem(lone.start(), "has a lone surrogate, which no UTF-8 text can hold")
        self._skip()
        body = self._value("", 0)
        self._skip()
        if self.at < len(self.text):
            self._unexpected("its end")
        return body

    def _problem(self, at: int, message: str) -> None:
        self.problems.append((at, message))

    def _end(self, at: int, message: str) -> Never:
        self._problem(at, message)
        raise _EndOfReadingError

    def _unexpected(self, expected: str) -> Never:
        """End with what is here; one character of it, for more could be part of a secret."""
        here = self._next()
        self.ends_computed = self.has_computed and here == COMPUTED
        found = f"has {quoted(here)}{_SIGNS.get(here, '')}" if here else "ends"
        self._end(self.at, f"{found} where {expected} is expected")

    def _skip(self) -> None:
        """Skip blanks and comments. A comment is a problem."""
        while True:
            self.at = _match(_BLANK, self.text, self.at)
            if self.text[self.at : self.at + 1] not in {"#", "/"}:
                return
            comment = _COMMENT.match(self.text, self.at)
            if comment is None:
                self._unexpected("a value, a name or a comma")
            self._problem(self.at, "has a comment; JSON allows none")
            self.at = comment.end()

    def _next(self) -> str:
        return self.text[self.at : self.at + 1]

    def _value(self, path: str, depth: int) -> Json:
        self.offsets[path] = self.at
        if depth > _DEEPEST:
            self._end(self.at, f"is nested more than {_DEEPEST} levels deep; no request body is so deep")
        match self._next():
            case "{":
                return self._object(path, depth)
            case "[":
                return self._array(path, depth)
            case '"':
                return self._string()
            case _:
                return self._word_or_number()

    def _object(self, path: str, depth: int) -> JsonObject:
        members: JsonObject = {}
        while self._has_item("}", first=not members):
            at = self.at
            if self._next() != '"':
                self._unexpected("a member's name in double quotes")
            name = self._string()
            if name in members:
                self._problem(at, f"repeats the member {quoted(name)}; expected it once")
            self._skip()
            if self._next() != ":":
                self._unexpected("a colon")
            self.at += 1
            self._skip()
            members[name] = self._value(path + pointer(name), depth + 1)
        return members

    def _array(self, path: str, depth: int) -> list[Json]:
        elements: list[Json] = []
        while self._has_item("]", first=not elements):
            elements.append(self._value(path + pointer(len(elements)), depth + 1))
        return elements

    def _has_item(self, closing: str, *, first: bool) -> bool:
        """Go to the next item of an object or array, or behind its end. A trailing comma is a problem."""
        opening_or_comma = self.at
        if not first:
            self._skip()
            opening_or_comma = self.at
            if self._next() not in {",", closing}:
                self._unexpected(f"a comma or {closing}")
        if first or self._next() == ",":
            self.at += 1
            self._skip()
        if self._next() != closing:
            return True
        if self.text[opening_or_comma] == ",":
            self._problem(
                opening_or_comma, f"has a comma before {closing}; expected none after the last item"
            )
        self.at += 1
        return False

    def _word_or_number(self) -> Json:
        at = self.at
        if self.has_computed and self._next() == COMPUTED:
            self.at += 1
            return Unseen(COMPUTED)
        if word := _WORD.match(self.text, at):
            self.at = word.end()
            if word[0] not in _STRICT_WORDS:
                self._problem(at, f"has {word[0]}; JSON has no such number")
            return _STRICT_WORDS[word[0]] if word[0] in _STRICT_WORDS else float(word[0])
        number = _NUMBER.match(self.text, at)
        if number is None:
            self._unexpected("a value")
        self.at = number.end()
        whole = number[1] is None and number[2] is None and len(number[0]) <= _LONGEST_INTEGER
        return int(number[0]) if whole else float(number[0])

    def _string(self) -> str:
        opening = self.at
        parts: list[str] = []
        self.at += 1
        while self._next() != '"':
            end = _match(_PLAIN, self.text, self.at)
            parts.append(self.text[self.at : end])
            self.at = end
            match self._next():
                case "":
                    self._end(opening, "has a string that is never closed")
                case '"':
                    pass
                case "\\":
                    parts.append(self._escape())
                case control:
                    self._problem(
                        self.at, f"has the control character {control!r} in a string; expected an escape"
                    )
                    parts.append(control)
                    self.at += 1
        self.at += 1
        return "".join(parts)

    def _escape(self) -> str:
        if pair := _PAIR.match(self.text, self.at):
            self.at = pair.end()
            return chr(0x10000 + (int(pair[1], 16) - 0xD800) * 0x400 + int(pair[2], 16) - 0xDC00)
        if unit := _UNICODE_ESCAPE.match(self.text, self.at):
            character = chr(int(unit[1], 16))
            if _SURROGATE.match(character):
                self._problem(self.at, f"has the lone surrogate {unit[0]}, which is not a character")
            self.at = unit.end()
            return character
        letter = self.text[self.at + 1 : self.at + 2]
        if letter not in _ESCAPES:
            self._problem(
                self.at, f"has {quoted(self.text[self.at : self.at + 2])}, which is not an escape of JSON"
            )
        self.at += 2 if letter else 1
        return _ESCAPES.get(letter, letter)


def _match(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Return where the match of a pattern that always matches ends."""
    match = pattern.match(text, at)
    return match.end() if match else at
