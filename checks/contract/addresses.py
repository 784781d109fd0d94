"""E-mail addresses and their domains: whether they are valid, and whether two are equal.

Domains are compared as A-labels (UTS 46, non-transitional): `bücher.example` equals `xn--bcher-kva.example`.
"""

import re
from functools import lru_cache
from typing import Final

import idna

# The local part of most addresses, such as `ann.lee`. Such an address is right if its domain is.
_PLAIN_LOCAL: Final = re.compile(r"[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*")
_LONGEST_PLAIN: Final = 64


def problem(address: str) -> str | None:
    """Return why `address` is not one bare, valid address; None if it is one.

    A reserved domain such as `.test` is valid: whether mail arrives there is not a question of syntax.
    """
    local, _, domain = address.partition("@")
    # Many addresses share few domains, so each domain is checked only once.
    is_plain = len(address) <= _LONGEST_PLAIN and _PLAIN_LOCAL.fullmatch(local) is not None
    return None if is_plain and _problem(f"a@{domain}") is None else _problem(address)


@lru_cache(maxsize=4096)
def _problem(address: str) -> str | None:
    from email_validator import EmailNotValidError, validate_email

    try:
        validate_email(_with_public_top_level(address), check_deliverability=False, strict=True)
    except EmailNotValidError as error:
        return str(error).rstrip(".")
    return None


def _with_public_top_level(address: str) -> str:
    """Replace a reserved top-level domain by `.com`, because the validator refuses it."""
    from email_validator import SPECIAL_USE_DOMAIN_NAMES

    rest, dot, top_level = address.rpartition(".")
    reserved = dot and "@" in rest and top_level.lower() in SPECIAL_USE_DOMAIN_NAMES
    return f"{rest}.com" if reserved else address


def domain_of(address: str) -> str:
    """Return the address's domain as A-labels in lower case.

    Raises ValueError (`idna.IDNAError`) for a domain without A-labels.
    """
    return _a_labels(address.rpartition("@")[2])


@lru_cache(maxsize=4096)
def _a_labels(domain: str) -> str:
    return idna.encode(domain, uts46=True).decode("ascii")


def same_mailbox_name(one: str, other: str) -> bool:
    """Return whether two addresses name the same mailbox: local part in any case, domain as A-labels."""
    return _key(one) == _key(other)


def mailbox_key(address: str) -> str:
    """Return a key that is equal for all spellings of one address: its case, and Unicode or A-labels.

    A domain without A-labels is its own key.
    """
    return f"{address.strip().rpartition('@')[0].casefold()}@{domain_key(address)}"


def domain_key(address: str) -> str:
    """Return a key that is equal for all spellings of the address's domain."""
    domain = address.strip().rpartition("@")[2]
    try:
        return _a_labels(domain)
    except ValueError:
        return domain.casefold()


def spellings(address: str) -> set[str]:
    """Return an address's key, and the key with its domain in Unicode. A pattern may match either."""
    local, _, domain = (key := mailbox_key(address)).rpartition("@")
    return {key, f"{local}@{_u_labels(domain)}"}


@lru_cache(maxsize=4096)
def _u_labels(domain: str) -> str:
    try:
        return idna.decode(domain)
    except ValueError:
        return domain


def _key(address: str) -> tuple[str, str]:
    return address.rpartition("@")[0].lower(), domain_of(address)
