"""Finds the weights of a model, and unpacks the bundled ones."""
