"""Encoding: text → vectors."""
