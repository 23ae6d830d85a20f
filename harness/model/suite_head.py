"""What a run file says of a suite whose trials were run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.model.identical_variants import IdenticalVariants
from harness.model.json_fields import list_of, optional, required, wrong_type

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class MetricHead:
    """A metric that a suite computes, and its limits."""

    name: str
    expression: str
    min: float | None = None
    max: float | None = None

    @property
    def words(self) -> frozenset[str]:
        """The words of the expression, the names of what it is computed from among them."""
        return frozenset(_WORD.findall(self.expression))

    @classmethod
    def from_data(cls, name: str, data: Mapping[str, Any]) -> MetricHead:
        """Return a metric.

        Raises:
            ValueError: Something has the wrong type.
        """
        # An expression may be a bare number in YAML.
        expression = str(data.get("value", ""))
        return cls(name, expression, optional(data, "min", float), optional(data, "max", float))

    def as_data(self) -> dict[str, Any]:
        """Return the metric as plain data, without its name."""
        return {"value": self.expression, "min": self.min, "max": self.max}


@dataclass(frozen=True, slots=True)
class SuiteHead:
    """A suite whose trials were run.

    Attributes:
        path: As it was found, mostly relative to the folder of the run.
        sha256: The hash of its file, in hexadecimal digits.
        cases: How many cases it has, selected or not.
        files: The hashes of the files it includes, by their paths from its folder; None in files of
            earlier versions.
        identical_variants: Selected variants that send the same request.
        levels: By variant, the name of its level on each axis (see `Variant.levels`).
    """

    name: str
    path: str = ""
    sha256: str = ""
    description: str = ""
    variants: tuple[str, ...] = ()
    cases: int = 0
    metrics: tuple[MetricHead, ...] = ()
    files: Mapping[str, str] | None = None
    identical_variants: tuple[IdenticalVariants, ...] = ()
    levels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @classmethod
    def from_data(cls, data: Any) -> SuiteHead:
        """Return a suite from the first line, or from the line of a suite that was loaded later.

        Raises:
            ValueError: Something has the wrong type.
        """
        if not isinstance(data, Mapping):
            raise wrong_type("suites", data, dict)
        metrics = required(data, "metrics", dict, default={})
        return cls(
            name=required(data, "name", str, default=""),
            path=required(data, "path", str, default=""),
            sha256=required(data, "sha256", str, default=""),
            description=optional(data, "description", str) or "",
            variants=tuple(list_of(data, "variants", str)),
            cases=required(data, "cases", int, default=0),
            metrics=tuple(
                MetricHead.from_data(name, required(metrics, name, dict, default={}))
                for name in metrics
            ),
            files=_files(data),
            identical_variants=tuple(
                map(IdenticalVariants.from_data, list_of(data, "identical_variants", dict))
            ),
            levels=_levels(required(data, "levels", dict, default={})),
        )

    def as_data(self) -> dict[str, Any]:
        """Return the suite as plain data."""
        files = {} if self.files is None else {"files": dict(self.files)}
        identical = [found.as_data() for found in self.identical_variants]
        return {
            "name": self.name,
            "path": self.path,
            "sha256": self.sha256,
            **files,
            "description": self.description,
            "variants": list(self.variants),
            "cases": self.cases,
            "metrics": {metric.name: metric.as_data() for metric in self.metrics},
            **({"identical_variants": identical} if identical else {}),
            **({"levels": self.levels} if self.levels else {}),
        }


def _levels(data: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    levels = {variant: required(data, variant, dict) for variant in data}
    return {
        variant: {axis: required(of_axes, axis, str) for axis in of_axes}
        for variant, of_axes in levels.items()
    }


def _files(data: Mapping[str, Any]) -> dict[str, str] | None:
    files = optional(data, "files", dict)
    return None if files is None else {name: required(files, name, str) for name in files}
