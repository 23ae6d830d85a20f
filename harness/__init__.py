"""Tests prompts the way pytest tests code."""

__all__ = ["__version__"]

__version__ = "0.1.0"
