"""Indexing: what the store holds is made searchable, by vectors and by words."""
