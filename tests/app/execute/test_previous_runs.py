"""What `--rerun` runs: the cases that every report shows under the same label."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.app.execute.previous_runs import rerun_ids
from harness.errors import NothingSelectedError
from harness.model.record import OutcomeRecord
from tests.app.report.test_merge_shards import write_run
from tests.support.trials import case, record


def recorded(folder: Path, **cases: str) -> Path:
    """Write a run: of each case the letters say how its repeats ended."""
    words = {"p": "passed", "f": "failed", "e": "errored"}
    records: list[OutcomeRecord] = []
    for name, letters in cases.items():
        kind, _, suffix = name.partition("_")
        one = case(
            name.replace("_", "-"),
            xfail="known" if kind == "xfail" else None,
            pass_rate=0.5 if suffix == "half" else 1.0,
        )
        for repeat, letter in enumerate(letters, start=1):
            records.append(
                record(len(records), words[letter], of=one, repeat=repeat, repeats=len(letters))
            )
    return write_run(folder / "run.jsonl", records)


@pytest.mark.parametrize(
    ("letters", "failed", "errored", "flaky"),
    [
        ("ppp", [], [], []),
        ("pfp", [2], [], [1, 2, 3]),
        ("fff", [1, 2, 3], [], []),
        ("pep", [], [2], []),
        ("pef", [3], [2], [1, 2, 3]),
        ("eee", [], [1, 2, 3], []),
    ],
)
def test_a_rerun_takes_what_the_labels_say(
    tmp_path: Path, letters: str, failed: list[int], errored: list[int], flaky: list[int]
) -> None:
    path = recorded(tmp_path, a=letters, other="ffpe")
    chosen = {}
    for what in ("failed", "errored", "flaky"):
        ids = rerun_ids(path, what)
        chosen[what] = sorted(int(name.partition("#")[2]) for name in ids if "::a#" in name)

    assert chosen == {"failed": failed, "errored": errored, "flaky": flaky}


@pytest.mark.parametrize("cases", [{"xfail_a": "fe"}, {"a_half": "pf"}, {"a": "pp"}])
def test_what_does_not_fail_a_run_is_not_run_again_as_failed(
    tmp_path: Path, cases: dict[str, str]
) -> None:
    path = recorded(tmp_path, **cases)

    with pytest.raises(NothingSelectedError, match="no trial of the earlier run is failed"):
        rerun_ids(path, "failed")


def test_a_case_that_is_flaky_within_its_pass_rate_is_run_again_as_flaky(tmp_path: Path) -> None:
    path = recorded(tmp_path, a_half="pf")

    assert rerun_ids(path, "flaky") == {"test::a-half#1", "test::a-half#2"}
