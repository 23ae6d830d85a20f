"""Outputs that are given in a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness.app.execute.given_replies import read_outputs
from harness.errors import SettingsError
from tests.support.suites import plan_of, write_suite

SUITE = """\
suite: t
request: {model: m}
matrix: {temperature: [0, 1]}
cases:
  - {id: a, prompt: Hi, repeat: 2}
  - {id: b, prompt: Ho}
"""


def given(folder: Path, *lines: dict[str, Any] | str, suite: str = SUITE) -> dict[str, str]:
    path = folder / "outputs.jsonl"
    path.write_text("".join(f"{x if isinstance(x, str) else json.dumps(x)}\n" for x in lines))
    return dict(read_outputs(path, plan_of(write_suite(folder, suite))).texts)


def test_an_output_is_for_all_trials_that_its_line_names(tmp_path: Path) -> None:
    texts = given(
        tmp_path,
        {"case": "a", "variant": "0", "repeat": 1, "output": "first"},
        {"case": "a", "variant": "0", "repeat": 2, "output": "second"},
        {"case": "a", "variant": "1", "output": "both"},
        "",
        {"suite": "t", "case": "b", "output": "all"},
    )

    assert texts == {
        "t::a[0]#1": "first",
        "t::a[0]#2": "second",
        "t::a[1]#1": "both",
        "t::a[1]#2": "both",
        "t::b[0]": "all",
        "t::b[1]": "all",
    }


ALL = ({"case": "a", "output": "x"}, {"case": "b", "output": "y"})


@pytest.mark.parametrize(
    ("lines", "problem", "fix"),
    [
        (["{"], ":1: not JSON", "write {"),
        (["[1]"], ":1: not a JSON object", "write {"),
        ([{"case": "a"}], ":1: missing key `output`", "write {"),
        ([{"case": "a", "output": 5}], ":1: `output` must be a text", "write {"),
        ([{"case": "a", "output": "x", "repeat": True}], "`repeat` must be a number", "write {"),
        ([{"case": "a", "output": "x", "varaint": "0"}], "unknown key `varaint`", "`variant`"),
        ([], "is empty", "write {"),
        ([*ALL, {"case": "bb", "output": "z"}], ":3: no suite has the case `bb`", "write `b`"),
        (
            [*ALL, {"case": "b", "variant": "2", "output": "z"}],
            ":3: the case `b` has no variant `2`",
            "correct the line",
        ),
        (
            [*ALL, {"case": "b", "variant": "0", "output": "z"}],
            r":3: `t::b\[0\]` has an output already",
            "outputs.jsonl:2",
        ),
        (
            [{"case": "b", "output": "z"}],
            r"has no output of `t::a\[0\]#1`, .* `t::a\[1\]#2`",
            "add a line",
        ),
    ],
)
def test_what_is_wrong_with_outputs_is_told_at_its_line(
    tmp_path: Path, lines: list[Any], problem: str, fix: str
) -> None:
    with pytest.raises(SettingsError, match=problem) as caught:
        given(tmp_path, *lines)

    assert fix in str(caught.value.fix)


def test_a_conversation_has_no_single_output(tmp_path: Path) -> None:
    suite = "suite: t\nrequest: {model: m}\ncases: [{id: a, turns: [{prompt: x}, {prompt: y}]}]\n"

    with pytest.raises(SettingsError, match="`t::a` is a conversation"):
        given(tmp_path, {"case": "a", "output": "x"}, suite=suite)
