"""What the terminal shows at the end of a run."""

from harness.excerpts import Excerpts
from harness.model.outcome import Verdict
from harness.model.reply import ReplyOrigin
from harness.model.unfinished import Unfinished
from harness.reporting.failures import failure_text
from harness.reporting.summary import warnings_of
from harness.reporting.terminal import failure_blocks, summary_section, totals_line
from tests.support.replies import reply
from tests.support.trials import record, summed

HOSTILE = "\x1b[31m\x07\x9b\u202e\ud800\x00]]></failure>&\"'\n::set-env name=X::1\n  ::error::x"


def judged_by(origin: ReplyOrigin, cost: float) -> Verdict:
    call = {"cost": cost, "origin": origin, "latency": 0.5, "error": None}
    return Verdict(True, 1.0, "good", judge_calls=(call,))


def test_the_summary_has_a_row_for_each_suite_and_variant_and_a_line_of_totals() -> None:
    summary = summed(
        record(0, variant="x", cost=0.5),
        record(1, "failed", variant="y", cost=0.25),
        record(2, suite="other", cost=0.25),
    )

    lines = summary_section(summary, 1.5).split("\n")

    assert [line.split()[:3] for line in lines[2:5]] == [
        ["test", "x", "1"],
        ["test", "y", "1"],
        ["other", "default", "1"],
    ]
    assert totals_line(summary, 1.5) == (
        "3 trials in 1.50 s: 2 passed, 1 failed · 36 + 9 tokens · 1.0000 USD"
    )


def test_the_totals_name_what_was_paid_now_if_any_turn_or_judge_was_known_already() -> None:
    known, new = reply("a", cost=0.5, origin=ReplyOrigin.RUN), reply("b", cost=0.25)
    judged = [judged_by(ReplyOrigin.CACHE, 0.125), judged_by(ReplyOrigin.SERVICE, 0.0625)]

    turns = summed(record(0, replies=(known, new)))
    judges = summed(*(record(n, verdict=verdict) for n, verdict in enumerate(judged)))

    assert "0.7500 USD, of which 0.2500 were paid now" in totals_line(turns, 1.5)
    assert "1 trial used replies of an earlier run" in list(warnings_of(turns))
    assert "2 calls of the judge, 0.1875 USD, of which 0.0625 were paid now" in totals_line(
        judges, 1.5
    )


def test_the_totals_name_what_came_to_trials_that_did_not_end() -> None:
    summary = summed(record(0))
    summary.unfinished = Unfinished(2, 1, 1, 1_200, 90, 0.25)

    words = totals_line(summary, 1.5).rpartition(" · ")[2]

    assert words == (
        "besides, of trials that did not end: 2 replies and 1 call of the judge, 1,200 + 90 tokens,"
        " 0.2500 USD, 1 request without a reply, perhaps billed"
    )


def test_requests_without_an_answer_stand_alone_if_no_reply_came() -> None:
    summary = summed(record(0))
    summary.unfinished = Unfinished(requests=4)

    assert totals_line(summary, 1.5).endswith(
        "besides, of trials that did not end: 4 requests without a reply, perhaps billed"
    )


def test_the_same_error_is_told_once() -> None:
    blocks = list(failure_blocks([record(n, "errored") for n in range(10)], Excerpts()))

    assert len(blocks) == 1
    assert "the same for 10 trials: test::case-0, test::case-1" in blocks[0]
    assert blocks[0].endswith("and 5 more")


def test_of_many_failures_the_first_are_shown_and_the_rest_counted() -> None:
    blocks = list(failure_blocks([record(n, "failed") for n in range(100)], Excerpts(), most=3))

    assert len(blocks) == 4
    assert blocks[3] == "… and 97 more; the run file has them all"


def test_hostile_words_cannot_command_a_terminal_or_a_ci_service() -> None:
    verdict = Verdict.failing(HOSTILE, expected=HOSTILE, actual=HOSTILE)

    text = failure_text(record(0, "failed", verdict=verdict, text=HOSTILE), Excerpts())

    assert not set(text) & set("\x1b\x07\x9b\u202e\x00")
    assert not [line for line in text.split("\n") if line.lstrip().startswith("::")]


def test_a_verdict_that_only_warns_is_shown_and_counted() -> None:
    one = record(0, "failed")
    warning = {**one["verdicts"][0], "severity": "warn", "reason": "rather long"}
    one["verdicts"].append(warning)  # type: ignore[arg-type]

    assert "contains (shown only): rather long" in failure_text(one, Excerpts())
    assert "1 trial with a verdict that did not pass and only warns" in list(
        warnings_of(summed(one))
    )


def test_the_last_line_counts_failed_attempts_and_those_that_may_be_billed() -> None:
    tried = record(0)
    tried["attempts"] = [
        {
            "purpose": "create", "status": status, "seconds": 1.0, "wait": 0.0, "reason": reason,
            "request_id": None, "may_be_billed": may_be_billed,
        }
        for status, reason, may_be_billed in (
            (529, "overloaded_error", False),
            (200, "truncated_stream", True),
            (200, None, False),
        )
    ]  # fmt: skip

    assert totals_line(summed(tried, record(1)), 1.0).endswith(
        " · 2 failed attempts, 1 perhaps billed"
    )
    assert "attempt" not in totals_line(summed(record(1)), 1.0)
