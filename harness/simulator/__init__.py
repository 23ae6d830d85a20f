"""A server that speaks the Messages API from rules, for demonstrations and tests; no model."""
