"""The assertion on parts of JSON replies that a JSONPath selects."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any

from harness.assertions.difference import excerpt
from harness.assertions.json_parsing import not_json, parse_json, too_long
from harness.assertions.nested import Expectations, NestedExpectations, first_problem
from harness.assertions.parameters import ArgumentError, ParameterType
from harness.assertions.registry import AssertionRegistry
from harness.model.outcome import Verdict
from harness.model.reply import Reply
from harness.model.suite import Expectation

json_path_assertions = AssertionRegistry()


def _read_path(value: Any) -> str:
    import jsonpath_rfc9535

    if not isinstance(value, str):
        raise ArgumentError(f"expected a JSONPath, found {value!r}", "write `$.name`")
    try:
        jsonpath_rfc9535.compile(value)
    except jsonpath_rfc9535.JSONPathError as error:
        token = getattr(error, "token", None)
        problem = f"not a JSONPath: {str(error).partition(', line')[0]}"
        fix = "write a path such as `$.items[0].name`"
        raise ArgumentError(problem, fix, offset=token.index if token else 0) from error
    return str(value)


JsonPath = Annotated[str, ParameterType({"type": "string", "minLength": 1}, _read_path)]


@json_path_assertions.register("json_path")
def json_path(reply: Reply, path: JsonPath, *, assert_: Expectations | None = None) -> Verdict:
    """Pass when the reply is JSON in which a JSONPath selects at least one value.

    With `assert`, every selected value must meet every nested expectation: a text is judged as it
    is, any other value as JSON. The score is the share of values that do.

    Source:
        RFC 9535, computed by jsonpath-rfc9535.
    """
    import jsonpath_rfc9535

    if (verdict := too_long(reply.text)) is not None:
        return verdict
    try:
        nodes = jsonpath_rfc9535.find(path, parse_json(reply.text))
    except (RecursionError, ValueError) as error:
        return replace(not_json(error, reply.text), is_unreadable=True)
    except jsonpath_rfc9535.JSONPathError as error:
        return Verdict.errored(f"`{path}`: {error}")
    if not nodes:
        reason = f"`{path}` selects nothing"
        return Verdict.failing(reason, expected=path, actual=excerpt(reply.text))
    if assert_ is None:
        return Verdict.passing(f"`{path}` selects {len(nodes)} value{'s' * (len(nodes) != 1)}")
    return _all_meet(reply, [(node.path(), node.value) for node in nodes], assert_)


def _all_meet(
    reply: Reply, values: Sequence[tuple[str, Any]], nested: NestedExpectations
) -> Verdict:
    failures: list[tuple[str, Expectation, Verdict]] = []
    errors: list[tuple[str, Expectation, Verdict]] = []
    for location, value in values:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        problem = first_problem(nested.judge(replace(reply, text=text)))
        if problem is not None:
            (errors if problem[1].is_error else failures).append((location, *problem))
    if not failures and not errors:
        return Verdict.passing(f"all {len(values)} values meet the expectations")
    least = 1 - (len(failures) + len(errors)) / len(values)
    score_range = (least, 1 - len(failures) / len(values)) if errors else None
    if not failures:
        location, expectation, verdict = errors[0]
        reason = f"{location}: {expectation.key}: {verdict.reason}"
        error = Verdict.errored(reason, verdict.traceback or "")
        return replace(error, score=least, score_range=score_range)
    location, _, verdict = failures[0]
    return Verdict(
        passed=False,
        score=least,
        reason=f"{len(failures)} of {len(values)} values do not fit: {location}: {verdict.reason}",
        expected=verdict.expected,
        actual=verdict.actual,
        # one that does not fit although it can be read decides on its own
        is_unreadable=all(verdict.is_unreadable for *_, verdict in failures),
        score_range=score_range,
    )
