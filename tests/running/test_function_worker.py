"""The worker as a script of its own: calls on its input, answers on its output."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.running import function_worker


def call(path: Path, function: str, arguments: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "path": str(path),
        "function": function,
        "output": "Hello",
        "context": {"who": "Ada"},
        "arguments": arguments or {},
    }


def answers(*calls: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what one worker answers to these calls before its input ends."""
    texts = [json.dumps(each_call).encode() for each_call in calls]
    done = subprocess.run(
        [sys.executable, "-P", function_worker.__file__],
        input=b"".join(len(text).to_bytes(4, "big") + text for text in texts),
        capture_output=True,
        check=True,
        timeout=30,
    )
    assert done.stderr == b""
    return list(_frames(done.stdout))


def _frames(data: bytes) -> Iterator[dict[str, Any]]:
    while data:
        end = 4 + int.from_bytes(data[:4], "big")
        yield json.loads(data[4:end])
        data = data[end:]


@pytest.fixture
def checks(tmp_path: Path) -> Path:
    path = tmp_path / "checks.py"
    path.write_text(
        "import os, sys\n"
        "calls = []\n"
        "def plain(output): return output\n"
        "def with_context(output, context): return context['who']\n"
        "def with_option(output, least): return least\n"
        "def with_both(output, context, least=0): return [context['who'], least]\n"
        "def with_keyword(output, *, least=1): return least\n"
        "def with_any(*outputs): return len(outputs)\n"
        "def counts(output): calls.append(output); return len(calls)\n"
        "def noisy(output): print('x'); os.write(1, b'y'); os.write(2, b'z'); return input()\n"
        "def raises(output): raise ValueError('no luck')\n"
        "def leaves(output): sys.exit(3)\n"
        "def nan(output): return float('nan')\n"
    )
    return path


@pytest.mark.parametrize(
    ("function", "arguments", "result"),
    [
        ("plain", {}, "Hello"),
        ("with_context", {}, "Ada"),
        ("with_option", {"least": 2}, 2),
        ("with_both", {"least": 2}, ["Ada", 2]),
        ("with_keyword", {}, 1),
        ("with_any", {}, 1),
    ],
)
def test_the_context_goes_to_functions_that_have_a_second_parameter_for_it(
    checks: Path, function: str, arguments: dict[str, Any], result: object
) -> None:
    assert answers(call(checks, function, arguments)) == [{"result": result}]


def test_calls_are_answered_in_their_order_by_one_module(checks: Path) -> None:
    results = answers(*[call(checks, "counts")] * 3)

    assert results == [{"result": 1}, {"result": 2}, {"result": 3}]


@pytest.mark.parametrize(
    ("function", "error"),
    [
        ("raises", "ValueError: no luck"),
        ("leaves", "SystemExit: 3"),
        ("nan", "ValueError: Out of range float values are not JSON compliant"),
        ("gone", "AttributeError"),
        ("with_option", "TypeError"),
        ("noisy", "EOFError"),
    ],
)
def test_a_call_that_fails_is_answered_and_the_next_one_is_too(
    checks: Path, function: str, error: str
) -> None:
    failed, next_one = answers(
        call(checks, function, {"most": 1} if function == "with_option" else None),
        call(checks, "plain"),
    )

    assert failed["error"].startswith(error)
    assert "Traceback" in failed["traceback"]
    assert next_one == {"result": "Hello"}


def test_a_file_that_cannot_be_imported_is_an_answer_as_well(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("def (")

    missing, broken = answers(call(tmp_path / "no.py", "f"), call(tmp_path / "broken.py", "f"))

    assert missing["error"].startswith("FileNotFoundError")
    assert broken["error"].startswith("SyntaxError")


def test_files_of_two_folders_import_the_modules_beside_them(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
        (tmp_path / name / "shared.py").write_text(f"NAME = {name!r}\nseen = []\n")
        (tmp_path / name / "checks.py").write_text(
            "import shared\n"
            "def says(output):\n"
            "    shared.seen.append(output)\n"
            "    return [shared.NAME, len(shared.seen)]\n"
        )
    paths = [tmp_path / name / "checks.py" for name in "abab"]

    results = answers(*(call(path, "says") for path in paths))

    assert [result["result"] for result in results] == [["a", 1], ["b", 1], ["a", 2], ["b", 2]]
