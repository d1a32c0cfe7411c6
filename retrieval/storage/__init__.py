"""Storage: what Quoth keeps of documents, in a SQLite file or in PostgreSQL; all else is made from it."""
