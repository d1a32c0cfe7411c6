"""Readers of JSON: values with their keys, notebooks."""
