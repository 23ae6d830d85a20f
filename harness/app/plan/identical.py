"""Finds the variants of suites that send the same request, and explains them when asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from harness.loading.extending import compose_suite
from harness.loading.files import ProjectFiles
from harness.loading.nodes import MappingNode
from harness.loading.shadowed_values import FindsVariables, ShadowedValues
from harness.model.identical_variants import IdenticalVariants, Reason
from harness.model.suite import Case, Suite, Variant
from harness.source import SourceFile, Span

_MOST_EXAMPLES = 5
_Members = tuple[int, ...]

IsSelected = Callable[[Case, Variant], bool]


def everything(_case: Case, _variant: Variant) -> bool:
    """Select each case in each variant."""
    return True


@dataclass(slots=True)
class _Group:
    """Cases in which the same variants send the same request for the same reasons."""

    span: Span
    reasons: tuple[Reason, ...]
    cases: int = 0
    examples: list[str] = field(default_factory=list)
    places: set[tuple[Span | None, ...]] = field(default_factory=set)


class IdenticalInSuite:
    """The variants of one suite that send the same request in some cases.

    Args:
        suite: The suite.
        source: Its file.
        cases: Its cases by the variants, counted from 0, that send the same request in them.
        variables: Knows which variables templates use.
    """

    def __init__(
        self,
        suite: Suite,
        source: SourceFile,
        cases: Mapping[_Members, Sequence[Case]],
        variables: FindsVariables,
    ) -> None:
        self.suite = suite  # kept alive: the suite is known by its identity
        self._source, self._cases, self._variables = source, cases, variables

    def among(self, is_selected: IsSelected) -> tuple[IdenticalVariants, ...]:
        """Return what is the same among the selected cases and variants, in the order written."""
        names = [variant.name for variant in self.suite.variants]
        findings = [
            IdenticalVariants(
                self.suite.name,
                group.span,
                tuple(names[member] for member in members),
                group.cases,
                tuple(group.examples),
                tuple(_with_others(group)),
            )
            for (members, _), group in self._groups(is_selected).items()
        ]
        return tuple(sorted(findings, key=lambda one: (one.span.line, one.span.column)))

    def _groups(self, is_selected: IsSelected) -> dict[tuple[_Members, object], _Group]:
        groups: dict[tuple[_Members, object], _Group] = {}
        shadowed: ShadowedValues | None = None
        group, latest = _Group(self.suite.span, ()), None
        for members, case in self._selected(is_selected):
            # The rows of a dataset share their reasons, unless one has a column more than another.
            if latest is None or latest[0] != members or not _are_rows_alike(latest[1], case):
                latest = (members, case)
                shadowed = shadowed or self._shadowed_values()
                span, reasons = shadowed.reasons(case, members)
                key = (members, tuple((reason.cause, reason.name) for reason in reasons))
                group = groups.setdefault(key, _Group(span, reasons))
                group.places.add(tuple(reason.span for reason in reasons))
            group.cases += 1
            if len(group.examples) < _MOST_EXAMPLES:
                group.examples.append(case.id)
        return groups

    def _selected(self, is_selected: IsSelected) -> Iterator[tuple[_Members, Case]]:
        variants = self.suite.variants
        for members, cases in self._cases.items():
            for case in cases:
                chosen = members
                if is_selected is not everything:
                    chosen = tuple(at for at in members if is_selected(case, variants[at]))
                if len(chosen) > 1:
                    yield chosen, case

    def _shadowed_values(self) -> ShadowedValues:
        root = compose_suite(self._source, ProjectFiles(), [])
        assert isinstance(root, MappingNode)  # noqa: S101  # the suite was read from it
        return ShadowedValues(self.suite, root, self._variables)


def _are_rows_alike(one: Case, two: Case) -> bool:
    return one.span is two.span and one.vars.keys() == two.vars.keys()


def _with_others(group: _Group) -> Iterable[Reason]:
    """Yield the reasons of a group, each with the number of further places it was found at."""
    for number, reason in enumerate(group.reasons):
        yield replace(reason, others=len({spans[number] for spans in group.places}) - 1)
