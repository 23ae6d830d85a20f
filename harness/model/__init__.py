"""The nouns everyone shares: frozen dataclasses without input or output."""
