"""PAY-009, 010, 011: the address of the mailbox."""

from collections.abc import Iterator

from nylas_readiness.checks.contract.addresses import domain_of, problem, same_mailbox_name
from nylas_readiness.checks.contract.violation import Context, Violation
from nylas_readiness.checks.contract.wire import Json, object_of, quoted, text_of


def _violation(rule: str, message: str) -> Violation:
    return Violation(rule=rule, pointer="/email_address", message=message)


def address_syntax(body: Json, _context: Context) -> Iterator[Violation]:
    """PAY-009: `email_address` is one bare, valid address. Its domain is valid under IDNA 2008."""
    address = text_of(object_of(body), "email_address")
    if address is not None and (reason := problem(address)):
        message = (
            f"email_address is {quoted(address)}: {reason}; expected one bare address such as ann@example.com"
        )
        yield _violation("PAY-009", message)


def _valid_address(body: Json) -> str | None:
    address = text_of(object_of(body), "email_address")
    return None if address is None or problem(address) else address


def same_domain(body: Json, context: Context) -> Iterator[Violation]:
    """PAY-010: the end user's domain equals the service account's; a subdomain is another domain."""
    address = _valid_address(body)
    if address is None or context.service_account_email is None:
        return
    observed, expected = domain_of(address), domain_of(context.service_account_email)
    if observed != expected:
        message = (
            f"email_address is in the domain {observed}; expected the service account's domain, {expected}"
        )
        yield _violation("PAY-010", message)


def own_address(body: Json, context: Context) -> Iterator[Violation]:
    """PAY-011: the address is the mailbox's own, not an alias."""
    address = _valid_address(body)
    if address is None:
        return
    if context.aliases is None:
        yield from _plus_sign(address)
    elif any(same_mailbox_name(address, alias) for alias in context.aliases if not problem(alias)):
        yield _violation(
            "PAY-011",
            f"email_address is {quoted(address)}, an alias of the mailbox; expected its primary address",
        )


def _plus_sign(address: str) -> Iterator[Violation]:
    if "+" in address.rpartition("@")[0]:
        yield Violation(
            rule="PAY-011",
            pointer="/email_address",
            message=f"email_address is {quoted(address)}; a + usually marks an alias; expected the mailbox's "
            "primary address",
            level="warn",
        )
