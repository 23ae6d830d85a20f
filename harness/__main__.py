"""Run the command line with `python -m harness`."""

from harness.cli import run_command_line

run_command_line()
