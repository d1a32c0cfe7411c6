"""The search indexes, BM25 and vectors, follow the database."""
