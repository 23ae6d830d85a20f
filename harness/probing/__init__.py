"""Finds out what a server does with what a suite may ask for."""
