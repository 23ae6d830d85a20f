"""The Messages API: one call, three deliveries."""
