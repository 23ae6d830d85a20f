"""Variants of a case that send the same request, and why they do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import combinations
from pathlib import Path
from typing import Any

from harness.source import Span
from harness.wording import Option, Wording, Words

_MOST_NAMED = 4


class Cause(StrEnum):
    """Why something that differs between variants makes no difference to the request."""

    OVERRIDE = "override"  # set for all suites of the run
    CASE = "case"  # the case sets it, too
    DATASET = "dataset"  # a column of the dataset has its name
    MATRIX = "matrix"  # an axis of the matrix sets it, too
    PROMPTS = "prompts"  # a prompt of the suite's is sent instead
    UNUSED = "unused"  # no template uses the variable
    EXPECTED = "expected"  # only expectations use the variable
    EQUAL = "equal"  # it comes to the same value
    NAME = "name"  # nothing but the name differs


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that makes no difference, and the place of what wins over it.

    Attributes:
        name: Such as `request.temperature` or `vars.tone`; empty if only names differ.
        span: Where the value that wins is written; None if it is in no file.
        others: At how many other places the same happens to other cases.
    """

    cause: Cause
    name: str = ""
    span: Span | None = None
    others: int = 0

    @property
    def words(self) -> Words:
        """The reason in words."""
        if self.cause is Cause.OVERRIDE:
            # The name goes in as a part of the option, so that it may hold braces.
            return Wording("`{set}` wins over the variants", set=Option("set", self.name))
        template = _WORDS[self.cause]
        if self.name.startswith("vars.") and self.cause is Cause.EQUAL:
            template = "`{name}` makes no difference to the rendered texts"
        return template.replace("{name}", self.name.partition(".")[2]) + self._place

    @property
    def fix(self) -> Words:
        """What to do about it."""
        if self.cause is Cause.OVERRIDE:
            return Wording(
                "leave out `{set}`, or select one of the variants", set=Option("set", self.name)
            )
        return _FIXES[self.cause].replace("{name}", self.name.partition(".")[2])

    @property
    def _place(self) -> str:
        if self.span is None:
            return ""
        more = f" and {self.others:,} more" if self.others else ""
        return f" ({self.span}{more})"

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Reason:
        """Return a reason that a run file holds.

        Raises:
            ValueError: A value is missing or of the wrong type.
        """
        span = None if data.get("path") is None else _span_from(data)
        return cls(
            Cause(str(data.get("cause"))),
            str(data.get("name", "")),
            span,
            int(data.get("others", 0)),
        )

    def as_data(self) -> dict[str, Any]:
        """Return the reason as plain data."""
        place = {} if self.span is None else _place_data(self.span)
        others = {"others": self.others} if self.others else {}
        return {"cause": self.cause.value, "name": self.name, **place, **others}


_WORDS = {
    Cause.CASE: "the case sets `{name}` itself",
    Cause.DATASET: "the dataset has a column `{name}`",
    Cause.MATRIX: "the matrix sets `{name}`, too",
    Cause.PROMPTS: "`prompts` of the suite are sent instead",
    Cause.UNUSED: "no template of the case uses `{name}`",
    Cause.EXPECTED: "they differ only in what is expected: only expectations use `{name}`",
    Cause.EQUAL: "`{name}` comes to the same in each of them",
    Cause.NAME: "they differ only in their names",
}
_REMOVE = "remove `{name}` from one of the two places"
_FIXES = {
    Cause.CASE: _REMOVE,
    Cause.DATASET: "rename the column or the variable of the variants",
    Cause.MATRIX: _REMOVE,
    Cause.PROMPTS: "remove `prompts`, or the prompts of the variants",
    Cause.UNUSED: "use `{{ {name} }}` in a prompt, or remove `{name}` from the variants",
    Cause.EXPECTED: "use `{{ {name} }}` in a prompt, or write a case for each expectation",
    Cause.EQUAL: "change `{name}` in one of them, or keep one variant",
    Cause.NAME: "keep one of them; for several replies to one request set `repeat`",
}


@dataclass(frozen=True, slots=True)
class IdenticalVariants:
    """Variants that send the same request in some cases of a suite, all for the same reasons.

    Attributes:
        suite: The name of the suite.
        span: Where the variants are told apart: an axis of the matrix, or a named variant.
        variants: At least two names.
        cases: In how many cases.
        examples: The ids of the first of these cases.
        reasons: At least one.
    """

    suite: str
    span: Span
    variants: tuple[str, ...]
    cases: int
    examples: tuple[str, ...]
    reasons: tuple[Reason, ...]

    @property
    def pairs(self) -> frozenset[tuple[str, str, str]]:
        """The pairs of variants, each with its suite."""
        return frozenset((self.suite, *pair) for pair in combinations(self.variants, 2))

    @property
    def subject(self) -> str:
        """The variants and their cases."""
        shown = [f"`{name}`" for name in self.variants]
        if len(shown) > _MOST_NAMED:
            rest = f"{len(shown) - _MOST_NAMED + 1:,} more"
            shown = [*shown[: _MOST_NAMED - 1], rest]
        cases = f"the case `{self.examples[0]}`" if self.cases == 1 else f"{self.cases:,} cases"
        return f"{', '.join(shown[:-1])} and {shown[-1]} of {cases}"

    @property
    def headline(self) -> str:
        """What is wrong, without its reasons."""
        return f"the variants {self.subject} send the same request"

    @property
    def problem(self) -> Words:
        """What is wrong, with its reasons, in a line."""
        names = [f"reason_{number}" for number in range(len(self.reasons))]
        template = f"{{headline}}: {'; '.join(f'{{{name}}}' for name in names)}"
        parts: dict[str, Any] = dict(
            zip(names, (reason.words for reason in self.reasons), strict=True)
        )
        return Wording(template, headline=self.headline, **parts)

    @property
    def fix(self) -> Words:
        """What to do about it."""
        return self.reasons[0].fix

    def __str__(self) -> str:
        return f"{self.span}: {self.problem}"

    @classmethod
    def from_data(cls, data: Any) -> IdenticalVariants:
        """Return what a run file holds.

        Raises:
            ValueError: A value is missing or of the wrong type.
        """
        try:
            return cls(
                suite=str(data["suite"]),
                span=_span_from(data),
                variants=_texts(data["variants"]),
                cases=int(data["cases"]),
                examples=_texts(data["examples"]),
                reasons=tuple(map(Reason.from_data, data["reasons"])),
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ValueError(f"`identical_variants` cannot be read: {error}") from error

    def as_data(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "suite": self.suite,
            **_place_data(self.span),
            "variants": list(self.variants),
            "cases": self.cases,
            "examples": list(self.examples),
            "reasons": [reason.as_data() for reason in self.reasons],
        }


@dataclass(frozen=True, slots=True)
class IdenticalGroup:
    """What is said of several sets of variants at once: same axis, same reasons, as many cases.

    Attributes:
        first: The first of them.
        others: How many more there are.
    """

    first: IdenticalVariants
    others: int = 0

    @property
    def headline(self) -> str:
        """What is wrong, without its reasons."""
        if not self.others:
            return self.first.headline
        return f"{self.first.headline} (and {self.others:,} more like them)"


def grouped(findings: Iterable[IdenticalVariants]) -> list[IdenticalGroup]:
    """Return what a person should read, each axis and reason once."""
    groups: dict[object, IdenticalGroup] = {}
    for finding in findings:
        key = (finding.suite, finding.span, finding.reasons, finding.cases, finding.examples)
        group = groups.get(key)
        groups[key] = (
            IdenticalGroup(finding) if group is None else replace(group, others=group.others + 1)
        )
    return list(groups.values())


def merged(findings: Iterable[IdenticalVariants]) -> tuple[IdenticalVariants, ...]:
    """Return what several runs of a suite have in common once.

    Shards know the cases of the whole run, so of two that are alike the larger number holds.
    """
    kept: dict[object, IdenticalVariants] = {}
    for finding in findings:
        key = (finding.suite, finding.variants, tuple(map(_without_others, finding.reasons)))
        if key not in kept or kept[key].cases < finding.cases:
            kept[key] = finding
    return tuple(kept.values())


def counted(findings: Sequence[IdenticalVariants]) -> str:
    """Return in a line of how many pairs of variants a run sent the same request, if of any."""
    if not findings:
        return ""
    number = len(frozenset[tuple[str, str, str]]().union(*(one.pairs for one in findings)))
    first = findings[0]
    pairs = "1 pair" if number == 1 else f"{number:,} pairs"
    more = f"; {len(findings) - 1:,} more like this" if len(findings) > 1 else ""
    return f"{pairs} of variants sent the same request: {first.subject} ({first.span}){more}"


def _without_others(reason: Reason) -> Reason:
    return replace(reason, others=0, span=None)


def _place_data(span: Span) -> dict[str, Any]:
    return {"path": str(span.path), "line": span.line, "column": span.column}


def _span_from(data: Mapping[str, Any]) -> Span:
    return Span(Path(data["path"]), int(data["line"]), int(data["column"]))


def _texts(values: Sequence[Any]) -> tuple[str, ...]:
    return tuple(map(str, values))
