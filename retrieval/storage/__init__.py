"""Storage: everything that a person would miss."""
