"""Vendors' dates as data, read from `deadlines.toml` beside this module."""

import tomllib
from datetime import date
from functools import cache
from importlib.resources import files

import msgspec


class VendorDate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One date: what happens then and to whom, with its source and how sure it is.

    `id`: the rule that judges the date; `read`: when the source was read; `also`: what other sources say, if
    they differ.
    """

    id: str
    due: date = msgspec.field(name="date")
    what: str
    whom: str
    source: str
    read: date
    confidence: str
    also: list[str] = []

    def state(self, as_of: date) -> str:
        """Return how far away the date is on the day `as_of`, in words."""
        days = (self.due - as_of).days
        if days <= 0:
            return "in force"
        return "in 1 day" if days == 1 else f"in {days} days"


@cache
def deadlines() -> dict[str, VendorDate]:
    """Return the vendors' dates by the id of the rule that judges them."""
    text = files(__package__).joinpath("deadlines.toml").read_text("utf-8")
    dates = msgspec.convert(tomllib.loads(text)["deadline"], list[VendorDate])
    return {one.id: one for one in dates}
