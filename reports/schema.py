"""The JSON Schema of `results.json`, generated from the types of the model.

`python -m nylas_readiness.reports.schema` writes `results.schema.json` beside this module; a check of the
suite fails where the file and the types differ.
"""

import json
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from pathlib import Path

import msgspec

from nylas_readiness.reports.model import SCHEMA, Results

FILE = "results.schema.json"


def generated() -> bytes:
    """Return the schema that the types describe: UTF-8 JSON, indented, with a final line feed."""
    head = {"$id": SCHEMA, "title": "results.json of nylas-readiness"}
    document = head | msgspec.json.schema(Results)
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def published() -> bytes:
    """Return the schema as it is in the repository and in the wheel."""
    return files(__package__).joinpath(FILE).read_bytes()


def validate(text: bytes) -> None:
    """Check the text of a `results.json` against the published schema.

    Raises `fastjsonschema.JsonSchemaException`, which says where, and `json.JSONDecodeError`.
    """
    _validator()(json.loads(text))


@cache
def _validator() -> Callable[[object], object]:
    import fastjsonschema

    return fastjsonschema.compile(json.loads(published()))


if __name__ == "__main__":
    Path(__file__).with_name(FILE).write_bytes(generated())
