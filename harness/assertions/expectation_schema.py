"""How expectations are written, as a JSON Schema that is put together from their declarations."""

from __future__ import annotations

from collections.abc import Mapping

from harness.assertions.parameters import JsonSchema
from harness.assertions.registry import AssertionRegistry

MODIFIERS: Mapping[str, JsonSchema] = {
    "transform": {
        "description": "A Jinja expression over `output`, such as `output | fenced('json')`:"
        " what comes of it is judged.",
        "type": "string",
        "minLength": 1,
    },
    "weight": {
        "description": "How much the verdict counts; 0 only shows it.",
        "type": "number",
        "minimum": 0,
    },
    "name": {
        "description": "What reports call it.",
        "title": "a text; templates are not rendered here",
        "type": "string",
        "pattern": r"^([^{]|\{[^{%#])+$",
    },
    "metric": {
        "description": "The metric its score adds to.",
        "title": "a name in one line",
        "type": "string",
        "pattern": r"^[^\x00-\x1f\x7f]+$",
    },
    "severity": {
        "description": "`warn` shows the verdict and never decides.",
        "type": "string",
        "enum": ["error", "warn"],
    },
}


def expectation_schema(registry: AssertionRegistry) -> JsonSchema:
    """Describe an expectation: one assertion, its argument, its own options, the modifiers."""
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
            **({"required": list(definition.required)} if definition.required else {}),
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
