"""Compares two sides case by case, with a verdict."""
