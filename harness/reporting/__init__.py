"""Functions from records to what people and machines read."""
