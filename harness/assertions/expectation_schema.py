"""The JSON Schema of expectations, assembled from the definitions of their assertions."""

from __future__ import annotations

from collections.abc import Mapping

from harness.assertions.parameters import JsonSchema
from harness.assertions.registry import AssertionRegistry

WHEN: JsonSchema = {
    "description": "A Jinja expression over the variables; if it is not true, this is left out.",
    "type": "string",
    "minLength": 1,
}
MODIFIERS: Mapping[str, JsonSchema] = {
    "transform": {
        "description": "A Jinja expression over `output`, such as `output | fenced('json')`:"
        " its value is judged instead of the reply.",
        "type": "string",
        "minLength": 1,
    },
    "weight": {
        "description": "Weight of the verdict in the score; 0 shows it without counting it.",
        "type": "number",
        "minimum": 0,
    },
    "name": {
        "description": "Name of the expectation in reports.",
        "title": "a text; templates are not rendered here",
        "type": "string",
        "pattern": r"^([^{]|\{[^{%#])+$",
    },
    "metric": {
        "description": "Metric that collects the score.",
        "title": "a name in one line",
        "type": "string",
        "pattern": r"^[^\x00-\x1f\x7f]+$",
    },
    "severity": {
        "description": "`warn` shows the verdict but never fails the case.",
        "type": "string",
        "enum": ["error", "warn"],
    },
    "when": WHEN,
}


def expectation_schema(registry: AssertionRegistry) -> JsonSchema:
    """Return the schema of an expectation: one assertion, its argument, its options, modifiers."""
    properties: JsonSchema = {}
    dependent: JsonSchema = {}
    option_schemas: JsonSchema = {}
    for key, definition in registry.keys.items():
        properties[key] = {"description": definition.summary, **definition.argument.yaml_schema}
        own = {name: kind.yaml_schema for name, kind in definition.options.items()}
        option_schemas.update(own)
        dependent[key] = {
            "propertyNames": {"enum": [key, *own, *MODIFIERS]},
            **({"properties": own} if own else {}),
            **(
                {"required": list(definition.required_options)}
                if definition.required_options
                else {}
            ),
        }
    return {
        "type": "object",
        "minProperties": 1,
        "properties": {**properties, **{key: {} for key in option_schemas}, **MODIFIERS},
        "additionalProperties": False,
        "dependentSchemas": dependent,
        "not": {
            "title": "the expectation names no assertion",
            "description": f"add one, such as `{next(iter(registry.keys), 'contains')}: …`",
            "propertyNames": {"enum": [*option_schemas, *MODIFIERS]},
        },
    }
