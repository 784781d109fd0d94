"""The templates' surroundings: what escapes every text, and the filters and words that all views share.

Every text that vendors, tenants or users wrote is escaped, and characters that hide or reorder others are
shown as their code points.
"""

import base64
import hashlib
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.util import cache_from_source
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemBytecodeCache, PackageLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup, escape

from nylas_readiness.fixtures.secrets import bounded, visible
from nylas_readiness.reports import pace_words, words
from nylas_readiness.reports.account_table import LONGEST_TEXT, said

_URL: Final = re.compile(r"https://[^\s<>\"']+")
# What a text of ours marks as code.
CODE: Final = re.compile(r"`([^`]+)`")


@dataclass(frozen=True, kw_only=True)
class Block:
    """A part of a remedy: a paragraph, or text to be copied."""

    text: str
    is_code: bool


def blocks(remedy: str) -> Iterator[Block]:
    """Yield the parts of a remedy: indented lines are to be copied together, each other is a paragraph."""
    code: list[str] = []
    for line in [*remedy.splitlines(), ""]:
        if line.startswith("    "):
            code.append(line[4:].rstrip())
            continue
        if code:
            yield Block(text="\n".join(code), is_code=True)
            code = []
        if line.strip():
            yield Block(text=line.strip(), is_code=False)


def asset(name: str) -> Markup:
    """Return a style or a script of ours, as it stands in a page."""
    return Markup(files(__package__).joinpath(name).read_text("utf-8"))  # noqa: S704 -- our own file


def page_header(text: str) -> Markup:
    """Return the style that heads each printed page with a text."""
    escaped = "".join(
        char if char.isalnum() and char.isascii() else f"\\{ord(char):x} " for char in visible(text)
    )
    return Markup('@page { @top-left { content: "%s"; font: 8pt sans-serif; } }\n') % Markup(escaped)  # noqa: S704 -- nothing but letters, digits and code points


def digest(text: str) -> str:
    """Return how a content security policy names an inline element."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def prose(text: str) -> Markup:
    """Escape a text, and set what it has in backquotes as code."""
    return Markup(CODE.sub(r"<code>\1</code>", str(escape(visible(text)))))  # noqa: S704 -- escaped here


def linked(text: str) -> Markup:
    """Escape a text, and make its https addresses links."""
    parts = Markup()
    end = 0
    for found in _URL.finditer(text):
        url = visible(found[0])
        parts += escape(visible(text[end : found.start()]))
        parts += Markup('<a href="{0}" rel="noopener noreferrer">{0}</a>').format(url)
        end = found.end()
    return parts + escape(visible(text[end:]))


def address(email: str) -> Markup:
    """Escape an address, and let it break behind its at signs rather than inside a word."""
    return Markup("@<wbr>").join(map(visible, email.split("@")))


def _finalize(value: object) -> object:
    """Neutralise every text that the template puts out, so that no place can forget to."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def _last_change() -> int:
    """Return when a module of this folder was changed last."""
    return max(module.stat().st_mtime_ns for module in Path(__file__).parent.glob("*.py"))


class CompiledTemplates(FileSystemBytecodeCache):
    """Keeps compiled templates beside Python's compiled modules: compiling all of them takes 150 ms."""

    def get_source_checksum(self, source: str) -> str:
        """Return what a compiled template is of: its source, and the filters, which it may have applied."""
        return f"{super().get_source_checksum(source)} {_last_change()}"

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a template, if Python keeps its modules here and the folder can be written."""
        if not sys.dont_write_bytecode:
            with suppress(OSError):
                super().dump_bytecode(bucket)


@cache
def environment() -> Environment:
    """Return what the pages are made in: every text is escaped, and a name that is not given is an error."""
    made = Environment(
        loader=PackageLoader("nylas_readiness.reports", "."),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=CompiledTemplates(str(Path(cache_from_source(__file__)).parent)),
    )
    made.filters |= {
        "blocks": lambda remedy: list(blocks(remedy)),
        "prose": prose,
        "linked": linked,
        "said": said,
        "address": address,
        "shortened": lambda text: bounded(text, LONGEST_TEXT),
        "day": words.day,
        "in_sentence": words.in_sentence,
        "within": words.within,
    }
    made.globals |= {
        "plural": words.plural,
        "owner_words": words.OWNERS,
        "glyphs": words.GLYPHS,
        "verdict_words": words.VERDICTS,
        "verdict_tones": words.VERDICT_TONES,
        "stage_words": words.STAGES,
        "today_words": words.TODAY,
        "move_words": words.MOVE,
        "pace_sentence": pace_words.sentence,
        "stage_tones": words.STAGE_TONES,
        "move_tones": words.MOVE_TONES,
        "today_tones": words.TODAY_TONES,
        "urgencies": words.URGENCIES,
    }
    return made
