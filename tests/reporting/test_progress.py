"""Progress without a terminal."""

import io

from harness.reporting.progress import Count, PlainProgress
from tests.support.trials import record


def test_progress_without_a_terminal_is_a_line_every_few_seconds() -> None:
    now, stream = [0.0], io.StringIO()
    progress = PlainProgress(100, stream, lambda: now[0])

    for n in range(12):
        now[0] += 1.0
        progress.started()
        progress.ended(record(n, cost=0.01))

    assert stream.getvalue().split("\n") == [
        "5/100 · 0 in flight · 1.0/s · 0.0500 USD · about 95 s left",
        "10/100 · 0 in flight · 1.0/s · 0.1000 USD · about 90 s left",
        "",
    ]


def test_what_judges_cost_is_shown_too() -> None:
    count = Count(2)
    judged = record(0, cost=0.01)
    judged["verdicts"][0]["asked"] = [{"origin": "service", "cost": 0.02}]

    count.start()
    count.end(judged)

    assert "0.0300 USD" in str(count)
