"""Decides who may ask what, and how often."""
