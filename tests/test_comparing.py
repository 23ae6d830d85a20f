"""`harness compare`, in processes of its own, on runs against the simulator."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.processes import harness
from tests.support.suites import write_suite

pytestmark = pytest.mark.slow  # the command line in processes

SUITE = """\
suite: cities
request: {model: m}
matrix:
  model: [good, bad]
cases:
  - id: case-{{ n }}
    dataset: numbers.csv
    prompt: "number {{ n }}"
    assert: [{contains: "yes {{ n }}"}]
"""
RULES = """\
rules:
  - model: bad
    text: "number [1-9]$"
    replies: ["no"]
  - text: "number (?P<n>[0-9]+)"
    replies: ["yes {n}"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_suite(tmp_path, SUITE)
    (tmp_path / "numbers.csv").write_text("n\n" + "\n".join(map(str, range(1, 31))) + "\n")
    (tmp_path / "rules.yaml").write_text(RULES)
    (tmp_path / "harness.toml").write_text(
        'base_url = "simulator"\nsimulator_rules = "rules.yaml"\n'
    )
    return tmp_path


def run(folder: Path, *options: str) -> Path:
    path = folder / f"run-{len(list(folder.glob('run-*')))}.jsonl"
    done = harness("run", "test.suite.yaml", "-q", "--run-file", path, *options, cwd=folder)
    assert path.is_file(), done.stderr
    return path


def test_a_worse_model_is_told_by_its_broken_cases(folder: Path) -> None:
    path = run(folder)

    done = harness("compare", path, "--by", "model", "--reference", "good", cwd=folder)
    document = harness("compare", path, "--by", "model", "--json", cwd=folder)

    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stdout.startswith("REGRESSED: bad against good: pass rate -30.0 points")
    (comparison,) = json.loads(document.stdout)["comparisons"]
    assert comparison["broken"] == [f"cities::case-{n}[bad]" for n in range(1, 10)]
    assert comparison["factors"] == ["model: good -> bad"]


def test_the_same_twice_is_no_regression(folder: Path) -> None:
    done = harness("compare", run(folder), run(folder), "--markdown", "out.md", cwd=folder)

    assert done.returncode == 0
    assert "REGRESSED" not in done.stdout
    assert (folder / "out.md").read_text().startswith("### ")


def test_an_edited_assertion_is_refused_and_shown_by_force(folder: Path) -> None:
    old = run(folder)
    write_suite(folder, SUITE.replace('"yes {{ n }}"', '"yes"'))
    new = run(folder)

    refused = harness("compare", old, new, cwd=folder)
    forced = harness("compare", old, new, "--force", cwd=folder)

    assert (refused.returncode, forced.returncode) == (2, 0)
    assert "with other assertions" in refused.stdout
    assert "pass rate" not in refused.stdout
    assert "pass rate" in forced.stdout


def test_another_judge_and_missing_cases_are_refused_and_shown_by_force(folder: Path) -> None:
    old, new = run(folder), run(folder)
    first, *rest = new.read_text().splitlines()
    judged = json.loads(first)
    judged["judge"] = "claude-opus-4-6"
    other = folder / "judged.jsonl"
    other.write_text("\n".join([json.dumps(judged), *rest]) + "\n")
    (folder / "numbers.csv").write_text("n\n" + "\n".join(map(str, range(1, 28))) + "\n")
    fewer = run(folder)

    for side, why in (
        (other, "they have different judges: none and claude-opus-4-6"),
        (fewer, "3 cases missing in"),
    ):
        refused = harness("compare", old, side, cwd=folder)
        forced = harness("compare", old, side, "--force", cwd=folder)

        assert (refused.returncode, forced.returncode) == (2, 0)
        assert why in refused.stdout
        assert "NO VERDICT" in forced.stdout
        assert "pass rate" in forced.stdout


def test_an_edited_prompt_is_what_is_compared(folder: Path) -> None:
    old = run(folder)
    write_suite(folder, SUITE.replace('"number {{ n }}"', '"please: number {{ n }}"'))

    done = harness("compare", old, run(folder), cwd=folder)

    assert done.returncode == 0
    assert "prompts or settings of 30 cases" in done.stdout


def test_what_cannot_be_told_may_end_with_a_status_of_its_own(folder: Path) -> None:
    old, new = run(folder, "--only", "case-1"), run(folder, "--only", "case-1")

    assert harness("compare", old, new, cwd=folder).returncode == 0
    strict = harness("compare", old, new, "--require-conclusive", cwd=folder)
    assert strict.returncode == 4
    assert "no case changed; 1 case is too few to find a drop" in strict.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere", "run-0.jsonl"], "no baseline or run is called `nowhere`"),
        (["run-0.jsonl"], "give two runs, or one run and --by"),
        (["run-0.jsonl", "--by", "model", "--gate-by", "tag"], "not with --by: leave one out"),
        (["run-0.jsonl", "--by", "temperature"], "no suite of"),
        (["run-0.jsonl", "--by", "model", "--reference", "god"], "write `good`"),
        (["run-0.jsonl", "empty.jsonl"], "no trial that was judged"),
        (["run-0.jsonl", "other.jsonl"], "have no case in common"),
    ],
)
def test_what_cannot_be_compared_is_one_clear_error(
    folder: Path, arguments: list[str], words: str
) -> None:
    path = run(folder)
    first = path.read_text().splitlines()[0]
    (folder / "empty.jsonl").write_text(f"{first}\n")
    (folder / "other.jsonl").write_text(path.read_text().replace('"cities', '"towns'))

    done = harness("compare", *arguments, cwd=folder)

    assert done.returncode == 2
    assert words in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_variants_that_sent_the_same_request_are_told_where_they_are_compared(
    folder: Path,
) -> None:
    text = SUITE.replace("  model: [good, bad]", "  vars: {unused: [a, b]}")
    write_suite(folder, text)
    made = run(folder)

    done = harness("compare", made, "--by", "variant", cwd=folder)

    assert "of variants sent the same request" in done.stderr
