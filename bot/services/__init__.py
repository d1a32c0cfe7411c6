"""Services that every front end uses: the library, its receipts, the watcher, and threads for blocking calls."""
