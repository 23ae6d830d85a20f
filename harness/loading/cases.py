"""Reads the cases of a suite; each row of a dataset becomes a case."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from harness.errors import SuiteError
from harness.loading.case_ids import default_id, id_span
from harness.loading.comparisons import Comparisons
from harness.loading.datasets import ROW_VARIABLE
from harness.loading.draft import SuiteDraft
from harness.loading.expectations import ExpectationReader
from harness.loading.nodes import MappingNode, SequenceNode, data_of, node_at
from harness.loading.prompts import shared_turns
from harness.loading.rows import (
    NumberedRow,
    has_rows,
    rows_of,
    selected_rows,
    source_of_rows,
)
from harness.loading.template_protocol import RendersTemplates
from harness.loading.texts import TextReader
from harness.model.suite import Case, Expectation, Suite, Turn

_NOT_IN_IDS = frozenset(" \t\n/:#[]{}()<>|\"'`,;&?*!$%=@^~\\")
_MAX_ID_LENGTH = 100
_GROUP_FIX = "name what the case shares with others, such as its document, or leave `group` out"
_ID_FIX = "use letters, digits, `.`, `_` and `-`, at most 100, beginning with a letter or digit"


@dataclass(frozen=True, slots=True)
class CaseDefaults:
    """What a suite says for all of its cases.

    Attributes:
        data: `repeat` and `pass_rate`, as far as they are set.
    """

    expectations: tuple[Expectation, ...] = ()
    tags: frozenset[str] = frozenset()
    data: Mapping[str, Any] = field(default_factory=dict)


class CaseReader:
    """Reads the cases of one suite; what is wrong with them is added to its draft."""

    def __init__(
        self,
        draft: SuiteDraft,
        suite: Suite,
        defaults: CaseDefaults,
        texts: TextReader,
        expectations: ExpectationReader,
        templates: RendersTemplates,
        comparisons: Comparisons,
    ) -> None:
        self._draft, self._suite, self._defaults = draft, suite, defaults
        self._texts, self._expectations = texts, expectations
        self._templates, self._comparisons = templates, comparisons

    def read(self) -> Iterator[Case]:
        """Yield the well-formed cases in file order."""
        nodes = self._draft.node("cases")
        assert isinstance(nodes, SequenceNode)  # noqa: S101  # the shape has been checked
        for index, node in enumerate(nodes.items):
            if index in self._draft.broken_cases or not isinstance(node, MappingNode):
                continue
            data = {**self._defaults.data, **data_of(node)}
            data.setdefault("id", default_id(node, data, index + 1, has_rows=has_rows(data)))
            case = self._case(node, data)
            case = replace(case, compared=self._comparisons.compared(case, self._draft.problems))
            if has_rows(data):
                yield from self._dataset_cases(node, case, data)
            else:
                yield from self._single_case(case, data)

    def _case(self, node: MappingNode, data: Mapping[str, Any]) -> Case:
        """Return a case with its id and group as written, which may be templates."""
        problems = self._draft.problems
        transforms = self._expectations.read_transform(node, data, problems)
        own = self._expectations.read(
            node_at(node, ["assert"]), data.get("assert", []), problems, transforms
        )
        shared = tuple(
            replace(expectation, transforms=(*transforms, *expectation.transforms))
            for expectation in self._defaults.expectations
        )
        return Case(
            id=str(data["id"]),
            span=id_span(node),
            description=str(data.get("description", "")),
            turns=self._turns(node, data, transforms),
            request=self._texts.request(data.get("request", {})),
            vars=data.get("vars", {}),
            expectations=(*shared, *own),
            tags=self._defaults.tags | frozenset(map(str, data.get("tags", []))),
            skip=data.get("skip"),
            xfail=data.get("xfail"),
            threshold=data.get("threshold"),
            repeat=int(self._suite.overrides.repeat or data.get("repeat", 1)),
            pass_rate=data.get("pass_rate", 1.0),
            group=data.get("group"),
            output=data.get("output"),
        )

    def _turns(
        self, node: MappingNode, data: Mapping[str, Any], transforms: tuple[str, ...]
    ) -> tuple[Turn, ...]:
        if "turns" not in data:
            return shared_turns(data, self._texts)
        return tuple(
            Turn(
                self._texts.messages(turn),
                self._expectations.read(
                    node_at(node, ["turns", index, "assert"]),
                    turn.get("assert", []),
                    self._draft.problems,
                    transforms,
                ),
            )
            for index, turn in enumerate(data["turns"])
        )

    def _single_case(self, case: Case, data: Mapping[str, Any]) -> Iterator[Case]:
        suite = self._suite
        variables = {**suite.vars, **case.vars, **suite.overrides.vars}
        if not self._is_wanted(data, variables):
            return
        if not self._templates.has_template([data["id"], data.get("group", "")]):
            yield case
            return
        yield from self._rendered(case, data, variables)

    def _is_wanted(self, data: Mapping[str, Any], variables: Mapping[str, Any]) -> bool:
        """Return whether a case, or a row of it, is one by its condition."""
        if "when" not in data or not self._draft.defines_all_variables:
            return True
        try:
            return self._expectations.is_true(data["when"], variables)
        except SuiteError as error:
            self._draft.problems.append(error)
            return False

    def _dataset_cases(
        self, node: MappingNode, case: Case, data: Mapping[str, Any]
    ) -> Iterator[Case]:
        case_id = data["id"]
        try:
            wanted = list(self._wanted_rows(case, data, rows_of(node, data, self._texts)))
            rows = selected_rows(node, data, wanted)
        except SuiteError as error:
            self._draft.problems.append(error)
            return
        if len(rows) > 1 and not self._templates.has_template(case_id):
            source = source_of_rows(data)
            problem = f"all {len(rows)} rows of {source} would have the id `{case_id}`"
            fix = f'use a column or the row number: "{case_id}-{{{{ {ROW_VARIABLE} }}}}"'
            self._draft.problems.append(SuiteError(case_id.span, problem, fix))
            return
        yield from self._row_cases(case, data, rows)

    def _wanted_rows(
        self, case: Case, data: Mapping[str, Any], rows: Iterable[NumberedRow]
    ) -> Iterator[NumberedRow]:
        if "when" not in data:
            yield from rows
            return
        shared, overrides = {**self._suite.vars, **case.vars}, self._suite.overrides.vars
        for number, row in rows:
            problems_before = len(self._draft.problems)
            if self._is_wanted(data, {**shared, ROW_VARIABLE: number, **row.values, **overrides}):
                yield NumberedRow(number, row)
            if len(self._draft.problems) > problems_before:
                return  # the other rows would repeat the error

    def _row_cases(
        self, case: Case, data: Mapping[str, Any], rows: Iterable[NumberedRow]
    ) -> Iterator[Case]:
        shared = {**self._suite.vars, **case.vars}
        overrides = self._suite.overrides.vars
        for number, row in rows:
            values = {**case.vars, ROW_VARIABLE: number, **row.values}
            problems_before = len(self._draft.problems)
            variables = {**shared, **values, **overrides}
            yield from self._rendered(case, data, variables, vars=values, row=number)
            if len(self._draft.problems) > problems_before:
                return  # the other rows would repeat the error

    def _rendered(
        self, case: Case, data: Mapping[str, Any], variables: Mapping[str, Any], **of_row: Any
    ) -> Iterator[Case]:
        """Yield the case with its id and group rendered, or nothing if one of them is wrong.

        Args:
            case: The case.
            data: Has both as they are written.
            variables: What they may use.
            of_row: Fields that a row of a dataset changes; all in one step, because copying a case
                is most of what a row costs.
        """
        case_id, group = data["id"], data.get("group")
        try:
            rendered_id = self._templates.render(case_id, variables)
            rendered_group = None if group is None else self._templates.render(group, variables)
        except SuiteError as error:
            if self._draft.defines_all_variables:
                self._draft.problems.append(error)
            return
        row = f" in row {of_row['row']}" if "row" in of_row else ""
        problems = []
        if not _is_id(rendered_id):
            problem = f"invalid id `{rendered_id[:60]}`{row}"
            problems.append(SuiteError(case_id.span, problem, _ID_FIX))
        if group is not None and not str(rendered_group).strip():
            problems.append(SuiteError(group.span, f"`group` is blank{row}", _GROUP_FIX))
        self._draft.problems += problems
        if not problems:
            yield replace(case, id=rendered_id, group=rendered_group, **of_row)


def _is_id(text: str) -> bool:
    if not text or len(text) > _MAX_ID_LENGTH or not text[0].isalnum():
        return False
    return text.isascii() and _NOT_IN_IDS.isdisjoint(text)
