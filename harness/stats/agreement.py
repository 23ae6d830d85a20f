"""Agreement of two raters who label the same outputs."""

from __future__ import annotations

from dataclasses import dataclass

from harness.stats.distributions import Interval
from harness.stats.kappa import Cells, kappa_interval, kappa_of, labels_needed

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
        return self.people_pass + self.people_fail

    @property
    def people_pass(self) -> int:
        """The number of outputs that people pass."""
        return self.both_pass + self.only_people

    @property
    def people_fail(self) -> int:
        """The number of outputs that people fail."""
        return self.only_judge + self.both_fail

    @property
    def share(self) -> float | None:
        """The share of outputs on which they agree; None without labels."""
        return (self.both_pass + self.both_fail) / self.n if self.n else None

    @property
    def kappa(self) -> float | None:
        """Cohen's kappa, the agreement beyond chance; None if all labels are the same."""
        return kappa_of(self._cells)

    @property
    def kappa_interval(self) -> Interval | None:
        """The 95 % interval of kappa; None if all labels are the same."""
        return kappa_interval(self._cells)

    @property
    def words(self) -> str:
        """The usual word for the kappa."""
        kappa = self.kappa
        if kappa is None:
            return "undefined: all labels are the same"
        return next((words for most, words in _WORDS if kappa <= most), "almost perfect")

    def labels_needed(self, kappa: float) -> int | None:
        """Return how many labels would show that kappa is larger than this, by `labels_needed`."""
        return labels_needed(self._cells, kappa)

    @property
    def _cells(self) -> Cells:
        return Cells(self.both_pass, self.only_people, self.only_judge, self.both_fail)
