"""Indexing: what the database holds becomes searchable."""
