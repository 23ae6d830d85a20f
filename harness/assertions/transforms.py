"""Transforms: expressions applied to a reply's text before it is judged."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from harness.assertions.difference import excerpt
from harness.assertions.expressions_api import (
    CONTENT,
    ContentError,
    ExpressionError,
    ExpressionEvaluator,
    scope_of,
)
from harness.model.reply import Reply


def transformed(
    reply: Reply,
    transforms: Sequence[str],
    variables: Mapping[str, Any],
    expressions: ExpressionEvaluator | None,
) -> Reply:
    """Return a reply whose text is the value of the last transform.

    Each transform sees the text that the one before it returned. A text is used as it is, any
    other value as JSON.

    Raises:
        ContentError: The reply lacks what a transform reads.
        ExpressionError: A transform fails otherwise, or cannot be evaluated here.
    """
    for expression in transforms:
        if expressions is None:
            raise ExpressionError("expressions cannot be evaluated here", "")
        value = expressions.evaluate(expression, scope_of(reply, variables))
        if value is None:
            is_content = expressions.names(expression) & CONTENT
            kind = ContentError if is_content else ExpressionError
            raise kind(f"`{excerpt(expression)}` is none", "")
        reply = replace(reply, text=_text_of(value, expression))
    return reply


def _text_of(value: Any, expression: str) -> str:
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError) as error:
        problem = f"`{excerpt(expression)}` is neither a text nor JSON: {error}"
        raise ExpressionError(problem, "") from error
