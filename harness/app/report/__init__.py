"""Makes reports of runs from their records."""
