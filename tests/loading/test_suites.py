from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.suites import plan_of, problems_in, write_cases, write_suite


def ids(*paths: Path, **options: object) -> list[str]:
    return [trial.id for trial in plan_of(*paths, **options).trials()]


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


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("d.csv", "n,q\n1,a\n2,b\n"),
        ("d.csv", "\ufeffn,q\r\n1,a\r\n2,b\r\n"),
        ("d.tsv", "n\tq\n1\ta\n2\tb\n"),
        ("d.jsonl", '{"n": 1, "q": "a"}\n\n{"n": 2, "q": "b"}'),
        ("d.json", '[{"n": 1, "q": "a"}, {"n": 2, "q": "b"}]'),
        ("d.yaml", "- {n: 1, q: a}\n- {n: 2, q: b}\n"),
    ],
)
def test_a_dataset_of_each_format_makes_a_case_for_each_row(
    tmp_path: Path, name: str, content: str
) -> None:
    (tmp_path / name).write_text(content, newline="")
    path = write_cases(
        tmp_path, f"  - id: r-{{{{ n }}}}\n    dataset: {name}\n    prompt: '{{{{ q }}}}'\n"
    )

    plan = plan_of(path)

    assert [trial.case.id for trial in plan.trials()] == ["r-1", "r-2"]
    assert [trial.vars["q"] for trial in plan.trials()] == ["a", "b"]


@pytest.mark.parametrize(
    ("name", "content", "place", "words"),
    [
        ("d.csv", "a,a\n1,2\n", "1:1", "the column `a` stands twice"),
        ("d.csv", 'a\n"x\n', "2:1", "broken table"),
        ("d.jsonl", '{"a": 1}\n{"a": }\n', "2:7", "not JSON"),
        ("d.jsonl", "[1]\n", "1:1", "the row is not an object"),
        ("d.json", '{"a": 1}', "1:1", "not a list of rows"),
        ("d.json", "[1]", "1:1", "item 1 is not an object"),
        ("d.yaml", "a: [\n", "1:4", "YAML syntax"),
        ("d.yaml", "a: 1\n", "1:1", "not a list of rows"),
    ],
)
def test_a_broken_dataset_is_told_in_the_dataset(
    tmp_path: Path, name: str, content: str, place: str, words: str
) -> None:
    (tmp_path / name).write_text(content)
    path = write_cases(
        tmp_path, f"  - id: 'r-{{{{ row }}}}'\n    dataset: {name}\n    prompt: Hi\n"
    )

    (error,) = problems_in(path)

    assert str(error.span) == f"{tmp_path / name}:{place}"
    assert words in error.problem


def test_rows_that_cannot_be_rendered_are_told_up_to_five(tmp_path: Path) -> None:
    rows = '{"q": {"a": 1}}\n' + '{"q": {}}\n' * 50
    (tmp_path / "d.jsonl").write_text(rows)
    path = write_cases(
        tmp_path, "  - id: 'r-{{ row }}'\n    dataset: d.jsonl\n    prompt: '{{ q.a }}'\n"
    )

    problems = problems_in(path)

    assert len(problems) == 5
    assert "(row 2 of the dataset)" in problems[0].problem


def test_repeats_are_numbered_and_can_be_set_from_outside(tmp_path: Path) -> None:
    path = write_cases(
        tmp_path, "  - {id: a, prompt: Hi}\n  - {id: b, prompt: Hi, repeat: 1}\n", "repeat: 2\n"
    )

    assert ids(path) == ["test::a#1", "test::a#2", "test::b"]
    assert ids(path, repeat=2) == ["test::a#1", "test::a#2", "test::b#1", "test::b#2"]


@pytest.mark.parametrize(
    ("options", "left"),
    [
        ({"keyword": "refund"}, ["refund[x]", "refund[y]"]),
        ({"keyword": "REFUND and not [y]"}, ["refund[x]"]),
        ({"keyword": "(refund or other) and x"}, ["refund[x]", "other[x]"]),
        ({"tags": ["slow"]}, ["other[x]", "other[y]"]),
        ({"only": ["refund"]}, ["refund[x]", "refund[y]"]),
        ({"only": ["refund[x]", "test::other[y]"]}, ["refund[x]", "other[y]"]),
        ({"only": ["refun"]}, []),
    ],
)
def test_trials_are_selected(tmp_path: Path, options: dict[str, object], left: list[str]) -> None:
    path = write_cases(
        tmp_path,
        "  - {id: refund, prompt: Hi}\n  - {id: other, prompt: Hi, tags: [slow]}\n",
        "matrix: {model: [x, y]}\n",
    )

    assert ids(path, **options) == [f"test::{each}" for each in left]


@pytest.mark.parametrize("name", ["../x.md", "/etc/passwd", "a/../../x.md", "link/x.md", "C:\\x"])
def test_files_are_read_below_the_root_only(tmp_path: Path, name: str) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (tmp_path / "x.md").write_text("secret")
    (root / "link").symlink_to(tmp_path)
    path = write_cases(root, f"  - id: a\n    prompt: {{file: '{name}'}}\n")

    (error,) = problems_in(path)

    assert "outside the project" in error.problem or "no relative path" in error.problem


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_byte_order_marks_change_nothing(
    tmp_path: Path, ending: str, mark: str
) -> None:
    text = "suite: t\nrequest: {model: m}\ncases:\n  - id: a\n    prompt: |\n      x\n\n      y\n"
    path = write_suite(tmp_path, "")
    path.write_bytes((mark + text.replace("\n", ending)).encode())

    (trial,) = plan_of(path).trials()

    assert trial.case.turns[0].messages[0]["content"] == "x\n\ny\n"
    plain = write_suite(tmp_path, text, "plain.suite.yaml")
    assert plan_of(plain).suites[0].digest == trial.suite.digest
