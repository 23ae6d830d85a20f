"""The command line: options in, text and exit status out."""

from harness.cli.main import main, run_command_line

__all__ = ["main", "run_command_line"]
