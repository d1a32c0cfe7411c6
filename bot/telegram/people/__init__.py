"""Handles membership, settings and personal data."""
