"""Assertions on the similarity of a reply to reference texts, as a score from 0 to 1."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from harness.assertions.difference import excerpt
from harness.assertions.parameters import Share
from harness.assertions.references import (
    MeteorReferences,
    References,
    RougeReferences,
    SacrebleuReferences,
)
from harness.assertions.registry import AssertionRegistry
from harness.model.outcome import Verdict
from harness.model.reply import Reply

similarity_assertions = AssertionRegistry()

MOST_CHARACTERS = 100_000  # of a reply; these scores take quadratic time or much memory
_MOST_PAIRS_OF_WORDS = 4_000_000  # the table for the longest common subsequence takes a second
_METEOR_WORD = re.compile(r"\w+|[^\w\s]")


@similarity_assertions.register("levenshtein", is_slow=True)
def levenshtein(
    reply: Reply, references: References, *, min_: Share = 0.8, ignore_case: bool = False
) -> Verdict:
    """Pass when few edits turn the reply into the reference.

    The score is 1 minus the Levenshtein distance divided by the length of the longer text. Of
    several references, the most similar counts.

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
    """Pass when reply and reference share most of their characters, in the same order.

    The score is twice the length of the longest common subsequence, divided by the length of both
    texts together. Of several references, the most similar counts.

    Source:
        The normalized Indel similarity of rapidfuzz (`fuzz.ratio`).
    """
    from rapidfuzz.distance import Indel

    similarity = Indel.normalized_similarity
    return _compared(reply, references, min_, _folding(similarity, ignore_case=ignore_case))


@similarity_assertions.register("rouge_1", is_slow=True)
def rouge_1(reply: Reply, references: RougeReferences, *, min_: Share = 0.75) -> Verdict:
    """Pass when reply and reference share most of their words (F1 of unigrams).

    Words are lower-cased, consist of a-z and 0-9, and are not stemmed. Of several references, the
    most similar counts.

    Source:
        Lin (2004), "ROUGE"; computed by rouge-score.
    """
    return _compared(reply, references, min_, _rouge("rouge1"))


@similarity_assertions.register("rouge_2", is_slow=True)
def rouge_2(reply: Reply, references: RougeReferences, *, min_: Share = 0.75) -> Verdict:
    """Pass when reply and reference share most of their word pairs (F1 of bigrams).

    Words are lower-cased, consist of a-z and 0-9, and are not stemmed. Of several references, the
    most similar counts.

    Source:
        Lin (2004), "ROUGE"; computed by rouge-score.
    """
    return _compared(reply, references, min_, _rouge("rouge2"))


@similarity_assertions.register("rouge_l", is_slow=True)
def rouge_l(reply: Reply, references: RougeReferences, *, min_: Share = 0.75) -> Verdict:
    """Pass when reply and reference share a long sequence of words (F1 of the longest).

    Words are lower-cased, consist of a-z and 0-9, and are not stemmed. Of several references, the
    most similar counts.

    Source:
        Lin (2004), "ROUGE"; computed by rouge-score.
    """
    words = len(reply.text.split()) * max(len(reference.split()) for reference in references)
    if words > _MOST_PAIRS_OF_WORDS:
        most = f"{_MOST_PAIRS_OF_WORDS:,}"
        return Verdict.errored(f"reply and reference have too many words: more than {most} pairs")
    return _compared(reply, references, min_, _rouge("rougeL"))


@similarity_assertions.register("bleu", is_slow=True)
def bleu(reply: Reply, references: SacrebleuReferences, *, min_: Share = 0.5) -> Verdict:
    """Pass when reply and references share most of their sequences of up to four words.

    The score is the sentence BLEU, divided by 100, against all references together; case counts.
    Sequences longer than the reply are disregarded.

    Source:
        Papineni et al. (2002), Post (2018); computed by sacrebleu with `use_effective_order`.
    """
    import sacrebleu

    if (verdict := _too_long(reply)) is not None:
        return verdict
    result = sacrebleu.sentence_bleu(reply.text, references, use_effective_order=True)
    return _scored(reply, references, min_, result.score / 100)


@similarity_assertions.register("chrf", is_slow=True)
def chrf(reply: Reply, references: SacrebleuReferences, *, min_: Share = 0.5) -> Verdict:
    """Pass when reply and reference share most of their sequences of up to six characters.

    The score is chrF2, divided by 100; white space does not count. Of several references, the most
    similar counts.

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
    """Pass when reply and reference share most of their words, in few and long sequences.

    Words match if they or their Porter stems are equal, ignoring case. Synonyms do not match,
    because that would need WordNet's data. Of several references, the most similar counts.

    Source:
        Banerjee and Lavie (2005), with its parameters; computed by nltk.
    """
    from nltk.translate.meteor_score import single_meteor_score

    def score(reference: str, text: str) -> float:
        wanted, words = _METEOR_WORD.findall(reference), _METEOR_WORD.findall(text)
        return float(single_meteor_score(wanted, words, wordnet=_NoSynonyms()))

    return _compared(reply, references, min_, score)


class _NoSynonyms:
    """A stand-in for WordNet, which nltk would have to download."""

    def synsets(self, _word: str) -> list[Any]:
        """Return no meanings of a word, so that it has no synonyms."""
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
    reply: Reply, references: Sequence[str], minimum: float, score: Callable[[str, str], float]
) -> Verdict:
    if (verdict := _too_long(reply)) is not None:
        return verdict
    best, best_score = max(
        ((reference, score(reference, reply.text)) for reference in references),
        key=lambda pair: pair[1],
    )
    return _scored(reply, [best], minimum, best_score)


def _too_long(reply: Reply) -> Verdict | None:
    if len(reply.text) <= MOST_CHARACTERS:
        return None
    limit = f"the limit is {MOST_CHARACTERS:,}"
    return Verdict.errored(f"the reply has {len(reply.text):,} characters, {limit}")


def _scored(reply: Reply, references: Sequence[str], minimum: float, score: float) -> Verdict:
    score = max(0.0, min(1.0, score))
    passed = score >= minimum - 1e-9  # scores are quotients of floats
    return Verdict(
        passed,
        score,
        f"the score is {score:.3f}, the minimum is {minimum:g}",
        expected=None if passed else excerpt(references[0]),
        actual=None if passed else excerpt(reply.text),
    )
