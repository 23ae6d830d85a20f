"""Agreement of two raters who label the same outputs."""

from __future__ import annotations

from dataclasses import dataclass

# the words of Landis and Koch (1977), in "The Measurement of Observer Agreement"
_WORDS = ((0.0, "poor"), (0.2, "slight"), (0.4, "fair"), (0.6, "moderate"), (0.8, "substantial"))


@dataclass(frozen=True, slots=True)
class Agreement:
    """The labels of a judge and those of people, as a table of two by two.

    Attributes:
        both_pass: Passed by people and by the judge.
        only_judge: Passed by the judge alone.
        only_people: Passed by people alone.
        both_fail: Failed by both.
    """

    both_pass: int = 0
    only_judge: int = 0
    only_people: int = 0
    both_fail: int = 0

    @property
    def n(self) -> int:
        """The number of outputs that both labelled."""
        return self.both_pass + self.only_judge + self.only_people + self.both_fail

    @property
    def share(self) -> float | None:
        """The share of outputs on which they agree; None without labels."""
        return (self.both_pass + self.both_fail) / self.n if self.n else None

    @property
    def kappa(self) -> float | None:
        """Cohen's kappa, the agreement beyond chance; None if all labels are the same.

        Source:
            Cohen (1960), "A Coefficient of Agreement for Nominal Scales".
        """
        if self.share is None:
            return None
        people = (self.both_pass + self.only_people) / self.n
        judge = (self.both_pass + self.only_judge) / self.n
        chance = people * judge + (1 - people) * (1 - judge)
        return None if chance >= 1 - 1e-12 else (self.share - chance) / (1 - chance)

    @property
    def words(self) -> str:
        """The usual word for the kappa."""
        kappa = self.kappa
        if kappa is None:
            return "undefined: all labels are the same"
        return next((words for most, words in _WORDS if kappa <= most), "almost perfect")
