from __future__ import annotations

import math
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from harness.cli.options import (
    amount,
    choice,
    choosing,
    comparing_with_baseline,
    duration,
    reporting,
)


@pytest.mark.parametrize(
    ("text", "seconds"), [(None, None), ("250ms", 0.25), ("5s", 5.0), ("2m", 120.0), ("3", 3.0)]
)
def test_a_duration_is_read_in_seconds(text: str | None, seconds: float | None) -> None:
    context, option = click.Context(click.Command("run")), click.Option(["--grace"])

    assert duration(context, option, text) == seconds


@pytest.mark.parametrize("text", ["soon", "-1s", ""])
def test_what_is_not_a_duration_is_refused_with_examples(text: str) -> None:
    context, option = click.Context(click.Command("run")), click.Option(["--grace"])

    with pytest.raises(click.BadParameter, match="write `250ms`, `5s` or `2m`"):
        duration(context, option, text)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_is_no_amount_is_refused_with_an_example(value: float) -> None:
    context, option = click.Context(click.Command("run")), click.Option(["--max-cost"])

    assert amount(context, option, 0.5) == 0.5
    assert amount(context, option, None) is None
    with pytest.raises(click.BadParameter, match=f"{value} is not an amount; write USD above 0"):
        amount(context, option, value)


def test_the_options_of_a_command_become_those_of_a_run() -> None:
    seen = []

    @click.command()
    @choosing
    def command(**options: object) -> None:
        seen.append(choice(options, judge="judge-1"))

    selecting = ["-k", "refund", "--tag", "a", "--tag", "b", "--only", "x", "--shard", "1/2"]
    setting = ["--set", "vars.a=1", "--repeat", "3", "--allow-code"]

    done = CliRunner().invoke(command, ["one", "two", *selecting, *setting])

    (chosen,) = seen
    assert done.exit_code == 0, done.output
    assert tuple(chosen.paths) == (Path("one"), Path("two"))
    assert (chosen.keyword, chosen.tags, chosen.only) == ("refund", ("a", "b"), ("x",))
    assert (chosen.shard, chosen.assignments, chosen.repeat) == ("1/2", ("vars.a=1",), 3)
    assert chosen.flags == {"judge": "judge-1", "allow_code": True}


@pytest.mark.parametrize("adds", [choosing, reporting, comparing_with_baseline])
def test_every_shared_option_says_what_it_does(adds: object) -> None:
    @click.command()
    def command(**_options: object) -> None:
        pass

    assert callable(adds)
    options = [param for param in adds(command).params if isinstance(param, click.Option)]

    assert options
    assert all(option.help and option.help[0].isupper() for option in options)
