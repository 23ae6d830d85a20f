"""The parts that load and render suites, put together."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING

from harness.app.plan.plugins import installed_assertions
from harness.app.plan.user_functions import UserFunctions
from harness.assertions.builtin import builtin_assertions
from harness.assertions.code import DisabledFunctions
from harness.loading.files import ProjectFiles
from harness.loading.schema import suite_schema
from harness.loading.shape import ShapeChecker
from harness.model.request_ranges import API_RANGES, RequestRanges
from harness.rendering.attachments import Attachments
from harness.rendering.expressions import Expressions
from harness.rendering.preflight import Preflight
from harness.rendering.requests import RequestRenderer
from harness.rendering.templates import Templates
from harness.rendering.variable_uses import VariableUses

if TYPE_CHECKING:
    from harness.rendering.environment import TemplateEnvironment
    from harness.running.function_pool import FunctionPool


class Components:
    """The parts that load and render, made once for each command."""

    def __init__(self, *, allows_code: bool = False, ranges: RequestRanges = API_RANGES) -> None:
        # One environment for templates and expressions, made when the first text needs Jinja.
        self.files = ProjectFiles()
        environment = cache(partial(_template_environment, self.files))
        functions = UserFunctions(self.files)
        self.code = _code_pool(functions) if allows_code else None
        # Whether code may run is asked when it is to run; that it exists, of everyone.
        self.assertions = builtin_assertions(
            Expressions(environment), self.code or DisabledFunctions(functions.check)
        )
        for _, registry in installed_assertions():
            self.assertions.include(registry)
        self.templates = Templates(environment)
        self.variables = VariableUses(self.templates)
        self.schema = suite_schema(self.assertions, ranges)
        attachments = Attachments(self.files)
        # One renderer for the check and the run, which then need not render each trial twice.
        self.renderer = RequestRenderer(self.templates, attachments, self.assertions, self.files)
        self.preflight = Preflight(self.templates, self.renderer)

    def shape(self, part: str | None = None) -> ShapeChecker:
        """Return the checker of a suite or of one of its parts."""
        root = self.schema if part is None else {**self.schema, "$ref": f"#/$defs/{part}"}
        return ShapeChecker(root)


def _code_pool(functions: UserFunctions) -> FunctionPool:
    # Few projects allow their own code to run, and the pool needs asyncio.
    from harness.running.function_pool import FunctionPool

    return FunctionPool(functions.locate, functions.check)


def make_expressions() -> Expressions:
    """Return an evaluator of expressions of its own, for what needs no suites."""
    return Expressions(cache(_template_environment))


def _template_environment(files: ProjectFiles | None = None) -> TemplateEnvironment:
    # The import of Jinja takes a tenth of a short run, and most suites only put in variables.
    from harness.rendering.environment import TemplateEnvironment
    from harness.rendering.included import IncludedTemplates

    return TemplateEnvironment(None if files is None else IncludedTemplates(files))
