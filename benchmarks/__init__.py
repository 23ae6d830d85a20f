"""Speed, measured as ratios against a raw client in the same run."""
