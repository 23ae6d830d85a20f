"""The reference texts that similarity assertions compare a reply with, as arguments."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.util import find_spec
from typing import Annotated, Any

from harness.assertions.difference import excerpt
from harness.assertions.parameters import ArgumentError, ParameterType

_SCHEMA = {
    "title": "a text or a list of texts",
    "type": ["string", "array"],
    "minLength": 1,
    "minItems": 1,
    "items": {"type": "string", "minLength": 1},
}
_ROUGE_CHARACTER = re.compile("[a-z0-9]")


def _read_references(value: Any) -> list[str]:
    texts = value if isinstance(value, list) else [value]
    if not texts or not all(isinstance(text, str) and text.strip() for text in texts):
        problem = f"expected a text or a list of texts, found {value!r}"
        raise ArgumentError(problem, 'write a text, or `["one", "another"]`')
    return [str(text) for text in texts]


def _reader_that_needs(package: str) -> Callable[[Any], list[str]]:
    def read(value: Any) -> list[str]:
        if find_spec(package) is None:
            problem = f"this assertion needs the package `{package}`, which is not installed"
            raise ArgumentError(problem, "pip install 'prompt-harness[metrics]'")
        return _read_references(value)

    return read


def _read_rouge_references(value: Any) -> list[str]:
    texts = _reader_that_needs("rouge_score")(value)
    # rouge-score drops every other character, and would score any reply 0
    wordless = [text for text in texts if _ROUGE_CHARACTER.search(text.lower()) is None]
    if wordless:
        problem = f"ROUGE compares words of a-z and 0-9, but {excerpt(wordless[0])!r} has none"
        raise ArgumentError(problem, "compare with `chrf` or `levenshtein`")
    return texts


References = Annotated[list[str], ParameterType(_SCHEMA, _read_references)]
RougeReferences = Annotated[list[str], ParameterType(_SCHEMA, _read_rouge_references)]
MeteorReferences = Annotated[list[str], ParameterType(_SCHEMA, _reader_that_needs("nltk"))]
SacrebleuReferences = Annotated[list[str], ParameterType(_SCHEMA, _reader_that_needs("sacrebleu"))]
