"""Hits become an answer of quotes."""
