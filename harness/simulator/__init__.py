"""A server that answers the Messages API from rules, without a model."""
