"""Write the fleet's artefact and its views: `fleet.json` first, then what is made from it."""

from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from nylas_readiness.reports import schema
from nylas_readiness.reports.fleet.model import Fleet
from nylas_readiness.reports.write import SUMMARY, SUMS, Written, add, name_in, sums, write_file

FILE: Final = "fleet.json"


def write_views(fleet: Fleet, directory: Path, beside: Written) -> Written:
    """Write `fleet.json`, its views from it, and the sums of them and of what is `beside` them.

    Raises CannotWriteError where `fleet.json` cannot be written, and `fastjsonschema.JsonSchemaException` if
    it breaks its own schema.
    """
    from nylas_readiness.reports.fleet import page, summary, table

    text = encode(fleet)
    schema.validate(text, schema.FLEET)
    written = Written([write_file(directory / FILE, text)], list(beside.problems))
    shown = msgspec.json.decode(text, type=Fleet)
    add(written, directory / "fleet.html", partial(page.render, shown, sha256(text).hexdigest()))
    add(written, directory / "fleet.csv", partial(table.render, shown))
    names = [name_in(path, directory) for path in written.paths]
    add(written, directory / SUMMARY, partial(summary.render, shown, names))
    results = [directory / tenant.folder / "results.json" for tenant in shown.tenants]
    summed = [*written.paths, *beside.paths, *results]
    add(written, directory / SUMS, lambda: sums(summed, directory))
    return Written([*written.paths, *beside.paths], written.problems)


def encode(fleet: Fleet) -> bytes:
    """Return the artefact as UTF-8 JSON, indented; equal fleets give equal bytes."""
    return msgspec.json.format(msgspec.json.encode(fleet), indent=2) + b"\n"
