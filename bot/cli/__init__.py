"""The commands of `quoth`, one module each."""
