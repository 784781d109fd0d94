"""The service plans of Exchange, read from `exchange_plans.toml` beside this module."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal

import msgspec

Kind = Literal["mailbox", "kiosk", "kiosk-elsewhere", "none"]
Guid = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


class ExchangePlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A service plan by its GUID, and whether it carries a mailbox."""

    name: str
    id: Guid
    kind: Kind


@cache
def exchange_plans() -> Mapping[str, ExchangePlan]:
    """Return every plan of the vendor's table by its id in lower case."""
    table = files(__package__).joinpath("exchange_plans.toml").read_text("utf-8")
    return plans_of(tomllib.loads(table)["plan"])


def plans_of(rows: list[dict[str, Any]]) -> dict[str, ExchangePlan]:
    """Return the plans of a table. Raises ValueError, which names the row that is none."""
    plans: dict[str, ExchangePlan] = {}
    for number, row in enumerate(rows, start=1):
        try:
            plan = msgspec.convert(row, ExchangePlan)
        except msgspec.ValidationError as error:
            raise ValueError(f"row {number} ({row.get('name', 'without a name')}): {error}") from None
        plans[plan.id] = plan
    return plans
