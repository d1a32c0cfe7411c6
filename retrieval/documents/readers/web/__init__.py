"""Readers of markup: HTML, EPUB."""
