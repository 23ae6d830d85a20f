"""Assertions on how like a reply is to a reference, as a score from 0 to 1 with a least one."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Annotated, Any

from harness.assertions.difference import excerpt
from harness.assertions.parameters import ArgumentError, ParameterType, Share
from harness.assertions.registry import AssertionRegistry
from harness.model.outcome import Verdict
from harness.model.reply import Reply

similarity_assertions = AssertionRegistry()

_MOST_PAIRS_OF_WORDS = 4_000_000  # the table for the longest common sequence takes a second then
MOST_CHARACTERS = 100_000  # of a reply; these scores take quadratic time or much memory
_REFERENCES = {
    "title": "a text or a list of texts",
    "type": ["string", "array"],
    "minLength": 1,
    "minItems": 1,
    "items": {"type": "string", "minLength": 1},
}


_WORD_OF_ROUGE = re.compile("[a-z0-9]")
_METEOR_WORD = re.compile(r"\w+|[^\w\s]")


def _read_references(value: Any) -> list[str]:
    texts = value if isinstance(value, list) else [value]
    if not texts or not all(isinstance(text, str) and text.strip() for text in texts):
        problem = f"expected a text or a list of texts, found {value!r}"
        raise ArgumentError(problem, 'write a text, or `["one", "another"]`')
    return [str(text) for text in texts]


def _reader_that_needs(package: str) -> Callable[[Any], list[str]]:
    def read(value: Any) -> list[str]:
        if find_spec(package) is None:
            problem = f"it needs the package `{package}`, which is not installed"
            raise ArgumentError(problem, "pip install 'prompt-harness[metrics]'")
        texts = _read_references(value)
        strange = [text for text in texts if _WORD_OF_ROUGE.search(text.lower()) is None]
        if strange and package == "rouge_score":
            problem = f"ROUGE compares words of a-z and 0-9, and {excerpt(strange[0])!r} has none"
            raise ArgumentError(problem, "compare with `chrf` or `levenshtein`")
        return texts

    return read


References = Annotated[list[str], ParameterType(_REFERENCES, _read_references)]
RougeReferences = Annotated[
    list[str], ParameterType(_REFERENCES, _reader_that_needs("rouge_score"))
]
MeteorReferences = Annotated[list[str], ParameterType(_REFERENCES, _reader_that_needs("nltk"))]
BleuReferences = Annotated[list[str], ParameterType(_REFERENCES, _reader_that_needs("sacrebleu"))]


@similarity_assertions.register("levenshtein", is_slow=True)
def levenshtein(
    reply: Reply, references: References, *, min_: Share = 0.8, ignore_case: bool = False
) -> Verdict:
    """Pass when few characters have to be changed to get from the reply to the reference.

    The score is 1 less the Levenshtein distance by the longer text's length; of several references
    the best counts.

    Source:
        Levenshtein (1966); computed by rapidfuzz.
    """
    from rapidfuzz.distance import Levenshtein

    similarity = Levenshtein.normalized_similarity
    return _compared(reply, references, min_, _folding(similarity, ignore_case=ignore_case))


@similarity_assertions.register("similarity_ratio", is_slow=True)
def similarity_ratio(
    reply: Reply, references: References, *, min_: Share = 0.8, ignore_case: bool = False
) -> Verdict:
    """Pass when reply and reference share most of their characters in the same order.

    The score is twice the length of the longest common subsequence by the length of both texts; of
    several references the best counts.

    Source:
        The normalized Indel similarity of rapidfuzz (`fuzz.ratio`).
    """
    from rapidfuzz.distance import Indel

    similarity = Indel.normalized_similarity
    return _compared(reply, references, min_, _folding(similarity, ignore_case=ignore_case))


@similarity_assertions.register("rouge_1", is_slow=True)
def rouge_1(reply: Reply, references: RougeReferences, *, min_: Share = 0.75) -> Verdict:
    """Pass when reply and reference share most of their words (F1 of unigrams).

    Lower-cased words of letters and digits, not stemmed; of several references the best counts.

    Source:
        Lin (2004), "ROUGE"; computed by rouge-score.
    """
    return _compared(reply, references, min_, _rouge("rouge1"))


@similarity_assertions.register("rouge_2", is_slow=True)
def rouge_2(reply: Reply, references: RougeReferences, *, min_: Share = 0.75) -> Verdict:
    """Pass when reply and reference share most of their pairs of words (F1 of bigrams).

    Lower-cased words of letters and digits, not stemmed; of several references the best counts.

    Source:
        Lin (2004), "ROUGE"; computed by rouge-score.
    """
    return _compared(reply, references, min_, _rouge("rouge2"))


@similarity_assertions.register("rouge_l", is_slow=True)
def rouge_l(reply: Reply, references: RougeReferences, *, min_: Share = 0.75) -> Verdict:
    """Pass when reply and reference share a long sequence of words (F1 of the longest common one).

    Lower-cased words of letters and digits, not stemmed; of several references the best counts.

    Source:
        Lin (2004), "ROUGE"; computed by rouge-score.
    """
    words = len(reply.text.split()) * max(len(reference.split()) for reference in references)
    if words > _MOST_PAIRS_OF_WORDS:
        most = f"{_MOST_PAIRS_OF_WORDS:,}"
        return Verdict.errored(f"the words of reply and reference make more than {most} pairs")
    return _compared(reply, references, min_, _rouge("rougeL"))


@similarity_assertions.register("bleu", is_slow=True)
def bleu(reply: Reply, references: BleuReferences, *, min_: Share = 0.5) -> Verdict:
    """Pass when the reply is like the references in runs of up to four words.

    The score is BLEU of one sentence by 100, against all references together, case kept; orders
    that the reply is too short for are left out.

    Source:
        Papineni et al. (2002), Post (2018); computed by sacrebleu with `use_effective_order`.
    """
    import sacrebleu

    if (verdict := _too_long(reply)) is not None:
        return verdict
    found = sacrebleu.sentence_bleu(reply.text, references, use_effective_order=True)
    return _scored(reply, references, min_, found.score / 100)


@similarity_assertions.register("chrf", is_slow=True)
def chrf(reply: Reply, references: BleuReferences, *, min_: Share = 0.5) -> Verdict:
    """Pass when reply and references share most of their runs of up to six characters.

    The score is chrF2 by 100; white space does not count.

    Source:
        Popović (2015); computed by sacrebleu.
    """
    import sacrebleu

    if (verdict := _too_long(reply)) is not None:
        return verdict
    return _scored(
        reply, references, min_, sacrebleu.sentence_chrf(reply.text, references).score / 100
    )


@similarity_assertions.register("meteor", is_slow=True)
def meteor(reply: Reply, references: MeteorReferences, *, min_: Share = 0.5) -> Verdict:
    """Pass when reply and reference share most of their words, in runs that are as long as may be.

    Words match if they are equal, or by Porter's stems; synonyms do not, because that would need
    WordNet's data. Lower-cased; of several references the best counts.

    Source:
        Banerjee and Lavie (2005), with its parameters; computed by nltk.
    """
    from nltk.translate.meteor_score import single_meteor_score

    def score(reference: str, text: str) -> float:
        words, found = _METEOR_WORD.findall(reference), _METEOR_WORD.findall(text)
        return float(single_meteor_score(words, found, wordnet=_NoSynonyms()))

    return _compared(reply, references, min_, score)


class _NoSynonyms:
    """Stands in for WordNet."""

    def synsets(self, _word: str) -> list[Any]:
        """Return the meanings of a word: none."""
        return []


def _rouge(kind: str) -> Callable[[str, str], float]:
    from rouge_score.rouge_scorer import RougeScorer

    scorer = RougeScorer([kind])

    def score(reference: str, text: str) -> float:
        return float(scorer.score(reference, text)[kind].fmeasure)

    return score


def _folding(
    similarity: Callable[[str, str], float], *, ignore_case: bool
) -> Callable[[str, str], float]:
    if not ignore_case:
        return similarity
    return lambda reference, text: similarity(reference.casefold(), text.casefold())


def _compared(
    reply: Reply, references: Sequence[str], least: float, score: Callable[[str, str], float]
) -> Verdict:
    if (verdict := _too_long(reply)) is not None:
        return verdict
    best, best_score = max(
        ((reference, score(reference, reply.text)) for reference in references),
        key=lambda found: found[1],
    )
    return _scored(reply, [best], least, best_score)


def _too_long(reply: Reply) -> Verdict | None:
    if len(reply.text) <= MOST_CHARACTERS:
        return None
    most = f"{MOST_CHARACTERS:,} are compared at most"
    return Verdict.errored(f"the reply has {len(reply.text):,} characters, and {most}")


def _scored(reply: Reply, references: Sequence[str], least: float, score: float) -> Verdict:
    score = max(0.0, min(1.0, score))
    passed = score >= least - 1e-9
    return Verdict(
        passed,
        score,
        f"the score is {score:.3f}, the least is {least:g}",
        expected=None if passed else excerpt(references[0]),
        actual=None if passed else excerpt(reply.text),
    )
