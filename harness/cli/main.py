"""The command group, and the exit status of errors."""

from __future__ import annotations

import errno
import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

import click

from harness.cli.commands import Commands
from harness.cli.exit_status import EXIT_STATUS
from harness.cli.messages import show_error, show_nothing_to_do
from harness.cli.output_streams import prepare_output_streams
from harness.errors import (
    HarnessError,
    NothingSelectedError,
    NothingToRerunError,
    SettingsError,
)
from harness.exit_code import ExitCode
from harness.version import __version__

_EPILOG = f"""\b
Examples:
  harness run suites --base-url simulator     try it without an API server
  harness run suites -k refund --tag smoke    run a part of them
  harness validate suites                     report every mistake, send nothing
  harness judge-check FILE                    check that a judge agrees with people
  harness assertions                          list the assertions
  harness list suites                         show what would run and its cost
  harness run suites --resume latest          continue the latest run
  harness score latest                        judge its replies by the current suites
  harness compare OLD latest                  better, worse, equivalent or inconclusive
  harness report latest --open                open the page to review it with
  harness merge ONE TWO                       merge the shards of several machines
  harness baseline save                       save the latest run for `run --baseline main`

{EXIT_STATUS}"""


@click.group(
    commands=Commands(),
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="harness")
def group() -> None:
    """Test prompts the way pytest tests code."""


_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO})  # of what standard output may meet


_NEW_OBJECTS = 50_000  # between two looks of the garbage collector


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return the process's exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    # a mistake in the options is found before click knows whether a document is wanted
    as_json = "--json" in arguments
    prepare_output_streams()
    # what a command reads lives to its end: looking through it over and over costs a tenth
    gc.set_threshold(_NEW_OBJECTS)
    try:
        status = group.main(arguments, prog_name="harness", standalone_mode=False)
    except HarnessError as error:
        return _shown(error, as_json=as_json)
    except click.ClickException as error:
        if as_json:
            problem = SettingsError(error.format_message(), "see `harness --help`")
            show_error(problem, ExitCode.UNUSABLE, as_json=True)
        else:
            error.show()
        return ExitCode.UNUSABLE
    except (click.Abort, KeyboardInterrupt):
        return ExitCode.INTERRUPTED
    except OSError as error:
        return _output_lost(error)
    return int(status or 0)


def _shown(error: HarnessError, *, as_json: bool) -> ExitCode:
    """Show an error and return its exit status."""
    if isinstance(error, NothingToRerunError):
        status = ExitCode(error.status)
        show_nothing_to_do(error.problem, status, as_json=as_json)
        return status
    is_empty = isinstance(error, NothingSelectedError)
    status = ExitCode.NOTHING_SELECTED if is_empty else ExitCode.UNUSABLE
    show_error(error, status, as_json=as_json)
    return status


def _output_lost(error: OSError) -> int:
    """Say that standard output cannot be written; any other error goes on its way."""
    if error.errno not in _FULL:
        raise error
    # the record is on disk already; only what is printed of it is lost
    sys.stdout = None
    with suppress(OSError):
        print(f"error: the output cannot be written: {error.strerror}", file=sys.stderr)
    return ExitCode.ERRORED


def run_command_line() -> NoReturn:
    """Run the command line and leave the process.

    It leaves without taking the interpreter apart: everything is written by then, and it saves a
    tenth of a short run.
    """
    status = main()
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError:
            status = max(status, ExitCode.ERRORED)
    os._exit(status)
