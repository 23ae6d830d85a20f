"""Functions of a project that judge, from the command line and under pytest."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.processes import harness, latest, outcomes_of
from tests.support.suites import write_suite

pytestmark = pytest.mark.slow  # the command line in processes

SUITE = """\
suite: code
request: {model: m}
cases:
  - {id: good, prompt: hello, assert: [{python: "checks.py:says"}]}
  - {id: raises, prompt: hello, assert: [{python: "checks.py:boom"}, {contains: simulator}]}
  - {id: leaves, prompt: hello, assert: [{python: "checks.py:leave"}, {contains: simulator}]}
"""
CHECKS = """\
import os
open("imported", "w").close()
def says(output): return "simulator" in output
def boom(output): raise ValueError("no luck")
def leave(output): os._exit(1)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_suite(tmp_path, SUITE)
    (tmp_path / "checks.py").write_text(CHECKS)
    return tmp_path


def test_code_that_is_not_allowed_is_refused_before_anything_is_sent_or_imported(
    folder: Path,
) -> None:
    done = harness("run", "test.suite.yaml", "--base-url", "simulator", cwd=folder)

    assert done.returncode == 2
    assert done.stderr.count("would run code of the project, which is not allowed") == 3
    assert "test.suite.yaml:4:" in done.stderr
    assert not (folder / "imported").exists()


@pytest.mark.parametrize("command", ["validate", "list"])
@pytest.mark.parametrize("allowed", [False, True])
def test_checking_and_listing_suites_needs_no_permission_and_imports_nothing(
    folder: Path, command: str, allowed: bool
) -> None:
    options = ["--allow-code"] if allowed else []

    done = harness(command, "test.suite.yaml", *options, cwd=folder)

    assert done.returncode == 0
    is_noted = "would run code of the project, which is not allowed (and 2 more)" in done.stdout
    assert is_noted is (command == "validate" and not allowed)
    assert not (folder / "imported").exists()


def test_a_function_that_does_not_exist_is_found_without_permission(folder: Path) -> None:
    write_suite(folder, SUITE.replace(":boom", ":gone"))

    done = harness("validate", "test.suite.yaml", cwd=folder)

    assert done.returncode == 2
    assert "test.suite.yaml:5:" in done.stderr
    assert "`checks.py` has no `gone`" in done.stderr
    assert not (folder / "imported").exists()


def test_a_selection_without_code_needs_no_permission(folder: Path) -> None:
    plain = "  - {id: plain, prompt: hello, assert: [{contains: simulator}]}\n"
    write_suite(folder, SUITE + plain)

    done = harness(
        "run", "test.suite.yaml", "--base-url", "simulator", "--only", "plain", cwd=folder
    )

    assert done.returncode == 0
    assert not (folder / "imported").exists()


@pytest.mark.parametrize("by", ["flag", "settings"])
def test_code_that_is_allowed_judges_and_what_it_breaks_is_an_error(folder: Path, by: str) -> None:
    options = ["--allow-code"] if by == "flag" else []
    if by == "settings":
        (folder / "harness.toml").write_text("allow_code = true\n")

    done = harness("run", "test.suite.yaml", "--base-url", "simulator", *options, cwd=folder)

    outcomes = outcomes_of(latest(folder))
    labels = {name: outcome["outcome"] for name, outcome in outcomes.items()}
    assert labels == {"code::good": "passed", "code::raises": "errored", "code::leaves": "errored"}
    assert done.returncode == 3
    assert "it raised ValueError: no luck" in done.stdout
    for name in ("code::raises", "code::leaves"):
        assert outcomes[name]["reply"] is not None
        assert outcomes[name]["verdicts"][1]["passed"]


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("../outside.py:f", "outside the project"),
        ("/etc/passwd:f", "not a relative path"),
        ("gone.py:f", "file not found: `gone.py`"),
        ("checks.py:sayz", "`checks.py` has no `sayz`"),
        ("broken.py:f", "broken.py:1: not valid Python: invalid syntax"),
        ("checks.py", "expected a file and a function"),
        ("checks.py:a b", "expected a file and a function"),
        (".:f", "not a regular file"),
    ],
)
def test_what_is_no_function_of_the_project_is_told_at_its_place(
    folder: Path, written: str, words: str
) -> None:
    (folder / "harness.toml").write_text("allow_code = true\n")
    (folder / "broken.py").write_text("def f(:\n")
    write_suite(folder, SUITE.replace("checks.py:says", written))

    done = harness("validate", "test.suite.yaml", cwd=folder)

    assert done.returncode == 2
    assert "test.suite.yaml:4:" in done.stderr
    assert words in done.stderr


def test_templates_in_the_arguments_of_a_function_are_rendered(tmp_path: Path) -> None:
    (tmp_path / "checks.py").write_text(
        "def same(output, *, want, n, all): return (want, n, all) == ('billing', 3, [3])\n"
    )
    write_suite(
        tmp_path,
        "suite: code\nrequest: {model: m}\nvars: {queue: billing, share: 0.5, n: 3}\ncases:\n"
        "  - id: a\n    prompt: hello\n    assert:\n"
        '      - python: "checks.py:same"\n'
        '        arguments: {want: "{{ queue }}", n: "{{ n }}", all: ["{{ n }}"]}\n'
        "      - all_of: [{contains: simulator}, {contains: gone}]\n"
        '        threshold: "{{ share }}"\n',
    )

    done = harness(
        "run", "test.suite.yaml", "--base-url", "simulator", "--allow-code", cwd=tmp_path
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_a_file_with_a_dataclass_and_late_annotations_is_imported(tmp_path: Path) -> None:
    (tmp_path / "checks.py").write_text(
        "from __future__ import annotations\nfrom dataclasses import dataclass, KW_ONLY\n"
        "@dataclass\nclass Point:\n    x: int\n    _: KW_ONLY\n    y: int = 1\n"
        "def says(output): return Point(1).y == 1\n"
    )
    write_suite(
        tmp_path,
        "suite: code\nrequest: {model: m}\ncases:\n"
        '  - {id: a, prompt: hello, assert: [{python: "checks.py:says"}]}\n',
    )

    done = harness(
        "run", "test.suite.yaml", "--base-url", "simulator", "--allow-code", cwd=tmp_path
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_a_function_inside_a_json_path_is_given_each_value(tmp_path: Path) -> None:
    (tmp_path / "checks.py").write_text("def cheap(output): return float(output) < 10\n")
    write_suite(
        tmp_path,
        "suite: code\nrequest: {model: m}\ncases:\n  - id: a\n    prompt: hello\n    assert:\n"
        "      - json_path: $[*].price\n        transform: vars.prices\n"
        '        assert: [{python: "checks.py:cheap"}]\n'
        "    vars: {prices: [{price: 3}, {price: 40}, {price: 5}]}\n",
    )

    done = harness(
        "run", "test.suite.yaml", "--base-url", "simulator", "--allow-code", cwd=tmp_path
    )

    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 of 3 values do not fit: $[1]['price']" in done.stdout
