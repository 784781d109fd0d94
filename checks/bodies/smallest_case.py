"""The smallest case that breaks a rule as a case did: plain values wherever they do as well.

Written for these inputs: a shrinker that knows nothing of them takes hundreds of cases for a dozen,
and has to ask its generator for the same input again.
"""

from collections.abc import Callable, Iterator
from typing import Final

from nylas_readiness.checks.bodies.builder_cases import Case, Given

# More attempts hardly make a case smaller, and a slow builder takes its time for each.
MOST_ATTEMPTS: Final = 120

# A good input of which no value tells anything.
PLAIN: Final[Given] = {
    "client_id": "a",
    "name": "A",
    "email_address": "a@a.example",
    "scopes": ["calendar"],
    "service_account_email": "nylas-svc@a.example",
    "aliases": [],
    "microsoft_client_id": "00000000-0000-4000-8000-000000000000",
    "microsoft_client_secret": "FAKE-microsoft-secret",
    "microsoft_refresh_token": "FAKE-refresh-token",
    "redirect_uri": "https://a.example/",
    "eas_server_host": None,
}
# What is plain only together: the addresses are of one domain.
_TOGETHER: Final = ("email_address", "service_account_email", "aliases")
_TEXTS: Final = ("name", "client_id", "microsoft_client_secret", "microsoft_refresh_token")
_PLAIN_HOST: Final = "mail.a.example"
_SHORTEST_SECRET: Final = 16
_CALENDAR: Final = {"calendar", "calendar.read_only"}


class SmallestCase:
    """Looks for the smallest case, from the one that was found. Each candidate is asked once."""

    def __init__(self, rule: str, first: Case, ask: Callable[[Given], Case], attempts: int) -> None:
        """`ask` judges an input that has the same fault, or none, as `first` has."""
        self._rule, self._ask, self._left = rule, ask, attempts
        self._sign = _sign(first, rule)
        self._fields = first.fields
        self.best = first

    def search(self) -> Case:
        """Return the smallest case that breaks the rule at the same place and as gravely."""
        self._try(self._only_the_fault())
        for names in self._groups():
            self._try({**self.best.given, **{name: PLAIN[name] for name in names if name in self.best.given}})
        self._try(
            self.best.given
            | ({"eas_server_host": _PLAIN_HOST} if self.best.given.get("eas_server_host") else {})
        )
        for name in (*_TEXTS, "aliases", "scopes"):
            if self.best.given.get(name, PLAIN[name]) != PLAIN[name] and name not in self._fields:
                self._shorten(name)
        return self.best

    def _only_the_fault(self) -> Given:
        """Return a plain input with the fault alone."""
        given = self.best.given
        kept = _TOGETHER if set(self._fields) & set(_TOGETHER) else self._fields
        return {name: given[name] if name in kept else PLAIN[name] for name in given}

    def _groups(self) -> Iterator[tuple[str, ...]]:
        if not set(self._fields) & set(_TOGETHER):
            yield _TOGETHER
            yield ("aliases",)
        yield from ((name,) for name in PLAIN if name not in (*_TOGETHER, *self._fields))

    def _shorten(self, name: str) -> None:
        """Leave out parts of a text or a list, large ones first, as long as the rule is broken."""
        size = len(self.best.given[name]) // 2 if isinstance(self.best.given[name], str | list) else 0
        while size:
            value, start = self.best.given[name], 0
            while start < len(value) and self._left:
                shorter = value[:start] + value[start + size :]
                if not (_is_good(name, shorter) and self._try({**self.best.given, name: shorter})):
                    start += size
                value = self.best.given[name]
            size //= 2

    def _try(self, given: Given) -> bool:
        """Keep an input if it breaks the rule likewise; tell whether it does."""
        if self._left <= 0 or given == self.best.given:
            return False
        self._left -= 1
        case = self._ask(given)
        if _sign(case, self._rule) != self._sign:
            return False
        self.best = case
        return True


def _sign(case: Case, rule: str) -> tuple[str, str] | None:
    """Return what tells the same violation: how grave it is, and where."""
    violation = case.violation_of(rule)
    return (violation.level, violation.pointer) if violation else None


def _is_good(name: str, value: str | list[str]) -> bool:
    """Return whether a shorter value is as good an input as before."""
    if isinstance(value, str):  # a secret stays so long that it masks nothing else in the finding
        return len(value) >= _SHORTEST_SECRET if name.startswith("microsoft_") else bool(value.strip())
    return name != "scopes" or not _CALENDAR.isdisjoint(value)
