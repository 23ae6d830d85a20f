"""Regular expressions in the syntax of `re`, run by `regex`."""

from __future__ import annotations

import re
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.assertions.patterns import PatternError, as_python_reads, compiled

PIECES = st.sampled_from([*"ab{}[]()^\\,12-*+?|.$", "{1}", "{1,2}", "[^]a]", "\\{", "x{e"])


@pytest.mark.parametrize(
    ("pattern", "translated"),
    [
        ("a{2}", "a{2}"),
        ("a{2,}", "a{2,}"),
        ("a{,2}", "a{,2}"),
        ("x{i}", "x\\{i}"),
        ("(?:abc){e<=1}", "(?:abc)\\{e<=1}"),
        ("[{]{", "[{]\\{"),
        ("[]{]{", "[]{]\\{"),
        (r"\{a}", r"\{a}"),
        (r"\p{Lu}\N{BULLET}", r"\p{Lu}\N{BULLET}"),
    ],
)
def test_a_brace_that_is_not_a_quantifier_is_a_literal(pattern: str, translated: str) -> None:
    assert as_python_reads(pattern) == translated


@given(st.lists(PIECES, max_size=12).map("".join), st.text("ab{}[]1,2xe\\", max_size=12))
def test_a_translated_pattern_matches_what_re_matches(pattern: str, text: str) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of syntax that may change
            expected = re.search(pattern, text)
    except re.error:
        return
    try:
        match = compiled(as_python_reads(pattern)).search(text, timeout=1)
    except PatternError:
        return  # syntax that only `re` knows

    assert (match and match.span()) == (expected and expected.span())


@pytest.mark.parametrize(
    ("pattern", "words", "offset"),
    [
        ("ab(", "missing ), unterminated subpattern", 2),
        ("x{i}(", "missing ), unterminated subpattern", 4),
        ("*", "nothing to repeat", 0),
        (r"\p{NoSuch}", "", 0),
    ],
)
def test_an_invalid_pattern_is_explained_by_its_offset_as_written(
    pattern: str, words: str, offset: int
) -> None:
    with pytest.raises(PatternError) as caught:
        as_python_reads(pattern)

    assert f"not a regular expression: {words}" in str(caught.value)
    assert caught.value.offset == offset


def test_a_search_can_be_interrupted() -> None:
    with pytest.raises(TimeoutError):
        compiled("(a|aa)+$").search("a" * 200 + "b", timeout=0.01)


def test_case_may_be_ignored() -> None:
    assert compiled("ä", ignore_case=True).search("Ä") is not None
    assert compiled("ä").search("Ä") is None
