"""A secret that a hostile or careless server quotes in an uncommon encoding does not leave the process."""

import base64
import codecs
import html
import json
import time
import zlib
from collections.abc import Callable
from typing import Final
from urllib.parse import quote

import httpx
import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.fixtures.clients.allowed import READS, allow
from nylas_readiness.fixtures.clients.entra import EntraClient, TokenRefused
from nylas_readiness.fixtures.clients.transport import Network
from nylas_readiness.fixtures.secrets import MASK, WITHHELD, Secret, forgotten_afterwards, scrub

pytestmark = [pytest.mark.offline, pytest.mark.anyio]

# As Entra ID makes them, as Nylas does, and a password with a sign after every few characters.
SECRETS: Final = (
    "Zq38Q~kP7vXw2LmN4bTc6RdYh9JfGs1AeUo5iWx0",
    "nyk_v0_p4KDq9Lm2XvTz7RbHc5",
    "k9~T&q2/W+z7=P<m4'x8",
)
SHORTEST: Final = 10
LOGIN: Final = "https://login.example"

Encoding = Callable[[str], str]


def each(character: Encoding) -> Encoding:
    return lambda text: "".join(map(character, text))


def signs(character: Encoding) -> Encoding:
    """Return an encoding of what is neither a letter nor a digit."""
    return each(lambda one: one if one.isalnum() else character(one))


def between(sign: str, every: int = 4) -> Encoding:
    return lambda text: sign.join(text[at : at + every] for at in range(0, len(text), every))


def percent(character: str) -> str:
    return f"%{ord(character):02X}"


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def full_width(character: str) -> str:
    return chr(ord(character) + 0xFEE0) if "!" <= character <= "~" else character


ENCODINGS: dict[str, Encoding] = {
    "plain": str,
    "all but two characters of it": lambda text: text[1:-1],
    "its beginning": lambda text: text[:18],
    "its end": lambda text: text[-18:],
    "percent, all signs": signs(percent),
    "percent, small": signs(lambda one: percent(one).lower()),
    "percent, every character": each(percent),
    "percent, twice": lambda text: quote(signs(percent)(text), safe=""),
    "percent, every character twice": lambda text: quote(each(percent)(text), safe=""),
    "percent u": each(lambda one: f"%u{ord(one):04x}"),
    "entities, named": html.escape,
    "entities, decimal": each(lambda one: f"&#{ord(one)};"),
    "entities, decimal without semicolon": signs(lambda one: f"&#{ord(one)} "),
    "entities, hexadecimal": each(lambda one: f"&#x{ord(one):x};"),
    "entities, capital and padded": each(lambda one: f"&#X{ord(one):06X};"),
    "entities, twice": lambda text: html.escape(signs(lambda one: f"&#{ord(one)};")(text)),
    "escapes u": each(lambda one: f"\\u{ord(one):04x}"),
    "escapes u of the signs": signs(lambda one: f"\\u{ord(one):04x}"),
    "escapes u with braces": each(lambda one: f"\\u{{{ord(one):04x}}}"),
    "escapes x": each(lambda one: f"\\x{ord(one):02x}"),
    "escapes x of the signs": signs(lambda one: f"\\x{ord(one):02X}"),
    "escapes U": each(lambda one: f"\\U{ord(one):08x}"),
    "escapes, twice": lambda text: json.dumps(each(lambda one: f"\\u{ord(one):04x}")(text)),
    "JSON in JSON": lambda text: json.dumps(json.dumps({"client_secret": text})),
    "escaped signs": signs(lambda one: f"\\{one}"),
    "percent in JSON escapes": lambda text: signs(percent)(text).replace("%", "\\u0025"),
    "escapes in entities": lambda text: html.escape(
        json.dumps(signs(lambda one: f"\\u{ord(one):04x}")(text))
    ),
    "capital letters": str.upper,
    "small letters": str.lower,
    "cases swapped": str.swapcase,
    "a line break inside": between("\n", 16),
    "folded header lines": between("\r\n ", 12),
    "an escaped line break inside": between("\\n", 12),
    "blanks inside": between(" "),
    "tabs inside": between("\t"),
    "no-break spaces inside": between("\u00a0"),
    "soft hyphens inside": between("\u00ad"),
    "zero-width spaces inside": between("\u200b", 1),
    "joiners inside": between("\u200d", 2),
    "direction marks inside": between("\u202e"),
    "byte order marks inside": between("\ufeff"),
    "combining marks inside": between("\u0301", 1),
    "hyphens inside": between("-"),
    "dots inside": between("."),
    "quotes and plus inside": between('" + "', 8),
    "<wbr> as an entity": between("&shy;"),
    "full width": each(full_width),
    "mathematical letters": each(lambda one: chr(0x1D400 + ord(one) - 65) if "A" <= one <= "Z" else one),
    "base64": b64,
    "base64 of JSON": lambda text: b64(json.dumps({"client_secret": text})),
    "base64 of a form": lambda text: b64(f"grant_type=x&client_secret={text}&scope=y"),
    "base64 of a Basic pair": lambda text: b64(f"client:{text}"),
    "base64 in lines": lambda text: between("\r\n", 20)(b64(f"x{text}")),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(f"xy{text}".encode()).decode(),
    "base64 in a URL": lambda text: quote(b64(f"client:{text}"), safe=""),
    "base64 of a part": lambda text: b64(text[3:]),
    "hexadecimal": lambda text: text.encode().hex(),
    "hexadecimal with colons": lambda text: text.encode().hex(":"),
    "hexadecimal with blanks": lambda text: text.encode().hex(" ").upper(),
    "a dump's bytes": each(lambda one: f"{ord(one):02x} "),
    "C bytes": lambda text: repr(text.encode()),
    "a NUL after each": each(lambda one: f"{one}\0"),
    "a NUL after each, escaped": each(lambda one: f"{one}\\u0000"),
}

# What the scrubber does not undo, outside of token endpoints: nobody quotes a request like this by mistake.
REMAINING: dict[str, Encoding] = {
    "reversed": lambda text: text[::-1],
    "ROT13": lambda text: codecs.encode(text, "rot13"),
    "base32": lambda text: base64.b32encode(text.encode()).decode(),
    "base85": lambda text: base64.b85encode(text.encode()).decode(),
    "base64 of base64": lambda text: b64(b64(text)),
    "base64 of UTF-16": lambda text: base64.b64encode(text.encode("utf-16-le")).decode(),
    "base64 of a compressed text": lambda text: base64.b64encode(zlib.compress(text.encode())).decode(),
    "decimal codes": lambda text: ", ".join(str(ord(one)) for one in text),
    "a letter inside": between("x", 4),
}


def telling(name: str, secret: str) -> set[str]:
    """Return the rows of an encoded secret, without those that any other text of its length has too."""
    encoding = (ENCODINGS | REMAINING)[name]
    return rows(encoding(secret)) - rows(encoding("0" * len(secret)))


def rows(text: str) -> set[str]:
    """Return what stands in a text, ten characters at a time."""
    return {text[at : at + SHORTEST] for at in range(len(text) - SHORTEST + 1)}


@each_of(("name", "secret"), [(name, secret) for name in ENCODINGS for secret in SECRETS])
def test_no_row_of_an_encoded_secret_is_left(name: str, secret: str) -> None:
    encoded = ENCODINGS[name](secret)
    with forgotten_afterwards():
        Secret(secret)
        for around in ('AADSTS7000215: "{}" is wrong.', "{}", "x={}&y=z", "<p>{}</p>"):
            shown = scrub(around.replace("{}", encoded))
            assert MASK in shown or shown == WITHHELD
            assert not rows(shown) & telling(name, secret)


@each_of("name", list(REMAINING))
def test_what_remains_elsewhere_is_listed(name: str) -> None:
    with forgotten_afterwards():
        Secret(SECRETS[0])
        assert scrub(f"bad: {REMAINING[name](SECRETS[0])}").endswith(REMAINING[name](SECRETS[0]))


@each_of("name", [*ENCODINGS, *REMAINING])
async def test_of_a_token_endpoints_words_none_is_kept(name: str) -> None:
    encoded = (ENCODINGS | REMAINING)[name](SECRETS[0])
    bodies: list[dict[str, object]] = [
        {
            "error": "invalid_client",
            "error_codes": [7000215],
            "error_description": f"AADSTS7000215: {encoded}",
        },
        {"error": encoded, "error_codes": [7000215], "error_description": f"AADSTS7000215: {encoded}"},
        {"error": "invalid_client", "error_description": encoded},
    ]
    with forgotten_afterwards():
        secret = Secret(SECRETS[0])
        for body in bodies:
            shown = await refusal(body, secret)
            assert not rows(shown) & telling(name, SECRETS[0])
            assert "invalid_client" in shown or "AADSTS7000215" in shown


async def refusal(body: dict[str, object], secret: Secret) -> str:
    """Return everything that a refusal of the token endpoint tells."""
    network = Network(
        allow(READS, {"login": LOGIN}),
        transport=httpx.MockTransport(lambda _request: httpx.Response(401, json=body)),
    )
    async with network:
        client = EntraClient(network.service("login", LOGIN), "contoso.com")
        with pytest.raises(TokenRefused) as caught:
            await client.client_credentials("app", secret, "https://graph.microsoft.com/.default")
    error = caught.value
    return f"{error} {error.error} {error.codes} {error.description} {error.what} {error.details}"


ORDINARY: Final = [
    "AADSTS700082: The refresh token has expired due to inactivity. Trace ID: 4c8f0f1e-6d1f-4d0a-9f0e",
    "GET /users/{id}/mailboxSettings: HTTP 403 ErrorAccessDenied: Access is denied. Check credentials.",
    "user leyla.demir@halden.example, 2026-11-23T09:00:00Z, ExchangeOnline (Plan 2): 100 % of &lt;all&gt;",
    "Größe: 5 Konten\u00a0ohne Postfach, Überprüfung nötig: C:\\Users\\x\\new",
    "client_secret refresh_token https://login.microsoftonline.com/common/oauth2/v2.0/token?x=%20y",
]


@each_of("text", ORDINARY)
def test_ordinary_texts_stay_as_they_are(text: str) -> None:
    with forgotten_afterwards():
        for secret in SECRETS:
            Secret(secret)
        assert scrub(text) == text


WORDS: Final = "nyk_v0_sandbox-key-of-the-v3-application-8Rt4"


@each_of("text", ["the v3 application, a key-of-the-tenant", "Application.Read.All", "of the V3 application"])
def test_words_that_a_secret_is_made_of_may_be_said(text: str) -> None:
    with forgotten_afterwards():
        Secret(WORDS)
        assert scrub(text) == text
        assert scrub(f"{text}: {WORDS[-12:]}") == WITHHELD


def test_nine_characters_of_a_secret_are_no_secret_and_ten_are() -> None:
    with forgotten_afterwards():
        Secret(SECRETS[0])
        for begin in range(len(SECRETS[0]) - SHORTEST + 1):
            row = SECRETS[0][begin : begin + SHORTEST]
            for before in ("", "a", " . ", "..!..!"):
                assert scrub(f"{before}{row} is wrong") == WITHHELD
            assert scrub(f"{row[:-1]}…") == f"{row[:-1]}…"


def test_many_texts_are_scrubbed_at_little_cost() -> None:
    with forgotten_afterwards():
        for secret in SECRETS:
            Secret(secret)
        began = time.process_time()
        for number in range(2_000):
            for text in ORDINARY:
                scrub(f"{text} {number}")
        assert time.process_time() - began < 5
