"""The public Python API: `harness.load`, `run`, `compare`, and a run on record."""
