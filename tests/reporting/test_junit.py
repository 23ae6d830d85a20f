"""JUnit XML: the repeats of a case are one test."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from harness.excerpts import Excerpts
from harness.model.case_result import CaseKey
from harness.model.outcome import Verdict
from harness.model.record import OutcomeRecord
from harness.reporting.junit import Excuse, GateTest, junit_xml
from tests.model.test_identical_variants import FOUND
from tests.support.replies import reply
from tests.support.trials import case, record


def repeats(labels: list[str], rate: float, **changes: object) -> list[OutcomeRecord]:
    one = case("a", pass_rate=rate, **changes)
    return [
        record(n, label, of=one, repeat=n + 1, repeats=len(labels))
        for n, label in enumerate(labels)
    ]


def xml(*records: OutcomeRecord, is_simulated: bool = False) -> Any:
    pieces = junit_xml(
        lambda: records, Excerpts(), started="2026-11-22T10:00:00+00:00", is_simulated=is_simulated
    )
    return etree.fromstring("".join(pieces).encode("utf-8"))


def test_junit_keeps_passed_failed_errored_and_skipped_apart() -> None:
    root = xml(
        record(0),
        record(1, "failed"),
        record(2, "errored"),
        record(3, "skipped", of=case("s", skip="later")),
        record(4, "failed", of=case("x", xfail="known")),
        record(5, "unjudged", suite="other"),
    )

    assert [root.get(node) for node in ("tests", "failures", "errors", "skipped")] == [
        "6",
        "1",
        "1",
        "3",
    ]
    kinds = [
        [child.tag for child in test if child.tag != "properties"] for test in root.iter("testcase")
    ]
    assert kinds == [[], ["failure"], ["error"], ["skipped"], ["skipped"], ["skipped"]]
    assert [suite.get("name") for suite in root.iter("testsuite")] == ["test", "other"]
    reasons = [node.get("message") for node in root.iter("skipped")]
    assert reasons == ["later", "known", "no expectation decides"]


EXCUSE = Excuse("known failure", "known from main")


def test_failures_that_do_not_fail_the_run_are_skipped_with_the_excuse() -> None:
    records = [
        *repeats(["passed", "failed"], 1.0),
        record(2, "failed", of=case("b")),
        record(3, "errored", of=case("c")),
    ]
    excuses = {CaseKey("test", name, "default"): EXCUSE for name in ("a", "c")}
    pieces = junit_xml(lambda: records, Excerpts(), started="", excuses=excuses)

    root = etree.fromstring("".join(pieces).encode("utf-8"))

    (suite,) = root.iter("testsuite")
    for node in (root, suite):
        counts = [node.get(name) for name in ("tests", "failures", "errors", "skipped")]
        assert counts == ["3", "1", "1", "1"]
    (skipped,) = root.iter("skipped")
    assert skipped.get("type") == "known failure"
    assert skipped.get("message") == ("known from main: 1 of 2 repeats passed: contains: not fine")


def test_junit_says_which_variants_of_a_suite_sent_the_same_request() -> None:
    pieces = junit_xml(
        lambda: [record(0), record(1, suite="triage")],
        Excerpts(),
        started="2026-11-22T10:00:00+00:00",
        identical=[FOUND],
    )

    root = etree.fromstring("".join(pieces).encode("utf-8"))
    without, having = root.iter("testsuite")
    assert without.find("properties") is None
    (named,) = having.find("properties")
    assert named.get("name") == "identical_variants"
    assert named.get("value").startswith("1 pair of variants sent the same request: `0.0` and")


def test_junit_says_if_a_simulator_answered_though_it_may_pass_for_a_service() -> None:
    marked = record(0, replies=(reply("a", is_simulated=True),))

    for root in (xml(marked), xml(record(0), is_simulated=True)):
        assert root.find(".//property[@name='answered_by']").get("value") == "simulator"
    assert xml(record(0)).find(".//property[@name='answered_by']").get("value") == "service"


def test_junit_names_model_tokens_cost_and_latency() -> None:
    root = xml(record(0, cost=0.5, variant="v"))

    properties = {node.get("name"): node.get("value") for node in root.iter("property")}

    assert properties["model"] == "claude-haiku-4-5"
    assert properties["variant"] == "v"
    assert (properties["input_tokens"], properties["output_tokens"]) == ("12", "3")
    assert (properties["cost"], properties["latency"]) == ("0.500000", "0.5000")


@given(st.text(st.characters(), max_size=200))
def test_junit_is_xml_whatever_a_reply_says(text: str) -> None:
    verdict = Verdict.failing(text, expected=text, actual=text)

    root = xml(record(0, "failed", verdict=verdict, text=text))

    (failure,) = root.iter("failure")
    assert failure.get("message") is not None


def test_junit_escapes_what_xml_cannot_carry() -> None:
    verdict = Verdict.failing("bell \x07 end\nline")

    (failure,) = xml(record(0, "failed", verdict=verdict)).iter("failure")

    assert failure.get("message") == "contains: bell \\u0007 end\nline"


def test_junit_counts_a_failure_that_the_pass_rate_allows_as_passed() -> None:
    root = xml(*repeats(["passed"] * 4 + ["failed"], 0.8))

    assert root.get("failures") == "0"
    assert not list(root.iter("failure"))
    assert root.get("tests") == "1"
    properties = {node.get("name"): node.get("value") for node in root.iter("property")}
    assert (properties["outcome"], properties["passed"]) == ("flaky-allowed", "4/5")


def test_junit_has_one_test_for_all_repeats_of_a_case() -> None:
    root = xml(*repeats(["failed", "passed", "errored"], 1.0), record(7, suite="other"))

    assert [root.get(node) for node in ("tests", "failures", "errors")] == ["2", "1", "0"]
    first = next(root.iter("testcase"))
    assert first.get("name") == "a"
    assert first.get("time") == "2.250"
    (failure,) = root.iter("failure")
    assert failure.get("message") == "1 of 3 repeats passed: contains: not fine"
    assert "FAILED test::a#1" in str(failure.text)
    assert "ERRORED test::a#3" in str(failure.text)


def test_what_fails_the_run_as_a_whole_is_a_failing_test() -> None:
    gate = [GateTest("baseline main", "REGRESSED: it is worse\nFAILED: it regressed")]
    records = [record(1, "passed", of=case("a"))]

    root = etree.fromstring(
        "".join(junit_xml(lambda: records, Excerpts(), started="", gate=gate)).encode()
    )

    assert [root.get(name) for name in ("tests", "failures")] == ["2", "1"]
    (failure,) = root.iter("failure")
    assert failure.get("message") == "REGRESSED: it is worse\nFAILED: it regressed"


def test_a_baseline_that_fails_nothing_is_a_test_that_passes() -> None:
    records = [record(1, "passed", of=case("a"))]
    gate = [GateTest("baseline main", None)]

    root = etree.fromstring(
        "".join(junit_xml(lambda: records, Excerpts(), started="", gate=gate)).encode()
    )

    assert [root.get(name) for name in ("tests", "failures")] == ["2", "0"]


def test_a_run_in_which_nothing_was_judged_is_not_green() -> None:
    records = [record(1, "skipped", of=case("a")), record(2, "unjudged", of=case("b"))]

    root = etree.fromstring("".join(junit_xml(lambda: records, Excerpts(), started="")).encode())

    assert root.get("failures") == "1"
    (failure,) = root.iter("failure")
    assert failure.get("message") == "UNJUDGED: nothing was judged"
