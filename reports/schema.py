"""The JSON Schemas of `results.json` and `fleet.json`, and what describes them for people.

`python -m nylas_readiness.reports.schema` writes `results.schema.json` and `results.md` beside this module,
and the fleet's beside its model. The types are the models'; what each field means stands in `fields.toml`.
A check of the suite fails where a field has no text, or where the files and their sources differ.
"""

import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from inspect import cleandoc
from typing import Any, Final, get_args, get_type_hints

import msgspec

from nylas_readiness.reports.fleet.model import SCHEMA as FLEET_SCHEMA
from nylas_readiness.reports.fleet.model import Fleet
from nylas_readiness.reports.model import SCHEMA, Results

Json = dict[str, Any]

_PREAMBLE: Final = """\
# {file}, field by field

{what} It is UTF-8 JSON and keeps to the JSON Schema in
[`{name}.schema.json`]({name}.schema.json), which every run is validated against. Its texts are bounded
and free of secrets and tokens; they may hold what vendors, tenants and users wrote: escape them where you
show them.

This page is generated from `model.py` and `fields.toml`.
"""


@dataclass(frozen=True, kw_only=True)
class Artefact:
    """A kind of JSON file that runs write: its type, and where its descriptions are.

    `name`: its file's without `.json`; `what`: what it is for, in a sentence.
    """

    name: str
    uri: str
    struct: type[msgspec.Struct]
    package: str
    what: str

    @property
    def file(self) -> str:
        """The name of the file."""
        return f"{self.name}.json"

    @property
    def schema_file(self) -> Traversable:
        """The schema as it is in the repository and in the wheel."""
        return files(self.package).joinpath(f"{self.name}.schema.json")

    @property
    def reference_file(self) -> Traversable:
        """The page that describes it field by field."""
        return files(self.package).joinpath(f"{self.name}.md")


RESULTS: Final = Artefact(
    name="results",
    uri=SCHEMA,
    struct=Results,
    package="nylas_readiness.reports",
    what="Every view of a run is made from this one file.",
)
FLEET: Final = Artefact(
    name="fleet",
    uri=FLEET_SCHEMA,
    struct=Fleet,
    package="nylas_readiness.reports.fleet",
    what="Every view of a fleet is made from this one file.",
)


def meanings(artefact: Artefact = RESULTS) -> dict[str, dict[str, str]]:
    """Return what each field means, by the object and the field's name in JSON.

    A fleet has objects of its tenants' results: those are described once, there.
    """
    own = _texts(artefact.package)
    if artefact is RESULTS:
        return own
    objects = schema_of(artefact.struct)["$defs"]
    return own | {name: text for name, text in _texts(RESULTS.package).items() if name in objects}


def _texts(package: str) -> dict[str, dict[str, str]]:
    return tomllib.loads(files(package).joinpath("fields.toml").read_text("utf-8"))


def schema(artefact: Artefact = RESULTS) -> Json:
    """Return the schema that the types describe, with the meaning of every field that has one."""
    head: Json = {"$id": artefact.uri, "title": f"{artefact.file} of nylas-readiness"}
    document = head | schema_of(artefact.struct)
    for name, fields in meanings(artefact).items():
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


def generated(artefact: Artefact = RESULTS) -> bytes:
    """Return the text of the schema: UTF-8 JSON, indented, with a final line feed."""
    return msgspec.json.format(msgspec.json.encode(schema(artefact)), indent=2) + b"\n"


def reference(artefact: Artefact = RESULTS) -> str:
    """Return the text of the page that describes it: a table for each object, in the order of meeting."""
    head = _PREAMBLE.format(file=artefact.file, what=artefact.what, name=artefact.name)
    definitions = schema(artefact)["$defs"]
    return "\n".join([head, *(line for item in definitions.items() for line in _section(*item))])


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


def published(artefact: Artefact = RESULTS) -> bytes:
    """Return the schema as it is in the repository and in the wheel."""
    return artefact.schema_file.read_bytes()


def validate(text: bytes, artefact: Artefact = RESULTS) -> None:
    """Check the text of an artefact against its published schema.

    Raises `fastjsonschema.JsonSchemaException`, which says where, and `json.JSONDecodeError`.
    """
    _validator(artefact)(json.loads(text))


@cache
def _validator(artefact: Artefact) -> Callable[[object], object]:
    import fastjsonschema

    return fastjsonschema.compile(json.loads(published(artefact)))


if __name__ == "__main__":
    for each in (RESULTS, FLEET):
        with as_file(each.schema_file) as path:
            path.write_bytes(generated(each))
        with as_file(each.reference_file) as path:
            path.write_text(reference(each), "utf-8", newline="\n")
