from __future__ import annotations

from pathlib import Path

from tests.support.suites import plan_of, problems_in, write_cases, write_suite


def ids(path: Path) -> list[str]:
    return [trial.id for trial in plan_of(path).trials()]


def test_every_combination_is_a_variant_with_a_name_people_can_read(tmp_path: Path) -> None:
    path = write_suite(
        tmp_path,
        "suite: t\nrequest: {max_tokens: 5}\n"
        "variants: {terse: {vars: {tone: short}}, polite: {}}\n"
        "matrix:\n  model: [claude-haiku-4-5, vendor/other]\n  temperature: [0.0, 0.7]\n"
        "cases: [{id: a, prompt: Hi}]\n",
    )

    assert ids(path) == [
        f"t::a[{name}-{model}-{temperature}]"
        for name in ("terse", "polite")
        for model in ("haiku-4-5", "vendor-other")
        for temperature in ("0.0", "0.7")
    ]


def test_long_values_are_named_by_their_axis_and_number(tmp_path: Path) -> None:
    long = "You are a very long system prompt that nobody wants in a name"
    (tmp_path / "terse.md").write_text("Short.")
    path = write_suite(
        tmp_path,
        f"suite: t\nrequest: {{model: m}}\nmatrix: {{system: [{long}, {{file: terse.md}}],"
        " vars: {tone: [polite, rude]}, stream: [true, false]}\ncases: [{id: a, prompt: Hi}]\n",
    )

    assert ids(path)[:3] == [
        "t::a[system-1-polite-stream]",
        "t::a[system-1-polite-no-stream]",
        "t::a[system-1-rude-stream]",
    ]
    assert ids(path)[-1] == "t::a[terse-rude-no-stream]"


def test_two_variants_of_one_name_are_refused(tmp_path: Path) -> None:
    path = write_suite(
        tmp_path,
        "suite: t\nvariants: {a-b: {}, a: {}}\nmatrix: {model: [c, b-c]}\n"
        "cases: [{id: a, prompt: Hi}]\n",
    )

    (error,) = problems_in(path)

    assert str(error) == (
        f"{path}:3:10: 2 variants have the name `a-b-c`\n  fix: give each variant its own name"
    )


def test_equal_values_on_an_axis_of_variables_are_refused(tmp_path: Path) -> None:
    path = write_cases(tmp_path, "  - {id: a, prompt: Hi}\n", "matrix: {vars: {x: [[1], [1]]}}\n")

    (error,) = problems_in(path)

    assert str(error.span) == f"{path}:3:26"
    assert error.problem == "duplicate value on this axis of the matrix"
