"""Files become documents, and documents become passages."""
