"""The commands of `quoth`, and what they print."""
