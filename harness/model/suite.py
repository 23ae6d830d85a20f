"""Suites before rendering: cases, variants, expectations, trials."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from harness.model.case_result import CaseKey
from harness.source import Span, Text

DEFAULT_VARIANT = "default"
VARIANT_AXIS = "variant"  # of named variants
PROMPT_AXIS = "prompt"
VARIABLES = "vars"  # what axes over variables begin with


@dataclass(frozen=True, slots=True)
class Expectation:
    """An assertion with its arguments; before rendering, texts in them may be templates.

    Attributes:
        weight: Weight of the verdict in the score; with 0 it is only shown.
        is_warning: Whether the verdict is only shown, as with `severity: warn`.
        when: A condition over the variables; if it is not true, the expectation is left out.
        nested: The expectations inside it, such as those of `all_of`.
        transforms: Expressions applied to the output in turn; the assertion judges the result.
    """

    assertion: str
    argument: Any
    span: Span
    is_negated: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)
    weight: float = 1.0
    name: str | None = None
    metric: str | None = None
    is_warning: bool = False
    when: Text | None = None
    nested: tuple[Expectation, ...] = ()
    transforms: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The assertion as YAML spells it, such as `not_contains`."""
        return f"not_{self.assertion}" if self.is_negated else self.assertion

    @property
    def decides(self) -> bool:
        """Whether the verdict can make a trial fail."""
        return self.weight > 0 and not self.is_warning


class FileByTemplate(dict[str, Any]):
    """`{file: …}` whose path is a template, so that it is read when a trial is rendered."""


@dataclass(frozen=True, slots=True)
class Turn:
    """The messages that one request adds to a conversation, and the expectations on its reply."""

    messages: tuple[Mapping[str, Any], ...]
    expectations: tuple[Expectation, ...] = ()


_NOTHING_TO_SEND = (Turn(({"role": "user", "content": ""},)),)


@dataclass(frozen=True, slots=True)
class Case:
    """One test. Each row of a dataset is a case, with the columns among its variables.

    Attributes:
        turns: Its own; without any, those of the variant or of the suite are sent.
        row: The row in the dataset, counted from 1; 0 without a dataset.
        expectations: Those of the suite, then those of the case; they judge the last reply.
        threshold: The lowest score that passes; without one all expectations must pass.
        pass_rate: The share of repeats that must pass in each variant.
        compared: By variant, the other variants whose replies are needed to judge it, directly or
            for one of those. Variants without comparison are missing.
        output: A template for the reply, which is not asked for then.
        group: What the case shares with all others of the suite that have the same group, such as a
            document or a conversation; they are likely to pass or fail together.
    """

    id: str
    span: Span
    turns: tuple[Turn, ...] = ()
    request: Mapping[str, Any] = field(default_factory=dict)
    vars: Mapping[str, Any] = field(default_factory=dict)
    expectations: tuple[Expectation, ...] = ()
    tags: frozenset[str] = frozenset()
    skip: str | None = None
    xfail: str | None = None
    threshold: float | None = None
    repeat: int = 1
    pass_rate: float = 1.0
    row: int = 0
    compared: Mapping[str, frozenset[str]] = field(default_factory=dict)
    group: str | None = None
    description: str = ""
    output: Text | None = None

    @property
    def all_expectations(self) -> tuple[Expectation, ...]:
        """The expectations of all turns, then those on the last reply."""
        from_turns = (expectation for turn in self.turns for expectation in turn.expectations)
        return (*from_turns, *self.expectations)


@dataclass(frozen=True, slots=True)
class Variant:
    """One combination of named variant, prompt and matrix values.

    Attributes:
        request: What it changes about the request; likewise `vars`.
        turns: What is sent for cases without turns of their own.
        levels: The name of its level on each axis: `variant`, `prompt`, a request field, or a
            variable as `vars.tone`.
        coordinates: The number of that level on each axis, counted from 0.
    """

    name: str = DEFAULT_VARIANT
    request: Mapping[str, Any] = field(default_factory=dict)
    vars: Mapping[str, Any] = field(default_factory=dict)
    turns: tuple[Turn, ...] = ()
    levels: Mapping[str, str] = field(default_factory=dict)
    coordinates: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the command line sets for every suite; it wins over everything in a suite.

    Attributes:
        defaults: Fields of requests that the settings set; everything in a suite wins over them.
    """

    request: Mapping[str, Any] = field(default_factory=dict)
    vars: Mapping[str, Any] = field(default_factory=dict)
    repeat: int | None = None
    defaults: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MetricDefinition:
    """A metric computed from collected ones, and its limits."""

    name: str
    expression: str
    min: float | None = None
    max: float | None = None


@dataclass(frozen=True, slots=True)
class SuiteJudge:
    """What a suite changes about the judge of the settings.

    Attributes:
        request: Fields of the judge's requests, such as another `model`.
        prompt: A template for the system prompt; None for the built-in one.
    """

    request: Mapping[str, Any] = field(default_factory=dict)
    prompt: Text | None = None


def merged_request(*layers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of several layers; later ones win, in `extra` field by field."""
    merged: dict[str, Any] = {}
    for layer in layers:
        extra = {**merged.get("extra", {}), **layer.get("extra", {})}
        merged |= layer
        if extra:
            merged["extra"] = extra
    return merged


@dataclass(frozen=True, slots=True)
class Suite:
    """A suite file, complete and checked.

    Attributes:
        turns: What is sent for cases whose own, and whose variant's, there are none.
        digest: The hash of its file.
        files: The hashes of the files it includes, by their paths from its folder; complete once
            the suite is checked.
    """

    name: str
    span: Span
    cases: tuple[Case, ...]
    variants: tuple[Variant, ...] = (Variant(),)
    description: str = ""
    request: Mapping[str, Any] = field(default_factory=dict)
    vars: Mapping[str, Any] = field(default_factory=dict)
    overrides: Overrides = field(default_factory=Overrides)
    digest: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    metrics: tuple[MetricDefinition, ...] = ()
    judge: SuiteJudge = field(default_factory=SuiteJudge)
    turns: tuple[Turn, ...] = ()

    def variant(self, name: str) -> Variant:
        """Return the variant of a name, which it must have."""
        return next(one for one in self.variants if one.name == name)

    def request_of(self, case: Case, variant: Variant) -> dict[str, Any]:
        """Return the request fields, merged.

        Later wins: the settings, the suite, the variant, the case, the command line.
        """
        own = (self.request, variant.request, case.request)
        return merged_request(self.overrides.defaults, *own, self.overrides.request)

    def turns_of(self, case: Case, variant: Variant) -> tuple[Turn, ...]:
        """Return what is sent for a case in a variant; empty if nothing says so."""
        nothing = () if case.output is None else _NOTHING_TO_SEND
        return case.turns or variant.turns or self.turns or nothing


@dataclass(frozen=True, slots=True)
class Trial:
    """One repeat of one case in one variant: what runs.

    Attributes:
        index: The position in the run, counted from 0 in suite order.
        repeat: The number of this repeat, counted from 1, of `repeats`.
    """

    suite: Suite
    case: Case
    variant: Variant
    repeat: int
    repeats: int
    index: int = 0

    @property
    def id(self) -> str:
        """The id to select by, such as `triage::refund[haiku-4-5-0.7]#2`."""
        variant = "" if self.variant.name == DEFAULT_VARIANT else f"[{self.variant.name}]"
        repeat = f"#{self.repeat}" if self.repeats > 1 else ""
        return f"{self.suite.name}::{self.case.id}{variant}{repeat}"

    @property
    def key(self) -> CaseKey:
        """The case in its variant, all repeats together."""
        return CaseKey(self.suite.name, self.case.id, self.variant.name)

    @property
    def compared(self) -> frozenset[str]:
        """The other variants whose replies are needed to judge this trial."""
        return self.case.compared.get(self.variant.name, frozenset())

    @property
    def turns(self) -> tuple[Turn, ...]:
        """What is sent, turn by turn."""
        return self.suite.turns_of(self.case, self.variant)

    def peers(self) -> Iterator[Trial]:
        """Yield the trials of this case and repeat that this one is compared with.

        Their `index` is that of this trial: their own is not known here.
        """
        for variant in self.suite.variants:
            if variant.name in self.compared:
                yield replace(self, variant=variant)

    @property
    def request(self) -> dict[str, Any]:
        """The request fields, merged."""
        return self.suite.request_of(self.case, self.variant)

    @property
    def vars(self) -> dict[str, Any]:
        """The variables, merged in the order of `request`."""
        return {
            **self.suite.vars,
            **self.variant.vars,
            **self.case.vars,
            **self.suite.overrides.vars,
        }
