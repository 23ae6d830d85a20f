"""Loads suite files."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from harness.assertions.registry import AssertionRegistry
from harness.errors import SuiteError
from harness.loading.cases import CaseDefaults, CaseReader
from harness.loading.comparisons import Comparisons
from harness.loading.discovery import SUFFIXES
from harness.loading.draft import SuiteDraft, draft_of
from harness.loading.expectations import ExpectationReader
from harness.loading.extending import compose_suite
from harness.loading.file_values import insert_files
from harness.loading.files import ProjectFiles
from harness.loading.leaked_secrets import leaked_keys
from harness.loading.matrix import read_variants
from harness.loading.metrics import metric_name_problems, read_metrics
from harness.loading.nodes import MappingNode, data_of, described
from harness.loading.prompts import shared_turns
from harness.loading.shape import ShapeChecker
from harness.loading.suite_checks import (
    conversation_problems,
    duplicate_ids,
    missing_prompts,
    request_problems,
    unstreamed_limits,
)
from harness.loading.template_protocol import RendersTemplates
from harness.loading.texts import TextReader
from harness.model.suite import Expectation, FileByTemplate, Overrides, Suite, SuiteJudge
from harness.source import SourceFile, Text


class SuiteLoader:
    """Loads suite files, collecting all problems instead of stopping at the first."""

    def __init__(
        self,
        shape: ShapeChecker,
        assertions: AssertionRegistry,
        templates: RendersTemplates,
        files: ProjectFiles,
        overrides: Overrides,
    ) -> None:
        self._shape, self._assertions, self._templates = shape, assertions, templates
        self._expectations = ExpectationReader(assertions, templates)
        self._files, self._overrides = files, overrides

    def load(self, file: SourceFile, problems: list[SuiteError]) -> Suite | None:
        """Return the suite of a file, or None if no part of it can be used.

        A suite with problems in some cases has the others, so that these can be checked further.
        """
        file_problems = list(leaked_keys(file))
        suite = self._load(file, file_problems)
        problems += sorted(file_problems, key=_position)
        return suite

    def _load(self, file: SourceFile, problems: list[SuiteError]) -> Suite | None:
        try:
            node = compose_suite(file, self._files, problems)
        except SuiteError as error:
            problems.append(error)
            return None
        if not isinstance(node, MappingNode):
            problem = f"a suite must be a mapping, found {described(node)}"
            problems.append(SuiteError(node.span, problem, "write `suite: name` and `cases:`"))
            return None
        insert_files(node, self._files, problems)
        shape_errors = self._shape.problems(node, data_of(node))
        # A key that is not text, say, has been reported there in better words.
        reported = {(error.span.line, error.span.column) for error in problems}
        problems += [
            error for error in shape_errors if (error.span.line, error.span.column) not in reported
        ]
        draft = draft_of(file, node, problems, shape_errors)
        if draft is None:
            return None
        suite = self._suite(draft)
        # Without its variables every template of the suite would be reported as wrong.
        return suite if draft.defines_all_variables else None

    def _suite(self, draft: SuiteDraft) -> Suite:
        unused = {"cases", *draft.broken_keys}
        data = {k: data_of(value) for k, value in draft.root.values.items() if k not in unused}
        texts = TextReader(self._files, draft.problems, self._templates)
        defaults = self._case_defaults(draft, data)
        suite = Suite(
            name=str(data["suite"]),
            span=draft.root.keys["suite"].span,
            cases=(),
            variants=read_variants(draft, data, texts),
            description=str(data.get("description", "")),
            request=texts.request(data.get("request", {})),
            vars=data.get("vars", {}),
            overrides=self._overrides,
            digest=hashlib.sha256(draft.file.text.encode()).hexdigest(),
            files=self._files.included.collected(),
            metrics=tuple(read_metrics(draft.root, data, self._assertions, draft.problems)),
            judge=_judge(data.get("judge", {}), texts),
            turns=shared_turns(data, texts),
        )
        comparisons = Comparisons(self._assertions, suite.variants)
        cases = CaseReader(
            draft, suite, defaults, texts, self._expectations, self._templates, comparisons
        )
        suite = replace(suite, cases=tuple(cases.read()))
        draft.problems += duplicate_ids(suite.cases)
        draft.problems += conversation_problems(suite)
        if not draft.broken_keys:
            draft.problems += unstreamed_limits(suite, self._assertions.leaves)
        draft.problems += metric_name_problems(
            draft.root,
            suite.metrics,
            (expectation for case in suite.cases for expectation in case.all_expectations),
        )
        if not draft.broken_keys:
            draft.problems += missing_prompts(suite)
        draft.problems += request_problems(suite, has_whole_request=not draft.broken_keys)
        return suite

    def _case_defaults(self, draft: SuiteDraft, data: Mapping[str, Any]) -> CaseDefaults:
        expectations: tuple[Expectation, ...] = ()
        if "assert" in data:
            expectations = self._expectations.read(
                draft.node("assert"), data["assert"], draft.problems
            )
        inherited = {key: data[key] for key in ("repeat", "pass_rate") if key in data}
        return CaseDefaults(expectations, frozenset(map(str, data.get("tags", []))), inherited)


def _judge(data: Mapping[str, Any], texts: TextReader) -> SuiteJudge:
    request = {key: value for key, value in data.items() if key != "prompt"}
    prompt = texts.text(data["prompt"]) if "prompt" in data else None
    if isinstance(prompt, FileByTemplate):
        problem = "the path of a judge's prompt cannot be a template"
        texts.problems.append(SuiteError(prompt["file"].span, problem, "name the file"))
    return SuiteJudge(request, prompt if isinstance(prompt, Text) else None)


def _position(error: SuiteError) -> tuple[bool, str, int, int]:
    """Order by position; problems in files that the suite names come after its own."""
    name = str(error.span.path)
    return not name.endswith(SUFFIXES), name, error.span.line, error.span.column
