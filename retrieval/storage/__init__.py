"""The database holds everything that a person would miss."""
