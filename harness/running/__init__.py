"""The engine: trials in, outcomes out."""
