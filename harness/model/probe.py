"""What a server does with the fields and blocks of a request, as a probe found it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self


class Treatment(StrEnum):
    """What a server does with a part of a request."""

    HONOURED = "honoured"
    IGNORED = "ignored"
    REFUSED = "refused"
    UNCLEAR = "cannot tell"

    @property
    def is_without_effect(self) -> bool:
        """Whether a suite that uses this gets something else than it asks for."""
        return self in {Treatment.IGNORED, Treatment.REFUSED}


@dataclass(frozen=True, slots=True)
class ProbeFinding:
    """What was found of one part.

    Attributes:
        feature: Its name in the API, or a few words.
        evidence: What shows it, in a line.
    """

    feature: str
    treatment: Treatment
    evidence: str


@dataclass(frozen=True, slots=True)
class ProbeReport:
    """What a probe found.

    Attributes:
        server: Its address, or `simulator`.
        model: The model that was asked for.
        time: When, in UTC, as ISO 8601.
        calls: How many requests were sent, repeated attempts left out.
        input_tokens: As far as they were reported, likewise `output_tokens`.
        cost: USD; None if the model has no price, or the tokens were not reported.
    """

    server: str
    model: str
    time: str
    findings: tuple[ProbeFinding, ...]
    calls: int
    input_tokens: int
    output_tokens: int
    cost: float | None

    def finding(self, feature: str) -> ProbeFinding | None:
        """Return what was found of a part; None if it was not looked at."""
        return next((found for found in self.findings if found.feature == feature), None)

    def as_data(self) -> dict[str, Any]:
        """Return the report as plain data."""
        return {
            "server": self.server,
            "model": self.model,
            "time": self.time,
            "calls": self.calls,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "cost": self.cost,
            "findings": [
                {
                    "feature": found.feature,
                    "treatment": found.treatment.value,
                    "evidence": found.evidence,
                }
                for found in self.findings
            ],
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Return the report that `as_data` described.

        Raises:
            ValueError: The data is not that of a report.
        """
        try:
            findings = tuple(
                ProbeFinding(found["feature"], Treatment(found["treatment"]), found["evidence"])
                for found in data["findings"]
            )
            others = {name: data[name] for name in cls.__slots__ if name != "findings"}
            texts = [*(others[name] for name in ("server", "model", "time"))]
            texts += [text for found in findings for text in (found.feature, found.evidence)]
            if not all(isinstance(text, str) for text in texts):
                raise TypeError("a text is missing")
        except (KeyError, TypeError) as error:
            raise ValueError(f"it is no report of a probe: {error}") from error
        return cls(findings=findings, **others)
