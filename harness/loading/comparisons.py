"""Finds which variants of a case are compared with each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from harness.assertions.registry import AssertionRegistry
from harness.errors import SuiteError
from harness.model.suite import Case, Expectation, Variant
from harness.source import Span, Text
from harness.suggestions import write_instead

_BEST_OF = "best_of"


class Comparisons:
    """Finds which variants the cases of one suite compare."""

    def __init__(self, assertions: AssertionRegistry, variants: Sequence[Variant]) -> None:
        self._assertions = assertions
        self._names = [variant.name for variant in variants]
        self._reported: set[Span] = set()

    def compared(self, case: Case, problems: list[SuiteError]) -> Mapping[str, frozenset[str]]:
        """Return, by variant, the other variants whose replies are needed to judge it.

        Comparisons that cannot work are added to `problems`, one that the whole suite shares for
        its first case only.
        """
        needs: dict[str, set[str]] = {name: set() for name in self._names}
        for expectation in self._comparing(case):
            problem = self._problem(expectation, case)
            if problem is None:
                self._add(expectation, needs)
            elif problem.span not in self._reported:
                self._reported.add(problem.span)
                problems.append(problem)
        _add_indirect(needs)
        return {name: frozenset(others) for name, others in needs.items() if others}

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
            problem = f"`{key}` compares variants, but the suite has only one"
            return SuiteError(span, problem, "add `variants:` or `matrix:`")
        if named not in self._names:
            fix = write_instead(str(named), self._names)
            return SuiteError(span, f"unknown variant `{named}`", fix)
        by_score = expectation.options.get("by", "score") == "score"
        if definition.name == _BEST_OF and by_score and not self._gives_score(case):
            return SuiteError(
                expectation.span,
                f"`{key}` compares scores, but no other assertion scores `{case.id}`",
                "add an assertion that judges each reply by itself, or write `by: cost`",
            )
        return None

    def _gives_score(self, case: Case) -> bool:
        return any(
            expectation.decides and not self._assertions.compares(expectation)
            for expectation in case.all_expectations
        )

    def _add(self, expectation: Expectation, needs: Mapping[str, set[str]]) -> None:
        definition = self._assertions[expectation.assertion]
        assert definition.compares is not None  # noqa: S101  # as `_comparing` sees to
        named = definition.compared_variant(expectation)
        for name in self._names:
            needs[name] |= definition.compares.needed_by(name, named, frozenset(self._names))


def _add_indirect(needs: Mapping[str, set[str]]) -> None:
    """Add what needed variants need in turn, until nothing changes."""
    is_growing = True
    while is_growing:
        is_growing = False
        for name, direct in needs.items():
            indirect = {other for needed in direct for other in needs[needed]} - direct - {name}
            direct.update(indirect)
            is_growing = is_growing or bool(indirect)
