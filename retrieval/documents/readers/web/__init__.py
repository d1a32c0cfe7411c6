"""Readers of markup: HTML, MHTML, EPUB, FB2."""
