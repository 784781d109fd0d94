"""Text that vendors, tenants and users wrote, on its way into the artefact and into its views."""

import re
from functools import lru_cache
from typing import Final

from nylas_readiness.reports.redaction import scrub

# Longer than any message a person reads: a finding that lists a file's lines must not swell the artefact.
_LONGEST: Final = 4000

# Control characters but tab and line feed, the bidirectional controls, invisible joiners and separators:
# they hide or reorder the text around them.
_DECEPTIVE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]"
)


@lru_cache(maxsize=4096)
def clean(text: str) -> str:
    """Return `text` fit for the artefact: no known secret, valid UTF-8, at most 4,000 characters."""
    return bounded(scrub(text).encode("utf-8", "backslashreplace").decode("utf-8"), _LONGEST)


def bounded(text: str, longest: int) -> str:
    """Return `text` cut to `longest` characters, saying how much was cut."""
    return text if len(text) <= longest else f"{text[:longest]}… ({len(text) - longest} more characters)"


def visible(text: str) -> str:
    """Return `text` with each character that hides or reorders others as its code point, `⟨U+202E⟩`."""
    return _DECEPTIVE.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text)
