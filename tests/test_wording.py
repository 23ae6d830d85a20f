from __future__ import annotations

import ast
import pickle
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.errors import BrokenSuitesError, HarnessError, SettingsError, StoreError, SuiteError
from harness.source import Span
from harness.wording import PYTHON, RESUME, Command, Option, Wording, Words, worded

PACKAGE = Path(__file__).parent.parent / "harness"
WAYS_IN = ("cli", "pytest_plugin")
OPTION = re.compile(r"(?<![\w-])--[a-z]")
GIT = {  # options of git, which is called with them
    "--branch",
    "--end-of-options",
    "--name-only",
    "--no-ahead-behind",
    "--no-optional-locks",
    "--porcelain=v2",
    "--untracked-files=no",
    "--verify",
}
SET_A_JUDGE = Wording("set `judge`, or {judge}", judge=Option("judge", "MODEL"))


class Shouting:
    """A way in that spells options as no other does."""

    def option(self, option: Option) -> str:
        return f"{option.name.upper()}!{option.value or ''}"


SHOUTING = Shouting()
SPAN = Span(Path("a.suite.yaml"), 3, 5)


@pytest.mark.parametrize(
    ("words", "shouted", "in_python"),
    [
        ("plain {text}", "plain {text}", "plain {text}"),
        (SET_A_JUDGE, "set `judge`, or JUDGE!MODEL", 'set `judge`, or judge="MODEL"'),
        (Wording("no {max_cost}", max_cost=Option("max_cost")), "no MAX_COST!", "no max_cost"),
        (Wording("`{go_on}`", go_on=RESUME), "`harness run --resume`", "`harness run --resume`"),
        (Wording("{a}: {b}", a="{x}", b=SET_A_JUDGE), "{x}: set `judge`, or JUDGE!MODEL", None),
    ],
)
def test_each_way_in_spells_options_in_its_own_words(
    words: Words, shouted: str, in_python: str | None
) -> None:
    rendered = worded(words, SHOUTING)

    assert rendered == shouted
    assert in_python is None or worded(words, PYTHON) == str(words) == in_python


def test_an_option_knows_how_a_command_of_harness_spells_it() -> None:
    command = Command("merge", (Option("allow_missing"), Option("on_duplicate", "keep-all")))

    assert str(command) == "harness merge --allow-missing --on-duplicate keep-all"


@pytest.mark.parametrize(
    ("error", "shouted"),
    [
        (SettingsError("no judge", SET_A_JUDGE), "no judge\n  fix: set `judge`, or JUDGE!MODEL"),
        (StoreError(Wording("use {a}", a=Option("by"))), "use BY!"),
        (
            BrokenSuitesError([SuiteError(SPAN, "no judge", SET_A_JUDGE)]),
            "a.suite.yaml:3:5: no judge\n  fix: set `judge`, or JUDGE!MODEL",
        ),
        (HarnessError("as it is"), "as it is"),
    ],
)
def test_an_error_carries_its_fix_as_data_also_between_processes(
    error: HarnessError, shouted: str
) -> None:
    copied = pickle.loads(pickle.dumps(error))  # noqa: S301 - what we wrote ourselves

    assert copied.message_in(SHOUTING) == error.message_in(SHOUTING) == shouted
    assert str(copied) == error.message_in(PYTHON)


def texts_in(path: Path) -> Iterator[str]:
    """Yield the string literals of a module but for its docstrings."""
    tree = ast.parse(path.read_text("utf-8"))
    documentation = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in documentation:
            yield str(node.value)


MODULES = sorted(
    path for path in PACKAGE.rglob("*.py") if path.relative_to(PACKAGE).parts[0] not in WAYS_IN
)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_the_ways_in_write_options_of_the_command_line(path: Path) -> None:
    written = [text for text in texts_in(path) if OPTION.search(text) and text not in GIT]

    assert written == []
