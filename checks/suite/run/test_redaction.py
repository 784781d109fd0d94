"""A secret is in no text that leaves the process, however it is written there."""

import base64
import html
import io
import json
import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import product
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus, urlencode

import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.fixtures import secrets as redaction
from nylas_readiness.fixtures.secrets import MASK, WITHHELD, Secret, forgotten_afterwards, scrub

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

pytestmark = pytest.mark.offline

# What vendors' secrets, tokens and passwords are made of, the signs included that URLs and JSON escape.
ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~+/=&%$!?*#:;,()<>@ \\\n\"'é€"


def values() -> "SearchStrategy[str]":
    from nylas_readiness.fixtures.strategies.profile import st

    return st.text(ALPHABET, min_size=12, max_size=60).map(lambda text: f"q7{text}Z")


def basic(user: str, password: str) -> str:
    return base64.b64encode(f"{user}:{password}".encode()).decode()


FORMS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "in a path": lambda value: quote(value, safe=""),
    "in a form": quote_plus,
    "in a query": lambda value: urlencode({"client_secret": value}).partition("=")[2],
    "in a path, slashes kept": quote,
    "in JSON": lambda value: json.dumps(value)[1:-1],
    "in JSON, not in ASCII": lambda value: json.dumps(value, ensure_ascii=False)[1:-1],
    "in HTML": html.escape,
    "as a repr": lambda value: repr(value)[1:-1],
    "as a repr of bytes": lambda value: repr(value.encode())[2:-1],
    "as Basic user": lambda value: basic(value, ""),
    "as Basic password": lambda value: basic("", value),
    "alone in base64": lambda value: base64.b64encode(value.encode()).decode(),
    "in base64 without padding": lambda value: base64.b64encode(value.encode()).decode().rstrip("="),
    "in base64 for URLs": lambda value: base64.urlsafe_b64encode(value.encode()).decode(),
    "in base64 for URLs without padding": lambda value: (
        base64.urlsafe_b64encode(value.encode()).decode().rstrip("=")
    ),
    "in hex": lambda value: value.encode().hex(),
    "in upper-case hex": lambda value: value.encode().hex().upper(),
    "in a query of a query": lambda value: quote(quote(value, safe=""), safe=""),
    "in a form of a form": lambda value: quote_plus(quote_plus(value)),
}


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """Let what a check registers be forgotten with it: each secret makes every later scrub dearer."""
    with nothing_registered():
        yield


@contextmanager
def nothing_registered() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(redaction, "_register", redaction.SecretRegister())
        yield


@each_of("form", list(FORMS))
def test_a_registered_secret_is_masked_in_every_form(form: str) -> None:
    from nylas_readiness.fixtures.strategies.profile import given, st

    @given(
        value=values(), around=st.sampled_from([("", ""), ("x", "x"), ("token=", "&b=c"), ('{"a":"', '"}')])
    )
    def holds(value: str, around: tuple[str, str]) -> None:
        with nothing_registered():
            Secret(value)
            masked = scrub(FORMS[form](value).join(around))
        assert masked == MASK.join(around)

    holds()


def test_a_secret_never_shows_itself() -> None:
    from nylas_readiness.fixtures.strategies.profile import given

    @given(values())
    def holds(value: str) -> None:
        secret = Secret(value)
        for shown in (str(secret), repr(secret), f"{secret}", f"{[secret]}", f"{ {'k': secret} }"):
            assert value not in shown
        assert secret.reveal() == value

    holds()


def refuse(secret: Secret, value: str) -> None:
    """Raise with a secret as argument while its value is a local variable."""
    if value:
        raise ValueError(secret)


def test_a_secret_is_in_no_traceback_and_no_log() -> None:
    secret = Secret("vEry-Secret~0123456789")
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    handler.handle(logging.LogRecord("x", logging.WARNING, "x.py", 1, "redeeming %s", (secret,), None))
    with pytest.raises(ValueError, match="Secret") as caught:
        refuse(secret, secret.reveal())
    text = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert log.getvalue() == f"redeeming {secret}\n"
    assert "vEry" in text, "a local variable shows the value, so this check can fail"
    assert "vEry" not in scrub(text)


def test_an_authorization_header_is_masked_though_nobody_registered_it() -> None:
    from nylas_readiness.fixtures.strategies.profile import given, st

    @given(
        st.sampled_from(["Bearer", "bearer", "Basic", "BASIC"]),
        st.text("abcXYZ019-._~+/", min_size=8, max_size=80),
    )
    def holds(scheme: str, credential: str) -> None:
        masked = scrub(f"Authorization: {scheme} {credential}")
        assert masked == f"Authorization: {scheme} {MASK}"

    holds()


def test_a_token_that_nobody_registered_is_masked_by_its_shape() -> None:
    token = "eyJhbGciOiJSUzI1NiJ9.eyJ0aWQiOiI4ZjBjIn0.c2lnbmF0dXJl"
    assert scrub(f"access_token={token}&x") == f"access_token={MASK}&x"


def test_text_without_a_secret_stays_as_it_is() -> None:
    from nylas_readiness.fixtures.strategies.profile import given, st

    @given(st.text("abcdefghij ", max_size=40))
    def holds(text: str) -> None:
        assert scrub(text) == text

    holds()


def test_a_secret_that_holds_another_is_masked_whole() -> None:
    Secret("inner-0123456789")
    Secret("outer+inner-0123456789+outer")
    assert scrub("<outer+inner-0123456789+outer>") == f"<{MASK}>"


@each_of(("before", "length"), list(product(range(4), [6, 7, 8, 9, 30])))
def test_a_secret_is_found_wherever_it_begins_and_as_often_as_it_comes(before: int, length: int) -> None:
    value = "q7Zk-0123456789-abcdefghijklmn"[:length]
    Secret(value)
    text = f"{'x' * before}{value}{value}x{value}"
    assert scrub(text) == f"{'x' * before}{MASK}{MASK}x{MASK}"


@each_of("kept", [0, 1, 5, 29])
def test_a_cut_leaves_no_beginning_of_a_secret(kept: int) -> None:
    value = "q7Zk-0123456789-abcdefghijklmn"
    Secret(value)
    assert redaction.cut("a" * 100 + value, 100 + kept) == "a" * 100
    assert redaction.cut(value * 3 + "end", len(value) * 2 + kept) == value * 2


def test_a_cut_leaves_a_whole_secret_and_all_other_text() -> None:
    Secret("q7Zk-0123456789")
    assert redaction.cut("a q7Zk-0123456789 b", 17) == "a q7Zk-0123456789"
    assert redaction.cut("a q7Zk-012345678 b", 9) == "a q7Zk-01"
    assert redaction.cut("short", 100) == "short"


def test_what_is_forgotten_after_a_run_takes_no_earlier_secret_with_it() -> None:
    earlier, later = "q7Zp-Vx20-earlier-Jd91", "q7Zp-Vx20-later-Mn44-Kw"
    Secret(earlier)
    with forgotten_afterwards():
        Secret(later)
        assert scrub(f"{earlier} {later}") == f"{MASK} {MASK}"
        assert scrub(later[:14]) == WITHHELD
    assert scrub(later) != MASK
    assert scrub(f"{later[-10:]} {earlier}") == f"{later[-10:]} {MASK}"
    assert scrub(earlier[:16]) == WITHHELD
