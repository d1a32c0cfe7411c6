"""Commands that answer questions, and that show, check and measure the answers."""
