"""Receipts record what was answered, and are checked against the files."""
