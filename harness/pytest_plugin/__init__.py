"""Suites as pytest tests: `pytest suites/` sends concurrently and reports item by item."""
