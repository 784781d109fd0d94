"""results.json is documented field by field, and what is generated from that is up to date."""

import json
from enum import StrEnum
from typing import Any

import msgspec
import pytest

from nylas_readiness.checks.suite.support.cases import each_of
from nylas_readiness.reports import schema
from nylas_readiness.reports.schema import Artefact

pytestmark = pytest.mark.offline

EACH = pytest.mark.parametrize("artefact", [schema.RESULTS, schema.FLEET], ids=["results", "fleet"])
AGAIN = "run: python -m nylas_readiness.reports.schema"


# One type as two releases of msgspec describe it.
UP_TO_0_22 = {
    "description": "A part.\n\n    `description`: in words.",
    "type": "object",
    "properties": {
        "description": {"anyOf": [{"type": "null"}, {"type": "string"}, {"type": "integer"}]},
        "sizes": {"type": "object", "additionalProperties": {"type": "integer"}},
    },
}
SINCE_0_23 = {
    "description": "A part.\n\n`description`: in words.",
    "type": "object",
    "properties": {
        "description": {"anyOf": [{"type": "integer"}, {"type": "string"}, {"type": "null"}]},
        "sizes": {
            "type": "object",
            "propertyNames": {"$ref": "#/$defs/Size"},
            "additionalProperties": {"type": "integer"},
        },
    },
}


class Size(StrEnum):
    """A size, the largest first."""

    LARGE = "large"
    MIDDLE = "middle"
    AVERAGE = "average"


class Shelf(msgspec.Struct):
    """A shelf."""

    boxes: dict[Size, list["Box | None"]]


class Box(msgspec.Struct):
    """A box.

    `label`: null if nobody wrote it.
    """

    size: Size
    label: str | None = None


def objects(artefact: Artefact) -> dict[str, dict[str, Any]]:
    """Return the objects of an artefact with the schemas of their fields."""
    definitions = schema.schema(artefact)["$defs"]
    return {name: one["properties"] for name, one in definitions.items() if "properties" in one}


@EACH
def test_every_field_has_a_text_and_no_text_is_left_over(artefact: Artefact) -> None:
    texts = schema.meanings(artefact)
    assert {name: set(fields) for name, fields in texts.items()} == {
        name: set(fields) for name, fields in objects(artefact).items()
    }
    assert [text for fields in texts.values() for text in fields.values() if not text.endswith(".")] == []


@EACH
def test_a_field_that_may_be_null_says_when_it_is(artefact: Artefact) -> None:
    texts = schema.meanings(artefact)
    silent = [
        f"{name}.{field}"
        for name, fields in objects(artefact).items()
        for field, facts in fields.items()
        if {"type": "null"} in facts.get("anyOf", []) and "null" not in texts[name][field]
    ]
    assert silent == []


@EACH
def test_the_schema_carries_each_text_beside_its_fields_type(artefact: Artefact) -> None:
    described = {
        name: {field: facts["description"] for field, facts in fields.items()}
        for name, fields in objects(artefact).items()
    }
    assert described == schema.meanings(artefact)
    run = "Run" if artefact is schema.RESULTS else "FleetRun"
    assert objects(artefact)[run]["complete"]["type"] == "boolean"


@EACH
def test_what_is_generated_is_what_types_and_texts_give(artefact: Artefact) -> None:
    assert artefact.reference_file.read_text("utf-8") == schema.reference(artefact), AGAIN
    assert json.loads(schema.published(artefact)) == schema.schema(artefact), AGAIN


def test_the_reference_says_types_in_words_links_objects_and_keeps_its_tables_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = schema.reference()
    assert "| `tenant` | [TenantId](#tenantid) or null |" in text
    assert "| `rules` | list of [RuleResult](#ruleresult) |" in text
    assert "| `findings` | object, each value [Finding](#finding) |" in text
    assert "One of `fail`, `unknown`, `wait`, `review`, `warn`, `waived`, `pass`, `not-applicable`." in text
    odd = {"Sides": {"v2": "a | b\nc", "v3": ""}}
    monkeypatch.setattr(schema, "meanings", lambda _: odd)
    assert "| `v2` | [Verdict](#verdict) | a \\| b c |" in schema.reference()


def test_two_releases_of_msgspec_that_mean_the_same_give_the_same_schema() -> None:
    assert normalised(UP_TO_0_22) == normalised(SINCE_0_23) == normalised(normalised(SINCE_0_23))


@each_of("change", [{"type": "array"}, {"description": "Another part."}, {"required": ["sizes"]}])
def test_what_means_something_else_is_another_schema(change: dict[str, Any]) -> None:
    assert normalised(SINCE_0_23 | change) != normalised(SINCE_0_23)


def test_the_schema_of_a_type_keeps_the_order_of_enums_and_fields_and_puts_null_last() -> None:
    definitions = schema.schema_of(Shelf)["$defs"]
    assert list(definitions) == ["Shelf", "Size", "Box"]
    assert definitions["Shelf"]["properties"]["boxes"] == {
        "type": "object",
        "additionalProperties": {
            "type": "array",
            "items": {"anyOf": [{"$ref": "#/$defs/Box"}, {"type": "null"}]},
        },
    }
    assert definitions["Size"]["enum"] == ["large", "middle", "average"]
    assert definitions["Box"]["description"] == "A box.\n\n`label`: null if nobody wrote it."
    assert list(definitions["Box"]["properties"]) == ["size", "label"]


def normalised(document: dict[str, Any]) -> Any:  # noqa: ANN401 -- JSON
    """Return a schema without what differs between releases of msgspec."""
    return json.loads(json.dumps(document), object_hook=schema.normalised)
