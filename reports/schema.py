"""The JSON Schema of `results.json`, and its description for people, generated from the types of the model.

`python -m nylas_readiness.reports.schema` writes `results.schema.json` and `results.md` beside this module.
The types are those of model.py; what each field means stands in `fields.toml`. A check of the suite fails
where a field has no text, or where the files and their sources differ.
"""

import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from functools import cache
from importlib.resources import files
from inspect import cleandoc
from pathlib import Path
from typing import Any, Final, get_args, get_type_hints

import msgspec

from nylas_readiness.reports.model import SCHEMA, Results

FILE: Final = "results.schema.json"
REFERENCE: Final = "results.md"

Json = dict[str, Any]

_PREAMBLE: Final = f"""\
# results.json, field by field

Every view of a run is made from this one file. It is UTF-8 JSON and keeps to the JSON Schema in
[`{FILE}`]({FILE}), which every run is validated against. Its texts are bounded and free of
secrets and tokens; they may hold what vendors, tenants and users wrote: escape them where you show them.

This page is generated from `model.py` and `fields.toml`.
"""


def meanings() -> dict[str, dict[str, str]]:
    """Return what each field means, by the object and the field's name in JSON."""
    return tomllib.loads(files(__package__).joinpath("fields.toml").read_text("utf-8"))


def schema() -> Json:
    """Return the schema that the types describe, with the meaning of every field that has one."""
    head: Json = {"$id": SCHEMA, "title": "results.json of nylas-readiness"}
    document = head | schema_of(Results)
    for name, fields in meanings().items():
        properties = document["$defs"].get(name, {}).get("properties", {})
        for field in fields.keys() & properties.keys():
            properties[field] = {"description": fields[field]} | properties[field]
    return document


def schema_of(struct: type[msgspec.Struct]) -> Json:
    """Return the schema of a type, the same from every release of msgspec. An enum keeps its order."""
    document: Json = json.loads(json.dumps(msgspec.json.schema(struct)), object_hook=normalised)
    for enum in _enums(struct):
        document["$defs"][enum.__name__]["enum"] = [member.value for member in enum]
    return document


def normalised(part: Json) -> Json:
    """Undo in one object of a schema what releases of msgspec write differently.

    0.23 dedents docstrings, puts null last in a union, and adds the names that an object's keys may have.
    """
    part.pop("propertyNames", None)
    if isinstance(text := part.get("description"), str):  # a field of that name is an object
        part["description"] = cleandoc(text)
    if "anyOf" in part:
        part["anyOf"].sort(key=lambda choice: (choice == {"type": "null"}, str(choice)))
    return part


def _enums(annotation: Any) -> Iterator[type[Enum]]:  # noqa: ANN401 -- an annotation is of any type
    """Yield the enums that a type is made of."""
    parts = get_args(annotation)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        yield annotation
    elif isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        parts = tuple(get_type_hints(annotation).values())
    for part in parts:
        yield from _enums(part)


def generated() -> bytes:
    """Return the text of the schema: UTF-8 JSON, indented, with a final line feed."""
    return msgspec.json.format(msgspec.json.encode(schema()), indent=2) + b"\n"


def reference() -> str:
    """Return the text of `results.md`: a table for each object, in the order in which they are met."""
    definitions = schema()["$defs"]
    return "\n".join([_PREAMBLE, *(line for item in definitions.items() for line in _section(*item))])


def _section(name: str, definition: Json) -> Iterator[str]:
    yield from (f"## {name}", "", _paragraphs(definition["description"]), "")
    if "enum" in definition:
        yield "One of " + ", ".join(f"`{value}`" for value in definition["enum"]) + "."
    else:
        yield from ("| field | type | meaning |", "|---|---|---|")
        for field, facts in definition["properties"].items():
            yield f"| `{field}` | {_type(facts)} | {_cell(facts.get('description', ''))} |"
    yield ""


def _paragraphs(docstring: str) -> str:
    return "\n\n".join(" ".join(part.split()) for part in docstring.split("\n\n"))


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _type(facts: Mapping[str, Any]) -> str:
    """Return a field's type in words, the objects of this file as links."""
    if "anyOf" in facts:
        return " or ".join(map(_type, facts["anyOf"]))
    if "$ref" in facts:
        name = facts["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if facts["type"] == "array":
        return f"list of {_type(facts['items'])}"
    if facts["type"] == "object":
        return f"object, each value {_type(facts['additionalProperties'])}"
    return str(facts["type"])


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
    Path(__file__).with_name(REFERENCE).write_text(reference(), "utf-8", newline="\n")
