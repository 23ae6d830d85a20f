"""What a suite says: cases, variants and what is expected, before anything is rendered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from harness.source import Span, Text

DEFAULT_VARIANT = "default"


@dataclass(frozen=True, slots=True)
class Expectation:
    """An assertion with its arguments; texts in them may be templates until they are rendered.

    Attributes:
        weight: How much the verdict counts in the score; 0 shows it without deciding anything.
        is_warning: `severity: warn`, which is shown and never decides.
        nested: The expectations inside it, such as those of `all_of`.
        transforms: Expressions over the output, one after the other; what comes of them is judged.
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
    nested: tuple[Expectation, ...] = ()
    transforms: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The assertion as the suite spells it, such as `not_contains`."""
        return f"not_{self.assertion}" if self.is_negated else self.assertion

    @property
    def decides(self) -> bool:
        """Whether the verdict can make a trial fail."""
        return self.weight > 0 and not self.is_warning


@dataclass(frozen=True, slots=True)
class Turn:
    """The messages one request adds to a conversation, and what its reply must be like."""

    messages: tuple[Mapping[str, Any], ...]
    expectations: tuple[Expectation, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One test. A dataset's row is a case of its own, with the columns among its variables.

    Attributes:
        row: The number of the dataset's row, counted from 1, or 0 without a dataset.
        expectations: The suite's and then the case's own; they judge the last reply.
        threshold: The score from which a trial passes; without one every expectation must pass.
        pass_rate: The share of a variant's repeats that must pass.
        compared: The other variants that have to be known to judge a variant, and those that these
            need in turn; variants that are compared with nothing are left out.
    """

    id: str
    span: Span
    turns: tuple[Turn, ...]
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

    @property
    def all_expectations(self) -> tuple[Expectation, ...]:
        """Those of its turns and its own."""
        of_turns = (expectation for turn in self.turns for expectation in turn.expectations)
        return (*of_turns, *self.expectations)


@dataclass(frozen=True, slots=True)
class Variant:
    """One combination of the things compared, and what it changes in requests and variables."""

    name: str = DEFAULT_VARIANT
    request: Mapping[str, Any] = field(default_factory=dict)
    vars: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the command line sets for every suite of the run; it wins over all."""

    request: Mapping[str, Any] = field(default_factory=dict)
    vars: Mapping[str, Any] = field(default_factory=dict)
    repeat: int | None = None


@dataclass(frozen=True, slots=True)
class MetricDefinition:
    """A value that is computed from collected metrics: an expression over them, and its limits."""

    name: str
    expression: str
    min: float | None = None
    max: float | None = None


@dataclass(frozen=True, slots=True)
class SuiteJudge:
    """Who judges the replies of a suite, where that is not left to the settings.

    Attributes:
        request: What its requests say instead of the settings, such as another `model`.
        prompt: The template of its system prompt; None for the built-in one.
    """

    request: Mapping[str, Any] = field(default_factory=dict)
    prompt: Text | None = None


@dataclass(frozen=True, slots=True)
class Suite:
    """A file of cases, complete and checked."""

    name: str
    span: Span
    cases: tuple[Case, ...]
    variants: tuple[Variant, ...] = (Variant(),)
    description: str = ""
    request: Mapping[str, Any] = field(default_factory=dict)
    vars: Mapping[str, Any] = field(default_factory=dict)
    overrides: Overrides = field(default_factory=Overrides)
    digest: str = ""
    metrics: tuple[MetricDefinition, ...] = ()
    judge: SuiteJudge = field(default_factory=SuiteJudge)


@dataclass(frozen=True, slots=True)
class Trial:
    """One repeat of one case in one variant: the unit that runs.

    Attributes:
        index: The trial's place in the run, counted from 0 in suite order.
        repeat: Which of the `repeats` this is, counted from 1.
    """

    suite: Suite
    case: Case
    variant: Variant
    repeat: int
    repeats: int
    index: int = 0

    @property
    def id(self) -> str:
        """The name people select by, such as `triage::refund[haiku-4-5-0.7]#2`."""
        variant = "" if self.variant.name == DEFAULT_VARIANT else f"[{self.variant.name}]"
        repeat = f"#{self.repeat}" if self.repeats > 1 else ""
        return f"{self.suite.name}::{self.case.id}{variant}{repeat}"

    @property
    def compared(self) -> frozenset[str]:
        """The other variants whose trials have to be known to judge this one."""
        return self.case.compared.get(self.variant.name, frozenset())

    def peers(self) -> Iterator[Trial]:
        """Yield the trials of this case and repeat that this one is compared with.

        Their places in the run are not known here, and are that of this one.
        """
        for variant in self.suite.variants:
            if variant.name in self.compared:
                yield replace(self, variant=variant)

    @property
    def request(self) -> dict[str, Any]:
        """The settings of the request, merged; later wins: suite, variant, case, command line."""
        return {
            **self.suite.request,
            **self.variant.request,
            **self.case.request,
            **self.suite.overrides.request,
        }

    @property
    def vars(self) -> dict[str, Any]:
        """The variables of the templates, merged in the order of `request`."""
        return {
            **self.suite.vars,
            **self.variant.vars,
            **self.case.vars,
            **self.suite.overrides.vars,
        }
