"""Quoth for assistants and other programs, over the Model Context Protocol."""
