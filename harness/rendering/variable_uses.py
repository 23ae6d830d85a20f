"""Which variables the templates of a case use: in what is sent, and in what is expected."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from harness.model.suite import Case, Expectation, Trial
from harness.rendering.template import texts_in
from harness.rendering.templates import Templates


class VariableUses:
    """Looks for variables in templates that have been checked."""

    def __init__(self, templates: Templates) -> None:
        self._templates = templates

    def in_request(self, trial: Trial, name: str) -> bool:
        """Return whether the system prompt or a message uses a variable."""
        messages = [turn.messages for turn in trial.turns]
        return self._uses([trial.request.get("system"), messages], name)

    def in_expectations(self, case: Case, name: str) -> bool:
        """Return whether an argument or an expression of an expectation uses a variable."""
        word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
        return any(
            self._uses([expectation.argument, expectation.options], name)
            or any(map(word.search, expressions_of(expectation)))
            for expectation in with_nested(case.all_expectations)
        )

    def _uses(self, value: Any, name: str) -> bool:
        return any(self._templates.uses(text, name) for text in texts_in(value))


def with_nested(expectations: Iterable[Expectation]) -> Iterator[Expectation]:
    """Yield expectations, each followed by those inside it."""
    for expectation in expectations:
        yield expectation
        yield from with_nested(expectation.nested)


def expressions_of(expectation: Expectation) -> Iterator[str]:
    """Yield the expressions of an expectation."""
    yield from expectation.transforms
    if expectation.assertion == "that":
        yield expectation.argument
