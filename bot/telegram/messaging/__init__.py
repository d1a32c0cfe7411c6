"""Reads and writes single messages."""
