"""Readers of text files that have a structure: light markup, subtitles, tables of delimited values."""
