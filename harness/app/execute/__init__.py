"""Runs a plan and leaves its record."""
