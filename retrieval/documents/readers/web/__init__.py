"""Readers of markup: HTML, EPUB, email."""
