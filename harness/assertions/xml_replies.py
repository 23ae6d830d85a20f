"""The assertion on replies that are XML."""

from __future__ import annotations

from typing import Annotated, Any

from harness.assertions.difference import excerpt
from harness.assertions.parameters import ArgumentError, ParameterType, from_rendered
from harness.assertions.registry import AssertionRegistry
from harness.model.outcome import Verdict
from harness.model.reply import Reply

xml_assertions = AssertionRegistry()

_MOST_CHARACTERS = 5_000_000
_MOST_DEPTH = 500


def _read_elements(value: Any) -> Any:
    value = from_rendered(value)
    if value is True:
        return value
    if not isinstance(value, list) or not value:
        problem = f"expected `true` or a list of elements, found {value!r}"
        raise ArgumentError(problem, "write `true`, or paths such as `[order/item]`")
    for index, path in enumerate(value):
        if not isinstance(path, str) or not all(path.split("/")):
            fix = "write the names from the root on, such as `order/item`"
            raise ArgumentError(f"`{path}` is not a path of elements", fix, (index,))
    return value


XmlElements = Annotated[
    Any,
    ParameterType(
        {
            "title": "true or a list of elements",
            "type": ["boolean", "array"],
            "items": {"type": "string"},
        },
        _read_elements,
    ),
]


class _RefusedError(Exception):
    """The text may be XML, but of a kind that is refused."""


@xml_assertions.register("is_xml")
def is_xml(reply: Reply, elements: XmlElements) -> Verdict:
    """Pass when the whole reply is well-formed XML and, unless `true`, has all these elements.

    Elements are given by their path from the root, such as `order/item`. White space around the XML
    is ignored. A document type definition is refused, because it can declare entities.

    Source:
        XML 1.0, parsed by expat.
    """
    text = reply.text.strip()
    if len(text) > _MOST_CHARACTERS:
        return Verdict.errored(f"the reply has more than {_MOST_CHARACTERS:,} characters")
    from xml.parsers import expat  # most suites do without

    try:
        paths = _element_paths(text)
    except (expat.ExpatError, _RefusedError) as error:
        hint = "; it is wrapped in a Markdown fence" if text.startswith("```") else ""
        return Verdict.failing(f"the reply is not XML: {error}{hint}", actual=excerpt(text))
    missing = [] if elements is True else [path for path in elements if path not in paths]
    if missing:
        reason = f"the reply is XML without {', '.join(missing)}"
        return Verdict.failing(reason, expected=", ".join(elements), actual=excerpt(text))
    return Verdict.passing("the reply is XML")


def _element_paths(text: str) -> set[str]:
    from xml.parsers import expat

    paths: set[str] = set()
    stack: list[str] = []

    def start(name: str, _attributes: object) -> None:
        stack.append(name)
        # the paths of deep nesting take quadratic memory
        if len(stack) > _MOST_DEPTH:
            raise _RefusedError(f"it is nested deeper than {_MOST_DEPTH} levels")
        paths.add("/".join(stack))

    def end(_name: str) -> None:
        stack.pop()

    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.StartDoctypeDeclHandler = _refuse_definition
    parser.Parse(text.encode("utf-8", "surrogatepass"), True)  # noqa: FBT003  # expat's signature
    return paths


def _refuse_definition(*_arguments: object) -> None:
    raise _RefusedError("it has a document type definition, which is refused")
