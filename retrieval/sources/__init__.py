"""Web pages as documents: which are fetched, how, and what is kept of them as a proof."""
