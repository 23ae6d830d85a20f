"""Which variants of a case are compared, and what is wrong with that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from harness.assertions.registry import AssertionRegistry
from harness.errors import SuiteError
from harness.model.suite import Case, Expectation, Variant
from harness.source import Span, Text
from harness.suggestions import write_instead

_BY_SCORE = "best_of"


class Comparisons:
    """Finds what the cases of one suite compare."""

    def __init__(self, assertions: AssertionRegistry, variants: Sequence[Variant]) -> None:
        self._assertions = assertions
        self._names = [variant.name for variant in variants]
        self._told: set[Span] = set()

    def compared(self, case: Case, problems: list[SuiteError]) -> Mapping[str, frozenset[str]]:
        """Return for each variant of a case those that have to be known to judge it.

        What cannot be compared is added to `problems`, once for each place.
        """
        needs: dict[str, set[str]] = {name: set() for name in self._names}
        for expectation in self._comparing(case):
            problem = self._problem(expectation, case)
            if problem is None:
                self._add(expectation, needs)
            elif problem.span not in self._told:
                self._told.add(problem.span)
                problems.append(problem)
        _close(needs)
        return {name: frozenset(found) for name, found in needs.items() if found}

    def _comparing(self, case: Case) -> Iterator[Expectation]:
        for expectation in case.all_expectations:
            for leaf in self._assertions.leaves(expectation):
                if self._assertions.compares(leaf):
                    yield leaf

    def _problem(self, expectation: Expectation, case: Case) -> SuiteError | None:
        definition = self._assertions[expectation.assertion]
        named = expectation.options.get(str(definition.variant_key), expectation.argument)
        span = named.span if isinstance(named, Text) else expectation.span
        key = expectation.key
        if len(self._names) < 2:
            problem = f"`{key}` compares variants, and the suite has only one"
            return SuiteError(span, problem, "add `variants:` or a `matrix:`")
        if named not in self._names:
            fix = write_instead(str(named), self._names)
            return SuiteError(span, f"the suite has no variant `{named}`", fix)
        by_score = expectation.options.get("by", "score") == "score"
        if definition.name == _BY_SCORE and by_score and not self._gives_score(case):
            return SuiteError(
                expectation.span,
                f"`{key}` compares scores, and nothing else gives `{case.id}` one",
                "add an assertion that judges the reply by itself, or write `by: cost`",
            )
        return None

    def _gives_score(self, case: Case) -> bool:
        return any(
            expectation.decides and not self._assertions.compares(expectation)
            for expectation in case.all_expectations
        )

    def _add(self, expectation: Expectation, needs: Mapping[str, set[str]]) -> None:
        definition = self._assertions[expectation.assertion]
        assert definition.compares is not None  # noqa: S101  # they have been chosen so
        named = definition.compared_variant(expectation)
        for name in self._names:
            needs[name] |= definition.compares.needed_by(name, named, frozenset(self._names))


def _close(needs: Mapping[str, set[str]]) -> None:
    """Add what is needed in turn, until nothing is new."""
    is_growing = True
    while is_growing:
        is_growing = False
        for name, found in needs.items():
            more = {each for needed in found for each in needs[needed]} - found - {name}
            found.update(more)
            is_growing = is_growing or bool(more)
