from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from harness import app

ROOT = Path(__file__).parent.parent.parent
SCHEMA = json.loads(app.schema_text())
SUITES = sorted((ROOT / "suites").rglob("*.suite.yaml"))


def test_the_committed_schema_is_the_one_the_code_makes() -> None:
    committed = (ROOT / "schemas" / "suite.schema.json").read_text("utf-8")

    assert committed == app.schema_text(), "run `harness schema > schemas/suite.schema.json`"


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", SUITES, ids=lambda path: path.name)
def test_the_published_schema_takes_the_suites_as_editors_read_them(path: Path) -> None:
    suite = yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)

    assert list(jsonschema.Draft202012Validator(SCHEMA).iter_errors(suite)) == []


def paths_in(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = (
        list(value.items())
        if isinstance(value, dict)
        else list(enumerate(value))
        if isinstance(value, list)
        else []
    )
    return [path, *(nested for key, item in items for nested in paths_in(item, (*path, key)))]


LOADED = [yaml.load(path.read_text("utf-8"), yaml.CSafeLoader) for path in SUITES]
ODD = st.sampled_from(
    [None, True, 0, -1, 1.5, 40000, "", "x", "{{ x }}", [], ["x"], {}, {"file": "x"}, {"x": 1}]
)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(st.data())
def test_the_fast_validator_agrees_with_the_one_that_explains(data: st.DataObject) -> None:
    suite = copy.deepcopy(data.draw(st.sampled_from(LOADED)))
    *way, last = data.draw(st.sampled_from([path for path in paths_in(suite) if path]))
    holder = suite
    for step in way:
        holder = holder[step]
    change = data.draw(st.sampled_from(["replace", "remove", "rename"]))
    if change == "replace":
        holder[last] = data.draw(ODD)
    elif change == "remove":
        del holder[last]
    elif isinstance(holder, dict):
        holder[f"{last}x"] = holder.pop(last)

    fast = jsonschema_rs.Draft202012Validator(SCHEMA).is_valid(suite)

    assert fast == jsonschema.Draft202012Validator(SCHEMA).is_valid(suite)
