"""Statistics for verdicts: pure functions on the standard library."""
