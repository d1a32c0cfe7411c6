"""What every front end stands on: the library, its receipts, the watcher, and threads for what blocks."""
