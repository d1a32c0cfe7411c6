"""A question becomes a ranked list of hits."""
