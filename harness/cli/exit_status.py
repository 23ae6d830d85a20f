"""What the exit statuses mean, as help says it."""

EXIT_STATUS = """\b
Exit status: 0 passed · 1 failed · 2 usage, settings or suite error, nothing was sent ·
3 errored · 4 stopped by a budget, or inconclusive with --require-conclusive ·
5 nothing selected, or nothing was judged · 130 interrupted
"""
