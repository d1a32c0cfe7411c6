"""Storage: the databases that hold what Quoth must not lose."""
