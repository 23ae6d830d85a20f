"""The words of a command that runs a trial again as it was run."""

from __future__ import annotations

from harness.model.rerun_options import RerunOptions
from harness.wording import Option


def rerun_words(options: RerunOptions) -> list[str]:
    """Return the arguments of `harness run` that repeat how a run was started."""
    options_set: list[Option] = []
    if options.base_url is not None:
        options_set.append(Option("base_url", options.base_url))
    options_set += [Option("set", assignment) for assignment in options.assignments]
    if options.repeat is not None:
        options_set.append(Option("repeat", str(options.repeat)))
    if options.judge is not None:
        options_set.append(Option("judge", options.judge))
    if options.allow_code:
        options_set.append(Option("allow_code"))
    return [word for option in options_set for word in option.arguments]
