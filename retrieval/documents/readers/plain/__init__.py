"""Readers of text files that have a structure: Markdown, tables of delimited values."""
