"""Doubles and helpers of the tests."""
