"""Handles questions and what people do with their answers."""
