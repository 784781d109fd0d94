"""What a rule of the contract takes beside the body, and what it returns."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

from nylas_readiness.checks.contract import addresses
from nylas_readiness.checks.contract.wire import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One place where a body breaks one rule.

    `pointer` is the JSON pointer (RFC 6901) of the member, also of a missing one. `line` and `column` count
    characters from 1; they are set only if the body was read from a text. `message` says what was observed
    and what is expected. It never shows the value of a secret.
    """

    rule: str
    pointer: str
    message: str
    level: Literal["fail", "warn"] = "fail"
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What is known beside the body. None means not known; then the rule that needs it judges nothing.

    `aliases` are the plain addresses of the mailbox beside its own; `shell`: the shell that the body was read
    from, where it is part of a command. Raises ValueError for a service
    account that is not one bare address: with it nothing could be compared.
    """

    service_account_email: str | None = None
    aliases: tuple[str, ...] | None = None
    nylas_secret: str | None = None
    shell: str | None = None

    def __post_init__(self) -> None:
        address = self.service_account_email
        if address is not None and (problem := addresses.problem(address)):
            raise ValueError(f"{address!r} is not one bare e-mail address: {problem}; give it as user@domain")


class Rule(Protocol):
    """A rule of the contract. It is a pure function, and takes any decoded JSON without an exception."""

    def __call__(self, body: Json, context: Context, /) -> Iterator[Violation]:
        """Yield every violation of this rule in the body."""
        ...  # pragma: no cover
