"""The assertion on replies that are YAML."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from harness.assertions.difference import excerpt, quoted
from harness.assertions.parameters import TrueOnly
from harness.assertions.registry import AssertionRegistry
from harness.model.outcome import Verdict
from harness.model.reply import Reply

yaml_assertions = AssertionRegistry()

_MOST_CHARACTERS = 1_000_000
_MOST_DEPTH = 100


class _RefusedYamlError(Exception):
    """The text is YAML, but has something that is refused."""


@yaml_assertions.register("is_yaml")
def is_yaml(reply: Reply, _true: TrueOnly) -> Verdict:
    """Pass when the whole reply is one YAML document that is a mapping or a list.

    A document that is a single value does not pass, because any sentence is one. Duplicate keys are
    refused, and so are aliases, because a few of them can expand to a huge document.

    Source:
        YAML 1.1, parsed by libyaml.
    """
    import yaml

    text = reply.text
    if len(text) > _MOST_CHARACTERS:
        return Verdict.errored(f"the reply has more than {_MOST_CHARACTERS:,} characters")
    try:
        are_collections = _documents(text)
    except (yaml.YAMLError, UnicodeError) as error:
        hint = "; it is wrapped in a Markdown fence" if text.lstrip().startswith("```") else ""
        problem = getattr(error, "problem", None) or str(error)
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark is not None else ""
        reason = f"the reply is not YAML: {problem}{where}{hint}"
        return Verdict.failing(reason, actual=excerpt(text))
    except _RefusedYamlError as error:
        return Verdict.failing(
            f"the reply is YAML that is not allowed: {error}", actual=excerpt(text)
        )
    if len(are_collections) != 1:
        words = f"the reply has {len(are_collections)} YAML documents, expected one"
        return Verdict.failing(words, actual=excerpt(text))
    if not are_collections[0]:
        words = "the reply is a single YAML value, expected a mapping or a list"
        return Verdict.failing(words, actual=excerpt(text))
    return Verdict.passing("the reply is YAML")


def _documents(text: str) -> list[bool]:
    """Return for each document whether it is a mapping or a list.

    Only events are read. Building objects would take time and memory that a reply could exploit.
    """
    import yaml

    documents: list[bool] = []
    open_: list[_Collection] = []
    for event in yaml.parse(text, Loader=_loader()):
        if isinstance(event, yaml.AliasEvent):
            raise _RefusedYamlError("it has aliases, which are refused")
        if isinstance(event, yaml.CollectionEndEvent):
            open_.pop()
        elif isinstance(event, yaml.NodeEvent):
            is_collection = isinstance(event, yaml.CollectionStartEvent)
            if open_:
                is_scalar = isinstance(event, yaml.ScalarEvent)
                open_[-1].add(_key_of(event) if is_scalar else None)
            else:
                documents.append(is_collection)
            if is_collection:
                open_.append(_Collection(isinstance(event, yaml.MappingStartEvent)))
        if len(open_) > _MOST_DEPTH:
            raise _RefusedYamlError(f"it is nested deeper than {_MOST_DEPTH} levels")
    return documents


def _key_of(scalar: Any) -> tuple[bool, str]:
    """Return what distinguishes keys: `1` is a number, but `"1"` is a text."""
    return scalar.implicit[0], scalar.value


@dataclass(slots=True)
class _Collection:
    """A mapping or list that is being parsed, with the keys it has so far."""

    is_mapping: bool
    keys: set[tuple[bool, str]] = field(default_factory=set)
    number: int = 0

    def add(self, scalar: tuple[bool, str] | None) -> None:
        """Count the next node; in a mapping, keys and values alternate.

        Args:
            scalar: The node, if it is a scalar.

        Raises:
            _RefusedYamlError: It is a duplicate key.

        Source:
            YAML 1.2, 3.2.1.1: the keys of a mapping are unique.
        """
        if self.is_mapping and self.number % 2 == 0 and scalar is not None:
            if scalar in self.keys:
                raise _RefusedYamlError(f"the key {quoted(scalar[1])} occurs twice in a mapping")
            self.keys.add(scalar)
        self.number += 1


def _loader() -> Any:
    import yaml

    # PyYAML may have been built without libyaml
    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)
