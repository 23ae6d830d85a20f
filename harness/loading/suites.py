"""Turns checked nodes into a suite."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from harness.assertions.registry import AssertionRegistry
from harness.errors import SuiteError
from harness.loading.comparisons import Comparisons
from harness.loading.datasets import ROW_VARIABLE, Row, read_rows
from harness.loading.expectations import ExpectationReader, RendersTemplates
from harness.loading.files import ProjectFiles
from harness.loading.leaked_secrets import written_keys
from harness.loading.nodes import MappingNode, Node, SequenceNode, compose, data_of
from harness.loading.shape import ShapeChecker, ShapeError, node_at, place_of
from harness.loading.texts import TextReader
from harness.loading.variants import Level, combine, request_axis, variable_axis
from harness.model.suite import Case, Expectation, Overrides, Suite, SuiteJudge, Turn, Variant
from harness.source import SourceFile, Span, Text

_MOST_DUPLICATES_TOLD = 5
_NOT_A_SLUG_CHARACTER = frozenset(" \t\n/:#[]{}()<>|\"'`,;&?*!$%=@^~\\")


@dataclass(slots=True)
class _Draft:
    """A file on its way to a suite: the parts that are known to be well-formed, and problems."""

    file: SourceFile
    root: MappingNode
    problems: list[SuiteError]
    broken_cases: frozenset[int]
    broken_keys: frozenset[str]

    @property
    def is_renderable(self) -> bool:
        """Whether all variables are known."""
        return not self.broken_keys & _KEYS_WITH_VARIABLES

    def node(self, *path: str | int) -> Node:
        return node_at(self.root, path)


class SuiteLoader:
    """Reads suite files, collecting every problem instead of stopping at the first."""

    def __init__(
        self,
        shape: ShapeChecker,
        assertions: AssertionRegistry,
        templates: RendersTemplates,
        files: ProjectFiles,
        overrides: Overrides,
    ) -> None:
        self._shape, self._templates = shape, templates
        self._expectations = ExpectationReader(assertions, templates)
        self._files, self._overrides = files, overrides

    def load(self, file: SourceFile, problems: list[SuiteError]) -> Suite | None:
        """Return the suite of a file, or None if nothing of it can be used.

        With problems in single cases the suite holds the others, so that these can be checked on.
        """
        told = list(written_keys(file))
        problems_before = len(problems)
        try:
            node = compose(file, told)
        except SuiteError as error:
            problems += [*told, error]
            return None
        if not isinstance(node, MappingNode):
            fix = "write `suite: name` and `cases:`"
            problems += [*told, SuiteError(node.span, "the file holds no suite", fix)]
            return None
        shape = self._shape.problems(node, data_of(node))
        places = {(each.span.line, each.span.column) for each in told}
        told += [each for each in shape if (each.span.line, each.span.column) not in places]
        usable = _usable(shape)
        suite = None
        if usable is not None:
            draft = _Draft(file, node, told, *usable)
            suite = self._suite(draft)
            if not draft.is_renderable:
                suite = None  # its templates would be said to miss variables that are only broken
        problems[problems_before:] = sorted(told, key=_place)
        return suite

    def _suite(self, draft: _Draft) -> Suite:
        unused = {"cases", *draft.broken_keys}
        data = {k: data_of(value) for k, value in draft.root.values.items() if k not in unused}
        reader = TextReader(self._files, draft.file.path.parent, draft.problems)
        suite_wide: tuple[Expectation, ...] = ()
        if "assert" in data:
            suite_wide = self._expectations.read(
                draft.node("assert"), data["assert"], draft.problems
            )
        suite = Suite(
            name=str(data["suite"]),
            span=draft.root.keys["suite"].span,
            cases=(),
            variants=self._variants(draft, data, reader),
            description=str(data.get("description", "")),
            request=reader.request(data.get("request", {})),
            vars=data.get("vars", {}),
            overrides=self._overrides,
            digest=hashlib.sha256(draft.file.text.encode()).hexdigest(),
            metrics=tuple(self._expectations.metrics(draft.root, data, draft.problems)),
            judge=_judge(data.get("judge", {}), reader),
        )
        cases = list(self._cases(draft, suite, suite_wide, reader, data))
        _check_ids(cases, draft.problems)
        self._expectations.check_metric_names(
            draft.root,
            suite.metrics,
            (expectation for case in cases for expectation in case.all_expectations),
            draft.problems,
        )
        suite = replace(suite, cases=tuple(cases))
        draft.problems += _request_problems(suite, model_unknown=bool(draft.broken_keys))
        return suite

    def _variants(
        self, draft: _Draft, data: Mapping[str, Any], reader: TextReader
    ) -> tuple[Variant, ...]:
        named = [
            Level(name, reader.request(each.get("request", {})), each.get("vars", {}))
            for name, each in data.get("variants", {}).items()
        ]
        axes = []
        for name, values in data.get("matrix", {}).items():
            if name == "vars":
                for each, levels in values.items():
                    _check_levels(draft, draft.node("matrix", "vars", each), levels)
                    axes.append(variable_axis(each, levels))
            else:
                _check_levels(draft, draft.node("matrix", name), values)
                sent = [reader.request({name: value})[name] for value in values]
                axes.append(request_axis(name, sent, values))
        variants = combine(named, axes)
        names = Counter(variant.name for variant in variants)
        for name, number in names.items():
            if number > 1:
                span = place_of(draft.node("matrix"))
                problem = f"{number} variants are called `{name}`"
                draft.problems.append(SuiteError(span, problem, "name the variants apart"))
        return variants

    def _cases(
        self,
        draft: _Draft,
        suite: Suite,
        suite_wide: tuple[Expectation, ...],
        reader: TextReader,
        data: Mapping[str, Any],
    ) -> Iterator[Case]:
        nodes = draft.node("cases")
        assert isinstance(nodes, SequenceNode)  # noqa: S101  # the shape has been checked
        inherited = {key: data[key] for key in ("repeat", "pass_rate") if key in data}
        tags = frozenset(map(str, data.get("tags", [])))
        comparisons = Comparisons(self._expectations.assertions, suite.variants)
        for index, node in enumerate(nodes.items):
            if index in draft.broken_cases or not isinstance(node, MappingNode):
                continue
            written = {**inherited, **data_of(node)}
            case = self._case(draft, node, written, suite_wide, reader, tags)
            case = replace(case, compared=comparisons.compared(case, draft.problems))
            if "dataset" in written:
                yield from self._rows(draft, suite, case, written, reader)
            else:
                yield from self._single(draft, suite, case, written["id"])

    def _case(
        self,
        draft: _Draft,
        node: MappingNode,
        written: Mapping[str, Any],
        suite_wide: tuple[Expectation, ...],
        reader: TextReader,
        tags: frozenset[str],
    ) -> Case:
        transforms = self._expectations.transform(node, written, draft.problems)
        own = self._expectations.read(
            node_at(node, ["assert"]), written.get("assert", []), draft.problems, transforms
        )
        suite_wide = tuple(
            replace(each, transforms=(*transforms, *each.transforms)) for each in suite_wide
        )
        turns = written.get("turns")
        made: tuple[Turn, ...]
        if turns is None:
            made = (Turn(reader.messages(written)),)
        else:
            made = tuple(
                Turn(
                    reader.messages(turn),
                    self._expectations.read(
                        node_at(node, ["turns", index, "assert"]),
                        turn.get("assert", []),
                        draft.problems,
                        transforms,
                    ),
                )
                for index, turn in enumerate(turns)
            )
        return Case(
            id=str(written["id"]),
            span=written["id"].span,
            turns=made,
            request=reader.request(written.get("request", {})),
            vars=written.get("vars", {}),
            expectations=(*suite_wide, *own),
            tags=tags | frozenset(map(str, written.get("tags", []))),
            skip=written.get("skip"),
            xfail=written.get("xfail"),
            threshold=written.get("threshold"),
            repeat=int(self._overrides.repeat or written.get("repeat", 1)),
            pass_rate=written.get("pass_rate", 1.0),
        )

    def _single(self, draft: _Draft, suite: Suite, case: Case, written: Text) -> Iterator[Case]:
        if not self._templates.has_template(written):
            yield case
            return
        variables = {**suite.vars, **case.vars, **suite.overrides.vars}
        yield from self._with_id(draft, case, written, variables, "")

    def _rows(
        self,
        draft: _Draft,
        suite: Suite,
        case: Case,
        written: Mapping[str, Any],
        reader: TextReader,
    ) -> Iterator[Case]:
        name, case_id = written["dataset"], written["id"]
        try:
            rows = read_rows(name, reader.text_file(name))
        except SuiteError as error:
            draft.problems.append(error)
            return
        if len(rows) > 1 and not self._templates.has_template(case_id):
            problem = f"each of the {len(rows)} rows of `{name}` would be called `{case_id}`"
            fix = f'use a column or the row\'s number: "{case_id}-{{{{ {ROW_VARIABLE} }}}}"'
            draft.problems.append(SuiteError(case_id.span, problem, fix))
            return
        yield from self._row_cases(draft, suite, case, case_id, rows)

    def _row_cases(
        self, draft: _Draft, suite: Suite, case: Case, case_id: Text, rows: Iterable[Row]
    ) -> Iterator[Case]:
        outer = {**suite.vars, **case.vars}
        for number, row in enumerate(rows, start=1):
            values = {**case.vars, ROW_VARIABLE: number, **row.values}
            of_row = replace(case, vars=values, row=number)
            variables = {**outer, **values, **suite.overrides.vars}
            before = len(draft.problems)
            yield from self._with_id(draft, of_row, case_id, variables, f" in row {number}")
            if len(draft.problems) > before:
                return  # the other rows would say the same

    def _with_id(
        self, draft: _Draft, case: Case, written: Text, variables: Mapping[str, Any], where: str
    ) -> Iterator[Case]:
        try:
            rendered = self._templates.render(written, variables)
        except SuiteError as error:
            if draft.is_renderable:
                draft.problems.append(error)
            return
        unfit = [each for each in rendered if each in _NOT_A_SLUG_CHARACTER or not each.isascii()]
        if unfit or not rendered or len(rendered) > 100 or not rendered[0].isalnum():
            problem = f"the id is `{rendered[:60]}`{where}"
            fix = "make it of letters, digits, `.`, `_` and `-`, at most 100"
            draft.problems.append(SuiteError(written.span, problem, fix))
            return
        yield replace(case, id=rendered)


_KEYS_WITH_VARIABLES = frozenset({"vars", "variants", "matrix"})
_INDEPENDENT_KEYS = _KEYS_WITH_VARIABLES | {
    "request", "assert", "repeat", "pass_rate", "tags", "description", "metrics", "judge"
}  # fmt: skip


def _judge(written: Mapping[str, Any], reader: TextReader) -> SuiteJudge:
    request = {key: value for key, value in written.items() if key != "prompt"}
    prompt = reader.text(written["prompt"]) if "prompt" in written else None
    return SuiteJudge(request, prompt if isinstance(prompt, Text) else None)


def _usable(problems: Iterable[ShapeError]) -> tuple[frozenset[int], frozenset[str]] | None:
    """Return which cases and keys to leave out, or None if nothing could be said of the rest."""
    cases, keys = set(), set()
    for problem in problems:
        match problem.path:
            case ("cases", int(index), *_):
                cases.add(index)
            case (str(key), *_) if key in _INDEPENDENT_KEYS:
                keys.add(key)
            case _:
                return None
    return frozenset(cases), frozenset(keys)


def _place(error: SuiteError) -> tuple[bool, str, int, int]:
    """Order by place; problems in files the suite names come after its own."""
    name = str(error.span.path)
    return (
        not name.endswith((".suite.yaml", ".suite.yml")),
        name,
        error.span.line,
        error.span.column,
    )


def _check_levels(draft: _Draft, node: Node, values: Sequence[Any]) -> None:
    """Refuse a value that stands twice on an axis: it would run, and count, twice."""
    assert isinstance(node, SequenceNode)  # noqa: S101  # the shape has been checked
    seen = set()
    for item, value in zip(node.items, values, strict=True):
        key = json.dumps(value, sort_keys=True)
        if key in seen:
            problem = "the value stands twice on this axis of the matrix"
            draft.problems.append(SuiteError(item.span, problem, "remove one of the two"))
        seen.add(key)


def _check_ids(cases: Iterable[Case], problems: list[SuiteError]) -> None:
    seen: dict[str, Case] = {}
    told: dict[Span, int] = {}
    for case in cases:
        first = seen.setdefault(case.id, case)
        told[case.span] = told.get(case.span, 0) + (first is not case)
        if first is case or told[case.span] > _MOST_DUPLICATES_TOLD:
            continue
        rows = f", rows {first.row} and {case.row}" if case.row and first.row else ""
        problem = f"duplicate id `{case.id}`{rows}; the first is in line {first.span.line}"
        problems.append(SuiteError(case.span, problem, "give each case an id of its own"))


def _request_problems(suite: Suite, *, model_unknown: bool) -> Iterator[SuiteError]:
    """Check what only shows when suite, variants, cases and command line are merged."""
    checked: set[int] = set()
    for case in suite.cases:
        if id(case.request) in checked:
            continue  # a dataset's rows share it
        checked.add(id(case.request))
        for variant in suite.variants:
            request = {
                **suite.request,
                **variant.request,
                **case.request,
                **suite.overrides.request,
            }
            if request.get("stream") and request.get("async"):
                problem = f"`stream` and `async` meet in the variant `{variant.name}`"
                yield SuiteError(case.span, problem, "keep one of the two")
            if "model" not in request and not model_unknown:
                fix = "add `model: …` below `request:`"
                yield SuiteError(suite.span, "no model is given", fix)
                return
