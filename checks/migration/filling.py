"""Remedies with a tenant's own values and addresses in their commands, so that they can be pasted.

A remedy is plain text; its indented lines are to be copied, and a placeholder in <angle brackets> stands for
a value. A value is filled in only if it is plain: letters, digits and a few signs that no shell, PowerShell,
JSON or URL reads otherwise. Several addresses become a loop. What is not known or not plain stays a
placeholder.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final

from nylas_readiness.fixtures.evidence.model import Setup
from nylas_readiness.fixtures.inputs.sections import Side

ADDRESS: Final = "<address>"
# How many addresses a command names; `accounts.csv` has all of them.
MOST_ADDRESSES: Final = 1000
_INDENT: Final = "    "
_PLAIN: Final = re.compile(r"[A-Za-z0-9._%+@:/-]{1,256}", re.ASCII)
_PLACE: Final = re.compile(ADDRESS)
_QUOTED: Final = re.compile(f"'{ADDRESS}'")
_PLACEHOLDER: Final = re.compile(r"<([a-z][a-z0-9 ]+)>")


def values_of(setup: Setup, side: Side, credential: str | None = None) -> dict[str, str]:
    """Return what the tenant file says, by placeholder; the Microsoft app of each side is another one.

    `credential`: the id of the connector credential, where the audit has read it.
    """
    v3 = setup.v3
    v3_app = v3.microsoft_client_id if v3 else None
    known = {
        "application id": setup.client_id if side == "v2" else v3_app,
        "service account": setup.service_account,
        "tenant id": setup.tenant_id,
        "tenant file": setup.tenant_file,
        "redirect uri": setup.redirect_uri,
        "application id of the v3 app": v3_app,
        "v2 application id": setup.v2_client_id,
        "v2 host": (setup.v2_url or "").removeprefix("https://") or None,
        "v3 application id": v3.client_id if v3 else None,
        "region": v3.region if v3 else None,
        "credential id": credential,
        "credential name": v3.credential_name if v3 else None,
    }
    return {name: value for name, value in known.items() if value and _PLAIN.fullmatch(value)}


def filled(remedy: str, values: Mapping[str, str], addresses: Sequence[str] = ()) -> str:
    """Return a remedy with the values in its commands, and the addresses in place of `<address>`."""
    plain = [address for address in addresses if _PLAIN.fullmatch(address)][:MOST_ADDRESSES]
    lines: list[str] = []
    for is_code, block in groupby(remedy.splitlines(), key=lambda line: line.startswith(_INDENT)):
        if not is_code:
            lines += block
            continue
        code = [_with_values(line, values) for line in block]
        lines += _with_addresses(code, plain) if plain else code
    return "\n".join(lines)


def _with_values(line: str, values: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), line)


def _with_addresses(code: list[str], addresses: Sequence[str]) -> Iterator[str]:
    """Yield a block of commands for one address, or for each of several in a loop."""
    first = next((place for place, line in enumerate(code) if ADDRESS in line), None)
    if first is None:
        yield from code
    elif len(addresses) == 1:
        yield from (line.replace(ADDRESS, addresses[0]) for line in code)
    else:
        first = _begin(code, first)
        yield from code[:first]
        is_shell = any(line.strip().startswith("curl ") for line in code)
        yield from (_in_shell if is_shell else _in_powershell)(code[first:], addresses)


def _begin(code: list[str], place: int) -> int:
    """Return where the command of a line begins: a backslash at a line's end continues it on the next."""
    while place and code[place - 1].endswith("\\"):
        place -= 1
    return place


def _in_powershell(code: list[str], addresses: Sequence[str]) -> Iterator[str]:
    """Yield a PowerShell loop; in double quotes a variable is expanded, in single quotes it is not."""
    quoted = ", ".join(f"'{address}'" for address in addresses)
    yield f"{_INDENT}$addresses = {quoted}"
    yield f"{_INDENT}foreach ($address in $addresses) {{"
    for line in code:
        yield _INDENT + _QUOTED.sub(_variable, line).replace(ADDRESS, "$address")
    yield f"{_INDENT}}}"


def _variable(quoted: re.Match[str]) -> str:
    """Return the variable for an address in single quotes; inside double quotes these belong to the text."""
    is_inside = quoted.string[: quoted.start()].count('"') % 2
    return "'$address'" if is_inside else "$address"


def _shell_variable(place: re.Match[str]) -> str:
    """Return the variable as it is expanded where the address stands: single quotes keep it from that."""
    before = place.string[: place.start()]
    if before.count("'") % 2:
        return "'\"$address\"'"
    return "$address" if before.count('"') % 2 else '"$address"'


def _in_shell(code: list[str], addresses: Sequence[str]) -> Iterator[str]:
    """Yield a loop of a POSIX shell; the variable stands outside of the single quotes around a body."""
    yield f"{_INDENT}for address in {' '.join(addresses)}; do"
    for line in code:
        yield _INDENT + _PLACE.sub(_shell_variable, line)
    yield f"{_INDENT}done"
