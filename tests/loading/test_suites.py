from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.suites import plan_of, write_cases, write_suite


def ids(*paths: Path, **options: object) -> list[str]:
    return [trial.id for trial in plan_of(*paths, **options).trials()]


def test_repeats_are_numbered_and_can_be_set_from_outside(tmp_path: Path) -> None:
    path = write_cases(
        tmp_path, "  - {id: a, prompt: Hi}\n  - {id: b, prompt: Hi, repeat: 1}\n", "repeat: 2\n"
    )

    assert ids(path) == ["test::a#1", "test::a#2", "test::b"]
    assert ids(path, repeat=2) == ["test::a#1", "test::a#2", "test::b#1", "test::b#2"]


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
